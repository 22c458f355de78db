#include <gtest/gtest.h>

#include <set>

#include "crypto/crypto.hpp"
#include "merkle/merkle.hpp"
#include "merkle/reference_tree.hpp"

namespace parmana::merkle {
namespace {

using reference::Leaves;

Tree tree_of(Leaves leaves) {
    Tree tree;
    for (const LeafHash& leaf : leaves)
        tree.append(leaf);
    return tree;
}

std::string hex(const Digest& digest) {
    return to_hex(view_of(digest));
}

void expect_inclusion(const Tree& tree, Leaves leaves, std::size_t index) {
    const Proof proof = tree.prove_inclusion(LeafIndex(index), TreeSize(leaves.size()));
    const Root root = tree.root_at(TreeSize(leaves.size()));
    ASSERT_EQ(proof, reference::path(index, leaves)) << index << " in " << leaves.size();
    ASSERT_TRUE(verify_inclusion(LeafIndex(index), TreeSize(leaves.size()), leaves[index], proof, root))
        << index << " in " << leaves.size();
}

void expect_consistency(const Tree& tree, Leaves leaves, std::size_t from) {
    const TreeSize to(leaves.size());
    const Proof proof = tree.prove_consistency(TreeSize(from), to);
    ASSERT_EQ(proof, reference::consistency(from, leaves)) << from << " to " << leaves.size();
    ASSERT_TRUE(verify_consistency(TreeSize(from), to, proof, tree.root_at(TreeSize(from)), tree.root_at(to)))
        << from << " to " << leaves.size();
}

TEST(Hashes, AreThoseOfRfc6962) {
    EXPECT_EQ(hex(empty_root().value()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(hash_leaf("").value()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const Digest left = crypto::sha256("left");
    const Digest right = crypto::sha256("right");
    EXPECT_EQ(hash_node(left, right),
              crypto::sha256({std::string_view("\x01"), view_of(left), view_of(right)}));
}

TEST(Tree, OfNothingHasTheEmptyRoot) {
    const Tree tree;
    EXPECT_EQ(tree.size(), TreeSize(0));
    EXPECT_EQ(tree.root(), empty_root());
    EXPECT_TRUE(tree.prove_consistency(TreeSize(0), TreeSize(0)).empty());
}

TEST(Tree, GivesBackItsLeaves) {
    const auto leaves = reference::make_leaves(300);
    const Tree tree = tree_of(leaves);
    ASSERT_EQ(tree.size(), TreeSize(300));
    for (std::size_t i = 0; i < leaves.size(); ++i)
        EXPECT_EQ(tree.leaf(LeafIndex(i)), leaves[i]);
}

TEST(Tree, AgreesWithTheDefinitionForEverySmallSize) {
    constexpr std::size_t kMost = 70;
    const auto leaves = reference::make_leaves(kMost);
    const Tree tree = tree_of(leaves);
    for (std::size_t size = 0; size <= kMost; ++size) {
        const Leaves prefix = Leaves(leaves).first(size);
        ASSERT_EQ(tree.root_at(TreeSize(size)).value(), reference::root(prefix));
        ASSERT_EQ(tree_of(prefix).root(), tree.root_at(TreeSize(size)));
        for (std::size_t index = 0; index < size; ++index)
            expect_inclusion(tree, prefix, index);
        for (std::size_t from = 0; from <= size; ++from)
            expect_consistency(tree, prefix, from);
    }
}

TEST(Tree, AgreesWithTheDefinitionAroundTheStoredLevels) {
    const auto leaves = reference::make_leaves(513);
    const Tree tree = tree_of(leaves);
    for (const std::size_t size : {255u, 256u, 257u, 258u, 511u, 512u, 513u}) {
        const Leaves prefix = Leaves(leaves).first(size);
        ASSERT_EQ(tree.root_at(TreeSize(size)).value(), reference::root(prefix));
        for (std::size_t index = 0; index < size; index += 1 + index % 7)
            expect_inclusion(tree, prefix, index);
        expect_inclusion(tree, prefix, size - 1);
        for (std::size_t from = 0; from <= size; from += 1 + from % 7)
            expect_consistency(tree, prefix, from);
        expect_consistency(tree, prefix, size - 1);
    }
}

TEST(Tree, AgreesWithTheDefinitionAroundTheSecondStoredLevel) {
    const auto leaves = reference::make_leaves(65'800);
    const Tree tree = tree_of(leaves);
    for (const std::size_t size : {65'535u, 65'536u, 65'537u, 65'800u}) {
        const Leaves prefix = Leaves(leaves).first(size);
        ASSERT_EQ(tree.root_at(TreeSize(size)).value(), reference::root(prefix));
        for (const std::size_t place :
             {std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{40'000}, std::size_t{65'279},
              std::size_t{65'534}, size - 1}) {
            expect_inclusion(tree, prefix, place);
            expect_consistency(tree, prefix, place);
        }
    }
}

TEST(Batch, IsTheTreeOfItsLeaves) {
    for (std::uint64_t size = 1; size < 70; ++size) {
        Tree tree;
        std::vector<LeafHash> leaves;
        for (std::uint64_t i = 0; i < size; ++i) {
            leaves.push_back(hash_leaf(std::to_string(i)));
            tree.append(leaves.back());
        }
        const Batch batch(leaves);
        ASSERT_EQ(batch.root(), tree.root()) << size;
        for (std::uint64_t i = 0; i < size; ++i)
            ASSERT_EQ(batch.prove_inclusion(LeafIndex(i)), tree.prove_inclusion(LeafIndex(i), tree.size()));
    }
}

TEST(Tree, EveryPrefixHasAnotherRoot) {
    const auto leaves = reference::make_leaves(600);
    const Tree tree = tree_of(leaves);
    std::set<Digest> roots;
    for (std::uint64_t size = 0; size <= 600; ++size)
        roots.insert(tree.root_at(TreeSize(size)).value());
    EXPECT_EQ(roots.size(), 601u);
}

TEST(TreeDeathTest, RefusesWhatLiesOutsideIt) {
    const Tree tree = tree_of(reference::make_leaves(3));
    EXPECT_DEATH(tree.leaf(LeafIndex(3)), "invariant_failed");
    EXPECT_DEATH(tree.root_at(TreeSize(4)), "invariant_failed");
    EXPECT_DEATH(tree.prove_inclusion(LeafIndex(2), TreeSize(2)), "invariant_failed");
    EXPECT_DEATH(tree.prove_consistency(TreeSize(3), TreeSize(2)), "invariant_failed");
}

}  // namespace
}  // namespace parmana::merkle
