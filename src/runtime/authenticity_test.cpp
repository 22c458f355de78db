#include "runtime/authenticity.hpp"

#include <gtest/gtest.h>

namespace parmana::runtime {
namespace {

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

/// An entry that is believed, and the checks that believe it.
struct Fixture {
    dsse::SigningKey key{signer(2)};
    trust::Root root =
        trust::Root::parse(trust::make_root({trust::Tenant("default"),
                                             trust::Origin("localhost/test"),
                                             "2036-01-01T00:00:00Z",
                                             {{trust::Role::root, {signer(1)->public_key()}},
                                              {trust::Role::attestation, {key.public_key()}},
                                              {trust::Role::log, {signer(3)->public_key()}},
                                              {trust::Role::policy, {signer(4)->public_key()}}}},
                                            *signer(1))
                               .value())
            .value();
    store::Submission entry = make("one");

    store::Submission make(const std::string& id) {
        const std::string record = "{\"executionId\":\"" + id + "\"}";
        const decide::ExecutionId identity(id);
        const std::string statement =
            "{" +
            attest::statement_tail(attest::kDecisionType, to_hex(view_of(crypto::sha256(record))), identity);
        const dsse::Envelope envelope = attest::sign(statement, key).value();
        return {store::EntryKind::decision,
                identity,
                "",
                {},
                std::nullopt,
                envelope,
                attest::leaf_hash(envelope, key.public_key()),
                record};
    }
    Status check(const store::Submission& content, std::uint64_t covered) const {
        return make_entry_checks(root, merkle::TreeSize(covered))
            .entry(store::LogIndex(5), content.kind, content.execution_id.value(), content.leaf,
                   content.attestation);
    }
};

TEST(EntryChecks, BelieveWhatThisKeyAttested) {
    const Fixture fixture;
    EXPECT_TRUE(fixture.check(fixture.entry, 0).has_value());
    EXPECT_TRUE(fixture.check(fixture.entry, 6).has_value());
    EXPECT_TRUE(make_entry_checks(fixture.root, merkle::TreeSize(0)).record(fixture.entry).has_value());
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

TEST(EntryChecks, RefuseARecordThatTheStatementDoesNotName) {
    Fixture fixture;
    fixture.entry.record += " ";
    EXPECT_EQ(make_entry_checks(fixture.root, merkle::TreeSize(0)).record(fixture.entry).error().code,
              Code::data_corrupt);
}

}  // namespace
}  // namespace parmana::runtime
