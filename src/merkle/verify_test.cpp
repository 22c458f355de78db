#include <gtest/gtest.h>

#include <limits>

#include "merkle/merkle.hpp"
#include "merkle/reference_tree.hpp"

namespace parmana::merkle {
namespace {

Digest altered(Digest digest, std::size_t bit) {
    digest[bit / 8] = static_cast<std::uint8_t>(digest[bit / 8] ^ 1u << bit % 8);
    return digest;
}

// The proofs that are no proof of the same: one hash short at either end, one too many, any hash
// altered.
std::vector<Proof> damaged(const Proof& proof) {
    std::vector<Proof> out;
    if (!proof.empty()) {
        out.emplace_back(proof.begin(), proof.end() - 1);
        out.emplace_back(proof.begin() + 1, proof.end());
    }
    for (const Digest& extra : {Digest{}, proof.empty() ? Digest{1} : proof.back()}) {
        out.push_back(proof);
        out.back().push_back(extra);
        out.push_back(proof);
        out.back().insert(out.back().begin(), extra);
    }
    for (std::size_t i = 0; i < proof.size(); ++i) {
        out.push_back(proof);
        out.back()[i] = altered(proof[i], (i * 37) % 256);
    }
    return out;
}

class Verify : public testing::Test {
  protected:
    static constexpr std::uint64_t kLeaves = 40;

    Verify() {
        for (const LeafHash& leaf : leaves_)
            tree_.append(leaf);
    }
    Root root(std::uint64_t size) const { return tree_.root_at(TreeSize(size)); }

    const std::vector<LeafHash> leaves_ = reference::make_leaves(kLeaves);
    Tree tree_;
};

using VerifyInclusion = Verify;
using VerifyConsistency = Verify;

TEST_F(VerifyInclusion, RefusesEveryOtherIndexAndLeaf) {
    for (std::uint64_t size = 1; size <= kLeaves; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const Proof proof = tree_.prove_inclusion(LeafIndex(index), TreeSize(size));
            for (std::uint64_t other = 0; other < size + 2; ++other) {
                ASSERT_EQ(
                    verify_inclusion(LeafIndex(other), TreeSize(size), leaves_[index], proof, root(size)),
                    other == index)
                    << index << " as " << other << " in " << size;
                if (other == index || other >= size) continue;
                ASSERT_FALSE(
                    verify_inclusion(LeafIndex(index), TreeSize(size), leaves_[other], proof, root(size)));
            }
        }
    }
}

TEST_F(VerifyInclusion, RefusesDamagedProofs) {
    for (std::uint64_t size = 1; size <= kLeaves; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            for (const Proof& proof : damaged(tree_.prove_inclusion(LeafIndex(index), TreeSize(size)))) {
                ASSERT_FALSE(
                    verify_inclusion(LeafIndex(index), TreeSize(size), leaves_[index], proof, root(size)))
                    << index << " in " << size;
            }
        }
    }
}

TEST_F(VerifyInclusion, RefusesAnotherRoot) {
    const Proof proof = tree_.prove_inclusion(LeafIndex(6), TreeSize(13));
    for (std::size_t bit = 0; bit < 256; ++bit) {
        const Root wrong(altered(root(13).value(), bit));
        EXPECT_FALSE(verify_inclusion(LeafIndex(6), TreeSize(13), leaves_[6], proof, wrong));
    }
    EXPECT_FALSE(verify_inclusion(LeafIndex(6), TreeSize(13), leaves_[6], proof, root(14)));
}

TEST_F(VerifyInclusion, RefusesAnyIndexAtOrBeyondTheSize) {
    const LeafHash leaf{};
    const Root same(leaf.value());  // a loop without the check of the index would answer with the leaf itself
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_FALSE(verify_inclusion(LeafIndex(0), TreeSize(0), leaf, {}, same));
    EXPECT_FALSE(verify_inclusion(LeafIndex(1), TreeSize(1), leaf, {}, same));
    EXPECT_FALSE(verify_inclusion(LeafIndex(most), TreeSize(0), leaf, {}, same));
    EXPECT_FALSE(verify_inclusion(LeafIndex(most), TreeSize(most), leaf, {}, same));
    EXPECT_FALSE(verify_inclusion(LeafIndex(most - 1), TreeSize(most), leaf, {}, same));
    EXPECT_TRUE(verify_inclusion(LeafIndex(0), TreeSize(1), leaf, {}, same));
}

TEST_F(VerifyConsistency, RefusesDamagedProofs) {
    for (std::uint64_t to = 1; to <= kLeaves; ++to) {
        for (std::uint64_t from = 0; from <= to; ++from) {
            for (const Proof& proof : damaged(tree_.prove_consistency(TreeSize(from), TreeSize(to)))) {
                ASSERT_FALSE(verify_consistency(TreeSize(from), TreeSize(to), proof, root(from), root(to)))
                    << from << " to " << to;
            }
        }
    }
}

TEST_F(VerifyConsistency, RefusesOtherSizesAndRoots) {
    for (std::uint64_t to = 1; to <= kLeaves; ++to) {
        for (std::uint64_t from = 1; from < to; ++from) {
            const Proof proof = tree_.prove_consistency(TreeSize(from), TreeSize(to));
            const auto accepts = [&](std::uint64_t first, std::uint64_t second, const Root& old_root,
                                     const Root& new_root) {
                return verify_consistency(TreeSize(first), TreeSize(second), proof, old_root, new_root);
            };
            ASSERT_TRUE(accepts(from, to, root(from), root(to)));
            ASSERT_FALSE(accepts(from, to, Root(altered(root(from).value(), from)), root(to)));
            ASSERT_FALSE(accepts(from, to, root(from), Root(altered(root(to).value(), to))));
            ASSERT_FALSE(accepts(from, to, root(from - 1), root(to)));
            ASSERT_FALSE(accepts(from, to, root(to), root(from)));
            ASSERT_FALSE(accepts(to, from, root(to), root(from)));
        }
    }
}

TEST_F(VerifyConsistency, FromNothingTakesTheEmptyRootAndNoHashes) {
    EXPECT_TRUE(verify_consistency(TreeSize(0), TreeSize(5), {}, empty_root(), root(5)));
    EXPECT_FALSE(verify_consistency(TreeSize(0), TreeSize(5), {}, root(1), root(5)));
    EXPECT_FALSE(verify_consistency(TreeSize(0), TreeSize(5), {Digest{}}, empty_root(), root(5)));
    EXPECT_TRUE(verify_consistency(TreeSize(0), TreeSize(0), {}, empty_root(), empty_root()));
    EXPECT_FALSE(verify_consistency(TreeSize(0), TreeSize(0), {}, root(1), root(1)));
}

TEST_F(VerifyConsistency, OfEqualSizesNeedsEqualRootsAndNoHashes) {
    EXPECT_TRUE(verify_consistency(TreeSize(7), TreeSize(7), {}, root(7), root(7)));
    EXPECT_FALSE(verify_consistency(TreeSize(7), TreeSize(7), {}, root(7), root(8)));
    EXPECT_FALSE(verify_consistency(TreeSize(7), TreeSize(7), {root(7).value()}, root(7), root(7)));
}

}  // namespace
}  // namespace parmana::merkle
