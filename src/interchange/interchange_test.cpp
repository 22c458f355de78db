#include "interchange/interchange.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "json/json.hpp"
#include "verify/fixture_test.hpp"

namespace parmana::interchange {
namespace {

using verify::fixture::claim;
using verify::fixture::World;

/// A worked example of docs/formats/, which tests/system/formats.py recomputes with an implementation of its
/// own.
std::string example(const std::string& page, const std::string& name, bool lines = false) {
    std::ifstream file(std::string(PARMANA_SOURCE_DIR) + "/docs/formats/" + page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string head = " example=" + name + (lines ? " lines\n" : "\n");
    const auto begin = text.find(head);
    if (begin == std::string::npos) {
        ADD_FAILURE() << page << " has no example " << name;
        return {};
    }
    std::string body = text.substr(begin + head.size(), text.find("```\n", begin) - begin - head.size());
    if (!lines) std::erase(body, '\n');
    return body;
}

verify::Evidence example_evidence() {
    return verify::parse_evidence(example("evidence.md", "evidence")).value();
}

/// The chain of the examples, each in force from its event on.
const trust::History& example_root() {
    static const std::unique_ptr<const trust::History> kTrust = [] {
        const auto root = [](const char* name) {
            return trust::Root::parse(example("trust-root.md", name)).value();
        };
        auto history = std::make_unique<trust::History>(root("trust-root"));
        EXPECT_TRUE(history->add(root("trust-root-2"), example_evidence().trust.events.at(0).index.value()));
        return history;
    }();
    return *kTrust;
}

class Interchange : public testing::Test {
  protected:
    verify::Evidence sealed(bool grouped) const {
        auto parts = world.decided(claim("1200", "false"), world.claims);
        if (grouped) parts.grouped = verify::fixture::Parts::Grouped{};
        return world.seal(parts);
    }

    World world;
    const trust::History trust{*world.root};
};

TEST_F(Interchange, SpellsTheWorkedExamples) {
    const auto& root = example_root();
    const auto evidence = example_evidence();
    EXPECT_EQ(sigstore_bundle(evidence, root).value(), example("interchange.md", "sigstore-bundle"));
    EXPECT_EQ(sigstore_trusted_root(root), example("interchange.md", "sigstore-trusted-root"));
    EXPECT_EQ(tlog_proof(evidence, root).value(), example("interchange.md", "tlog-proof", true));
}

TEST_F(Interchange, ABundleIsCanonicalAndHasTheLinesOfTheCheckpoint) {
    const auto evidence = sealed(false);
    const std::string text = sigstore_bundle(evidence, trust).value();
    const auto document = json::parse(text).value();
    EXPECT_TRUE(json::is_canonical(document));
    const auto entry = *document.root().find("verificationMaterial")->find("tlogEntries")->elements().begin();
    EXPECT_EQ(entry.find("inclusionProof")->find("checkpoint")->find("envelope")->string(),
              evidence.checkpoint);
    EXPECT_EQ(document.root().find("verificationMaterial")->find("publicKey")->find("hint")->string(),
              evidence.attestation.key_id);
}

TEST_F(Interchange, ALogIsNamedByAllBytesOfItsKeyId) {
    const std::string bundle = sigstore_bundle(sealed(false), trust).value();
    const Digest id = note::key_id(world.root->origin().value(), world.log_key.public_key());
    const std::string said = R"("logId":{"keyId":")" + to_base64(view_of(id)) + R"("})";
    EXPECT_NE(bundle.find(said), std::string::npos);
    EXPECT_NE(sigstore_trusted_root(trust).find(said), std::string::npos);
}

TEST_F(Interchange, ADecisionThatTheLogAttestsHasNoBundle) {
    const auto refused = sigstore_bundle(sealed(true), trust);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::not_exportable);
}

TEST_F(Interchange, AProofLeadsFromItsExtraToItsCheckpoint) {
    for (const bool grouped : {false, true}) {
        const auto evidence = sealed(grouped);
        const std::string text = tlog_proof(evidence, trust).value();
        const std::string start = "c2sp.org/tlog-proof@v1\nextra ";
        ASSERT_TRUE(text.starts_with(start));
        const auto end = text.find('\n', start.size());
        const auto leaf = from_base64(text.substr(start.size(), end - start.size())).value();
        EXPECT_EQ(leaf, leaf_body(evidence, trust).value());
        EXPECT_EQ(leaf == attest::statement_leaf_body(evidence.attestation.payload), grouped);
        EXPECT_TRUE(text.ends_with("\n\n" + evidence.checkpoint));
        const auto head = note::parse_checkpoint(note::parse_note(evidence.checkpoint).value().text).value();
        EXPECT_TRUE(merkle::verify_inclusion(evidence.log_index, head.size, merkle::hash_leaf(leaf),
                                             evidence.proof, head.root));
    }
}

TEST_F(Interchange, KeysComeFromTheTrustRootOnly) {
    const auto& root = example_root();
    const auto evidence = sealed(false);
    for (const auto& made :
         {sigstore_bundle(evidence, root), tlog_proof(evidence, root), leaf_body(evidence, root)}) {
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Code::trust_invalid);
    }
}

TEST_F(Interchange, ABundleNeedsACheckpointByTheLog) {
    auto parts = world.decided(claim("1200", "false"), world.claims);
    parts.log_key = &world.stranger;
    const auto made = sigstore_bundle(world.seal(parts), trust);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::trust_invalid);
}

}  // namespace
}  // namespace parmana::interchange
