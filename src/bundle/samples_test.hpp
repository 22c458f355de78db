// The policies and keys that the tests of bundles, decisions, attestations and evidence share. All in memory.
#pragma once

#include <string_view>

#include "bundle/bundle.hpp"
#include "trust/samples_test.hpp"

namespace parmana::bundle::samples {

/// The text of policies/claims-approval/1.0.0/policy.json.
inline constexpr std::string_view kClaimsApproval =
    R"({
  "policyId": "claims-approval",
  "policyVersion": "1.0.0",
  "schemaVersion": "1.0.0",
  "signalsSchema": {
    "claim_amount": {"type": "integer", "required": true, "minimum": 0},
    "vip_customer": {"type": "boolean", "required": true}
  },
  "rules": [
    {
      "id": "amount-over-limit",
      "condition": {"signal": "claim_amount", "greater_than": 50000},
      "outcome": {"action": "reject", "requires_override": false, "reason": "the claim is above 50000"}
    },
    {
      "id": "large-claim-needs-a-person",
      "condition": {
        "all": [
          {"signal": "claim_amount", "greater_than": 10000},
          {"not": {"signal": "vip_customer", "equals": true}}
        ]
      },
      "outcome": {"action": "review", "requires_override": true, "reason": )"
    R"("claims above 10000 need a person unless the customer is a VIP"}
    },
    {
      "id": "standard-approval",
      "condition": {"all": []},
      "outcome": {"action": "approve", "requires_override": false, "reason": "the claim is within the limits"}
    }
  ]
}
)";

/// Four signals, all required.
inline constexpr std::string_view kInsuredClaim = R"({
  "policyId": "insured-claim", "policyVersion": "2.1.0", "schemaVersion": "1.0.0",
  "signalsSchema": {
    "claim_amount": {"type": "integer", "required": true, "minimum": 0, "maximum": 1000000},
    "insurance_active": {"type": "boolean", "required": true},
    "risk_score": {"type": "integer", "required": true, "minimum": 0, "maximum": 100},
    "vip_customer": {"type": "boolean", "required": true}
  },
  "rules": [
    {"id": "not-insured", "condition": {"signal": "insurance_active", "equals": false},
     "outcome": {"action": "reject", "requires_override": false, "reason": "there is no active insurance"}},
    {"id": "risky", "condition": {"signal": "risk_score", "greater_than_or_equal": 80},
     "outcome": {"action": "reject", "requires_override": false, "reason": "the risk is too high"}},
    {"id": "large", "condition": {"all": [{"signal": "claim_amount", "greater_than": 10000},
                                          {"signal": "vip_customer", "equals": false}]},
     "outcome": {"action": "review", "requires_override": true, "reason": "a person looks at large claims"}},
    {"id": "rest", "condition": {"all": []},
     "outcome": {"action": "approve", "requires_override": false, "reason": "insured, and the risk is low"}}
  ]
})";

/// Every type of signal: a number, a text, a list of words, and an optional one.
inline constexpr std::string_view kRefund = R"({
  "policyId": "refund_desk", "policyVersion": "0.3.0-rc.1+build.7", "schemaVersion": "1.0.0",
  "signalsSchema": {
    "channel": {"type": "enum", "required": true, "values": ["phone", "shop", "web"]},
    "exchange_rate": {"type": "number", "required": true, "minimum": -1000, "maximum": 1e15},
    "note": {"type": "string", "required": true, "min_length": 1, "max_length": 12},
    "repeat": {"type": "boolean", "required": false}
  },
  "rules": [
    {"id": "shop", "condition": {"signal": "channel", "equals": "shop"},
     "outcome": {"action": "approve", "requires_override": false, "reason": "an der Kasse \u2713"}},
    {"id": "odd.rate", "condition": {"any": [{"signal": "exchange_rate", "less_than": 0.5},
                                             {"signal": "exchange_rate", "greater_than": 1.5}]},
     "outcome": {"action": "ask", "requires_override": true, "reason": "the rate is \"odd\""}},
    {"id": "again", "condition": {"all": [{"signal": "channel", "equals": "phone"},
                                          {"signal": "repeat", "equals": true}]},
     "outcome": {"action": "reject", "requires_override": false, "reason": "one refund a call"}},
    {"id": "rest", "condition": {"all": []},
     "outcome": {"action": "approve", "requires_override": false, "reason": "ok"}}
  ]
})";

/// The files of a bundle that holds nothing but this policy.
inline Files only(std::string_view policy) {
    return {{std::string(kPolicyFile), std::string(policy)}};
}

using trust::samples::key;

/// A payload as it is signed by one key, whatever it says.
inline dsse::Signed signed_by(std::string_view payload_type, std::string payload,
                              const dsse::SigningKey& key) {
    dsse::Signed out{std::string(payload_type), std::move(payload), {}};
    if (!dsse::add_signature(out, key)) out.signatures.clear();
    return out;
}

}  // namespace parmana::bundle::samples
