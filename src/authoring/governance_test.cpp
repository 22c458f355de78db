// Documents that people write, and the JSON that runs.
#include "authoring/governance.hpp"

#include <gtest/gtest.h>

#include "policy/policy.hpp"

namespace parmana::authoring {
namespace {

constexpr std::string_view kRefunds = R"(# Refunds up to a limit are paid at once.
policyId: refunds
policyVersion: 1.0.0
description: Refunds
signals:
  amount: {type: integer, minimum: 0, maximum: 100000}
  tier:
    type: enum
    values: [gold, silver]
boundSignals:
  amount: action.parameters.amount
rule:
  variables:
    - name: large
      expression: signals.amount>1000
  match:
    - id: large
      condition: |
        variables.large &&
          signals.tier != 'gold'
      outcome: {decision: override_required, reason: a person looks at large refunds}
    - condition: signals.tier == "silver"
      rule:
        match:
          - id: silver-small
            condition: signals.amount < 10
            outcome: {decision: approved, reason: tiny}
          - id: silver
            outcome: {decision: rejected, reason: silver pays}
    - id: rest
      outcome: {decision: approved, reason: small enough}
)";

std::string findings_of(std::string_view yaml) {
    const auto built = build(yaml);
    if (built) return "";
    std::string out;
    for (const Finding& found : built.error())
        out += std::to_string(found.line) + ":" + std::to_string(found.column) + " " + found.message + "\n";
    return out;
}

std::string altered(std::string_view from, std::string_view to) {
    std::string text(kRefunds);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Build, WritesTheCanonicalFormWithEveryExpressionInItsOneSpelling) {
    const auto built = build(kRefunds);
    ASSERT_TRUE(built) << findings_of(kRefunds);
    EXPECT_EQ(
        *built,
        R"({"boundSignals":{"amount":"action.parameters.amount"},"description":"Refunds","hitPolicy":"first",)"
        R"("languageProfile":"parmana-cel/1","policyId":"refunds","policyVersion":"1.0.0","rules":[)"
        R"({"condition":"variables.large && signals.tier != \"gold\"","id":"large","outcome":{"action":"review",)"
        R"("reason":"a person looks at large refunds","requires_override":true}},)"
        R"({"condition":"signals.tier == \"silver\" && signals.amount < 10","id":"silver-small","outcome":)"
        R"({"action":"approve","reason":"tiny","requires_override":false}},)"
        R"({"condition":"signals.tier == \"silver\"","id":"silver","outcome":{"action":"reject",)"
        R"("reason":"silver pays","requires_override":false}},)"
        R"({"id":"rest","outcome":{"action":"approve","reason":"small enough","requires_override":false}}],)"
        R"("schemaVersion":"1.1.0","signalsSchema":{"amount":{"maximum":100000,"minimum":0,"type":"integer"},)"
        R"("tier":{"type":"enum","values":["gold","silver"]}},)"
        R"("variables":[{"expression":"signals.amount > 1000","name":"large"}]})");
    EXPECT_TRUE(policy::compile(*built));
    EXPECT_TRUE(json::is_canonical(json::parse(*built).value()));
}

TEST(Build, PutsEveryFindingAtItsPlaceInTheYaml) {
    const struct {
        std::string_view from, to, findings;
    } rows[] = {
        {"signals.amount>1000", "signals.amuont>1000", "15:19 undeclared reference to `signals.amuont`\n"},
        {"signals.tier != 'gold'", "signals.tier != 5",
         "20:24 no overload of `_!=_` takes `(string, int)`\n"},
        {"signals.amount < 10\n", "signals.amount <\n",
         "26:40 mismatched input: found the end of the expression, expected an expression\n"},
        {"signals.amount < 10\n", "signals.amount < 'x'\n",
         "26:39 no overload of `_<_` takes `(int, string)`\n"},
        {"    - id: rest\n", "    - id: large\n", "30:11 rule id `large` is taken by /rules/0\n"},
        {"policyVersion: 1.0.0", "policyVersion: 1.0", ""},
        {"maximum: 100000", "maximum: -1", "6:48 `maximum` is below `minimum`\n"},
        {"decision: approved, reason: tiny", "decision: yes, reason: tiny",
         "27:33 a decision is approved, rejected or override_required\n"},
        {"action.parameters.amount", "amount",
         "11:11 a binding is `action.type`, `action.target` or "
         "`action.parameters.NAME`\n"},
        {"description: Refunds\n", "description: Refunds\ndescriptoin: x\n",
         "5:1 unknown key `descriptoin`\n"},
    };
    for (const auto& row : rows) {
        const std::string found = findings_of(altered(row.from, row.to));
        if (row.findings.empty()) {
            EXPECT_NE(found, "") << row.to;
        } else {
            EXPECT_EQ(found, row.findings) << row.to;
        }
    }
}

TEST(Build, RefusesPartsThatMeanSomethingOnlyWhenTheyAreJoined) {
    EXPECT_EQ(findings_of(altered("signals.amount < 10\n", "signals.amount > 8) || (signals.amount > 5\n")),
              "26:42 mismatched input: found `)`, expected the end of the expression\n");
}

TEST(Build, RefusesRulesThatMayDecideNothing) {
    EXPECT_EQ(
        findings_of(altered(
            "          - id: silver\n            outcome: {decision: rejected, reason: silver pays}\n", "")),
        "24:9 the last choice of a rule with a condition must have none: every input that comes here ends in "
        "a "
        "decision\n");
    EXPECT_NE(findings_of(altered("    - id: rest\n      outcome",
                                  "    - id: rest\n      condition: \"true\"\n      "
                                  "outcome")),
              "");
}

TEST(Build, RefusesWhatIsTooLongOnlyInItsOneSpelling) {
    const std::string quotes(40'000, '"');
    const std::string found =
        findings_of(altered("signals.tier != 'gold'", "signals.tier != '" + quotes + "'"));
    EXPECT_TRUE(found.starts_with("19:9 in its one spelling: ")) << found;
}

constexpr std::string_view kTable = R"(policyId: loan
policyVersion: 1.0.0
signals:
  score: {type: integer, minimum: 0, maximum: 1000}
  amount: {type: integer, minimum: 0}
  tier: {type: enum, values: [gold, silver, none]}
table:
  hitPolicy: unique
  inputs: [signals.score, signals.amount, signals.tier]
  rows:
    - {id: low, when: ["< 500", "-", "-"], outcome: {decision: rejected, reason: low}}
    - {id: mid, when: ["[500..700]", "<= 1000", not(none)], outcome: {decision: approved, reason: mid}}
    - {id: high, when: ["> 700", "-", "gold, silver"], outcome: {decision: approved, reason: high}}
  default:
    id: rest
    outcome: {decision: override_required, action: manual_review, reason: a person decides}
)";

TEST(Build, TurnsTheCellsOfATableIntoConditions) {
    const auto built = build(kTable);
    ASSERT_TRUE(built) << findings_of(kTable);
    for (const std::string_view part :
         {R"("hitPolicy":"unique")", R"("condition":"signals.score < 500")",
          R"("condition":"signals.score >= 500 && signals.score <= 700 && signals.amount <= 1000 && )"
          R"x(!(signals.tier == \"none\")")x",
          R"("condition":"signals.score > 700 && signals.tier in [\"gold\", \"silver\"]")",
          R"({"id":"rest","outcome":{"action":"manual_review",)"}) {
        EXPECT_NE(built->find(part), std::string::npos) << part << "\n" << *built;
    }
}

TEST(Build, RefusesCellsThatMeanSomethingOnlyWhenTheyAreJoined) {
    std::string table(kTable);
    table.replace(table.find("< 500"), 5, "< 5) || (true");
    EXPECT_NE(findings_of(table).find("mismatched input: found `)`"), std::string::npos)
        << findings_of(table);
    table = kTable;
    table.replace(table.find("signals.score,"), 14, "'signals.score) == 1 || (signals.score',");
    EXPECT_NE(findings_of(table), "");
}

}  // namespace
}  // namespace parmana::authoring
