#include "runtime/authenticity.hpp"

#include <gtest/gtest.h>

#include "trust/samples_test.hpp"

namespace parmana::runtime {
namespace {

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

/// An entry that is believed, and the checks that believe it.
struct Fixture {
    dsse::SigningKey key{signer(2)};
    trust::History root{trust::samples::root(trust::samples::content("localhost/test"))};
    store::Submission entry = make("one");

    store::Submission make(const std::string& id) {
        const std::string record = "{\"executionId\":\"" + id + "\"}";
        const decide::ExecutionId identity(id);
        const std::string statement =
            "{" + attest::statement_tail(attest::kDecisionType, to_hex(view_of(crypto::sha256(record))),
                                         attest::subject_name(identity));
        const dsse::Envelope envelope = attest::sign(statement, key).value();
        return {store::EntryKind::decision,
                store::Attested::statement,
                identity,
                "",
                {},
                std::nullopt,
                envelope,
                attest::leaf_hash(envelope, key.public_key()),
                record};
    }
    Status check(const store::Submission& content, std::uint64_t covered) const {
        const auto body = make_entry_checks(root, merkle::TreeSize(covered), Fixture::no_tree())
                              .entry(facts(5, content), content.attestation);
        if (!body) return std::unexpected(body.error());
        return {};
    }
    /// A tree that has at place 5 the leaf that it is told.
    static LeafOf tree_of(const merkle::LeafHash& leaf) {
        return [leaf](store::LogIndex index) {
            EXPECT_EQ(index.value(), 5u);
            return leaf;
        };
    }
    static LeafOf no_tree() { return {}; }
    Status read(const store::Submission& content, const merkle::LeafHash& leaf) const {
        return make_entry_checks(root, merkle::TreeSize(0), tree_of(leaf)).read(store::LogIndex(5), content);
    }
    static store::EntryChecks::Facts facts(std::uint64_t index, const store::Submission& content) {
        return {store::LogIndex(index),       content.kind, content.attested,
                content.execution_id.value(), content.code, content.leaf};
    }
};

TEST(EntryChecks, BelieveWhatThisKeyAttested) {
    const Fixture fixture;
    EXPECT_TRUE(fixture.check(fixture.entry, 0).has_value());
    EXPECT_TRUE(fixture.check(fixture.entry, 6).has_value());
    EXPECT_TRUE(fixture.read(fixture.entry, fixture.entry.leaf).has_value());
}

TEST(EntryChecks, RefuseAnotherIdentityKindLeafOrKey) {
    Fixture fixture;
    store::Submission other = fixture.make("two");
    store::Submission entry = fixture.entry;
    entry.execution_id = other.execution_id;
    EXPECT_EQ(fixture.check(entry, 6).error().code, Code::data_corrupt);
    entry = fixture.entry;
    entry.kind = store::EntryKind::refusal;
    EXPECT_EQ(fixture.check(entry, 6).error().code, Code::data_corrupt);
    entry = fixture.entry;
    entry.leaf = other.leaf;
    EXPECT_EQ(fixture.check(entry, 6).error().code, Code::data_corrupt);
    entry = fixture.entry;
    entry.attestation.key_id = dsse::key_id(signer(4)->public_key());
    EXPECT_EQ(fixture.check(entry, 6).error().code, Code::data_corrupt);
}

TEST(EntryChecks, VerifySignaturesThatNoCheckpointCovers) {
    Fixture fixture;
    store::Submission entry = fixture.entry;
    auto signature = entry.attestation.signature.value();
    signature[3] ^= 1;
    entry.attestation.signature = crypto::Signature(signature);
    entry.leaf = attest::leaf_hash(entry.attestation, fixture.key.public_key());
    EXPECT_EQ(fixture.check(entry, 5).error().code, Code::data_corrupt);
    EXPECT_TRUE(fixture.check(entry, 6).has_value()) << "below the checkpoint the signed root tells";
}

TEST(EntryChecks, RefuseWhatTheTreeDoesNotHave) {
    Fixture fixture;
    EXPECT_TRUE(fixture.read(fixture.entry, fixture.entry.leaf).has_value());
    // Altered together with all that stands beside it; only the tree remembers.
    const store::Submission other = fixture.make("two");
    EXPECT_EQ(fixture.read(other, fixture.entry.leaf).error().code, Code::data_corrupt);
}

TEST(EntryChecks, RefuseARecordThatTheStatementDoesNotName) {
    Fixture fixture;
    fixture.entry.record += " ";
    EXPECT_EQ(fixture.read(fixture.entry, fixture.entry.leaf).error().code, Code::data_corrupt);
}

/// Three decisions without a signature, and the statement that vouches for them.
struct Group {
    Fixture fixture;
    std::vector<store::Submission> entries;

    explicit Group(std::uint64_t first = 0) {
        merkle::Tree tree;
        for (const char* id : {"a", "b", "c"}) {
            store::Submission entry = fixture.make(id);
            entry.attested = store::Attested::log;
            entry.attestation.key_id.clear();
            entry.leaf = merkle::hash_leaf(attest::statement_leaf_body(entry.attestation.payload));
            tree.append(entry.leaf);
            entries.push_back(std::move(entry));
        }
        const attest::BlindKey none{};
        const attest::RuntimeHash runtime{};
        const auto stated = attest::state(attest::Group{merkle::LeafIndex(first), 3, tree.root()},
                                          {fixture.root.tenant(), fixture.root.origin(), runtime, none});
        const auto envelope = attest::sign(stated.statement, fixture.key).value();
        entries.push_back({store::EntryKind::group,
                           store::Attested::statement,
                           decide::ExecutionId(std::to_string(first)),
                           "",
                           {},
                           std::nullopt,
                           envelope,
                           attest::leaf_hash(envelope, fixture.key.public_key()),
                           stated.record});
    }
    Status check(const std::vector<store::Submission>& of) const {
        const auto checks = make_entry_checks(fixture.root, merkle::TreeSize(0), Fixture::no_tree());
        for (std::size_t i = 0; i < of.size(); ++i)
            TRY(checks.entry(Fixture::facts(i, of[i]), of[i].attestation));
        return checks.end();
    }
};

TEST(EntryChecks, BelieveAGroupThatIsVouchedForAsAWhole) {
    const Group group;
    EXPECT_TRUE(group.check(group.entries).has_value());
    EXPECT_TRUE(group.fixture.read(group.entries[3], group.entries[3].leaf).has_value());
    for (std::size_t i = 0; i < 4; ++i) {
        auto without = group.entries;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(group.check(without).has_value()) << i;
    }
    auto swapped = group.entries;
    std::swap(swapped[0], swapped[1]);
    EXPECT_FALSE(group.check(swapped).has_value());
    auto signed_between = group.entries;
    signed_between.insert(signed_between.begin() + 2, group.fixture.entry);
    EXPECT_FALSE(group.check(signed_between).has_value());
    EXPECT_FALSE(Group(1).check(Group(1).entries).has_value()) << "it speaks of another place";
    auto altered = group.entries;
    altered[1].attestation.payload = Fixture().make("x").attestation.payload;
    EXPECT_FALSE(group.check(altered).has_value());
}

}  // namespace
}  // namespace parmana::runtime
