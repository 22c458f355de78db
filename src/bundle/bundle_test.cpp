#include "bundle/bundle.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bundle/samples_test.hpp"

namespace parmana::bundle {
namespace {

using samples::kClaimsApproval;
using samples::key;
using samples::kInsuredClaim;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

class PolicyBundle : public testing::Test {
  protected:
    PolicyBundle() { root_ = trust::samples::root(trust::samples::content("localhost/test")); }
    /// The same files under a manifest that was changed and signed anew by a policy key.
    Bundle resigned(std::string_view from, std::string_view to) const {
        Bundle bundle = good_;
        const std::string manifest = replaced(good_.envelope.payload, from, to);
        bundle.envelope = samples::signed_by(kPayloadType, manifest, policy_key_);
        EXPECT_TRUE(check_signature(bundle, *root_));
        return bundle;
    }
    static void expect_refused(const Bundle& bundle, Code code, const std::string& why) {
        const auto opened = open_files(bundle);
        ASSERT_FALSE(opened) << why;
        EXPECT_EQ(opened.error().code, code) << opened.error().detail;
        EXPECT_EQ(opened.error().detail, why);
    }

    const dsse::SigningKey root_key_ = key(1), attestation_key_ = key(2), policy_key_ = key(4),
                           second_policy_key_ = key(5);
    std::optional<trust::Root> root_;
    const Bundle good_ = make(samples::only(kClaimsApproval), policy_key_).value();
};

TEST(Samples, TheClaimsPolicyIsTheOneThatIsShipped) {
    std::ifstream file(PARMANA_SOURCE_DIR "/policies/claims-approval/1.0.0/policy.json");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), kClaimsApproval);
}

TEST_F(PolicyBundle, OpensToThePolicyThatWasSigned) {
    EXPECT_TRUE(check_signature(good_, *root_));
    const auto opened = open_files(good_);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->id().value(), "claims-approval");
    EXPECT_EQ(opened->version().value(), "1.0.0");
    EXPECT_EQ(good_.files.at("policy.json"), kClaimsApproval);
}

TEST_F(PolicyBundle, TheManifestIsCanonicalAndItsHashIsThePolicyHash) {
    const std::string digest = to_wire(crypto::sha256(kClaimsApproval));
    EXPECT_EQ(good_.envelope.payload,
              R"({"counter":1,"files":[{"digest":")" + digest +
                  R"(","path":"policy.json"}],"format":"parmana-bundle/2",)"
                  R"("languageProfile":"parmana-rules/1","policyId":"claims-approval",)"
                  R"("policyVersion":"1.0.0","requirements":{},"schemaVersion":"1.0.0"})");
    EXPECT_EQ(policy_hash(good_).value(), crypto::sha256(good_.envelope.payload));
    EXPECT_TRUE(json::is_canonical(json::parse(good_.envelope.payload).value()));
}

TEST_F(PolicyBundle, AnInvalidPolicyIsNotSigned) {
    const auto made = make(samples::only("{}"), policy_key_);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::policy_invalid);
}

TEST_F(PolicyBundle, AFailureOfTheSignerIsPassedOn) {
    SimulatedEntropy entropy(4);
    const dsse::SigningKey failing(crypto::make_failing_signer(crypto::generate_secret(entropy), 0));
    EXPECT_EQ(make(samples::only(kClaimsApproval), failing).error().code, Code::store_unavailable);
}

TEST_F(PolicyBundle, EveryPolicyKeyOfTheRootMaySign) {
    EXPECT_TRUE(check_signature(make(samples::only(kClaimsApproval), second_policy_key_).value(), *root_));
}

TEST_F(PolicyBundle, IsUnsignedWithoutASignatureByAPolicyKey) {
    Bundle other_type = good_;
    other_type.envelope =
        samples::signed_by("application/vnd.in-toto+json", good_.envelope.payload, policy_key_);
    Bundle relabelled = good_;
    relabelled.envelope.payload_type = "application/vnd.in-toto+json";
    Bundle altered = good_;
    altered.envelope.payload = replaced(altered.envelope.payload, "1.0.0", "1.0.1");
    Bundle borrowed_name = good_;
    borrowed_name.envelope.signatures[0].key_id = second_policy_key_.id();
    Bundle with_a_stranger = good_;
    ASSERT_TRUE(dsse::add_signature(with_a_stranger.envelope, key(99)));
    const struct {
        const char* what;
        Bundle bundle;
    } cases[] = {
        {"a stranger's key", make(samples::only(kClaimsApproval), key(99)).value()},
        {"the attestation key", make(samples::only(kClaimsApproval), attestation_key_).value()},
        {"the root key", make(samples::only(kClaimsApproval), root_key_).value()},
        {"the log key", make(samples::only(kClaimsApproval), key(3)).value()},
        {"another type, signed", other_type},
        {"another type", relabelled},
        {"another manifest", altered},
        {"the name of another policy key", borrowed_name},
        {"nobody's", draft(samples::only(kClaimsApproval)).value()},
        {"a policy key's and a stranger's", with_a_stranger},
    };
    for (const auto& row : cases) {
        const Status status = check_signature(row.bundle, *root_);
        ASSERT_FALSE(status) << row.what;
        EXPECT_EQ(status.error().code, Code::policy_unsigned) << row.what;
    }
}

TEST_F(PolicyBundle, AsManyDifferentPolicyKeysSignAsTheRootAsksFor) {
    trust::RootContent content = trust::samples::content("localhost/test");
    content.roles[trust::Role::policy] = trust::samples::members({4, 5, 6}, 2);
    const trust::Root two_of_three = trust::samples::root(content);
    EXPECT_EQ(check_signature(good_, two_of_three).error().detail,
              "it is signed by 1 of the 2 keys that must sign");
    EXPECT_EQ(check_signature(good_, two_of_three).error().code, Code::policy_unsigned);

    Bundle again = good_;
    ASSERT_TRUE(dsse::add_signature(again.envelope, policy_key_));
    EXPECT_FALSE(check_signature(again, two_of_three)) << "one key is one signer";
    Bundle twice = good_;
    twice.envelope.signatures.push_back(twice.envelope.signatures.front());
    EXPECT_FALSE(check_signature(twice, two_of_three)) << "one key is one signer";

    Bundle both = good_;
    ASSERT_TRUE(dsse::add_signature(both.envelope, second_policy_key_));
    EXPECT_TRUE(check_signature(both, two_of_three));
    EXPECT_TRUE(check_signature(both, *root_));
    EXPECT_EQ(policy_hash(both), policy_hash(good_)) << "the hash does not depend on the signers";
    ASSERT_TRUE(dsse::add_signature(both.envelope, key(6)));
    EXPECT_TRUE(check_signature(both, two_of_three));
    EXPECT_FALSE(check_signature(both, *root_)) << "6 is no policy key of this root";
    EXPECT_TRUE(signers(both).starts_with("policy keys ")) << signers(both);

    const auto read = parse(json::parse(render(both))->root(), "");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->envelope, both.envelope);
    EXPECT_EQ(read->files, both.files);
}

TEST_F(PolicyBundle, TheManifestOfTheFirstFormatIsStillRead) {
    const std::string digest = to_wire(crypto::sha256(kClaimsApproval));
    const std::string first = R"({"files":[{"digest":")" + digest +
                              R"(","path":"policy.json"}],"format":"parmana-bundle/1",)"
                              R"("languageProfile":"parmana-rules/1","policyId":"claims-approval",)"
                              R"("policyVersion":"1.0.0","schemaVersion":"1.0.0"})";
    const auto manifest = parse_manifest(first);
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(manifest->counter, 0);
    EXPECT_EQ(manifest->requirements, Requirements{});
    Bundle bundle = good_;
    bundle.envelope = samples::signed_by(kPayloadType, first, policy_key_);
    EXPECT_TRUE(check_signature(bundle, *root_));
    EXPECT_TRUE(open_files(bundle));
    EXPECT_FALSE(parse_manifest(replaced(first, "bundle/1", "bundle/2")));
}

TEST_F(PolicyBundle, CounterAndRequirementsAreSignedAndReadBack) {
    const Terms terms{7, {{"batch", "wait.witnessed"}, "1.2.3-rc.1"}};
    const Bundle bundle = make(samples::only(kClaimsApproval), policy_key_, terms).value();
    EXPECT_NE(bundle.envelope.payload.find(R"("counter":7,)"), std::string::npos);
    EXPECT_NE(
        bundle.envelope.payload.find(
            R"("requirements":{"capabilities":["batch","wait.witnessed"],"runtimeVersion":"1.2.3-rc.1"})"),
        std::string::npos)
        << bundle.envelope.payload;
    const auto manifest = parse_manifest(bundle.envelope.payload);
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(manifest->counter, 7);
    EXPECT_EQ(manifest->requirements, terms.requirements);
    for (const auto& [from, to] :
         {std::pair(R"("counter":7)", R"("counter":8)"), std::pair("wait.witnessed", "wait.witnesses"),
          std::pair("1.2.3-rc.1", "1.2.3-rc.0")}) {
        Bundle altered = bundle;
        altered.envelope.payload = replaced(altered.envelope.payload, from, to);
        EXPECT_FALSE(check_signature(altered, *root_)) << from;
        EXPECT_NE(policy_hash(altered), policy_hash(bundle)) << from;
    }
}

TEST_F(PolicyBundle, TermsThatAManifestCannotStateAreNotSigned) {
    const Terms bad[] = {
        {0, {}},
        {-1, {}},
        {std::int64_t{1} << 53, {}},
        {1, {{""}, {}}},
        {1, {{"Batch"}, {}}},
        {1, {{"1"}, {}}},
        {1, {{"a b"}, {}}},
        {1, {{std::string(65, 'a')}, {}}},
        {1, {{"batch", "batch"}, {}}},
        {1, {{"wait", "batch"}, {}}},
        {1, {{}, ""}},
        {1, {{}, "1.2"}},
        {1, {{}, "01.2.3"}},
    };
    for (const Terms& terms : bad) {
        const auto made = make(samples::only(kClaimsApproval), policy_key_, terms);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().code, Code::member_invalid) << made.error().detail;
    }
}

TEST_F(PolicyBundle, EveryFlippedByteOfThePolicyIsSeen) {
    for (std::size_t i = 0; i < kClaimsApproval.size(); ++i) {
        Bundle bundle = good_;
        char& byte = bundle.files.at("policy.json")[i];
        byte = static_cast<char>(byte ^ 1 << i % 8);
        const auto opened = open_files(bundle);
        ASSERT_FALSE(opened) << i;
        ASSERT_EQ(opened.error().code, Code::policy_altered) << i;
    }
}

TEST_F(PolicyBundle, HasExactlyTheFilesOfItsManifest) {
    Bundle extra = good_;
    extra.files.emplace("tests.json", "[]");
    expect_refused(extra, Code::policy_altered, "`tests.json` is not in the manifest");
    Bundle missing = good_;
    missing.files.clear();
    expect_refused(missing, Code::policy_altered, "`policy.json` is missing from the bundle");
    Bundle renamed = good_;
    renamed.files.emplace("Policy.json", renamed.files.at("policy.json"));
    renamed.files.erase("policy.json");
    EXPECT_EQ(open_files(renamed).error().code, Code::policy_altered);
    Bundle no_policy = resigned("policy.json", "other.json");
    no_policy.files.emplace("other.json", no_policy.files.at("policy.json"));
    no_policy.files.erase("policy.json");
    expect_refused(no_policy, Code::policy_altered, "the bundle has no `policy.json`");
}

TEST_F(PolicyBundle, ThePolicyIsTheOneThatTheManifestNames) {
    const std::string why = "the policy in the bundle is not the one that the manifest names";
    expect_refused(resigned("claims-approval", "claims_approval"), Code::policy_altered, why);
    expect_refused(resigned(R"("policyVersion":"1.0.0")", R"("policyVersion":"1.0.1")"), Code::policy_altered,
                   why);
    expect_refused(resigned(R"("schemaVersion":"1.0.0")", R"("schemaVersion":"1.1.0")"), Code::policy_altered,
                   why);
}

TEST_F(PolicyBundle, AnUnknownLanguageOrSchemaIsNamedAndNotJudged) {
    expect_refused(resigned("parmana-rules/1", "parmana-verse/1"), Code::profile_unknown,
                   "`parmana-verse/1` is not a known language profile");
    expect_refused(resigned(R"("schemaVersion":"1.0.0")", R"("schemaVersion":"2.0.0")"), Code::schema_unknown,
                   "the schema version `2.0.0` is not one of `1.0.0`, `1.1.0`");
    Bundle altered = resigned("parmana-rules/1", "parmana-verse/1");
    altered.files.at("policy.json") += "\n";
    EXPECT_EQ(open_files(altered).error().code, Code::policy_altered)
        << "what was altered is altered in any language";
}

TEST_F(PolicyBundle, ADocumentThatDoesNotCompileIsInvalidAlsoWhenItWasSigned) {
    const std::string digest = to_wire(crypto::sha256("{}"));
    Bundle bundle = resigned(to_wire(crypto::sha256(kClaimsApproval)), digest);
    bundle.files.at("policy.json") = "{}";
    EXPECT_EQ(open_files(bundle).error().code, Code::policy_invalid);
}

TEST_F(PolicyBundle, RefusesEveryOtherManifest) {
    const std::string manifest = good_.envelope.payload;
    const std::string file =
        R"({"digest":")" + to_wire(crypto::sha256(kClaimsApproval)) + R"(","path":"policy.json"})";
    const auto with_files = [&](const std::string& files) { return replaced(manifest, file, files); };
    const auto with_path = [&](const std::string& path) { return replaced(manifest, "policy.json", path); };
    const auto with_requirements = [&](const std::string& value) {
        return replaced(manifest, R"("requirements":{})", R"("requirements":)" + value);
    };
    ASSERT_TRUE(parse_manifest(manifest));
    ASSERT_TRUE(parse_manifest(with_requirements(R"({"capabilities":["batch"],"runtimeVersion":"1.2.3"})")));
    ASSERT_TRUE(parse_manifest(with_files(file + "," + replaced(file, "policy", "tests/a-b_c"))));
    const std::string manifests[] = {
        "",
        "[]",
        manifest + "\n",
        " " + manifest,
        replaced(manifest, "\"format\"", "\"format\":\"parmana-bundle/2\",\"format\""),
        replaced(manifest, "\"format\"", "\"foreign\":1,\"format\""),
        replaced(manifest, "\"format\"", "\"formats\""),
        replaced(manifest, "parmana-bundle/2", "parmana-bundle/1"),
        replaced(manifest, "parmana-bundle/2", "parmana-bundle/3"),
        replaced(manifest, R"("counter":1,)", ""),
        replaced(manifest, R"("counter":1)", R"("counter":0)"),
        replaced(manifest, R"("counter":1)", R"("counter":-1)"),
        replaced(manifest, R"("counter":1)", R"("counter":"1")"),
        replaced(manifest, R"("counter":1)", R"("counter":1.5)"),
        replaced(manifest, R"("requirements":{},)", ""),
        with_requirements("[]"),
        with_requirements("null"),
        with_requirements(R"({"more":1})"),
        with_requirements(R"({"capabilities":[]})"),
        with_requirements(R"({"capabilities":"batch"})"),
        with_requirements(R"({"capabilities":[1]})"),
        with_requirements(R"({"capabilities":["Batch"]})"),
        with_requirements(R"({"capabilities":["wait","batch"]})"),
        with_requirements(R"({"capabilities":["batch","batch"]})"),
        with_requirements(R"({"runtimeVersion":1})"),
        with_requirements(R"({"runtimeVersion":"1.2"})"),
        replaced(manifest, "claims-approval", "claims approval"),
        replaced(manifest, "1.0.0", "1.0"),
        replaced(manifest, "sha256:", "sha512:"),
        replaced(manifest, "sha256:", "sha256:0"),
        with_files("1"),
        with_files(file + "," + file),
        with_files(file + "," + replaced(file, "policy.json", "a.json")),
        with_path(""),
        with_path("/policy.json"),
        with_path("a//b"),
        with_path("a/"),
        with_path("../policy.json"),
        with_path("a/./b"),
        with_path(".policy.json"),
        with_path("a b"),
        with_path("a\\\\b"),
        with_path(std::string(256, 'a')),
        // In bytes the second is the greater one, in UTF-16 the first: no order fits both.
        with_path("\xef\xac\xb3"),
        with_path("\xf0\x9f\x98\x80"),
    };
    for (const auto& text : manifests) {
        const auto parsed = parse_manifest(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Code::policy_altered) << text;
    }
}

TEST_F(PolicyBundle, TwoPoliciesHaveTwoHashes) {
    const Bundle other = make(samples::only(kInsuredClaim), policy_key_).value();
    EXPECT_NE(policy_hash(other), policy_hash(good_));
    const Bundle again = make(samples::only(kClaimsApproval), second_policy_key_).value();
    EXPECT_EQ(policy_hash(again), policy_hash(good_)) << "the hash does not depend on the signer";
}

}  // namespace
}  // namespace parmana::bundle
