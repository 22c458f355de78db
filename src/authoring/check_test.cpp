// What the checker says of policies that compile.
#include "authoring/check.hpp"

#include <gtest/gtest.h>

#include <string>

namespace parmana::authoring {
namespace {

constexpr std::string_view kHead = R"(policyId: test
policyVersion: 1.0.0
signals:
  amount: {type: integer, minimum: 0, maximum: 100000}
  vip: {type: boolean}
  score: {type: number, minimum: 0, maximum: 1}
  divisor: {type: integer, minimum: 0, maximum: 9}
rule:
  match:
)";

std::string choice(std::string_view id, std::string_view condition, std::string_view decision = "approved") {
    std::string out = "    - id: " + std::string(id) + "\n";
    if (!condition.empty()) out += "      condition: " + std::string(condition) + "\n";
    return out + "      outcome: {decision: " + std::string(decision) + ", reason: because}\n";
}

std::string findings_of(const std::string& choices) {
    std::string out;
    for (const Finding& found : check_yaml(std::string(kHead) + choices).findings)
        out += std::to_string(found.line) + ":" + std::to_string(found.column) + " " + found.message + "\n";
    return out;
}

TEST(Check, IsContentWithRulesThatDoSomething) {
    const std::string source = std::string(kHead) +
                               choice("large", "signals.amount > 1000 && !signals.vip", "rejected") +
                               choice("risky", "signals.score >= 0.5", "rejected") + choice("rest", "");
    const Examination seen = check_yaml(source);
    EXPECT_EQ(findings_of(choice("large", "signals.amount > 1000 && !signals.vip", "rejected") +
                          choice("risky", "signals.score >= 0.5", "rejected") + choice("rest", "")),
              "");
    EXPECT_TRUE(seen.complete);
    EXPECT_GT(seen.inputs, 20U);
    EXPECT_GT(seen.cost, 0U);
}

TEST(Check, FindsWhatIsHardlyMeant) {
    const struct {
        std::string choices, findings;
    } rows[] = {
        {choice("a", "signals.amount > 1000", "rejected") + choice("b", "signals.amount>1000") +
             choice("rest", ""),
         "13:7 the condition is that of rule `a`\n"},
        {choice("a", "signals.amount > 1000", "rejected") +
             choice("b", "signals.amount > 5000 && signals.vip") + choice("rest", ""),
         "13:7 the rule is unreachable: other rules take every input that it would\n"},
        {choice("a", "signals.amount < 0", "rejected") + choice("rest", ""),
         "10:7 the condition never holds\n"},
        {choice("a", "signals.amount >= 0", "rejected") + choice("rest", ""),
         "10:7 the condition always holds\n"},
        {choice("a", "signals.amount >= 0 && signals.vip", "rejected") + choice("rest", ""),
         "10:7 the condition `signals.amount >= 0` always holds where it is looked at\n"},
        {choice("a", "signals.amount / signals.divisor > 5", "rejected") + choice("rest", ""),
         "10:7 some inputs cannot be decided: rule `a`: division by zero at offset 15 of its condition, for "
         R"({"amount":0,"divisor":0,"score":0,"vip":false})"
         "\n"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(findings_of(row.choices), row.findings) << row.choices;
}

TEST(Check, ClaimsNothingOfStringsThatItDidNotTry) {
    const std::string head = "policyId: t\npolicyVersion: 1.0.0\nsignals: {s: {type: string, min_length: 1";
    const auto seen = [&](const std::string& more, const std::string& condition) {
        const std::string text =
            head + more + "}}\nrule:\n  match:\n" + choice("a", condition, "rejected") + choice("rest", "");
        return check_yaml(text);
    };
    EXPECT_FALSE(seen("", "signals.s < 'b'").complete);
    EXPECT_TRUE(seen("", "signals.s < 'b'").findings.empty());
    EXPECT_TRUE(seen(", max_length: 1", "signals.s == 'x'").findings.empty());
    EXPECT_TRUE(seen(", max_length: 1", "signals.s == 'a'").findings.empty());
    EXPECT_TRUE(seen(", max_length: 1", "signals.s == 'a'").complete);
}

TEST(Check, ShowsAnInputThatNoRuleTakes) {
    EXPECT_EQ(findings_of(choice("a", "signals.amount > 1000") + choice("b", "signals.vip", "rejected")),
              "13:7 the last rule must have no condition: every input ends in a decision; no rule takes "
              R"({"amount":0,"divisor":0,"score":0,"vip":false})"
              "\n");
    EXPECT_EQ(findings_of(choice("a", "signals.vip") + choice("b", "'!signals.vip'", "rejected")),
              "13:7 the last rule must have no condition: every input ends in a decision; the rules take "
              "every input, "
              "so the last condition can go\n");
}

TEST(Check, ShowsAnInputThatTwoRowsOfATableTake) {
    const std::string source = R"(policyId: test
policyVersion: 1.0.0
signals: {score: {type: integer, minimum: 0, maximum: 100}}
table:
  hitPolicy: unique
  inputs: [signals.score]
  rows:
    - {id: low, when: ["<= 50"], outcome: {decision: rejected, reason: low}}
    - {id: high, when: [">= 50"], outcome: {decision: approved, reason: high}}
  default: {id: rest, outcome: {decision: rejected, reason: never}}
)";
    const auto findings = check_yaml(source).findings;
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].message,
              R"(some inputs cannot be decided: more than one rule holds, for {"score":50})");
}

TEST(Check, JudgesTheJsonOfBothProfiles) {
    const std::string rules =
        R"({"policyId":"t","policyVersion":"1.0.0","schemaVersion":"1.0.0","signalsSchema":)"
        R"({"a":{"type":"integer"}},"rules":[{"id":"x","condition":{"signal":"a","less_than":5},)"
        R"("outcome":{"action":"approve","requires_override":false,"reason":"r"}}]})";
    const auto found = check_json(rules).findings;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].message.find(R"(no rule takes {"a":5})"), std::string::npos) << found[0].message;
}

}  // namespace
}  // namespace parmana::authoring
