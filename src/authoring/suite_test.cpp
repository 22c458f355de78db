// Tests of policies: what is read, how it is judged, what of the policy it covers.
#include "authoring/suite.hpp"

#include <gtest/gtest.h>

#include "authoring/governance.hpp"
#include "authoring/suite_report.hpp"

namespace parmana::authoring {
namespace {

constexpr std::string_view kPolicy = R"(
policyId: refunds
policyVersion: 1.0.0
signals:
  amount: {type: integer, minimum: 0, maximum: 100000}
  vip: {type: boolean, required: false}
  payee: {type: string, required: false}
boundSignals: {amount: action.parameters.money.amount, payee: action.target}
rule:
  match:
    - id: large
      condition: signals.amount > 1000 && !signals.vip.orValue(false)
      outcome: {decision: override_required, reason: a person looks}
    - id: rest
      outcome: {decision: approved, reason: small enough}
)";

policy::Policy refunds() {
    return policy::compile(build(kPolicy).value()).value();
}

std::string findings_of(std::string_view yaml) {
    const auto policy = refunds();
    const auto suite = read_suite(yaml, policy);
    if (suite) return "";
    std::string out;
    for (const Finding& found : suite.error())
        out += std::to_string(found.line) + ":" + std::to_string(found.column) + " " + found.message + "\n";
    return out;
}

Suite must_read(std::string_view yaml, const policy::Policy& policy) {
    auto suite = read_suite(yaml, policy);
    EXPECT_TRUE(suite) << findings_of(yaml);
    return suite ? *std::move(suite) : Suite{};
}

/// The words "passed" or what was got, of each test.
std::vector<std::string> results_of(std::string_view yaml) {
    const auto policy = refunds();
    const Suite suite = must_read(yaml, policy);
    std::vector<std::string> out;
    for (const TestResult& result : run_suite(policy, suite).tests) {
        out.push_back(result.passed ? "passed"
                      : result.got  ? (*result.got)->id
                                    : std::string(wire_name(result.got.error().code)));
    }
    return out;
}

using Words = std::vector<std::string>;

TEST(Suite, JudgesEachTestLikeAServer) {
    EXPECT_EQ(results_of(R"(
tests:
  - {name: a, signals: {amount: 5}, expect: {decision: approved}}
  - {name: b, signals: {amount: 5}, expect: {decision: approved, rule: rest}}
  - {name: c, signals: {amount: 5000}, expect: {decision: approved}}
  - {name: d, signals: {amount: 5000, vip: true}, expect: {decision: override_required, rule: large}}
  - {name: e, signals: {}, expect: {refused: signal_missing}}
  - {name: f, signals: {amount: ~}, expect: {refused: signal_type}}
  - {name: g, signals: {amount: 5.0}, expect: {refused: signal_type}}
  - {name: h, signals: {amount: "5"}, expect: {refused: signal_range}}
  - {name: i, signals: {amount: 5, colour: red}, expect: {refused: signal_unknown}}
  - {name: j, signals: {amount: -1}, expect: {refused: signal_range}}
)"),
              (Words{"passed", "passed", "large", "rest", "passed", "passed", "passed", "signal_type",
                     "passed", "passed"}));
}

TEST(Suite, MakesTheActionThatAgreesUnlessOneIsWritten) {
    EXPECT_EQ(results_of(R"(
tests:
  - {name: a, signals: {amount: 5, payee: x}, expect: {decision: approved}}
  - {name: b, signals: {amount: 5}, action: {type: t, parameters: {money: {amount: 5}}}, expect: {decision: approved}}
  - {name: c, signals: {amount: 5}, action: {type: t, parameters: {money: {amount: 6}}}, expect: {decision: approved}}
  - {name: d, signals: {amount: 5}, action: {type: t, parameters: {money: {amount: 5.0}}}, expect: {decision: approved}}
  - {name: e, signals: {amount: 5}, action: ~, expect: {decision: approved}}
  - {name: f, signals: {amount: 5}, action: {type: t}, expect: {refused: signal_unbound}}
table:
  columns: [name, signals.amount, signals.payee, action.parameters.money.amount, action.target, action.type, decision]
  rows:
    - [g, 5, x, ~, ~, ~, approved]
    - [h, 5, x, 5, ~, pay, approved]
    - [i, 5, x, 6, ~, ~, approved]
    - [j, 5, x, ~, y, ~, approved]
    - [k, 5, ~, ~, y, ~, approved]
)"),
              (Words{"passed", "passed", "signal_unbound", "signal_unbound", "signal_unbound", "passed",
                     "passed", "passed", "signal_unbound", "signal_unbound", "signal_unbound"}));
}

TEST(Suite, ReadsTheRowsOfATable) {
    const auto policy = refunds();
    const Suite suite = must_read(R"(
table:
  columns: [signals.amount, name, refused, rule, signals.vip, decision]
  rows:
    - [5, small, ~, rest, ~, approved]
    - [~, nothing, signal_missing, ~, true, ~]
)",
                                  policy);
    ASSERT_EQ(suite.size(), 2U);
    EXPECT_EQ(suite[0].name, "small");
    EXPECT_EQ(suite[0].line, 5U);
    EXPECT_EQ(suite[0].column, 7U);
    EXPECT_EQ(json::canonical(suite[0].signals.root()), R"({"amount":5})");
    EXPECT_EQ(json::canonical(suite[0].action->root()),
              R"({"parameters":{"money":{"amount":5}},"type":"test"})");
    EXPECT_EQ(suite[0].expected.rule, "rest");
    EXPECT_EQ(json::canonical(suite[1].signals.root()), R"({"vip":true})");
    EXPECT_EQ(suite[1].expected.refused, Code::signal_missing);
}

TEST(Suite, SaysWhatIsWrongAndWhere) {
    const struct {
        std::string_view yaml, findings;
    } rows[] = {
        {"a: [", "1:5 did not find expected node content while parsing a flow node\n"},
        {"- a", "1:1 a file of tests must be a mapping\n"},
        {"{}", "1:1 there are no tests\n"},
        {"tests: []\nx: 1\n", "2:1 unknown key `x`\n"},
        {"tests:\n- {name: a, expect: {}, y: 1}\n", "2:3 missing key `signals`\n2:25 unknown key `y`\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {}}\n",
         "2:43 a test expects either a `decision` or to be `refused`\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {decision: yes}}\n",
         "2:54 a decision is approved, rejected or override_required\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {refused: internal}}\n",
         "2:53 a refusal is signal_missing, signal_type, signal_range, signal_unknown, signal_unbound, "
         "evaluation_error "
         "or cost_exceeded\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {decision: approved, rule: lagre}}\n",
         "2:70 there is no rule `lagre`\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {decision: approved, rule: large}}\n",
         "2:70 the decision of rule `large` is override_required\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {refused: signal_type, rule: rest}}\n",
         "2:72 a refusal has no rule\n"},
        {"tests:\n- {name: a, signals: {amuont: 1}, expect: {decision: approved}}\n",
         "2:23 signal `amuont` is not declared\n"},
        {"tests:\n- {name: a, signals: {amount: 9007199254740992}, expect: {refused: signal_type}}\n",
         "2:31 an integer beyond 2^53 is not exact in JSON\n"},
        {"tests:\n- {name: a, signals: {amount: .nan}, expect: {refused: signal_type}}\n",
         "2:31 a number must be finite\n"},
        {"tests:\n- {name: a, signals: {amount: 1e300}, expect: {refused: signal_type}}\n", ""},
        {"tests:\n- {name: a, signals: {amount: 1e20}, expect: {refused: signal_type}}\n",
         "2:3 no request can say this: a number is an integer outside ±(2^53−1)\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, action: {type: ''}, expect: {decision: approved}}\n",
         "2:50 the type of an action must be a string that is not empty\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, action: {target: 1, x: 2}, expect: {decision: "
         "approved}}\n",
         "2:43 missing key `type`\n2:52 the target of an action must be a string\n2:55 unknown key `x`\n"},
        {"tests:\n- {name: '', signals: {amount: 1}, expect: {decision: approved}}\n",
         "2:10 the name is empty\n"},
        {"tests:\n- {name: a, signals: {amount: 1}, expect: {decision: approved}}\n"
         "table:\n  columns: [name, decision]\n  rows:\n  - [a, approved]\n",
         "6:6 the name `a` is taken on line 2\n"},
        {"table: {columns: [], rows: []}\n",
         "1:18 a table has a column `decision` or `refused`\n1:18 a table has a column `name`\n"},
        {"table: {columns: [name, decision, signals.amuont, action.x, signals], rows: []}\n",
         "1:35 signal `amuont` is not declared\n"
         "1:51 a column is `name`, `signals.NAME`, `action.type`, `action.target`, `action.parameters.NAME`, "
         "`decision`, `rule` or `refused`\n"
         "1:61 a column is `name`, `signals.NAME`, `action.type`, `action.target`, `action.parameters.NAME`, "
         "`decision`, `rule` or `refused`\n"},
        {"table: {columns: [name, name, decision, action.parameters.a, action.parameters.a.b], rows: []}\n",
         "1:25 column `name` stands twice\n"
         "1:62 column `action.parameters.a.b` and column `action.parameters.a` stand for the same member\n"},
        {"table: {columns: [name, decision], rows: [[a], [~, approved], x, [b, approved, c]]}\n",
         "1:43 a row has one cell for each column: 2\n1:48 the row has no name\n1:63 a row must be a "
         "sequence\n"
         "1:66 a row has one cell for each column: 2\n"},
        {"table: {columns: [name, decision, refused], rows: [[a, ~, ~], [b, approved, signal_type]]}\n",
         "1:52 a test expects either a `decision` or to be `refused`\n"
         "1:63 a test expects either a `decision` or to be `refused`\n"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(findings_of(row.yaml), row.findings) << row.yaml;
}

PolicyReport report_of(std::string_view yaml) {
    PolicyReport report{"dir/policy.yaml", "dir/tests.yaml"};
    report.policy = refunds();
    report.suite = must_read(yaml, *report.policy);
    report.result = run_suite(*report.policy, report.suite);
    return report;
}

std::vector<PolicyReport> one(PolicyReport report) {
    std::vector<PolicyReport> out;
    out.push_back(std::move(report));
    return out;
}

constexpr std::string_view kHalf = R"(tests:
  - name: "small\n& <b>"
    signals: {amount: 5}
    expect: {decision: approved, rule: rest}
  - {name: wrong, signals: {amount: 5000}, expect: {decision: approved, rule: rest}}
)";

TEST(Coverage, CountsRulesThatHeldAndOutcomesOfConditions) {
    const PolicyReport report = report_of(kHalf);
    EXPECT_EQ(report.result.rules(), (Share{2, 2}));
    EXPECT_EQ(report.result.outcomes(), (Share{3, 4})) << "nobody was a VIP";
    const ConditionCoverage& vip = report.result.coverage[0].conditions[1];
    EXPECT_EQ(vip.text, "signals.vip.orValue(false)");
    EXPECT_FALSE(vip.was_true);
    EXPECT_TRUE(vip.was_false);
}

TEST(Coverage, IsNotOfConditionsThatWereNeverReached) {
    const PolicyReport report =
        report_of("tests: [{name: a, signals: {amount: 5}, expect: {decision: approved}}]\n");
    EXPECT_EQ(report.result.rules().covered, 1U);
    EXPECT_EQ(report.result.outcomes().covered, 1U);
}

TEST(Coverage, IsNotOfRulesInTestsThatWereRefused) {
    const PolicyReport report =
        report_of("tests: [{name: a, signals: {amount: x}, expect: {refused: signal_type}}]\n");
    EXPECT_EQ(report.result.passed(), 1U);
    EXPECT_EQ(report.result.rules().covered + report.result.outcomes().covered, 0U);
}

TEST(Coverage, IsDemandedOfEachPolicy) {
    const PolicyReport report = report_of(kHalf.substr(0, kHalf.find("  - {")));
    EXPECT_TRUE(is_good(report, {}));
    EXPECT_TRUE(is_good(report, {33}));
    EXPECT_FALSE(is_good(report, {34})) << "two of six";
    EXPECT_FALSE(are_good({}, {})) << "there were no tests";
}

TEST(Report, IsForPeople) {
    EXPECT_EQ(text_report(one(report_of(kHalf)), {90}), R"(dir/tests.yaml:5:5: wrong
  expected: approved by rule `rest`
  got: override_required by rule `large`: a person looks
  rule `large` holds
    true: signals.amount > 1000
    false: signals.vip.orValue(false)
dir/policy.yaml: 1 passed, 1 failed; rules 2/2, outcomes 3/4 (83 %)
  rule `large`: never true: signals.vip.orValue(false)
  83 % covered, 90 % required
1 policy: 1 passed, 1 failed; rules 2/2, outcomes 3/4 (83 %)
)");
    PolicyReport broken{"dir/policy.yaml", ""};
    broken.findings.push_back({"dir/policy.yaml", {3, 4, "a finding"}});
    EXPECT_EQ(text_report(std::vector<PolicyReport>{}, {}),
              "0 policies: 0 passed, 0 failed; rules 0/0, outcomes 0/0\n");
    EXPECT_EQ(text_report(one(std::move(broken)), {}),
              "dir/policy.yaml:3:4: a finding\ndir/policy.yaml: not tested\n"
              "1 policy: 0 passed, 0 failed; rules 0/0, outcomes 0/0\n");
}

TEST(Report, IsForPrograms) {
    EXPECT_EQ(
        json_report(one(report_of(kHalf)), {}),
        R"x({"passed":false,"policies":[{"coverage":{"outcomes":{"covered":3,"total":4},)x"
        R"x("rules":{"covered":2,"total":2},"uncovered":[{"condition":"signals.vip.orValue(false)",)x"
        R"x("outcome":true,"rule":"large"}]},"file":"dir/policy.yaml","findings":[],"passed":false,)x"
        R"x("policyId":"refunds","policyVersion":"1.0.0","tests":[{"column":5,"expected":{)x"
        R"x("decision":"approved","rule":"rest"},"got":{"decision":"approved","reason":"small enough",)x"
        R"x("rule":"rest"},"line":2,"name":"small\n& <b>","passed":true},{"column":5,"expected":{)x"
        R"x("decision":"approved","rule":"rest"},"got":{"decision":"override_required",)x"
        R"x("reason":"a person looks","rule":"large"},"line":5,"name":"wrong","passed":false,"trace":[)x"
        R"x({"conditions":[{"outcome":true,"text":"signals.amount > 1000"},{"outcome":false,)x"
        R"x("text":"signals.vip.orValue(false)"}],"holds":true,"rule":"large"}]}],)x"
        R"x("testsFile":"dir/tests.yaml"}],"summary":{"failed":1,"outcomes":{"covered":3,"total":4},)x"
        R"x("passed":1,"rules":{"covered":2,"total":2}}})x"
        "\n");
}

TEST(Report, IsForJUnit) {
    auto reports = one(report_of(kHalf));
    PolicyReport broken{"b\x01\xff.yaml", ""};
    broken.findings.push_back({broken.policy_file, {3, 4, "a \xef\xbf\xbe \"finding\""}});
    reports.push_back(std::move(broken));
    EXPECT_EQ(junit_report(reports, {90}), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="2" errors="1">
  <testsuite name="refunds@1.0.0" file="dir/policy.yaml" tests="3" failures="2" errors="0">
    <testcase classname="refunds@1.0.0" name="small&#10;&amp; &lt;b&gt;" file="dir/tests.yaml" line="2"/>
    <testcase classname="refunds@1.0.0" name="wrong" file="dir/tests.yaml" line="5">
      <failure message="expected approved by rule `rest`, got override_required by rule `large`: a person looks">)"
                                           "  expected: approved by rule `rest`&#10;"
                                           "  got: override_required by rule `large`: a person looks&#10;"
                                           "  rule `large` holds&#10;    true: signals.amount &gt; 1000&#10;"
                                           "    false: signals.vip.orValue(false)&#10;"
                                           R"(</failure>
    </testcase>
    <testcase classname="refunds@1.0.0" name="coverage">
      <failure message="83 % covered, 90 % required">rule `large`: never true: signals.vip.orValue(false)&#10;</failure>
    </testcase>
  </testsuite>
  <testsuite name="b�?.yaml" file="b�?.yaml" tests="1" failures="0" errors="1">
    <testcase classname="b�?.yaml" name="b�?.yaml:3:4">
      <error message="a � &quot;finding&quot;">b�?.yaml:3:4: a � &quot;finding&quot;</error>
    </testcase>
  </testsuite>
</testsuites>
)");
}

}  // namespace
}  // namespace parmana::authoring
