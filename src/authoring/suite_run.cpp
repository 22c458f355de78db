// Running the tests of a policy, and what of the policy they saw.
#include <algorithm>
#include <map>

#include "authoring/suite.hpp"
#include "base/invariant.hpp"

namespace parmana::authoring {
namespace {

bool meets(const Result<const policy::Rule*>& got, const Expectation& expected) {
    if (!got) return expected.refused == got.error().code;
    const policy::Rule& rule = **got;
    return expected.decision == rule.outcome.verdict && (expected.rule.empty() || expected.rule == rule.id);
}

/// The coverage of a policy while its tests run.
class Coverage {
  public:
    explicit Coverage(const policy::Policy& policy) {
        for (const std::vector<std::string>& texts : policy.conditions()) {
            RuleCoverage& rule = rules_.emplace_back();
            rule.rule = policy.rules()[rules_.size() - 1].id;
            Place& place = places_[rule.rule];
            place.rule = rules_.size() - 1;
            for (const std::string& text : texts) {
                if (place.conditions.emplace(text, rule.conditions.size()).second)
                    rule.conditions.push_back({text});
            }
        }
    }

    void add(const TestResult& result) {
        for (const policy::RuleTrace& step : result.trace) {
            const auto place = places_.find(step.rule);
            INVARIANT(place != places_.end());
            RuleCoverage& rule = rules_[place->second.rule];
            rule.held = rule.held || (step.holds && result.got.has_value());
            for (const policy::ConditionTrace& seen : step.conditions) {
                const auto index = place->second.conditions.find(seen.text);
                INVARIANT(index != place->second.conditions.end());
                ConditionCoverage& condition = rule.conditions[index->second];
                condition.was_true = condition.was_true || seen.outcome == true;
                condition.was_false = condition.was_false || seen.outcome == false;
            }
        }
    }

    std::vector<RuleCoverage> take() { return std::move(rules_); }

  private:
    struct Place {
        std::size_t rule = 0;
        std::map<std::string, std::size_t> conditions;
    };
    std::vector<RuleCoverage> rules_;
    std::map<std::string, Place> places_;
};

}  // namespace

std::size_t SuiteResult::passed() const {
    return static_cast<std::size_t>(std::ranges::count(tests, true, &TestResult::passed));
}

Share SuiteResult::rules() const {
    return {static_cast<std::size_t>(std::ranges::count(coverage, true, &RuleCoverage::held)),
            coverage.size()};
}

Share SuiteResult::outcomes() const {
    Share out;
    for (const RuleCoverage& rule : coverage) {
        for (const ConditionCoverage& condition : rule.conditions) {
            out.covered += (condition.was_true ? 1U : 0U) + (condition.was_false ? 1U : 0U);
            out.total += 2;
        }
    }
    return out;
}

SuiteResult run_suite(const policy::Policy& policy, const Suite& suite) {
    SuiteResult out;
    Coverage coverage(policy);
    policy::Slots slots;
    for (const Test& test : suite) {
        const auto action = test.action ? std::optional(test.action->root()) : std::nullopt;
        TestResult result{false, nullptr, {}};
        result.got = policy::judge_traced(policy, test.signals.root(), action, slots, result.trace);
        result.passed = meets(result.got, test.expected);
        coverage.add(result);
        out.tests.push_back(std::move(result));
    }
    out.coverage = coverage.take();
    return out;
}

}  // namespace parmana::authoring
