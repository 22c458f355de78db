// The shared RFC 6962 vectors: roots and proofs that other implementations have checked.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/shared_vectors.hpp"
#include "merkle/merkle.hpp"

namespace parmana::merkle {
namespace {

using nlohmann::json;

Digest digest_from(const json& hex) {
    return array_from<32>(from_hex(hex.get<std::string>()).value()).value();
}

Proof proof_from(const json& rows) {
    Proof proof;
    for (const json& row : rows)
        proof.push_back(digest_from(row));
    return proof;
}

class Rfc6962Vectors : public testing::Test {
  protected:
    void SetUp() override {
        const auto text = test::shared_vectors("rfc6962.json");
        if (!text) GTEST_SKIP() << "no shared vectors";
        vectors_ = json::parse(*text);
        for (const json& row : vectors_["entries"]) {
            tree_.append(hash_leaf(row["entry"].get<std::string>()));
            EXPECT_EQ(tree_.leaf(LeafIndex(row["index"])).value(), digest_from(row["leaf_hash"]));
        }
        ASSERT_FALSE(vectors_["trees"].empty());
    }

    json vectors_;
    Tree tree_;
};

TEST_F(Rfc6962Vectors, ReferenceLeavesHaveTheirRoots) {
    Tree tree;
    const json& roots = vectors_["ct_reference_roots"];
    for (const json& leaf : vectors_["ct_reference_leaves_hex"]) {
        tree.append(hash_leaf(from_hex(leaf.get<std::string>()).value()));
    }
    ASSERT_EQ(roots.size(), tree.size().value() + 1);
    for (std::size_t size = 0; size < roots.size(); ++size) {
        EXPECT_EQ(tree.root_at(TreeSize(size)).value(), digest_from(roots[size]));
    }
}

TEST_F(Rfc6962Vectors, RootsAndProofsAreReproduced) {
    int proofs = 0;
    for (const json& row : vectors_["trees"]) {
        const TreeSize size(row["size"]);
        const Root root(digest_from(row["root_hex"]));
        EXPECT_EQ(tree_.root_at(size), root);
        for (const json& inclusion : row["inclusion"]) {
            const LeafIndex index(inclusion["index"]);
            const Proof proof = proof_from(inclusion["proof"]);
            EXPECT_EQ(tree_.prove_inclusion(index, size), proof);
            EXPECT_TRUE(verify_inclusion(index, size, tree_.leaf(index), proof, root));
            ++proofs;
        }
        for (const json& consistency : row["consistency"]) {
            const TreeSize from(consistency["first"]);
            const Proof proof = proof_from(consistency["proof"]);
            EXPECT_EQ(tree_.prove_consistency(from, size), proof);
            EXPECT_TRUE(verify_consistency(from, size, proof, tree_.root_at(from), root));
            ++proofs;
        }
    }
    EXPECT_GT(proofs, 0);
}

TEST_F(Rfc6962Vectors, NegativesAreRefused) {
    ASSERT_FALSE(vectors_["negative_inclusion"].empty());
    for (const json& row : vectors_["negative_inclusion"]) {
        const LeafHash leaf(digest_from(row["leaf_hash"]));
        EXPECT_FALSE(verify_inclusion(LeafIndex(row["index"]), TreeSize(row["size"]), leaf,
                                      proof_from(row["proof"]), Root(digest_from(row["root"]))))
            << row["why"];
    }
}

}  // namespace
}  // namespace parmana::merkle
