// Tests of a policy: the `tests.yaml` beside it, which the author of the policy writes.
//
//   tests:
//     - name: a small claim is approved
//       signals: {claim_amount: 1200, vip_customer: false}
//       action: {type: pay, parameters: {amount: 1200}}
//       expect: {decision: approved, rule: standard-approval}
//     - name: an amount is needed
//       signals: {vip_customer: false}
//       expect: {refused: signal_missing}
//   table:
//     columns: [name, signals.claim_amount, signals.vip_customer, decision, rule]
//     rows:
//       - [exactly at the limit, 50000, true, approved, standard-approval]
//
// A test without `action` whose policy binds signals gets the action that agrees with its signals; `action:
// ~` is a request without one. In a table `~` is a cell with nothing in it: the signal is left out. In
// `signals` a null is the JSON null. docs/policy-tests.md teaches all of it; schemas/policy-tests.schema.json
// is for editors. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/finding.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {

/// Either a decision, perhaps by this rule, or a refusal with this code.
struct Expectation {
    std::optional<policy::Verdict> decision;
    std::string rule;  // empty: any
    std::optional<Code> refused;
};

struct Test {
    std::size_t line, column;
    std::string name;
    json::Document signals;
    std::optional<json::Document> action;
    Expectation expected;
};
using Suite = std::vector<Test>;

/// The tests, those of the table behind the others. Findings: YAML, unknown and missing keys and columns,
/// names that stand twice, signals, rules and words that the policy does not know, expectations that no
/// ruling can meet.
Written<Suite> read_suite(std::string_view yaml, const policy::Policy& policy);

/// One test as it went. `got` views the policy.
struct TestResult {
    bool passed;
    Result<const policy::Rule*> got;
    std::vector<policy::RuleTrace> trace;
};

/// A condition that stands twice in one rule is one condition.
struct ConditionCoverage {
    std::string text;
    bool was_true = false;
    bool was_false = false;
};
struct RuleCoverage {
    std::string rule;
    bool held = false;  // in a test that ended in a decision
    std::vector<ConditionCoverage> conditions;
};

struct Share {
    std::size_t covered = 0;
    std::size_t total = 0;
    bool operator==(const Share&) const = default;
};

struct SuiteResult {
    std::vector<TestResult> tests;       // in the order of the suite
    std::vector<RuleCoverage> coverage;  // in the order of the policy

    std::size_t passed() const;
    Share rules() const;
    /// Each condition should have been true and should have been false.
    Share outcomes() const;
};

/// Judges each test as a server would.
SuiteResult run_suite(const policy::Policy& policy, const Suite& suite);

}  // namespace parmana::authoring
