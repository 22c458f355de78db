#include <gtest/gtest.h>

#include "merkle/merkle.hpp"

namespace parmana::merkle {
namespace {

constexpr std::uint64_t kSizeMax = 34;

Tree tree_of(std::uint64_t size) {
    Tree tree;
    for (std::uint64_t i = 0; i < size; ++i)
        tree.append(hash_leaf(std::to_string(i)));
    return tree;
}

std::optional<Root> recompute(const Tree& tree, std::uint64_t first, std::uint64_t count, std::uint64_t size,
                              const Proof& proof) {
    const std::size_t left = Frontier::subtrees_of(LeafIndex(first));
    if (proof.size() < left) return std::nullopt;
    auto frontier = Frontier::make(TreeSize(first), std::span(proof).first(left));
    for (std::uint64_t i = first; i < first + count; ++i)
        frontier->append(tree.leaf(LeafIndex(i)));
    return frontier->root_over(TreeSize(size), std::span(proof).subspan(left));
}

TEST(Frontier, HasTheRootOfTheTreeAtEverySize) {
    const Tree tree = tree_of(300);
    Frontier frontier;
    for (std::uint64_t size = 0; size < 300; ++size) {
        EXPECT_EQ(frontier.root(), tree.root_at(TreeSize(size)));
        frontier.append(tree.leaf(LeafIndex(size)));
    }
}

TEST(RangeProof, LeadsFromEveryRangeToTheRootOfEveryTree) {
    const Tree tree = tree_of(kSizeMax);
    for (std::uint64_t size = 1; size <= kSizeMax; ++size) {
        for (std::uint64_t first = 0; first < size; ++first) {
            for (std::uint64_t count = 1; count <= size - first; ++count) {
                const Proof proof = tree.prove_range(LeafIndex(first), count, TreeSize(size));
                ASSERT_EQ(recompute(tree, first, count, size, proof), tree.root_at(TreeSize(size)))
                    << first << "+" << count << " of " << size;
            }
        }
    }
}

TEST(RangeProof, HoldsForNoOtherRange) {
    const Tree tree = tree_of(kSizeMax);
    const Root root = tree.root_at(TreeSize(21));
    const Proof proof = tree.prove_range(LeafIndex(5), 9, TreeSize(21));
    for (std::uint64_t first = 0; first < 21; ++first) {
        for (std::uint64_t count = 1; count <= 21 - first; ++count) {
            const bool same = first == 5 && count == 9;
            ASSERT_EQ(recompute(tree, first, count, 21, proof) == root, same);
        }
    }
}

TEST(RangeProof, MissingAndLeftOverHashesAreRefused) {
    const Tree tree = tree_of(kSizeMax);
    Proof proof = tree.prove_range(LeafIndex(5), 9, TreeSize(21));
    proof.push_back({});
    EXPECT_EQ(recompute(tree, 5, 9, 21, proof), std::nullopt);
    proof.resize(proof.size() - 2);
    EXPECT_EQ(recompute(tree, 5, 9, 21, proof), std::nullopt);
    EXPECT_EQ(Frontier::make(TreeSize(5), {}), std::nullopt);
}

}  // namespace
}  // namespace parmana::merkle
