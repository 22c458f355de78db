// What policies mean, by documents of our own.
#include "authoring/cel_policy_samples_test.hpp"
#include "base/limits.hpp"

namespace parmana::authoring {
namespace {

using test::Judge;

TEST(CelPolicy, TheFirstChoiceWhoseConditionHoldsDecides) {
    Judge judge(R"yaml(
name: first
description: of three
rule:
  id: sizes
  description: by x
  match:
    - condition: x > 100
      output: "'large'"
    - condition: x > 10
      output: "'middle'"
    - output: "'small'"
)yaml");
    EXPECT_EQ(judge.policy.name(), "first");
    EXPECT_EQ(judge.policy.description(), "of three");
    EXPECT_EQ(judge.type(), "string");
    EXPECT_EQ(judge.with("x", 101).value(), R"("large")");
    EXPECT_EQ(judge.with("x", 100).value(), R"("middle")");
    EXPECT_EQ(judge.with("x", 10).value(), R"("small")");
}

TEST(CelPolicy, WithoutAnUnconditionalChoiceTheValueIsOptional) {
    Judge judge("name: o\nrule:\n  match:\n    - {condition: x > 1, output: x * 2}\n");
    EXPECT_EQ(judge.type(), "optional_type(int)");
    EXPECT_EQ(judge.with("x", 1).value(), "optional.none()");
    EXPECT_EQ(judge.with("x", 2).value(), "optional.of(4)");
}

TEST(CelPolicy, AnOutputThatIsOptionalIsAValueLikeAnyOther) {
    Judge always("name: o\nrule:\n  match:\n    - output: optional.none()\n");
    EXPECT_EQ(always.value(), "optional.none()");
    Judge perhaps("name: o\nrule:\n  match:\n    - {condition: a, output: 'optional.of(x)'}\n");
    EXPECT_EQ(perhaps.type(), "optional_type(optional_type(int))");
    EXPECT_EQ(perhaps.with("x", 3).with("a", true).value(), "optional.of(optional.of(3))");
    EXPECT_EQ(perhaps.with("a", false).value(), "optional.none()");
}

constexpr std::string_view kNested = R"yaml(
name: nested
rule:
  match:
    - condition: a
      rule:
        match:
          - rule: {match: [{condition: b, output: "1"}]}
          - condition: c
            output: "2"
    - rule:
        match:
          - condition: b
            rule: {match: [{condition: c, output: "3"}]}
          - condition: c
            output: "4"
    - output: "5"
)yaml";

TEST(CelPolicy, ANestedRuleWithoutAMatchFallsThroughOnlyWhenItHasNoCondition) {
    Judge judge(kNested);
    EXPECT_EQ(judge.type(), "optional_type(int)") << "because of the first choice";
    const auto value = [&](bool a, bool b, bool c) {
        return judge.with("a", a).with("b", b).with("c", c).value();
    };
    EXPECT_EQ(value(true, true, true), "optional.of(1)");
    EXPECT_EQ(value(true, false, true), "optional.of(2)") << "fell through within the first";
    EXPECT_EQ(value(true, false, false), "optional.none()") << "the first has a condition";
    EXPECT_EQ(value(false, true, true), "optional.of(3)");
    EXPECT_EQ(value(false, false, true), "optional.of(4)");
    EXPECT_EQ(value(false, true, false), "optional.of(5)")
        << "the inner one ends its rule, which falls through";
    EXPECT_EQ(value(false, false, false), "optional.of(5)");
}

TEST(CelPolicy, RulesThatOnlyFallThroughToAValueAreNotOptional) {
    Judge judge(R"yaml(
name: total
rule:
  match:
    - rule: {match: [{condition: a, output: "1"}]}
    - condition: "true"
      rule: {match: [{condition: b, output: "2"}]}
    - condition: c
      rule: {match: [{output: "3"}]}
    - output: "4"
)yaml");
    EXPECT_EQ(judge.type(), "int");
    EXPECT_EQ(judge.with("a", false).with("b", false).with("c", true).value(), "3");
    EXPECT_EQ(judge.with("c", false).value(), "4");
    EXPECT_EQ(judge.with("b", true).value(), "2");
}

TEST(CelPolicy, AnAggregateCollectsTheOutputsOfAllThatHold) {
    Judge judge(R"yaml(
name: tags
rule:
  aggregate:
    - condition: a
      output: "'a'"
    - rule:
        match:
          - condition: b && c
            output: "'bc'"
          - condition: b
            output: "'b'"
    - condition: c
      rule:
        match:
          - output: "'c'"
)yaml");
    EXPECT_EQ(judge.type(), "list(string)");
    const auto value = [&](bool a, bool b, bool c) {
        return judge.with("a", a).with("b", b).with("c", c).value();
    };
    EXPECT_EQ(value(true, true, true), R"(["a", "bc", "c"])");
    EXPECT_EQ(value(true, true, false), R"(["a", "b"])");
    EXPECT_EQ(value(false, false, true), R"(["c"])");
    EXPECT_EQ(value(false, false, false), "[]");
}

TEST(CelPolicy, ListsAndOptionalsAreElementsOfAnAggregate) {
    Judge lists("name: l\nrule:\n  aggregate:\n    - output: '[x]'\n    - output: '[]'\n");
    EXPECT_EQ(lists.with("x", 1).value(), "[[1], []]");
    Judge optionals(
        "name: o\nrule:\n  aggregate:\n    - output: optional.none()\n    - output: optional.of(x)\n");
    EXPECT_EQ(optionals.with("x", 1).value(), "[optional.none(), optional.of(1)]");
}

TEST(CelPolicy, AnAggregateWithinAMatchAlwaysHasAValue) {
    Judge judge(R"yaml(
name: either
rule:
  match:
    - condition: a
      rule:
        aggregate:
          - {condition: b, output: "1"}
          - {condition: c, output: "2"}
    - condition: b
      rule:
        match:
          - rule: {aggregate: [{output: "3"}, {output: "4"}]}
    - output: "[0]"
)yaml");
    EXPECT_EQ(judge.type(), "list(int)");
    const auto value = [&](bool a, bool b, bool c) {
        return judge.with("a", a).with("b", b).with("c", c).value();
    };
    EXPECT_EQ(value(true, true, true), "[1, 2]");
    EXPECT_EQ(value(true, false, false), "[]");
    EXPECT_EQ(value(false, true, false), "[3, 4]");
    EXPECT_EQ(value(false, false, false), "[0]");
    Judge perhaps("name: p\nrule:\n  match:\n    - {condition: a, rule: {aggregate: [{output: x}]}}\n");
    EXPECT_EQ(perhaps.with("x", 7).with("a", true).value(), "optional.of([7])");
}

TEST(CelPolicy, TypesAgreeWhenOneCoversTheOther) {
    Judge maps(R"({name: m, rule: {match: [{condition: a, output: "{'k': text}"}, {output: "{}"}]}})");
    EXPECT_EQ(maps.with("a", false).value(), "{}");
    Judge any(R"({name: d, rule: {match: [{condition: a, output: "1"}, {output: fact}, ]}})");
    EXPECT_EQ(any.type(), "dyn");
}

TEST(CelPolicy, VariablesAreReadLazilyAndComputedOnce) {
    const auto cost_of = [](const std::string& output) {
        Judge judge(
            "name: v\nrule:\n  variables:\n"
            "    - {name: broken, expression: 1 / (x - x)}\n"
            "    - {name: sum, expression: 'numbers.map(n, n * 2).filter(n, n > 4)'}\n"
            "    - {name: twice, expression: 'variables.sum.size() * 2'}\n"
            "  match:\n    - {condition: variables.sum.size() > 99, output: '0'}\n    - output: " +
            output);
        const cel::Value numbers[] = {cel::Value::from(std::int64_t{2}), cel::Value::from(std::int64_t{4})};
        const cel::List list{numbers, 2};
        judge.with("x", 1).with("numbers", cel::Value::from(&list));
        EXPECT_EQ(judge.value(), "2");
        return judge.memory.deciding.cost();
    };
    const auto once = cost_of("variables.twice");
    EXPECT_GT(once, 0U);
    EXPECT_EQ(cost_of("variables.twice + variables.sum.size() - variables.sum.size()"), once);
}

TEST(CelPolicy, AVariableOfANestedRuleHidesTheOneAroundIt) {
    Judge judge(R"yaml(
name: shadows
rule:
  variables:
    - {name: i, expression: "1"}
    - {name: j, expression: variables.i + 1}
  match:
    - condition: a
      rule:
        variables:
          - {name: i, expression: variables.i + 10}
          - {name: k, expression: "string(variables.i)"}
        match:
          - condition: b
            rule:
              variables: [{name: i, expression: "'deep'"}]
              match: [{output: "variables.i + variables.k"}]
          - output: "string(variables.i + variables.j)"
    - output: "string([5].map(variables, variables)[0] + variables.i)"
)yaml");
    EXPECT_EQ(judge.with("a", true).with("b", true).value(), R"("deep11")");
    EXPECT_EQ(judge.with("b", false).value(), R"("13")");
    EXPECT_EQ(judge.with("a", false).value(), R"("6")") << "a variable of a macro may have the name";
}

TEST(CelPolicy, TheTypeOfAVariableIsThatOfItsExpression) {
    Judge judge(R"yaml(
name: types
rule:
  variables: [{name: none, expression: "[]"}, {name: some, expression: "['s']"}]
  match: [{output: "variables.none + [1]"}]
)yaml");
    EXPECT_EQ(judge.value(), "[1]");
}

std::string explanations(Judge& judge) {
    const auto outcome = judge.policy.evaluate(judge.input, judge.memory);
    if (!outcome) return outcome.error().detail;
    std::string out;
    for (const CelPolicy::Reason& reason : outcome->reasons) {
        out += std::to_string(reason.line) + ":" + std::to_string(reason.column) + " ";
        if (reason.explanation)
            out += *reason.explanation ? **reason.explanation : reason.explanation->error().detail;
        out += "\n";
    }
    return out;
}

TEST(CelPolicy, SaysWhichChoicesGaveTheValueAndExplainsIt) {
    Judge match(R"yaml(name: e
rule:
  match:
    - condition: a
      rule:
        variables: [{name: n, expression: x * 2}]
        match:
          - condition: b
            output: >
              'b'
            explanation: "'because of ' + string(variables.n)"
    - output: "'c'"
      explanation: "'for ' + fact"
)yaml");
    match.with("a", true).with("b", true).with("x", 4);
    EXPECT_EQ(explanations(match), "10:15 because of 8\n");
    EXPECT_EQ(explanations(match.with("b", false)), "");
    EXPECT_EQ(explanations(match.with("a", false).with("fact", cel::Value::string("me"))), "12:16 for me\n");
    EXPECT_EQ(explanations(match.with("fact", 1)), "12:16 no such overload at line 13, column 28\n");

    Judge aggregate(R"yaml(name: e
rule:
  aggregate:
    - {condition: a, output: "1", explanation: "'one'"}
    - {condition: b, output: "2"}
    - rule: {match: [{condition: a, output: "3", explanation: "text"}]}
)yaml");
    aggregate.with("a", true).with("b", true).with("text", cel::Value::string("three"));
    EXPECT_EQ(explanations(aggregate), "4:31 one\n5:31 \n6:46 three\n");
}

TEST(CelPolicy, ImportsAreShortNames) {
    Judge judge(R"yaml(
name: imports
imports:
  - name: request.labels
  - name: " google.protobuf.Timestamp "
rule:
  match: [{output: "labels.size() == 1 && type(timestamp(0)) == Timestamp"}]
)yaml");
    const cel::MapEntry entries[] = {{cel::Value::string("k"), cel::Value::string("v")}};
    const cel::Map labels{entries, 1};
    EXPECT_EQ(judge.with("request.labels", cel::Value::from(&labels)).value(), "true");
}

TEST(CelPolicy, InputIsOfTheDeclaredNamesAndTypes) {
    Judge judge("{name: i, rule: {match: [{condition: a, output: x}, {output: '0'}]}}");
    EXPECT_EQ(judge.with("a", false).value(), "0") << "x may be left out as long as it is not read";
    EXPECT_EQ(judge.with("x", cel::Value()).with("a", true).value(),
              "signal_missing: the variable has no value at line 1, column 49");
    EXPECT_EQ(judge.with("x", true).value(), "signal_type: variable `x` is not of type int");
    EXPECT_EQ(judge.with("x", 1).with("z", 1).value(), "signal_unknown: the config declares no variable `z`");

    const cel::Value items[] = {cel::Value::from(std::int64_t{1}), cel::Value::from(1.0)};
    const cel::List list{items, 2};
    Judge lists("{name: i, rule: {match: [{output: numbers}]}}");
    EXPECT_EQ(lists.with("numbers", cel::Value::from(&list)).value(),
              "signal_type: variable `numbers` is not of type list(int)");
}

TEST(CelPolicy, WhatIsLeftOutIsAbsorbedByLogicOnEitherSide) {
    for (const char* condition : {"a && b", "b && a", "!(!a || !b)", "!a && !b ? false : a && b"}) {
        Judge judge("{name: i, rule: {match: [{condition: '" + std::string(condition) +
                    "', output: '1'}, {output: '0'}]}}");
        const bool absorbs = !std::string_view(condition).contains('?');
        EXPECT_EQ(judge.with("a", false).value() == "0", absorbs) << condition;
        EXPECT_TRUE(judge.with("a", true).value().starts_with("signal_missing")) << condition;
    }
}

TEST(CelPolicy, AnErrorIsTheValueOfTheWholeAndKnowsItsPlace) {
    Judge condition(R"yaml(name: e
rule:
  match:
    - condition: |
        a &&
          10 / x > 1
      output: "1"
    - output: "2"
)yaml");
    EXPECT_EQ(condition.with("a", true).with("x", 0).value(),
              "evaluation_error: division by zero at line 6, column 14");
    Judge element(R"yaml(name: e
rule:
  variables: [{name: v, expression: "request.labels.no"}]
  aggregate:
    - output: "'x'"
    - output: "variables.v"
    - output: "string(1 / x)"
)yaml");
    const cel::Map empty{nullptr, 0};
    element.with("request.labels", cel::Value::from(&empty)).with("x", 0);
    EXPECT_EQ(element.value(), "evaluation_error: no such key at line 3, column 52");
    Judge dynamic("{name: e, rule: {match: [{condition: fact, output: '1'}]}}");
    EXPECT_EQ(dynamic.with("fact", 1).value(), "evaluation_error: no such overload at line 1, column 38");
    EXPECT_EQ(dynamic.with("fact", true).value(), "optional.of(1)");
}

TEST(CelPolicy, AnEvaluationIsCountedAgainstTheLimit) {
    Judge judge(
        "{name: c, rule: {match: [{output: \"numbers.map(i, numbers.map(j, numbers.map(k, i)))\"}]}}");
    const std::vector<cel::Value> items(100, cel::Value::from(std::int64_t{1}));
    const cel::List list{items.data(), 100};
    EXPECT_EQ(judge.with("numbers", cel::Value::from(&list)).value().substr(0, 13), "cost_exceeded");
    EXPECT_GT(judge.memory.deciding.cost(), limits::kCelCostMax);
}

std::string judgements(Judge& judge) {
    const auto all = judge.policy.judge(judge.input, judge.memory);
    if (!all) return all.error().detail;
    constexpr std::string_view kKinds[] = {"holds", "not assumed", "violated", "failed"};
    std::string out;
    for (const CelPolicy::Judgement& one : *all) {
        out += one.invariant + " " + std::string(kKinds[static_cast<std::size_t>(one.kind)]);
        if (one.line != 0) out += " " + std::to_string(one.line) + ":" + std::to_string(one.column);
        out += (one.message.empty() ? "" : " " + one.message) + "\n";
    }
    return out;
}

TEST(CelPolicy, InvariantsAreJudgedForAnInput) {
    Judge judge(R"yaml(name: v
rule:
  variables: [{name: limit, expression: "10"}]
  match:
    - {condition: x > variables.limit, output: "'no'"}
    - {condition: x > 1, output: "'yes'"}
verification:
  invariants:
    - id: bounded
      description: what is large is refused
      assume: [x > variables.limit]
      assert: ["rule.result == optional.of('no')"]
    - id: odd
      assert: ["x != 2", rule.result.hasValue()]
    - id: broken
      assume: [x < 2]
      assert: [rule.result.value() == text]
)yaml");
    EXPECT_EQ(judgements(judge.with("x", 11)), "bounded holds\nodd holds\nbroken not assumed 16:16\n");
    EXPECT_EQ(judgements(judge.with("x", 2)),
              "bounded not assumed 11:16\nodd violated 14:17\nbroken not assumed 16:16\n");
    EXPECT_EQ(judgements(judge.with("x", 1)),
              "bounded not assumed 11:16\nodd violated 14:26\n"
              "broken failed 17:16 the optional has no value at line 17, column 33\n");
    judge.input.clear();
    EXPECT_EQ(judgements(judge), "the variable has no value at line 5, column 19");
}

TEST(CelPolicy, AValidationThatDoesNotHoldGivesItsMessage) {
    Judge judge(R"yaml(
kind: ValidatingAdmissionPolicy
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: containers.example}
spec:
  failurePolicy: Fail
  matchConstraints: {resourceRules: [{apiGroups: [apps]}]}
  variables:
    - {name: env, expression: "request.labels.?env.orValue('prod')"}
  validations:
    - expression: a || text.startsWith(variables.env)
      messageExpression: "'only ' + variables.env + ' for ' + request.user"
    - expression: "!b"
      messageExpression: "'never b'"
)yaml");
    EXPECT_EQ(judge.policy.name(), "containers.example");
    EXPECT_EQ(judge.type(), "optional_type(string)");
    const cel::Map labels{nullptr, 0};
    judge.with("request.labels", cel::Value::from(&labels)).with("request.user", cel::Value::string("me"));
    judge.with("text", cel::Value::string("dev.x")).with("a", false).with("b", true);
    EXPECT_EQ(judge.value(), R"(optional.of("only prod for me"))");
    EXPECT_EQ(judge.with("a", true).value(), R"(optional.of("never b"))");
    EXPECT_EQ(judge.with("b", false).value(), "optional.none()");
}

TEST(CelPolicy, ADocumentMayMoveBetweenThreadsAndMemories) {
    Judge first("{name: m, rule: {match: [{output: x + 1}]}}");
    CelPolicy moved = std::move(first.policy);
    CelPolicy::Memory other;
    first.with("x", 1);
    EXPECT_EQ(cel::to_source(moved.evaluate(first.input, first.memory)->value), "2");
    EXPECT_EQ(cel::to_source(moved.evaluate(first.input, other)->value), "2");
}

}  // namespace
}  // namespace parmana::authoring
