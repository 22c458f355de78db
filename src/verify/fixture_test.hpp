// A small world in memory that makes complete evidence: keys, trust root, signed policies, runtime manifest,
// log. It signs whatever it is given, so that tests can forge with the real keys.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "attest/golden_test.hpp"
#include "note/note.hpp"
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

inline decide::GovernedPolicy governed(std::string_view source) {
    return governed(bundle::make(bundle::samples::only(source), samples::key(4)).value());
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
        return trust::make_root({tenant,
                                 origin,
                                 "2036-01-01T00:00:00Z",
                                 {{trust::Role::root, {root_key.public_key()}},
                                  {trust::Role::attestation, {attestation_key.public_key()}},
                                  {trust::Role::log, {log_key.public_key()}},
                                  {trust::Role::policy, {policy_key.public_key()}}}},
                                root_key.signer())
            .value();
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
        Evidence out{parts.record,
                     dsse::sign(parts.payload_type, parts.statement, *parts.attestation_key).value(),
                     parts.policy,
                     parts.runtime_manifest,
                     merkle::LeafIndex(kIndex),
                     merkle::TreeSize(kSize),
                     {},
                     {}};
        merkle::Tree tree;
        for (std::uint64_t i = 0; i < kSize; ++i) {
            tree.append(i == kIndex ? attest::leaf_hash(out.attestation, parts.attestation_key->public_key())
                                    : merkle::hash_leaf("entry " + std::to_string(i)));
        }
        out.proof = tree.prove_inclusion(out.log_index, out.tree_size);
        out.checkpoint = note::sign_checkpoint({parts.checkpoint_origin, tree.size(), tree.root()},
                                               parts.log_key->signer())
                             .value();
        return out;
    }

    const dsse::SigningKey root_key = samples::key(1), attestation_key = samples::key(2),
                           log_key = samples::key(3), policy_key = samples::key(4),
                           stranger = samples::key(9);

  private:
    attest::BlindKey blind_key_;

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
