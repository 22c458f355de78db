// Exports that lie, signed with the real keys: for each lie there is one check that finds it, and it is the
// only one that turns red.
#include "verify/export.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "verify/fixture_test.hpp"

namespace parmana::verify {
namespace {

using fixture::claim;
using fixture::names;
using fixture::Parts;
using fixture::World;
namespace golden = fixture::golden;

const World& world() {
    static const World the_world;
    return the_world;
}

std::string with_id(std::string body, const std::string& id) {
    return body.insert(1, R"("executionId":")" + id + "\",");
}

/// A ledger as its operator could write it, with whatever keys.
struct Ledger {
    std::vector<ExportedEntry> entries;
    merkle::Tree tree;
    std::map<std::size_t, std::vector<std::string>> before;  // lines that stand before an entry
    bool policy_is_told = false;
    const bundle::Bundle* policy = &world().claims.bundle;

    void add(EntryKind kind, const attest::Stated& stated, const dsse::SigningKey* key) {
        ExportedEntry entry{merkle::LeafIndex(entries.size()), kind, key == nullptr, {}, stated.record};
        if (key == nullptr) {
            entry.attestation = {std::string(attest::kPayloadType), stated.statement, {}, {}};
            tree.append(merkle::hash_leaf(attest::statement_leaf_body(stated.statement)));
        } else {
            entry.attestation = attest::sign(stated.statement, *key).value();
            tree.append(attest::leaf_hash(entry.attestation, key->public_key()));
        }
        if (!policy_is_told && kind != EntryKind::group) {
            before[entries.size()] = {render_policy_line(*policy), render_runtime_line(golden::manifest())};
            policy_is_told = true;
        }
        entries.push_back(std::move(entry));
    }
    static attest::Stated decision(const std::string& id, const std::string& amount = "1200") {
        const Parts parts = world().decided(with_id(claim(amount, "false"), id), world().claims);
        return {parts.record, parts.statement};
    }
    void decide(const std::string& id) { add(EntryKind::decision, decision(id), &world().attestation_key); }
    void by_log(const std::string& id) { add(EntryKind::decision, decision(id), nullptr); }
    void group(std::uint64_t first, std::uint64_t count) {
        merkle::Tree part;
        for (std::uint64_t i = first; i < first + count; ++i)
            part.append(tree.leaf(merkle::LeafIndex(i)));
        const attest::Group said{merkle::LeafIndex(first), count, part.root()};
        add(EntryKind::group, attest::state(said, world().scene()), &world().attestation_key);
    }
    void refuse(const std::string& body, Code code, const std::string& pointer) {
        const decide::Refusal refusal{&world().claims, {code, "", pointer}};
        const Parts parts = world().state(body, refusal, world().claims);
        add(EntryKind::refusal, {parts.record, parts.statement}, &world().attestation_key);
    }
    void replay(const std::string& id) {
        const attest::Replays replays{decide::ExecutionId(id), "execution_identity_consumed", 3};
        add(EntryKind::replay, attest::state(replays, world().scene()), &world().attestation_key);
    }
    void policy_event() {
        const attest::PolicyEvent event{attest::PolicyChange::activated, "claims-approval", "1.0.0",
                                        to_hex(view_of(world().claims.hash.value()))};
        add(EntryKind::policy, attest::state(event, world().scene()), &world().attestation_key);
    }

    Manifest manifest(std::uint64_t first, std::uint64_t count, Level level) const {
        Manifest out{};
        out.level = level;
        out.origin = golden::kOrigin.value();
        out.tenant = golden::kTenant.value();
        out.first = merkle::LeafIndex(first);
        out.count = count;
        const auto head = [&](merkle::TreeSize size, std::int64_t time) {
            return World::head({out.origin, size, tree.root_at(size)}, world().log_key, world().log_key,
                               time);
        };
        out.checkpoint = head(tree.size(), 1'790'000'001);
        const merkle::TreeSize old(first / 2);
        out.previous = Previous{head(old, 1'790'000'000), tree.prove_consistency(old, tree.size())};
        out.range = tree.prove_range(out.first, count, tree.size());
        out.trust.roots = {world().root->text()};
        return out;
    }
    std::vector<std::string> lines(std::uint64_t first, std::uint64_t count,
                                   Level level = Level::full) const {
        std::vector<std::string> out{render(manifest(first, count, level))};
        for (std::uint64_t i = first; i < first + count; ++i) {
            ExportedEntry entry = entries[i];
            if (level == Level::statements) entry.record.clear();
            if (const auto found = before.find(i); found != before.end() && level == Level::full)
                out.insert(out.end(), found->second.begin(), found->second.end());
            out.push_back(render(entry));
        }
        return out;
    }
    std::vector<std::string> all() const { return lines(0, entries.size()); }
};

Report judge(const std::vector<std::string>& lines, const trust::Root* root = world().root.get(),
             std::optional<std::string> held = std::nullopt) {
    ExportVerifier verifier({root, nullptr, std::move(held)});
    for (const std::string& line : lines) {
        if (!verifier.line(line)) break;
    }
    return verifier.finish();
}

Ledger good() {
    Ledger out;
    out.policy_event();
    out.decide("one");
    out.decide("two");
    out.by_log("three");
    out.by_log("four");
    out.group(3, 2);
    out.replay("one");
    out.refuse(with_id(claim("-5", "false"), "five"), Code::signal_range, "/signals/claim_amount");
    out.decide("six");
    return out;
}

TEST(Export, OfAnHonestLedgerIsValid) {
    const Report report = judge(good().all());
    EXPECT_EQ(report.exit_code(), 0) << human_report(report);
}

TEST(Export, OfStatementsIsNotJudgedWhereThereIsNothingToJudge) {
    const Ledger ledger = good();
    const Report report = judge(ledger.lines(0, ledger.entries.size(), Level::statements));
    EXPECT_EQ(report.exit_code(), 3) << human_report(report);
    EXPECT_EQ(names(report, Outcome::not_judged).size(), 8U);
    EXPECT_TRUE(names(report, Outcome::failed).empty());
}

TEST(Export, WithoutATrustRootProvesNothing) {
    EXPECT_EQ(judge(good().all(), nullptr).exit_code(), 3);
}

TEST(Export, OfARangeThatCutsThroughAGroupSaysSo) {
    const Ledger ledger = good();
    for (const auto& [first, count] : {std::pair(4, 3), std::pair(2, 3)}) {
        auto lines = ledger.lines(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(count));
        lines.insert(lines.begin() + 1, ledger.before.at(0).begin(), ledger.before.at(0).end());
        const Report report = judge(lines);
        EXPECT_EQ(names(report, Outcome::not_judged), std::vector<std::string>{"group"})
            << human_report(report);
        EXPECT_TRUE(names(report, Outcome::failed).empty()) << human_report(report);
    }
}

TEST(Export, LinesAreReadBackAsTheyWereWritten) {
    const Ledger ledger = good();
    const auto manifest = parse_manifest(ledger.all().front());
    ASSERT_TRUE(manifest);
    EXPECT_EQ(render(*manifest), ledger.all().front());
    EXPECT_TRUE(looks_like_export(ledger.all().front()));
    EXPECT_FALSE(looks_like_export(R"({"record":{"signals":{"format":"parmana-export/1"}}})"));
}

TEST(Export, AHeldHeadIsComparedAtEverySizeWithinTheRange) {
    const Ledger ledger = good();
    Ledger other;
    for (const char* id : {"a", "b", "c", "d", "e", "f", "g", "h", "i"})
        other.decide(id);
    for (std::uint64_t size = 0; size <= ledger.entries.size(); ++size) {
        const merkle::TreeSize at(size);
        const auto note = [&](const merkle::Tree& tree, const dsse::SigningKey& key) {
            return World::head({golden::kOrigin.value(), at, tree.root_at(at)}, key, key, 1'790'000'000);
        };
        const auto of = [&](std::string held) {
            return judge(ledger.all(), world().root.get(), std::move(held)).exit_code();
        };
        EXPECT_EQ(of(note(ledger.tree, world().log_key)), 0) << size;
        EXPECT_EQ(of(note(ledger.tree, world().stranger)), 1) << size;
        EXPECT_EQ(of(note(other.tree, world().log_key)), size == 0 ? 0 : 1) << size;
    }
    const merkle::TreeSize beyond(ledger.entries.size() + 1);
    EXPECT_EQ(judge(ledger.all(), world().root.get(),
                    World::head({golden::kOrigin.value(), beyond, merkle::empty_root()}, world().log_key,
                                world().log_key, 1'790'000'000))
                  .exit_code(),
              3);
}

TEST(Export, AWitnessPolicySaysWhoseCosignaturesMustBeThere) {
    const Ledger ledger = good();
    const dsse::SigningKey anna = fixture::samples::key(21);
    const auto policy = note::WitnessPolicy::parse(
        "witness anna " +
        note::verifier_key("witness.example", anna.public_key(), note::KeyType::cosignature) +
        "\nquorum anna\n");
    ASSERT_TRUE(policy) << policy.error().detail;
    const auto outcome = [&](const std::string& note, const note::WitnessPolicy* witnesses) {
        auto lines = ledger.all();
        Manifest manifest = ledger.manifest(0, ledger.entries.size(), Level::full);
        if (!note.empty()) manifest.checkpoint = note;
        lines.front() = render(manifest);
        ExportVerifier verifier({world().root.get(), witnesses, std::nullopt});
        for (const std::string& line : lines)
            EXPECT_TRUE(verifier.line(line));
        const Report report = verifier.finish();
        EXPECT_EQ(report.checks.back().name, "witnesses");
        return report.checks.back().outcome;
    };
    const std::string bare = ledger.manifest(0, 1, Level::full).checkpoint;
    const auto cosigned_by = [&](const dsse::SigningKey& key) {
        const std::string text = note::parse_head(bare)->text;
        const std::string line = note::cosign(text, "witness.example", key.signer(), UnixSeconds(5)).value();
        return note::add_cosignatures(bare, std::vector{line}).value();
    };
    EXPECT_EQ(outcome({}, nullptr), Outcome::passed);
    EXPECT_EQ(outcome({}, &*policy), Outcome::failed);
    EXPECT_EQ(outcome(cosigned_by(anna), nullptr), Outcome::not_judged);
    EXPECT_EQ(outcome(cosigned_by(anna), &*policy), Outcome::passed);
    EXPECT_EQ(outcome(cosigned_by(world().stranger), &*policy), Outcome::failed);
}

struct Lie {
    std::string what;
    std::string failing;
    std::function<void(Ledger&)> tell;
};

const std::vector<Lie>& lies() {
    static const std::vector<Lie> all{
        {"an identity is consumed twice", "identities", [](Ledger& ledger) { ledger.decide("two"); }},
        {"an identity is consumed again in a group", "identities",
         [](Ledger& ledger) {
             ledger.by_log("one");
             ledger.group(9, 1);
         }},
        {"a verdict that the policy does not give", "verdict",
         [](Ledger& ledger) {
             policy::Rule rule =
                 *decide::judge(world().claims.policy,
                                json::parse(R"({"claim_amount":1200,"vip_customer":false})")->root(),
                                std::nullopt)
                      .value();
             rule.outcome.verdict = policy::Verdict::override_required;
             const Parts parts = world().state(with_id(claim("1200", "false"), "lie"),
                                               decide::Decision{&world().claims, &rule}, world().claims);
             ledger.add(EntryKind::decision, {parts.record, parts.statement}, &world().attestation_key);
         }},
        {"a refusal of what the policy decides", "verdict",
         [](Ledger& ledger) {
             ledger.refuse(with_id(claim("1200", "false"), "lie"), Code::signal_range,
                           "/signals/claim_amount");
         }},
        {"a refusal with another code", "verdict",
         [](Ledger& ledger) {
             ledger.refuse(with_id(claim("-5", "false"), "lie"), Code::signal_type, "/signals/claim_amount");
         }},
        {"a record about another one", "record_digest",
         [](Ledger& ledger) {
             attest::Stated stated = Ledger::decision("lie");
             stated.record = Ledger::decision("lie", "1201").record;
             ledger.add(EntryKind::decision, stated, &world().attestation_key);
         }},
        {"a decision of another tenant", "binding",
         [](Ledger& ledger) {
             const auto request = decide::parse_request(with_id(claim("1200", "false"), "lie")).value();
             const auto rule = decide::judge(world().claims.policy, request.signals, request.action).value();
             const Parts parts = world().state(with_id(claim("1200", "false"), "lie"),
                                               decide::Decision{&world().claims, rule}, world().claims,
                                               golden::kOrigin, trust::Tenant("another"));
             ledger.add(EntryKind::decision, {parts.record, parts.statement}, &world().attestation_key);
         }},
        {"entries that nobody vouches for", "group", [](Ledger& ledger) { ledger.by_log("lie"); }},
        {"entries that nobody vouches for, before others", "group",
         [](Ledger& ledger) {
             ledger.by_log("lie");
             ledger.decide("more");
         }},
        {"a group that leaves one out", "group",
         [](Ledger& ledger) {
             ledger.by_log("lie");
             ledger.by_log("more");
             ledger.group(10, 1);
         }},
        {"a group over entries that were signed", "group", [](Ledger& ledger) { ledger.group(7, 2); }},
        {"a kind that the statement is not", "statement",
         [](Ledger& ledger) {
             const auto stated =
                 attest::state(attest::Replays{decide::ExecutionId("one"), "code", 1}, world().scene());
             ledger.add(EntryKind::policy, stated, &world().attestation_key);
         }},
    };
    return all;
}

TEST(Export, EveryLieIsFoundByItsCheckAlone) {
    for (const Lie& lie : lies()) {
        Ledger ledger = good();
        lie.tell(ledger);
        const Report report = judge(ledger.all());
        EXPECT_EQ(names(report, Outcome::failed), std::vector<std::string>{lie.failing})
            << lie.what << "\n"
            << human_report(report);
    }
}

TEST(Export, WhatIsSignedByAStrangerIsFound) {
    Ledger ledger = good();
    ledger.add(EntryKind::decision, Ledger::decision("lie"), &world().stranger);
    EXPECT_EQ(names(judge(ledger.all()), Outcome::failed), std::vector<std::string>{"attestation_signature"});

    Ledger unsigned_policy;
    const auto forged = bundle::make(world().claims.bundle.files, world().stranger).value();
    unsigned_policy.policy = &forged;
    unsigned_policy.policy_event();
    unsigned_policy.decide("one");
    EXPECT_EQ(names(judge(unsigned_policy.all()), Outcome::failed),
              std::vector<std::string>{"policy_signature"});
}

TEST(Export, AHeadBeforeThatIsNotOneIsFound) {
    const Ledger ledger = good();
    auto lines = ledger.all();
    Manifest manifest = ledger.manifest(0, ledger.entries.size(), Level::full);
    const merkle::TreeSize none(0);
    const auto with = [&](const std::string& note) {
        manifest.previous = Previous{note, {}};
        lines.front() = render(manifest);
        return names(judge(lines), Outcome::failed);
    };
    const note::Checkpoint empty{golden::kOrigin.value(), none, merkle::empty_root()};
    EXPECT_TRUE(with(World::head(empty, world().log_key, world().log_key, 1)).empty());
    EXPECT_EQ(with(World::head(empty, world().log_key, world().log_key, 1'890'000'000)),
              std::vector<std::string>{"checkpoint_time"});
    EXPECT_EQ(with(World::head(empty, world().stranger, world().log_key, 1)),
              std::vector<std::string>{"previous_checkpoint"});
    const note::Checkpoint wrong{golden::kOrigin.value(), none, merkle::Root(crypto::sha256("x"))};
    EXPECT_EQ(with(World::head(wrong, world().log_key, world().log_key, 1)),
              std::vector<std::string>{"previous_checkpoint"});
}

}  // namespace
}  // namespace parmana::verify
