#include "verify/verify.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "verify/fixture_test.hpp"

namespace parmana::verify {
namespace {

using fixture::claim;
using fixture::names;
using fixture::Parts;
using fixture::replaced;
using fixture::World;
namespace golden = fixture::golden;
using Names = std::vector<std::string>;

const Names kAllChecks = {"format",
                          "trust_root",
                          "trust_chain",
                          "attestation_signature",
                          "statement",
                          "record_digest",
                          "binding",
                          "policy_hash",
                          "policy_signature",
                          "policy_bundle",
                          "runtime_hash",
                          "release",
                          "signals_schema",
                          "verdict",
                          "checkpoint_signature",
                          "inclusion",
                          "checkpoint_time",
                          "trust_expiry",
                          "previous_checkpoint",
                          "witnesses"};

const World& world() {
    static const World the_world;
    return the_world;
}

Parts honest_parts() {
    return world().decided(claim("1200", "false", R"({"type":"pay","target":"iban"})"), world().claims);
}

const std::string& good_file() {
    static const std::string text = render(world().seal(honest_parts()));
    return text;
}

int exit_code(const std::string& text) {
    return verify(text, {world().root.get()}).exit_code();
}

std::string outcome_of(const Report& report, std::string_view name) {
    for (const Check& check : report.checks) {
        if (check.name == name) return std::string(wire_name(check.outcome));
    }
    return "absent";
}

std::string attestation_text(const dsse::Envelope& envelope) {
    std::string out;
    dsse::append_json(out, envelope);
    return out;
}

TEST(Evidence, AGoodOnePassesEveryCheck) {
    const struct {
        std::string body;
        policy::Verdict verdict;
    } cases[] = {{claim("1200", "false"), policy::Verdict::approved},
                 {claim("20000", "false"), policy::Verdict::override_required},
                 {claim("50001", "true"), policy::Verdict::rejected}};
    for (const auto& row : cases) {
        const std::string text = render(world().seal(world().decided(row.body, world().claims)));
        const Report report = verify(text, {world().root.get()});
        EXPECT_EQ(names(report, Outcome::passed), kAllChecks) << human_report(report);
        EXPECT_EQ(report.exit_code(), 0);
        EXPECT_TRUE(report.valid());
        EXPECT_EQ(report.verdict, row.verdict);
        EXPECT_EQ(report.kind, "evidence");
        EXPECT_EQ(report.trust_fingerprint, world().root->fingerprint());
    }
}

TEST(Evidence, EveryPolicyAndTypeOfSignalCanBeJudged) {
    const struct {
        std::string_view head;
        const char* signals;
        const decide::GovernedPolicy& policy;
    } cases[] = {
        {golden::kInsured,
         R"({"claim_amount":1,"insurance_active":true,"risk_score":80,"vip_customer":true})",
         world().insured},
        {golden::kRefund, R"({"channel":"web","exchange_rate":-0.0,"note":"\u0000\ud83d\ude00"})",
         world().refund},
        {golden::kRefund, R"({"channel":"shop","exchange_rate":1.0,"note":"e\u0301"})", world().refund},
        {golden::kRefund, R"({"channel":"phone","exchange_rate":1e-0,"note":"\"","repeat":true})",
         world().refund},
    };
    for (const auto& row : cases) {
        const Parts parts = world().decided(golden::request(row.head, row.signals), row.policy);
        EXPECT_EQ(exit_code(render(world().seal(parts))), 0) << row.signals;
    }
}

TEST(Evidence, OneOfEveryRecordThatWasAcceptedCanBeReadBack) {
    const auto with_depth = [](std::size_t levels) {
        return claim("1200", "false",
                     R"({"type":"pay","parameters":{"a":)" + std::string(levels, '[') +
                         std::string(levels, ']') + "}}");
    };
    std::size_t deepest = 0;
    for (std::size_t levels = 0; levels < limits::kJsonDepthMax; ++levels) {
        if (!decide::parse_request(with_depth(levels))) continue;
        const Parts parts = world().decided(with_depth(levels), world().claims);
        EXPECT_EQ(exit_code(render(world().seal(parts))), 0) << levels << " levels were accepted";
        deepest = levels;
    }
    EXPECT_EQ(deepest, 30u);
}

TEST(Evidence, HasOneSpelling) {
    const auto parsed = parse_evidence(good_file());
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(render(*parsed), good_file());
    EXPECT_TRUE(json::is_canonical(json::parse(good_file()).value()));
}

TEST(Evidence, ALogOfOneEntryNeedsNoHashes) {
    Evidence evidence = World::first_format(world().seal(honest_parts()));
    merkle::Tree tree;
    tree.append(attest::leaf_hash(evidence.attestation, world().attestation_key.public_key()));
    evidence.log_index = merkle::LeafIndex(0);
    evidence.tree_size = tree.size();
    evidence.proof.clear();
    evidence.checkpoint =
        note::sign_checkpoint({golden::kOrigin.value(), tree.size(), tree.root()}, world().log_key.signer())
            .value();
    EXPECT_EQ(exit_code(render(evidence)), 0);
}

TEST(Evidence, TheFirstFormatIsStillRead) {
    const Evidence evidence = World::first_format(world().seal(honest_parts()));
    const std::string text = render(evidence);
    EXPECT_NE(text.find("parmana-evidence/1"), std::string::npos);
    const Report report = verify(text, {world().root.get()});
    EXPECT_EQ(report.exit_code(), 0) << human_report(report);
    EXPECT_EQ(names(report, Outcome::passed).size(), kAllChecks.size() - 5);
    EXPECT_EQ(exit_code(replaced(text, "parmana-evidence/1", "parmana-evidence/2")), 1);
    EXPECT_EQ(exit_code(replaced(text, "\"record\"", "\"previousCheckpoint\":{},\"record\"")), 1);
}

TEST(Evidence, OneAttestedByTheLogPassesEveryCheck) {
    for (const Parts::Grouped grouped :
         {Parts::Grouped{4, 1}, Parts::Grouped{0, 11}, Parts::Grouped{2, 5}, Parts::Grouped{4, 7}}) {
        Parts parts = honest_parts();
        parts.grouped = grouped;
        const std::string text = render(world().seal(parts));
        const Report report = verify(text, {world().root.get()});
        EXPECT_EQ(report.exit_code(), 0) << human_report(report);
        EXPECT_EQ(outcome_of(report, "group"), "passed");
        EXPECT_EQ(render(parse_evidence(text).value()), text);
        EXPECT_EQ(names(verify(text, {nullptr}), Outcome::failed), Names{});
        for (std::size_t i = 0; i < text.size(); i += 11) {
            std::string flipped = text;
            flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
            ASSERT_EQ(exit_code(flipped), 1) << "byte " << i;
        }
    }
}

TEST(Evidence, HeadsHaveOneLayout) {
    const Evidence good = world().seal(honest_parts());
    const auto with = [&](const std::string& checkpoint) {
        Evidence evidence = good;
        evidence.checkpoint = checkpoint;
        return exit_code(render(evidence));
    };
    const std::string& note = good.checkpoint;
    EXPECT_EQ(with(note), 0);
    const std::size_t second = note.rfind("\xe2\x80\x94");
    const std::size_t first = note.find("\xe2\x80\x94");
    const std::string log = note.substr(first, second - first), time = note.substr(second);
    const std::string text = note.substr(0, first);
    for (const std::string& other : {text + time + log, text + log, text + time, text + log + log + time,
                                     text + log + time + time, note + "\n", text})
        EXPECT_EQ(with(other), 1) << other;
}

TEST(Evidence, ATimeThatNoCalendarHasIsATime) {
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{253402300800}, INT64_MAX}) {
        Parts parts = honest_parts();
        parts.previous_time = 0;
        parts.time = time;
        Held held{world().root.get()};
        held.at = UnixSeconds(0);
        const std::string text = render(world().seal(parts));
        EXPECT_EQ(verify(text, held).exit_code(), 0) << time;
        const Names expired = time == 0 ? Names{} : Names{"trust_expiry"};
        EXPECT_EQ(names(verify(text, {world().root.get()}), Outcome::failed), expired) << time;
    }
}

TEST(Evidence, CosignaturesThatNobodyNamesAreNotJudged) {
    Evidence evidence = world().seal(honest_parts());
    const auto head = note::parse_head(evidence.checkpoint).value();
    const auto line =
        note::cosign(head.text, "witness.example", fixture::samples::key(21).signer(), UnixSeconds(5));
    evidence.checkpoint = note::add_cosignatures(evidence.checkpoint, std::vector{*line}).value();
    const Report report = verify(render(evidence), {world().root.get()});
    EXPECT_EQ(report.exit_code(), 3);
    EXPECT_EQ(names(report, Outcome::not_judged), Names{"witnesses"});
}

TEST(Evidence, WitnessesOfTheTrustRootAreCountedWithoutAPolicy) {
    trust::RootContent content = trust::samples::content(golden::kOrigin.value(), golden::kTenant.value());
    content.roles[trust::Role::witness] = trust::samples::members({21, 22, 24}, 2);
    const trust::Root root = trust::samples::root(content);
    Evidence evidence = world().seal(honest_parts());
    evidence.trust.roots = {root.text()};
    const auto head = note::parse_head(evidence.checkpoint).value();
    const auto cosign = [&](const std::string& name, std::uint64_t seed) {
        const auto line = note::cosign(head.text, name, fixture::samples::key(seed).signer(), UnixSeconds(5));
        evidence.checkpoint = note::add_cosignatures(evidence.checkpoint, std::vector{*line}).value();
    };
    const auto failed = [&] { return names(verify(render(evidence), {&root}), Outcome::failed); };
    EXPECT_EQ(failed(), Names{"witnesses"}) << "nobody cosigned";
    cosign("anna.example", 21);
    EXPECT_EQ(failed(), Names{"witnesses"}) << "one of two";
    cosign("anna.elsewhere", 21);
    EXPECT_EQ(failed(), Names{"witnesses"}) << "one key counts once, under whatever name";
    cosign("boris.example", 22);
    EXPECT_EQ(failed(), Names{});
    cosign("stranger.example", 23);
    EXPECT_EQ(failed(), Names{"witnesses"}) << "a line that no witness of the root made";
}

TEST(Evidence, AWitnessPolicySaysWhoseCosignaturesMustBeThere) {
    Evidence evidence = world().seal(honest_parts());
    const auto head = note::parse_head(evidence.checkpoint).value();
    const auto& anna = fixture::samples::key(21);
    const auto key = note::verifier_key("anna.example", anna.public_key(), note::KeyType::cosignature);
    const auto boris = note::verifier_key("boris.example", fixture::samples::key(22).public_key(),
                                          note::KeyType::cosignature);
    const auto policy = [&](const std::string& quorum) {
        return note::WitnessPolicy::parse("witness anna " + key + "\nwitness boris " + boris +
                                          "\ngroup both all anna boris\nquorum " + quorum + "\n")
            .value();
    };
    const auto outcome = [&](const Evidence& of, const note::WitnessPolicy& with) {
        return outcome_of(verify(render(of), {world().root.get(), &with}), "witnesses");
    };
    EXPECT_EQ(outcome(evidence, policy("anna")), "failed") << "nobody cosigned";
    EXPECT_EQ(outcome(evidence, policy("none")), "passed");
    const auto line = note::cosign(head.text, "anna.example", anna.signer(), UnixSeconds(5)).value();
    evidence.checkpoint = note::add_cosignatures(evidence.checkpoint, std::vector{line}).value();
    EXPECT_EQ(outcome(evidence, policy("anna")), "passed");
    EXPECT_EQ(outcome(evidence, policy("both")), "failed");
    const auto stranger =
        note::cosign(head.text, "anna.example", fixture::samples::key(23).signer(), UnixSeconds(5));
    evidence.checkpoint = note::add_cosignatures(evidence.checkpoint, std::vector{*stranger}).value();
    EXPECT_EQ(outcome(evidence, policy("anna")), "failed") << "and a line that nobody of the policy made";
}

TEST(Evidence, WithoutATrustRootNothingFailsAndNothingIsProven) {
    const Report report = verify(good_file(), {nullptr});
    EXPECT_EQ(report.exit_code(), 3);
    EXPECT_FALSE(report.valid());
    EXPECT_EQ(names(report, Outcome::failed), Names{});
    EXPECT_EQ(names(report, Outcome::not_judged),
              (Names{"trust_root", "trust_chain", "attestation_signature", "policy_signature", "release",
                     "checkpoint_signature", "inclusion", "checkpoint_time", "trust_expiry",
                     "previous_checkpoint"}));
    EXPECT_EQ(report.trust_fingerprint, std::nullopt);
    EXPECT_EQ(report.verdict, policy::Verdict::approved) << "re-derived, which needs no key";
}

TEST(Evidence, EveryFlippedByteMakesItInvalid) {
    const std::string& good = good_file();
    ASSERT_EQ(exit_code(good), 0);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        ASSERT_EQ(exit_code(flipped), 1) << "byte " << i << ", near " << good.substr(i < 20 ? 0 : i - 20, 40);
    }
}

TEST(Evidence, EveryTruncationIsInvalid) {
    const std::string& good = good_file();
    for (std::size_t size = 0; size < good.size(); size += size < good.size() - 200 ? 37 : 1) {
        ASSERT_EQ(exit_code(good.substr(0, size)), 1) << size;
        ASSERT_EQ(verify(good.substr(0, size), {nullptr}).exit_code(), 1) << size;
    }
}

TEST(Evidence, EveryOtherSpellingIsInvalid) {
    const std::string& good = good_file();
    const std::string others[] = {
        "",
        "null",
        "[" + good + "]",
        good + "\n",
        " " + good,
        "\xef\xbb\xbf" + good,
        good + good,
        replaced(good, ",\"envelope\"", ", \"envelope\""),
        replaced(good, "parmana-evidence/2", "parmana-evidence\\/2"),
        replaced(good, "parmana-evidence/2", "parmana-evidence/1"),
        replaced(good, "\"logIndex\":4", "\"logIndex\":4.0"),
        replaced(good, "\"logIndex\":4", "\"logIndex\":-4"),
        replaced(good, "\"logIndex\":4", "\"logIndex\":\"4\""),
        replaced(good, "\"treeSize\":11", "\"treeSize\":11,\"treeSize\":11"),
        replaced(good, "\"format\":", "\"format\":\"parmana-evidence/2\",\"format\":"),
        replaced(good, "\"claim_amount\":1200", "\"claim_amount\":1200,\"claim_amount\":1200"),
        replaced(good, "\"claim_amount\":1200", "\"claim_amount\":1200,\"claim\\u005famount\":1200"),
        replaced(good, "{\"checkpoint\"", "{\"a\":1,\"checkpoint\""),
        replaced(good, "\"inclusionProof\":{", "\"inclusionProof\":{\"a\":1,"),
        replaced(good, "\"policy\":{", "\"policy\":{\"a\":1,"),
        replaced(good, "\"envelope\":{", "\"envelope\":{\"a\":1,"),
        replaced(good, "\"signatures\":[{", "\"signatures\":[{\"a\":1,"),
        replaced(good, "\"record\":{", "\"record\":{\"a\":1,"),
        replaced(good, "\"runtimeManifest\":{", "\"runtimeManifest\":{\"a\":1,"),
        replaced(good, "\"checkpoint\":", "\"checkpoints\":"),
        replaced(good, "\"record\":{", "\"record\":[],\"recore\":{"),
    };
    for (const std::string& text : others) {
        const Report report = verify(text, {world().root.get()});
        EXPECT_EQ(report.exit_code(), 1) << text;
        EXPECT_NE(verify(text, {nullptr}).exit_code(), 0) << text;
    }
}

TEST(Evidence, Base64HasOneSpelling) {
    Evidence evidence = world().seal(honest_parts());
    // One byte of content leaves four unused bits in the spelling.
    evidence.policy.files["x"] = "A";
    const std::string text = render(evidence);
    ASSERT_NE(text.find(R"("x":"QQ==")"), std::string::npos);
    EXPECT_TRUE(parse_evidence(text));
    for (const char* other :
         {R"("x":"QR==")", R"("x":"QQ=")", R"("x":"QQ")", R"("x":"QQ==\n")", R"("x":"QQ==QQ==")",
          R"("x":"Q===")", R"("x":"_-==")", R"("x":" QQ==")", R"("x":[65])"}) {
        EXPECT_FALSE(parse_evidence(replaced(text, R"("x":"QQ==")", other))) << other;
    }
}

TEST(Evidence, AnotherTrustRootDoesNotVouchForIt) {
    trust::RootContent other = trust::samples::content(golden::kOrigin.value(), golden::kTenant.value());
    other.roles = {{trust::Role::root, trust::samples::members({11})},
                   {trust::Role::attestation, trust::samples::members({12})},
                   {trust::Role::log, trust::samples::members({13})},
                   {trust::Role::policy, trust::samples::members({14})}};
    const trust::Root other_keys = trust::samples::root(other, {11});
    const Report report = verify(good_file(), {&other_keys});
    EXPECT_EQ(report.exit_code(), 1);
    EXPECT_EQ(names(report, Outcome::failed),
              (Names{"trust_chain", "attestation_signature", "policy_signature", "checkpoint_signature",
                     "checkpoint_time", "previous_checkpoint"}));

    const std::string text = world().make_trust(trust::Origin("localhost/another"), golden::kTenant);
    const trust::Root other_origin = trust::Root::parse(text).value();
    EXPECT_EQ(names(verify(good_file(), {&other_origin}), Outcome::failed),
              (Names{"trust_chain", "binding", "checkpoint_signature", "previous_checkpoint"}));
}

/// Honest parts under a manifest, and so a policy hash, that was changed and signed by all who must.
Parts parts_with_manifest(std::string_view from, std::string_view to) {
    Parts parts = honest_parts();
    const auto old_hash = bundle::policy_hash(parts.policy);
    parts.policy.envelope.payload = replaced(parts.policy.envelope.payload, from, to);
    parts.policy.envelope.signatures.clear();
    for (const std::uint64_t seed : {4, 5})
        EXPECT_TRUE(dsse::add_signature(parts.policy.envelope, fixture::samples::key(seed)));
    const auto hash = bundle::policy_hash(parts.policy);
    parts.record = replaced(parts.record, to_wire(old_hash.value()), to_wire(hash.value()));
    parts.statement =
        replaced(parts.statement, to_hex(view_of(old_hash.value())), to_hex(view_of(hash.value())));
    return parts;
}

void expect_policy_not_judged(const Parts& parts) {
    const Report report = verify(render(world().seal(parts)), {world().root.get()});
    EXPECT_EQ(report.exit_code(), 3) << human_report(report);
    EXPECT_FALSE(report.valid());
    EXPECT_EQ(names(report, Outcome::not_judged), (Names{"policy_bundle", "signals_schema", "verdict"}));
    EXPECT_EQ(names(report, Outcome::failed), Names{});
    EXPECT_EQ(report.verdict, std::nullopt);
    EXPECT_EQ(outcome_of(report, "attestation_signature"), "passed");
    EXPECT_EQ(outcome_of(report, "policy_signature"), "passed");
    EXPECT_EQ(outcome_of(report, "checkpoint_signature"), "passed");
}

TEST(Evidence, AnUnknownLanguageProfileOrSchemaIsNotJudgedButItsSignaturesAre) {
    Parts verse = parts_with_manifest("parmana-rules/1", "parmana-verse/1");
    verse.statement = replaced(verse.statement, "parmana-rules/1", "parmana-verse/1");
    verse.redigest();
    expect_policy_not_judged(verse);
    Parts schema = parts_with_manifest(R"("schemaVersion":"1.0.0")", R"("schemaVersion":"7.0.0")");
    schema.redigest();
    expect_policy_not_judged(schema);
}

TEST(Evidence, AsManyPolicyKeysSignedAsTheRootAsksFor) {
    const Report good = verify(good_file(), {world().root.get()});
    EXPECT_EQ(outcome_of(good, "policy_signature"), "passed");
    Parts one = honest_parts();
    one.policy.envelope.signatures.pop_back();
    EXPECT_EQ(names(verify(render(world().seal(one)), {world().root.get()}), Outcome::failed),
              Names{"policy_signature"});
    Parts twice = honest_parts();
    twice.policy.envelope.signatures.back() = twice.policy.envelope.signatures.front();
    EXPECT_EQ(names(verify(render(world().seal(twice)), {world().root.get()}), Outcome::failed),
              Names{"format"});
    Parts nobody = honest_parts();
    nobody.policy.envelope.signatures.clear();
    EXPECT_EQ(names(verify(render(world().seal(nobody)), {world().root.get()}), Outcome::failed),
              Names{"policy_signature"});
}

TEST(Attestation, AloneItIsJudgedAsFarAsItGoes) {
    const auto envelope = world().seal(honest_parts()).attestation;
    const std::string text = attestation_text(envelope);
    const Report report = verify(text, {world().root.get()});
    EXPECT_EQ(report.kind, "attestation");
    EXPECT_EQ(report.exit_code(), 0) << human_report(report);
    EXPECT_EQ(names(report, Outcome::passed),
              (Names{"format", "trust_root", "attestation_signature", "statement", "binding"}));
    EXPECT_EQ(report.verdict, std::nullopt) << "nothing was re-derived";
    const Report untrusted = verify(text, {nullptr});
    EXPECT_EQ(untrusted.exit_code(), 3);
    EXPECT_EQ(names(untrusted, Outcome::failed), Names{});
}

TEST(Attestation, EveryFlippedByteMakesItInvalid) {
    const std::string good = attestation_text(world().seal(honest_parts()).attestation);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        ASSERT_EQ(exit_code(flipped), 1) << "byte " << i;
    }
}

TEST(Attestation, HasOneSpelling) {
    const std::string good = attestation_text(world().seal(honest_parts()).attestation);
    for (const std::string& text :
         {good + "\n", " " + good, replaced(good, "\",\"payloadType", "\", \"payloadType"),
          replaced(good, "{\"payload\"", "{\"a\":1,\"payload\"")}) {
        const Report report = verify(text, {world().root.get()});
        EXPECT_EQ(names(report, Outcome::failed), Names{"format"}) << text;
        EXPECT_EQ(report.exit_code(), 1);
    }
}

TEST(Attestation, OfAnotherOriginOrTenantIsNotOfThisTrustRoot) {
    const decide::Decision approval{&world().claims, &world().claims.policy.rules()[2]};
    const std::string body = claim("1200", "false");
    const Parts origin = world().state(body, approval, world().claims, trust::Origin("localhost/another"));
    const Parts tenant =
        world().state(body, approval, world().claims, golden::kOrigin, trust::Tenant("another"));
    Parts subject = honest_parts();
    subject.statement = replaced(subject.statement, "execution:order-7", "execution:order-8");
    for (const Parts& parts : {origin, tenant, subject}) {
        const Report report = verify(attestation_text(world().seal(parts).attestation), {world().root.get()});
        EXPECT_EQ(names(report, Outcome::failed), Names{"binding"}) << human_report(report);
    }
}

TEST(Attestation, OfARefusalSaysThatNothingWasAdmitted) {
    const decide::Refusal refusal{&world().claims, {Code::signal_missing, "", "/signals/vip_customer"}};
    const Parts parts = world().state(claim("1200", "false"), refusal, world().claims);
    const Report report = verify(attestation_text(world().seal(parts).attestation), {world().root.get()});
    EXPECT_EQ(report.exit_code(), 0) << human_report(report);
    EXPECT_EQ(report.verdict, std::nullopt);
    EXPECT_NE(human_report(report).find("a refusal: nothing was admitted"), std::string::npos);
    EXPECT_NE(json_report(report).find("a refusal: nothing was admitted"), std::string::npos);
    EXPECT_EQ(json_report(report).find("\"verdict\":\""), std::string::npos);

    Parts extended = parts;
    extended.statement = replaced(extended.statement, "\"code\":", "\"action\":\"approve\",\"code\":");
    EXPECT_EQ(names(verify(attestation_text(world().seal(extended).attestation), {world().root.get()}),
                    Outcome::failed),
              Names{"statement"})
        << "a refusal is as closed as a decision";
}

TEST(Report, WithoutAnyCheckIsNotValid) {
    EXPECT_EQ(Report{}.exit_code(), 3);
    EXPECT_FALSE(Report{}.valid());
}

TEST(Report, AsJsonIsCanonicalAndComplete) {
    for (const bool trusted : {true, false}) {
        for (const std::string& text : {good_file(), std::string("{}"), std::string("\xff")}) {
            const Report report = verify(text, {trusted ? world().root.get() : nullptr});
            const std::string out = json_report(report);
            const auto document = json::parse(out);
            ASSERT_TRUE(document) << out;
            EXPECT_TRUE(json::is_canonical(*document)) << out;
            const json::Value root = document->root();
            EXPECT_EQ(root.find("kind")->string(), report.kind);
            EXPECT_EQ(root.find("valid")->boolean(), report.exit_code() == 0);
            EXPECT_EQ(root.find("trustFingerprint").has_value(), trusted);
            EXPECT_EQ(root.find("verdict").has_value(), report.verdict.has_value());
            ASSERT_EQ(root.find("checks")->size(), report.checks.size());
            std::size_t i = 0;
            for (const json::Value check : root.find("checks")->elements()) {
                EXPECT_EQ(check.find("name")->string(), report.checks[i].name);
                EXPECT_EQ(check.find("outcome")->string(), wire_name(report.checks[i].outcome));
                EXPECT_EQ(check.find("detail")->string(), report.checks[i++].detail);
            }
        }
    }
}

TEST(Report, ForPeopleHasALineACheckAndTheFingerprint) {
    const Report report = verify(good_file(), {world().root.get()});
    const std::string text = human_report(report);
    for (const Check& check : report.checks)
        EXPECT_NE(text.find("ok    " + check.name), std::string::npos);
    EXPECT_NE(text.find("verdict re-derived: approved\n"), std::string::npos);
    EXPECT_NE(text.find("\nvalid\n"), std::string::npos);
    EXPECT_NE(text.find(to_wire(world().root->fingerprint())), std::string::npos);
    EXPECT_NE(human_report(verify(good_file(), {nullptr})).find("\nnot fully judged\n"), std::string::npos);
    EXPECT_NE(human_report(verify("{}", {nullptr})).find("\nINVALID\n"), std::string::npos);
}

TEST(Report, WhatAStrangerWroteCannotFakeOrHideALine) {
    Parts parts = honest_parts();
    parts.attestation_key = &world().stranger;
    for (const char* name : {R"(\nvalid\n)", R"(\u001b[2J)", R"(\r)", "\\u007f", "\xc2\x9b", "\xe2\x80\xae",
                             "\xe2\x80\xa8", "\xe2\x81\xa6", "\xd8\x9c"}) {
        Parts hostile = parts;
        // In canonical form escapes that need not be are not there.
        const auto spelled = json::parse(std::string("\"") + name + "\"").value();
        const std::string canonical = json::canonical(spelled.root());
        hostile.statement = replaced(hostile.statement, "execution:order-7",
                                     "x" + canonical.substr(1, canonical.size() - 2) + "y");
        const Report report = verify(render(world().seal(hostile)), {world().root.get()});
        ASSERT_EQ(outcome_of(report, "statement"), "passed") << "the name is in the detail";
        const std::string text = human_report(report);
        EXPECT_EQ(text.find(spelled.root().string()), std::string::npos) << text;
        EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<long>(report.checks.size()) + 2);
        EXPECT_EQ(text.find("\nvalid\n"), std::string::npos);
    }
    Parts plain = parts;
    plain.statement = replaced(plain.statement, "execution:order-7", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_NE(human_report(verify(render(world().seal(plain)), {nullptr}))
                  .find("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
              std::string::npos);
}

TEST(Attestation, OfAnEarlierKeyIsNotJudgedAlone) {
    trust::RootContent next = trust::successor_of(*world().root, 0);
    next.roles[trust::Role::attestation] = trust::samples::members({6});
    const trust::Root rotated = trust::samples::root(next);
    const std::string text = attestation_text(world().seal(honest_parts()).attestation);
    const Report report = verify(text, {&rotated});
    EXPECT_EQ(report.exit_code(), 3) << human_report(report);
    EXPECT_EQ(names(report, Outcome::not_judged), Names{"attestation_signature"});
    EXPECT_EQ(verify(text, {world().root.get()}).exit_code(), 0);
}

TEST(Results, EveryCheckAnswersExactlyOneQuestion) {
    Report good = verify(good_file(), {world().root.get()});
    for (const Finding& answer : results_of(good))
        EXPECT_TRUE(answer.passed) << answer.name << ": " << answer.reason;
    for (const char* name : {"group", "key_events", "held_head", "order", "range", "identities", "approvals"})
        good.checks.push_back({name, Outcome::passed, "of another kind of file"});
    for (const Outcome outcome : {Outcome::failed, Outcome::not_judged}) {
        for (std::size_t i = 0; i < good.checks.size(); ++i) {
            Report changed = good;
            changed.checks[i] = {good.checks[i].name, outcome, "the reason"};
            Names other;
            for (const Finding& answer : results_of(changed)) {
                if (answer.passed) continue;
                other.emplace_back(answer.name);
                EXPECT_EQ(answer.reason, good.checks[i].name + ": the reason");
            }
            EXPECT_EQ(other.size(), 1u) << good.checks[i].name;
        }
    }
    const Report nothing = verify("{}", {nullptr});
    for (const Finding& answer : results_of(nothing))
        EXPECT_FALSE(answer.passed) << answer.name << " is not passed where there was nothing to judge";
}

}  // namespace
}  // namespace parmana::verify
