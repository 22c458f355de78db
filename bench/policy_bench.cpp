// policy/evaluate (bound slots to rule), policy/bind+evaluate (parsed signals to rule) and
// policy/parse+bind+evaluate (text to rule), on a policy of four signals and six rules.
#include "base/invariant.hpp"
#include "bench.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::bench {
namespace {

constexpr std::string_view kPolicy = R"({
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

constexpr std::uint64_t kInputs = 1024;  // a power of two

// The i-th input: amounts, scores and flags walk through all rules.
std::string signals_of(std::uint64_t i) {
    const std::uint64_t mixed = i * 2654435761u % 4294967296u;
    return R"({"claim_amount":)" + std::to_string(mixed % 25'000) + R"(,"insurance_active":)" +
           (mixed % 11 == 0 ? "false" : "true") + R"(,"risk_score":)" + std::to_string(mixed / 64 % 101) +
           R"(,"vip_customer":)" + (mixed % 5 == 0 ? "true" : "false") + "}";
}

void print(std::string_view name, double per_second) {
    print_line(name, {{"per_second", per_second}, {"us", 1e6 / per_second}});
}

}  // namespace

Status bench_policy(const BenchOptions& options) {
    const auto policy = TRY(policy::compile(kPolicy));
    std::vector<std::string> texts;
    std::vector<json::Document> documents;
    std::vector<policy::Slots> bound(kInputs);
    for (std::uint64_t i = 0; i < kInputs; ++i) {
        texts.push_back(signals_of(i));
        documents.push_back(TRY(json::parse(texts.back())));
        TRY(policy.bind(documents.back().root(), bound[i]));
    }
    print("policy/evaluate", median_rate(options, [&](std::uint64_t i) {
              const auto rule = policy.evaluate(bound[i % kInputs]);
              INVARIANT(rule.has_value());
              keep(*rule);
          }));
    policy::Slots slots;
    const auto decide = [&](json::Value signals) {
        INVARIANT(policy.bind(signals, slots).has_value());
        const auto rule = policy.evaluate(slots);
        INVARIANT(rule.has_value());
        keep(*rule);
    };
    print("policy/bind+evaluate",
          median_rate(options, [&](std::uint64_t i) { decide(documents[i % kInputs].root()); }));
    print("policy/parse+bind+evaluate", median_rate(options, [&](std::uint64_t i) {
              const auto document = json::parse(texts[i % kInputs]);
              INVARIANT(document.has_value());
              decide(document->root());
          }));
    return {};
}

}  // namespace parmana::bench
