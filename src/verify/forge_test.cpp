// Evidence that lies, signed with the real keys: for each lie there is one check that finds it, and it is the
// only one that turns red.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>

#include "verify/fixture_test.hpp"

namespace parmana::verify {
namespace {

using fixture::claim;
using fixture::Parts;
using fixture::replaced;
using fixture::World;
using fixture::golden::request;
namespace golden = fixture::golden;

struct Forgery {
    std::string what;
    std::string failing;
    Evidence evidence;
};
using Forgeries = std::vector<Forgery>;

const World& world() {
    static const World the_world;
    return the_world;
}

const std::vector<const decide::GovernedPolicy*>& all_policies() {
    static const std::vector<const decide::GovernedPolicy*> policies = {&world().claims, &world().insured,
                                                                        &world().refund};
    return policies;
}

/// Signals that each of the three policies governs.
std::string governed_body(const decide::GovernedPolicy& policy) {
    if (&policy == &world().claims) return claim("1200", "false");
    if (&policy == &world().insured) {
        return request(golden::kInsured,
                       R"({"claim_amount":1,"insurance_active":true,"risk_score":1,"vip_customer":true})");
    }
    return request(golden::kRefund, R"({"channel":"web","exchange_rate":1,"note":"n"})");
}

/// Every combination of verdict, rule and reason that is not the right one.
void add_lies(Forgeries& out, const std::string& body, const decide::GovernedPolicy& policy,
              const policy::Rule* right) {
    for (const auto verdict :
         {policy::Verdict::approved, policy::Verdict::rejected, policy::Verdict::override_required}) {
        for (const policy::Rule& rule : policy.policy.rules()) {
            for (const policy::Rule& reason : policy.policy.rules()) {
                if (right != nullptr && verdict == right->outcome.verdict && &rule == right &&
                    &reason == right)
                    continue;
                policy::Rule lie = rule;
                lie.outcome.verdict = verdict;
                lie.outcome.reason = reason.outcome.reason;
                const Parts parts = world().state(body, decide::Decision{&policy, &lie}, policy);
                out.push_back({body + " is " + std::string(policy::wire_name(verdict)) + " by " + rule.id +
                                   " because of " + reason.id,
                               "verdict", world().seal(parts)});
            }
        }
    }
}

Forgeries wrong_verdicts() {
    Forgeries out;
    const auto& policy = world().claims;
    for (const std::string& body :
         {claim("1200", "false"), claim("20000", "false"), claim("50001", "true")}) {
        const auto parsed = decide::parse_request(body).value();
        add_lies(out, body, policy, decide::judge(policy.policy, parsed.signals, parsed.action).value());
    }
    // The signals fit, but the policy cannot decide on them: whatever was attested is a lie.
    add_lies(out, request(golden::kRefund, R"({"channel":"phone","exchange_rate":1,"note":"n"})"),
             world().refund, nullptr);
    policy::Rule invented = policy.policy.rules()[2];
    invented.id = "no-such-rule";
    const std::string body = claim("1200", "false");
    out.push_back({"a rule that the policy does not have", "verdict",
                   world().seal(world().state(body, decide::Decision{&policy, &invented}, policy))});
    return out;
}

Forgeries foreign_policies() {
    Forgeries out;
    for (const auto* stated : all_policies()) {
        const std::string body = governed_body(*stated);
        const std::string name = stated->policy.id().value();
        const Parts honest = world().decided(body, *stated);
        const policy::Rule& rule = stated->policy.rules().back();
        for (const auto* other : all_policies()) {
            if (other == stated) continue;
            const std::string pair = name + " with " + other->policy.id().value();
            Parts other_bundle = honest;
            other_bundle.policy = other->bundle;
            out.push_back({pair + " enclosed", "policy_hash", world().seal(other_bundle)});

            auto misnamed = fixture::governed(stated->bundle);
            misnamed.hash = other->hash;
            const Parts other_hash = world().state(body, decide::Decision{&misnamed, &rule}, *stated);
            out.push_back({pair + " named", "policy_hash", world().seal(other_hash)});
            Parts both = other_hash;
            both.policy = other->bundle;
            out.push_back({pair + " named and enclosed", "policy_bundle", world().seal(both)});
        }
        Parts altered = honest;
        std::string& text = altered.policy.files.at("policy.json");
        text = replaced(text, "\"reason\"", " \"reason\"");
        out.push_back({name + " altered", "policy_bundle", world().seal(altered)});
        Parts extra = honest;
        extra.policy.files.emplace("notes.txt", "");
        out.push_back({name + " with a file more", "policy_bundle", world().seal(extra)});
        Parts missing = honest;
        missing.policy.files.clear();
        out.push_back({name + " without its file", "policy_bundle", world().seal(missing)});
    }
    return out;
}

Forgeries lax_policies() {
    Forgeries out;
    const std::string source = replaced(std::string(bundle::samples::kClaimsApproval), "50000}", "90000}");
    const auto lax = fixture::governed(source);
    const std::string body = claim("60000", "true");
    Parts parts = world().decided(body, world().claims);
    parts.policy = lax.bundle;
    out.push_back({"a signed policy of the same name that allows more", "policy_hash", world().seal(parts)});
    const Parts honest = world().decided(body, world().claims);
    for (const auto& [from, to] :
         {std::pair{"\"schema\":{\"digest\":{\"sha256\":\"b", "\"schema\":{\"digest\":{\"sha256\":\"c"},
          std::pair{"parmana-rules/1", "parmana-rules/2"}}) {
        Parts changed = honest;
        changed.statement = replaced(changed.statement, from, to);
        out.push_back({std::string("a statement with ") + to, "policy_bundle", world().seal(changed)});
    }
    Parts claimed = honest;
    claimed.record = replaced(claimed.record, "\"policyVersion\":\"1.0.0\"", "\"policyVersion\":\"1.0.1\"");
    const auto at = std::string(R"({"policyId":"claims-approval","policyVersion":"1.0.1","signals":)") +
                    R"({"claim_amount":60000,"vip_customer":true}})";
    const auto old = decide::parse_request(body).value().fingerprint;
    claimed.record = replaced(claimed.record, to_wire(old.value()), to_wire(crypto::sha256(at)));
    claimed.statement = replaced(claimed.statement, "\"version\":\"1.0.0\"", "\"version\":\"1.0.1\"");
    claimed.redigest();
    out.push_back({"a version that the policy does not have", "policy_bundle", world().seal(claimed)});
    return out;
}

Forgeries ungoverned_signals() {
    Forgeries out;
    const auto add = [&out](std::string_view head, const decide::GovernedPolicy& policy,
                            const std::string& signals) {
        const std::string body = request(head, signals);
        for (const policy::Rule& rule : policy.policy.rules()) {
            const Parts parts = world().state(body, decide::Decision{&policy, &rule}, policy);
            out.push_back({signals + " by " + rule.id, "signals_schema", world().seal(parts)});
        }
    };
    for (const char* signals :
         {R"({})", R"({"claim_amount":1200})", R"({"vip_customer":false})",
          R"({"claim_amount":1200,"vip_customer":false,"note":"x"})",
          R"({"claim_amount":1200,"Vip_customer":true,"vip_customer":false})",
          R"({"claim_amount":-1,"vip_customer":false})", R"({"claim_amount":1.5,"vip_customer":true})",
          R"({"claim_amount":"1200","vip_customer":false})", R"({"claim_amount":null,"vip_customer":false})",
          R"({"claim_amount":true,"vip_customer":false})", R"({"claim_amount":[1200],"vip_customer":false})",
          R"({"claim_amount":{"a":1},"vip_customer":false})", R"({"claim_amount":1200,"vip_customer":null})",
          R"({"claim_amount":1200,"vip_customer":"false"})", R"({"claim_amount":1200,"vip_customer":0})"}) {
        add(golden::kClaims, world().claims, signals);
    }
    for (const char* signals : {R"({"channel":"fax","exchange_rate":1,"note":"n"})",
                                R"({"channel":"web","exchange_rate":1,"note":""})",
                                R"({"channel":"web","exchange_rate":1,"note":"thirteen long"})",
                                R"({"channel":"web","exchange_rate":-1000.5,"note":"n"})",
                                R"({"channel":"web","exchange_rate":1000000000000001,"note":"n"})",
                                R"({"channel":"web","exchange_rate":"1","note":"n"})",
                                R"({"channel":"web","exchange_rate":1,"note":"n","repeat":null})",
                                R"({"channel":1,"exchange_rate":1,"note":"n"})"}) {
        add(golden::kRefund, world().refund, signals);
    }
    return out;
}

Forgeries wrong_keys() {
    Forgeries out;
    const World& w = world();
    const Parts honest = w.decided(claim("1200", "false"), w.claims);
    const std::vector<std::pair<std::string, const dsse::SigningKey*>> keys = {
        {"root", &w.root_key},     {"attestation", &w.attestation_key}, {"log", &w.log_key},
        {"policy", &w.policy_key}, {"stranger's", &w.stranger},
    };
    for (const auto& [name, key] : keys) {
        if (key != &w.attestation_key) {
            Parts parts = honest;
            parts.attestation_key = key;
            out.push_back({"attested by the " + name + " key", "attestation_signature", w.seal(parts)});
        }
        if (key != &w.log_key) {
            Parts parts = honest;
            parts.log_key = key;
            out.push_back({"checkpoint by the " + name + " key", "checkpoint_signature", w.seal(parts)});
        }
        if (key != &w.policy_key) {
            Parts parts = honest;
            parts.policy.envelope =
                fixture::samples::signed_by(bundle::kPayloadType, parts.policy.envelope.payload, *key);
            out.push_back({"policy by the " + name + " key", "policy_signature", w.seal(parts)});
        }
    }
    Parts origin = honest;
    origin.checkpoint_origin = "localhost/another";
    out.push_back({"checkpoint of another origin", "checkpoint_signature", w.seal(origin)});
    Parts typed = honest;
    typed.policy.envelope =
        fixture::samples::signed_by(attest::kPayloadType, typed.policy.envelope.payload, w.policy_key);
    out.push_back({"policy signed as a statement", "policy_signature", w.seal(typed)});
    return out;
}

Forgeries other_kinds() {
    Forgeries out;
    const World& w = world();
    const Parts honest = w.decided(claim("1200", "false"), w.claims);
    Parts typed = honest;
    typed.payload_type = bundle::kPayloadType;
    out.push_back({"a statement under another payload type", "statement", w.seal(typed)});
    const decide::Refusal refusal{&w.claims, {Code::signal_missing, "", "/signals/claim_amount"}};
    const Parts refused = w.state(claim("1200", "false"), refusal, w.claims);
    out.push_back({"a refusal", "statement", w.seal(refused)});
    Parts dressed = refused;
    dressed.record = refused.record;
    dressed.statement = honest.statement;
    dressed.redigest();
    out.push_back({"a refusal's record under a decision", "binding", w.seal(dressed)});
    Parts relabelled = refused;
    relabelled.statement = replaced(relabelled.statement, "refusal/v1", "decision/v1");
    out.push_back({"a refusal called a decision", "statement", w.seal(relabelled)});
    Parts spaced = honest;
    spaced.statement = replaced(spaced.statement, ":", ": ");
    out.push_back({"a statement in another spelling", "statement", w.seal(spaced)});
    return out;
}

struct Change {
    const char* where;  // `record` or `statement`
    const char* from;
    const char* to;
};

constexpr Change kDisagreements[] = {
    {"statement", R"("executionId":"order-7")", R"("executionId":"order-8")"},
    {"statement", R"("name":"execution:order-7")", R"("name":"execution:order-8")"},
    {"statement", R"("tenant":"default")", R"("tenant":"other")"},
    {"statement", R"("origin":"localhost/0)", R"("origin":"localhost/1)"},
    {"statement", R"("decision":"approved")", R"("decision":"rejected")"},
    {"statement", R"("rule":"standard-approval")", R"("rule":"amount-over-limit")"},
    {"statement", R"("signalsDigest":"hmac-sha256:)", R"("signalsDigest":"hmac-sha256:0)"},
    {"statement", R"("actionDigest":"hmac-sha256:)", R"("actionDigest":"hmac-sha256:0)"},
    {"record", R"("executionId":"order-7")", R"("executionId":"order-8")"},
    {"record", R"("executionId":"order-7")", R"("executionId":"order 7")"},
    {"record", R"("tenant":"default")", R"("tenant":"other")"},
    {"record", R"("origin":"localhost/0)", R"("origin":"localhost/1)"},
    {"record", R"("policyId":"claims-approval")", R"("policyId":"claims_approval")"},
    {"record", R"("policyVersion":"1.0.0")", R"("policyVersion":"1.0.1")"},
    {"record", R"("policyHash":"sha256:)", R"("policyHash":"sha256:0)"},
    {"record", R"("executionFingerprint":"sha256:)", R"("executionFingerprint":"sha256:0)"},
    {"record", R"("action":{"type":"pay"},)", ""},
    {"record", R"("action":{"type":"pay"})", R"("action":{"type":"wire"})"},
    {"record", R"("claim_amount":1200)", R"("claim_amount":1201)"},
    {"record", R"("blindEpoch":1)", R"("blindEpoch":2)"},
    {"record", R"("kind":"decision")", R"("kind":"override")"},
    {"record", R"("kind":"decision",)", R"("kind":"decision","more":1,)"},
};

Forgeries disagreements() {
    Forgeries out;
    const World& w = world();
    const std::string body = claim("1200", "false", R"({"type":"pay"})");
    const Parts honest = w.decided(body, w.claims);
    for (const Change& change : kDisagreements) {
        Parts parts = honest;
        std::string& text = change.where == std::string_view("record") ? parts.record : parts.statement;
        text = replaced(text, change.from, change.to);
        parts.redigest();
        out.push_back({std::string(change.where) + " says " + change.to, "binding", w.seal(parts)});
    }
    const decide::Decision approval{&w.claims, &w.claims.policy.rules()[2]};
    const Parts origin = w.state(body, approval, w.claims, trust::Origin("localhost/another"));
    out.push_back({"decided at another origin", "binding", w.seal(origin)});
    const Parts tenant = w.state(body, approval, w.claims, golden::kOrigin, trust::Tenant("another"));
    out.push_back({"decided for another tenant", "binding", w.seal(tenant)});

    Parts swapped = honest;
    swapped.record = w.decided(claim("1201", "false", R"({"type":"pay"})"), w.claims).record;
    out.push_back({"the record of another decision", "record_digest", w.seal(swapped)});
    Parts runtime = honest;
    runtime.runtime_manifest = attest::runtime_manifest({"0.2.0", "", "", "", std::nullopt});
    out.push_back({"another runtime manifest", "runtime_hash", w.seal(runtime)});
    return out;
}

Forgeries wrong_places() {
    Forgeries out;
    Parts parts = world().decided(claim("1200", "false"), world().claims);
    parts.previous_size = 0;
    const Evidence honest = world().seal(parts);
    const auto add = [&](std::string what, const std::function<void(Evidence&)>& change) {
        out.push_back({std::move(what), "inclusion", honest});
        change(out.back().evidence);
    };
    for (std::uint64_t index = 0; index <= World::kSize; ++index) {
        if (index == World::kIndex) continue;
        add("entry " + std::to_string(index), [=](Evidence& e) { e.log_index = merkle::LeafIndex(index); });
    }
    for (const std::uint64_t size : {0, 1, 10, 12}) {
        add("a tree of " + std::to_string(size), [=](Evidence& e) { e.tree_size = merkle::TreeSize(size); });
    }
    for (std::size_t i = 0; i < honest.proof.size(); ++i) {
        add("an altered hash", [=](Evidence& e) { e.proof[i][0] ^= 1; });
        add("a missing hash", [=](Evidence& e) { e.proof.erase(e.proof.begin() + static_cast<long>(i)); });
    }
    add("a hash more", [](Evidence& e) { e.proof.emplace_back(); });
    add("no proof", [](Evidence& e) { e.proof.clear(); });
    Parts elsewhere = world().decided(claim("1201", "false"), world().claims);
    elsewhere.previous_size = 0;
    const Evidence other = world().seal(elsewhere);
    add("the head of another tree", [&other](Evidence& e) {
        e.checkpoint = other.checkpoint;
        e.previous->consistency = other.previous->consistency;
    });
    return out;
}

/// What the ledger says of the time before the entry, and which trust root is enclosed.
Forgeries wrong_heads() {
    Forgeries out;
    const World& w = world();
    const Parts honest = w.decided(claim("1200", "false"), w.claims);
    const auto add = [&](std::string what, std::string check, const std::function<void(Parts&)>& change) {
        Parts parts = honest;
        change(parts);
        out.push_back({std::move(what), std::move(check), w.seal(parts)});
    };
    for (const std::uint64_t size : {5, 7, 11}) {
        add("a head before of size " + std::to_string(size), "previous_checkpoint",
            [=](Parts& p) { p.previous_size = size; });
    }
    add("a head before of another log", "previous_checkpoint",
        [](Parts& p) { p.previous_origin = "localhost/x"; });
    for (const auto* key : {&w.stranger, &w.attestation_key, &w.policy_key, &w.root_key}) {
        add("a head before by another key", "previous_checkpoint", [=](Parts& p) { p.previous_key = key; });
        add("a time by another key", "checkpoint_time", [=](Parts& p) { p.time_key = key; });
    }
    add("times that run backwards", "checkpoint_time", [](Parts& p) { p.previous_time = p.time + 1; });
    const Evidence sealed = w.seal(honest);
    const auto alter = [&](std::string what, std::string check,
                           const std::function<void(Evidence&)>& change) {
        out.push_back({std::move(what), std::move(check), sealed});
        change(out.back().evidence);
    };
    for (std::size_t i = 0; i < sealed.previous->consistency.size(); ++i) {
        alter("an altered hash", "previous_checkpoint",
              [=](Evidence& e) { e.previous->consistency[i][5] ^= 1; });
    }
    alter("no consistency", "previous_checkpoint", [](Evidence& e) { e.previous->consistency.clear(); });
    alter("a hash more", "previous_checkpoint", [](Evidence& e) { e.previous->consistency.emplace_back(); });
    alter("another trust root", "trust_chain", [&](Evidence& e) {
        e.trust.roots = {w.make_trust(trust::Origin("localhost/another"), golden::kTenant)};
    });
    alter("no trust root at all", "trust_chain", [](Evidence& e) { e.trust.roots = {"{}"}; });
    return out;
}

/// Decisions without a signature of their own.
Forgeries wrong_groups() {
    Forgeries out;
    const World& w = world();
    Parts honest = w.decided(claim("1200", "false"), w.claims);
    honest.grouped = Parts::Grouped{};
    const Evidence sealed = w.seal(honest);
    for (const Parts::Grouped other : {Parts::Grouped{0, 4}, Parts::Grouped{5, 3}}) {
        Parts elsewhere = honest;
        elsewhere.grouped = other;
        out.push_back({"a group that it is not in", "group", sealed});
        merkle::Tree tree;
        for (std::uint64_t i = 0; i < World::kSize; ++i)
            tree.append(merkle::hash_leaf(std::to_string(i)));
        merkle::Tree part;
        for (std::uint64_t i = 0; i < other.count; ++i)
            part.append(tree.leaf(merkle::LeafIndex(other.first + i)));
        const attest::Group said{merkle::LeafIndex(other.first), other.count, part.root()};
        out.back().evidence.group->envelope =
            attest::sign(attest::state(said, w.scene()).statement, w.attestation_key).value();
    }
    const auto alter = [&](std::string what, std::string check,
                           const std::function<void(Evidence&)>& change) {
        out.push_back({std::move(what), std::move(check), sealed});
        change(out.back().evidence);
    };
    for (std::size_t i = 0; i < sealed.group->hashes.size(); ++i)
        alter("an altered hash", "group", [=](Evidence& e) { e.group->hashes[i][0] ^= 1; });
    alter("a missing hash", "group", [](Evidence& e) { e.group->hashes.pop_back(); });
    alter("a hash more", "group", [](Evidence& e) { e.group->hashes.emplace_back(); });
    alter("another payload type", "group", [&](Evidence& e) {
        e.group->envelope =
            dsse::sign(bundle::kPayloadType, e.group->envelope.payload, w.attestation_key).value();
    });
    alter("a decision as the group", "group", [&](Evidence& e) {
        e.group->envelope = attest::sign(e.attestation.payload, w.attestation_key).value();
    });
    for (const auto& [from, to] :
         {std::pair{"\"tenant\":\"default\"", "\"tenant\":\"other\""}, std::pair{"group:2", "group:1"},
          std::pair{"\"count\":5", "\"count\":6"}}) {
        alter(to, "group", [&](Evidence& e) {
            e.group->envelope =
                attest::sign(replaced(e.group->envelope.payload, from, to), w.attestation_key).value();
        });
    }
    for (const auto* key : {&w.stranger, &w.log_key, &w.policy_key, &w.root_key}) {
        Parts parts = honest;
        parts.attestation_key = key;
        out.push_back({"a group by another key", "attestation_signature", w.seal(parts)});
    }
    Parts other = w.decided(claim("1201", "false"), w.claims);
    other.grouped = honest.grouped;
    alter("the record of another decision", "record_digest", [&](Evidence& e) { e.record = other.record; });
    return out;
}

void expect_only(const Forgery& forgery) {
    const std::string text = render(forgery.evidence);
    const Report report = verify(text, {world().root.get()});
    EXPECT_EQ(fixture::names(report, Outcome::failed), std::vector<std::string>{forgery.failing})
        << forgery.what << "\n"
        << human_report(report);
    EXPECT_EQ(report.exit_code(), 1) << forgery.what;
    EXPECT_FALSE(report.valid()) << forgery.what;
    // Without a trust root it must not look better than not fully judged.
    EXPECT_NE(verify(text, {nullptr}).exit_code(), 0) << forgery.what;
}

void expect_each(const Forgeries& forgeries) {
    for (const Forgery& forgery : forgeries)
        expect_only(forgery);
}

TEST(Forge, AWrongVerdictIsFoundByDerivingItAgain) {
    const Forgeries lies = wrong_verdicts();
    EXPECT_GE(lies.size(), 78u);
    expect_each(lies);
    for (const Forgery& lie : lies) {
        EXPECT_TRUE(
            fixture::names(verify(render(lie.evidence), {world().root.get()}), Outcome::not_judged).empty())
            << "all but the verdict is in order";
    }
}

TEST(Forge, AnotherPolicyIsFoundByItsHashOrItsFiles) {
    expect_each(foreign_policies());
    expect_each(lax_policies());
}

TEST(Forge, SignalsOutsideTheSchemaAreFound) {
    expect_each(ungoverned_signals());
}

TEST(Forge, AKeySpeaksInItsOwnRoleOnly) {
    expect_each(wrong_keys());
}

TEST(Forge, OnlyADecisionIsADecision) {
    expect_each(other_kinds());
}

TEST(Forge, RecordStatementAndRuntimeBelongTogether) {
    expect_each(disagreements());
}

TEST(Forge, TheEntryStandsWhereItIsSaidToStand) {
    expect_each(wrong_places());
}

TEST(Forge, TheHeadsAroundTheEntryAreOfThisLog) {
    expect_each(wrong_heads());
}

TEST(Forge, AGroupVouchesForItsOwnEntriesOnly) {
    expect_each(wrong_groups());
}

TEST(Forge, ThereAreAtLeastFiftyCases) {
    std::size_t count = 0;
    for (const auto table : {wrong_verdicts, foreign_policies, lax_policies, ungoverned_signals, wrong_keys,
                             other_kinds, disagreements, wrong_places, wrong_heads, wrong_groups}) {
        count += table().size();
    }
    std::cout << "forged with the real keys: " << count << " cases\n";
    RecordProperty("cases", static_cast<int>(count));
    EXPECT_GE(count, 50u);
}

}  // namespace
}  // namespace parmana::verify
