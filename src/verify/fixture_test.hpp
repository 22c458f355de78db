// A small world in memory that makes complete evidence: keys, trust root, signed policies, runtime manifest,
// log. It signs whatever it is given, so that tests can forge with the real keys.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "attest/golden_test.hpp"
#include "note/note.hpp"
#include "release/release.hpp"
#include "verify/chain_test.hpp"
#include "verify/verify.hpp"

namespace parmana::verify::fixture {

namespace samples = bundle::samples;
namespace golden = attest::golden;

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline decide::GovernedPolicy governed(bundle::Bundle bundle) {
    auto policy = bundle::open_files(bundle).value();
    const bundle::PolicyHash hash = bundle::policy_hash(bundle);
    return {std::move(policy), std::move(bundle), hash};
}

/// With the signatures of both policy keys: the world's root asks for two.
inline bundle::Bundle signed_by_both(bundle::Files files, const bundle::Terms& terms = {}) {
    bundle::Bundle out = bundle::make(std::move(files), samples::key(4), terms).value();
    EXPECT_TRUE(dsse::add_signature(out.envelope, samples::key(5)));
    return out;
}

inline decide::GovernedPolicy governed(std::string_view source) {
    return governed(signed_by_both(bundle::samples::only(source)));
}

/// What goes into an evidence file, before it is signed, logged and sealed.
struct Parts {
    std::string record;
    std::string statement;
    bundle::Bundle policy;
    std::string runtime_manifest;
    const dsse::SigningKey* attestation_key;
    const dsse::SigningKey* log_key;
    std::string payload_type{attest::kPayloadType};
    std::string checkpoint_origin;
    /// The head before, and who signs what in both heads.
    std::uint64_t previous_size = 3;
    std::string previous_origin = checkpoint_origin;
    std::int64_t previous_time = 1'790'000'000, time = 1'790'000'001;
    const dsse::SigningKey* previous_key = nullptr;  // the log key when there is none
    const dsse::SigningKey* time_key = nullptr;
    const dsse::SigningKey* previous_time_key = nullptr;
    std::optional<dsse::Signed> release = std::nullopt;
    /// Nothing: the world's root alone.
    const Chain* chain = nullptr;
    /// Attested by the log: the group that is signed, `first` to `first + count`.
    struct Grouped {
        std::uint64_t first = 2, count = 5;
        bool operator==(const Grouped&) const = default;
    };
    std::optional<Grouped> grouped = std::nullopt;

    /// The statement names this release, and it is enclosed; nothing is development again.
    void released_by(std::optional<dsse::Signed> by) {
        const auto named = [](const std::optional<dsse::Signed>& one) {
            if (!one) return std::string(R"("release":{"name":"development"})");
            return R"("release":{"digest":{"sha256":")" + to_hex(view_of(crypto::sha256(one->payload))) +
                   "\"}}";
        };
        statement = replaced(statement, named(release), named(by));
        release = std::move(by);
    }

    /// Makes the statement speak of the record as it is now.
    void redigest() {
        constexpr std::string_view kBefore = R"("subject":[{"digest":{"sha256":")";
        const auto at = statement.find(kBefore);
        ASSERT_NE(at, std::string::npos);
        statement.replace(at + kBefore.size(), 64, to_hex(view_of(crypto::sha256(record))));
    }
};

class World {
  public:
    static constexpr std::uint64_t kIndex = 4, kSize = 11;

    World()
        : blind_key_(golden::blind_key()),
          claims(governed(samples::kClaimsApproval)),
          insured(governed(samples::kInsuredClaim)),
          refund(governed(samples::kRefund)) {
        trust_text = make_trust(golden::kOrigin, golden::kTenant);
        root = std::make_unique<trust::Root>(trust::Root::parse(trust_text).value());
    }

    std::string make_trust(const trust::Origin& origin, const trust::Tenant& tenant) const {
        trust::RootContent content = trust::samples::content(origin.value(), tenant.value());
        content.roles[trust::Role::policy].threshold = 2;
        return trust::samples::signed_root(content, {1});
    }

    /// States a ruling, true or not: nothing here asks the policy.
    template <class Ruling>
    Parts state(const std::string& body, const Ruling& ruling, const decide::GovernedPolicy& enclosed,
                const trust::Origin& origin = golden::kOrigin,
                const trust::Tenant& tenant = golden::kTenant) const {
        const auto request = decide::parse_request(body).value();
        const auto runtime = attest::runtime_hash(golden::manifest());
        const attest::Scene scene{tenant, origin, runtime, blind_key_};
        const auto id = request.execution_id.value_or(decide::ExecutionId("order-7"));
        auto stated = attest::state(request, id, ruling, scene);
        return {std::move(stated.record),
                std::move(stated.statement),
                enclosed.bundle,
                golden::manifest(),
                &attestation_key,
                &log_key,
                std::string(attest::kPayloadType),
                golden::kOrigin.value()};
    }

    /// The honest ruling of one policy.
    Parts decided(const std::string& body, const decide::GovernedPolicy& policy) const {
        const auto request = decide::parse_request(body).value();
        const auto rule = decide::judge(policy.policy, request.signals, request.action);
        EXPECT_TRUE(rule) << body;
        return state(body, decide::Decision{&policy, rule.value()}, policy);
    }

    Evidence seal(const Parts& parts) const {
        Evidence out{};
        out.record = parts.record;
        out.policy = parts.policy;
        out.runtime_manifest = parts.runtime_manifest;
        out.release = parts.release;
        out.log_index = merkle::LeafIndex(kIndex);
        out.tree_size = merkle::TreeSize(kSize);
        if (parts.grouped) {
            out.attestation = {std::string(attest::kPayloadType), parts.statement, {}, {}};
        } else {
            out.attestation = dsse::sign(parts.payload_type, parts.statement, *parts.attestation_key).value();
        }
        const merkle::LeafHash own =
            parts.grouped ? merkle::hash_leaf(attest::statement_leaf_body(parts.statement))
                          : attest::leaf_hash(out.attestation, parts.attestation_key->public_key());
        merkle::Tree tree;
        for (std::uint64_t i = 0; i < kSize; ++i)
            tree.append(i == kIndex ? own : other_leaf(parts.chain, i));
        if (parts.grouped) out.group = seal_group(parts, tree);
        out.proof = tree.prove_inclusion(out.log_index, out.tree_size);
        if (parts.chain != nullptr) {
            out.trust = parts.chain->path(tree, scene());
        } else {
            out.trust.roots = {root->text()};
        }
        const auto or_log = [&](const dsse::SigningKey* one, std::uint64_t size) -> const dsse::SigningKey& {
            if (one != nullptr) return *one;
            return parts.chain != nullptr ? parts.chain->log(size) : log_key;
        };
        out.checkpoint = head({parts.checkpoint_origin, tree.size(), tree.root()}, *parts.log_key,
                              or_log(parts.time_key, kSize), parts.time);
        const merkle::TreeSize before(parts.previous_size);
        out.previous = Previous{head({parts.previous_origin, before, tree.root_at(before)},
                                     or_log(parts.previous_key, before.value()),
                                     or_log(parts.previous_time_key, before.value()), parts.previous_time),
                                tree.prove_consistency(before, tree.size())};
        return out;
    }

    merkle::LeafHash other_leaf(const Chain* chain, std::uint64_t index) const {
        const auto event = chain != nullptr ? chain->event_at(index) : std::nullopt;
        return event ? chain->event_leaf(*event, scene())
                     : merkle::hash_leaf("entry " + std::to_string(index));
    }

    /// Signed by those whose place it is in the chain.
    static Parts placed(Parts parts, const Chain& chain) {
        parts.chain = &chain;
        parts.attestation_key = &chain.attestation(kIndex);
        parts.log_key = &chain.log(kSize);
        return parts;
    }

    GroupProof seal_group(const Parts& parts, const merkle::Tree& tree) const {
        merkle::Tree group;
        for (std::uint64_t i = 0; i < parts.grouped->count; ++i)
            group.append(tree.leaf(merkle::LeafIndex(parts.grouped->first + i)));
        const attest::Group said{merkle::LeafIndex(parts.grouped->first), parts.grouped->count, group.root()};
        return {attest::sign(attest::state(said, scene()).statement, *parts.attestation_key).value(),
                group.prove_inclusion(merkle::LeafIndex(kIndex - parts.grouped->first), group.size())};
    }

    attest::Scene scene() const { return {golden::kTenant, golden::kOrigin, runtime_hash_, blind_key_}; }

    /// A release that admits this runtime, signed by the keys of these seeds.
    static dsse::Signed release(const std::vector<std::uint64_t>& seeds, std::string version = "0.1.0",
                                const std::string& runtime = golden::manifest(),
                                std::string_view type = release::kPayloadType) {
        release::Manifest manifest;
        manifest.artifacts.emplace("parmana", release::Artifact{crypto::sha256("parmana"), 7});
        manifest.counter = 1;
        manifest.runtime_hashes.insert(attest::runtime_hash(runtime).value());
        manifest.version = std::move(version);
        dsse::Signed out = release::draft(manifest)->envelope;
        out.payload_type = type;
        for (const std::uint64_t seed : seeds)
            EXPECT_TRUE(dsse::add_signature(out, Chain::key(seed)));
        return out;
    }

    /// Signed by one key, its time by another.
    static std::string head(const note::Checkpoint& checkpoint, const dsse::SigningKey& log,
                            const dsse::SigningKey& clock, std::int64_t time) {
        return note::sign_checkpoint(checkpoint, log.signer()).value() +
               note::cosign(note::checkpoint_body(checkpoint), checkpoint.origin, clock.signer(),
                            UnixSeconds(time))
                   .value();
    }

    /// The same in the first format: no head before, no times, no trust root.
    static Evidence first_format(Evidence evidence) {
        const auto head = note::parse_head(evidence.checkpoint).value();
        const std::string& note = evidence.checkpoint;
        evidence.checkpoint = note.substr(0, note.find('\n', head.text.size() + 1) + 1);
        evidence.previous.reset();
        evidence.trust = {};
        return evidence;
    }

    const dsse::SigningKey root_key = samples::key(1), attestation_key = samples::key(2),
                           log_key = samples::key(3), policy_key = samples::key(4),
                           stranger = samples::key(9);

  private:
    attest::BlindKey blind_key_;
    attest::RuntimeHash runtime_hash_ = attest::runtime_hash(golden::manifest());

  public:
    decide::GovernedPolicy claims, insured, refund;
    std::string trust_text;
    std::unique_ptr<const trust::Root> root;
};

inline std::string claim(std::string_view amount, std::string_view vip, std::string_view action = {}) {
    std::string signals = R"({"claim_amount":)";
    signals.append(amount).append(R"(,"vip_customer":)").append(vip).append("}");
    return golden::request(golden::kClaims, signals, action);
}

inline std::vector<std::string> names(const Report& report, Outcome outcome) {
    std::vector<std::string> out;
    for (const Check& check : report.checks) {
        if (check.outcome == outcome) out.push_back(check.name);
    }
    return out;
}

}  // namespace parmana::verify::fixture
