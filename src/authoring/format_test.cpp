// One layout: what it looks like. That it loses nothing is the business of format_property_test.cpp.
#include "authoring/format.hpp"

#include <gtest/gtest.h>

namespace parmana::authoring {
namespace {

std::string formatted(std::string_view yaml) {
    const auto out = format_policy(yaml);
    if (out) return *out;
    return std::to_string(out.error()[0].line) + ": " + out.error()[0].message;
}

constexpr std::string_view kMessy = R"(# yaml-language-server: $schema=x

# Refunds.
policyVersion: 1.0.0   # by hand
policyId: "refunds"


rule:
  match:
  # Gold waits for nobody.
  - outcome:
      reason:   'gold, is gold: always'
      decision: approved
    condition: signals.tier=='gold'&&(signals.amount<10||signals.amount>20) # trusted
    id: gold
  - # Nested.
    rule: {match: [{id: silver, condition: "(signals.amount)> 1000", outcome: {reason: much, decision: rejected}},
      # the rest of silver
      {id: silver-rest, outcome: {decision: override_required,
      # who
      action: desk, reason: a person looks at the rest of silver}}]}
    condition: |
      signals.tier == "silver" // or so
  # What is left.

  - id: rest
    outcome: {decision: approved, reason: "two\nlines\n"
      }
  # It needs no names.
  variables: []   # none
signals:
    # In cents.
    amount: {minimum: 0x00, type: integer}  # paid

    tier:
        type: enum
        values:
        - gold
        - silver
        description: "the tier of the customer, as it stands in the customer database of the shop at noon"
# The end.
)";

constexpr std::string_view kNeat = R"(# yaml-language-server: $schema=x

policyId: refunds
# Refunds.
policyVersion: 1.0.0  # by hand
signals:
  # In cents.
  amount: {type: integer, minimum: 0x00}  # paid

  tier:
    type: enum
    values: [gold, silver]
    description: the tier of the customer, as it stands in the customer database of the shop at noon


rule:
  # It needs no names.
  variables: []  # none
  match:
    # Gold waits for nobody.
    - id: gold
      condition: signals.tier == "gold" && (signals.amount < 10 || signals.amount > 20)  # trusted
      outcome: {decision: approved, reason: "gold, is gold: always"}
    # Nested.
    - condition: |
        signals.tier == "silver" // or so
      rule:
        match:
          - id: silver
            condition: signals.amount > 1000
            outcome: {decision: rejected, reason: much}
          # the rest of silver
          - id: silver-rest
            outcome:
              decision: override_required
              # who
              action: desk
              reason: a person looks at the rest of silver
    # What is left.

    - id: rest
      outcome:
        decision: approved
        reason: |
          two
          lines
# The end.
)";

TEST(Format, PutsKeysCommentsAndExpressionsInTheirPlace) {
    std::string neat(kNeat);
    neat.replace(neat.find("\n\n\nrule"), 3, "\n\n");
    EXPECT_EQ(formatted(kMessy), neat);
    EXPECT_EQ(formatted(neat), neat);
}

/// A policy with this condition.
std::string with_condition(std::string_view condition) {
    std::string out = R"(policyId: p
policyVersion: 1.0.0
signals:
  a_rather_long_name_of_a_signal: {type: integer}
  another_long_name_of_a_signal: {type: integer}
rule:
  match:
    - id: r
      condition: )";
    return out.append(condition) + R"(
      outcome: {decision: rejected, reason: r}
    - id: rest
      outcome: {decision: approved, reason: r}
)";
}

TEST(Format, BreaksLongExpressionsAtTheirLoosestOperators) {
    const struct {
        std::string_view from, to;
    } rows[] = {
        {"signals.a_rather_long_name_of_a_signal>1&&signals.another_long_name_of_a_signal>1&&signals.another_"
         "long_name_of_"
         "a_signal<10||false",
         R"(>-
        signals.a_rather_long_name_of_a_signal > 1 &&
        signals.another_long_name_of_a_signal > 1 &&
        signals.another_long_name_of_a_signal < 10 ||
        false)"},
        {"signals.a_rather_long_name_of_a_signal>1&&signals.another_long_name_of_a_signal>1&&signals.another_"
         "long_name_of_"
         "a_signal<10&&\"a && b\" == 'a || b'",
         R"(>-
        signals.a_rather_long_name_of_a_signal > 1 &&
        signals.another_long_name_of_a_signal > 1 &&
        signals.another_long_name_of_a_signal < 10 &&
        "a && b" == "a || b")"},
        {"signals.a_rather_long_name_of_a_signal in [1, 2, 3]",
         "signals.a_rather_long_name_of_a_signal in [1, 2, 3]"},
        {"'!(signals.a_rather_long_name_of_a_signal in [1])'",
         "\"!(signals.a_rather_long_name_of_a_signal in [1])\""},
        {"\"'x' == \\\"\\\\n\\\"\"", "'\"x\" == \"\\n\"'"},
        {"true", "true"},
        {"'true'", "\"true\""},
        {"|\n        1 < // one\n          2", "|\n        1 < // one\n          2"},
        {"1 < 2 // one", "\"1 < 2 // one\""},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(formatted(with_condition(row.from)), with_condition(row.to));
        EXPECT_EQ(formatted(with_condition(row.to)), with_condition(row.to));
    }
}

constexpr std::string_view kTable = R"(policyId: p
policyVersion: 1.0.0
signals:
  num: {type: integer}
table:
  hitPolicy: unique
  inputs: [signals.num, signals.num % 2]
  rows:
    - {id: low, when: ["< 500", "-"], outcome: {decision: rejected, reason: low}}
    - {id: mid, when: ["[500..700]", "0"], outcome: {decision: approved, reason: mid}}
  default:
    id: rest
    outcome: {decision: approved, reason: rest}
)";

TEST(Format, KeepsTheRowsOfATableAlike) {
    EXPECT_EQ(formatted(kTable), kTable);
    std::string longer(kTable);
    longer.replace(longer.find("reason: low"), 11, "reason: it is lower than we want it to be");
    EXPECT_NE(formatted(longer).find(R"(
  rows:
    - id: low
      when: ["< 500", "-"]
      outcome: {decision: rejected, reason: it is lower than we want it to be}
    - id: mid
      when: ["[500..700]", "0"]
      outcome: {decision: approved, reason: mid}
)"),
              std::string::npos)
        << formatted(longer);
}

TEST(Format, LeavesAloneWhatDoesNotBuild) {
    EXPECT_EQ(formatted("a: ["), "1: did not find expected node content while parsing a flow node");
    EXPECT_EQ(formatted("policyId: x\n"), "1: a policy has either a `rule` or a `table`");
    EXPECT_EQ(formatted(with_condition("signals.nothing")), "9: undeclared reference to `signals.nothing`");
}

TEST(Format, PutsTestsIntoTheirLayout) {
    const auto out = format_suite(R"(
table: {rows: [[a, ~, approved], ["b", null, "rejected"]], columns: [name, signals.x, decision]}
tests:
- expect: {rule: r, decision: approved}
  signals: {x: 1.50, w: "yes", z: }
  name: c
  action: ~
)");
    EXPECT_EQ(out.value(), R"(tests:
  - name: c
    signals:
      x: 1.50
      w: "yes"
      z:
    action: ~
    expect: {decision: approved, rule: r}
table:
  columns: [name, signals.x, decision]
  rows:
    - [a, ~, approved]
    - [b, null, rejected]
)");
    EXPECT_EQ(format_suite(*out), out);
    EXPECT_EQ(format_suite("- a").error()[0].message, "a file of tests must be a mapping");
    EXPECT_EQ(format_suite("? " + std::string(600, 'k') + "\n: 1\n").error()[0].message,
              "a key of more than 500 bytes cannot be formatted");
    std::string wide = "tests:\n";
    for (int i = 0; i < 70000; ++i)
        wide += "- a:\n  - b\n";
    EXPECT_EQ(format_suite(wide).error()[0].message, "more than 100000 nodes");
}

TEST(Format, KeepsCommentsWhereADocumentBeginsAndEnds) {
    const auto out = format_suite("--- # a\n{tests: [], # b\n# c\n} # d\n... # e\n # f");
    EXPECT_EQ(out.value(), "# a\ntests: []  # b\n# c\n# d\n# e\n# f\n");
    EXPECT_EQ(format_suite(*out), out);
    EXPECT_EQ(format_suite("\n# a\n\n# b\n{ # c\n} # d\n# e\n").value(), "# a\n\n# b\n{}  # c\n# d\n# e\n");
}

TEST(Format, RefusesWhatWouldBeTooLarge) {
    std::string deep = "tests: " + std::string(50, '[') + "0 # c\n";
    for (int i = 0; i < 20000; ++i)
        deep += ",1";
    EXPECT_EQ(format_suite(deep + std::string(50, ']')).error()[0].message,
              "formatted the file has more than 1048576 bytes");
}

}  // namespace
}  // namespace parmana::authoring
