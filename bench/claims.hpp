// The policy `claims-bench` of four signals and six rules, in both language profiles, and its inputs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parmana::bench {

/// parmana-rules/1.
inline constexpr std::string_view kClaimsRules = R"({
  "policyId": "claims-bench", "policyVersion": "1.0.0", "schemaVersion": "1.0.0",
  "signalsSchema": {
    "claim_amount": {"type": "integer", "required": true, "minimum": 0, "maximum": 10000000},
    "insurance_active": {"type": "boolean", "required": true},
    "risk_score": {"type": "integer", "required": true, "minimum": 0, "maximum": 100},
    "vip_customer": {"type": "boolean", "required": true}
  },
  "rules": [
    {"id": "not-insured", "condition": {"signal": "insurance_active", "equals": false},
     "outcome": {"action": "reject", "requires_override": false, "reason": "no active insurance"}},
    {"id": "risk-too-high", "condition": {"signal": "risk_score", "greater_than_or_equal": 90},
     "outcome": {"action": "reject", "requires_override": false, "reason": "the risk is too high"}},
    {"id": "vip-fast-lane", "condition": {"all": [
        {"signal": "vip_customer", "equals": true}, {"signal": "claim_amount", "less_than_or_equal": 20000}]},
     "outcome": {"action": "approve", "requires_override": false, "reason": "a VIP within the limit"}},
    {"id": "needs-a-person", "condition": {"any": [
        {"signal": "claim_amount", "greater_than": 10000},
        {"all": [{"signal": "risk_score", "greater_than": 65},
                 {"signal": "claim_amount", "greater_than": 1000}]}]},
     "outcome": {"action": "review", "requires_override": true, "reason": "large, or risky and not small"}},
    {"id": "small-and-calm", "condition": {"all": [
        {"signal": "risk_score", "less_than": 65}, {"signal": "claim_amount", "less_than_or_equal": 10000}]},
     "outcome": {"action": "approve", "requires_override": false, "reason": "within the limits"}},
    {"id": "otherwise", "condition": {"all": []},
     "outcome": {"action": "reject", "requires_override": false, "reason": "no rule approves"}}
  ]
})";

/// parmana-cel/1; says the same.
inline constexpr std::string_view kClaimsCel = R"({
  "languageProfile": "parmana-cel/1",
  "policyId": "claims-bench", "policyVersion": "1.0.0", "schemaVersion": "1.1.0", "hitPolicy": "first",
  "signalsSchema": {
    "claim_amount": {"type": "integer", "required": true, "minimum": 0, "maximum": 10000000},
    "insurance_active": {"type": "boolean", "required": true},
    "risk_score": {"type": "integer", "required": true, "minimum": 0, "maximum": 100},
    "vip_customer": {"type": "boolean", "required": true}
  },
  "rules": [
    {"id": "not-insured", "condition": "!signals.insurance_active",
     "outcome": {"action": "reject", "requires_override": false, "reason": "no active insurance"}},
    {"id": "risk-too-high", "condition": "signals.risk_score >= 90",
     "outcome": {"action": "reject", "requires_override": false, "reason": "the risk is too high"}},
    {"id": "vip-fast-lane", "condition": "signals.vip_customer && signals.claim_amount <= 20000",
     "outcome": {"action": "approve", "requires_override": false, "reason": "a VIP within the limit"}},
    {"id": "needs-a-person",
     "condition": "signals.claim_amount > 10000 || signals.risk_score > 65 && signals.claim_amount > 1000",
     "outcome": {"action": "review", "requires_override": true, "reason": "large, or risky and not small"}},
    {"id": "small-and-calm", "condition": "signals.risk_score < 65 && signals.claim_amount <= 10000",
     "outcome": {"action": "approve", "requires_override": false, "reason": "within the limits"}},
    {"id": "otherwise",
     "outcome": {"action": "reject", "requires_override": false, "reason": "no rule approves"}}
  ]
})";

inline constexpr std::uint64_t kClaims = 1024;  // a power of two

/// The signals of the i-th claim: amounts, scores and flags walk through all rules.
inline std::string claim(std::uint64_t i) {
    const std::uint64_t mixed = i * 2654435761u % 4294967296u;
    return R"({"claim_amount":)" + std::to_string(mixed % 25'000) + R"(,"insurance_active":)" +
           (mixed % 11 == 0 ? "false" : "true") + R"(,"risk_score":)" + std::to_string(mixed / 64 % 101) +
           R"(,"vip_customer":)" + (mixed % 5 == 0 ? "true" : "false") + "}";
}

}  // namespace parmana::bench
