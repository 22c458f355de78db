// What is wrong with documents, and where.
#include "authoring/cel_policy_samples_test.hpp"
#include "base/limits.hpp"

namespace parmana::authoring {
namespace {

using test::findings_of;

struct Row {
    const char* text;
    std::string findings;
};

void expect_findings(std::initializer_list<Row> rows) {
    for (const Row& row : rows)
        EXPECT_EQ(findings_of(row.text), row.findings) << row.text;
}

TEST(CelPolicyFindings, StandWhereTheTextIsWrongAndAllAreTold) {
    EXPECT_EQ(findings_of(R"yaml(name: 12
what: 1
imports:
  - name: request.labels
  - name: other.labels
  - {name: request.no}
  - {}
  - text
rule:
  id: [1]
  variables:
    - {name: 1a, expression: "1"}
    - {name: v}
    - {name: ok, expression: x + 1, type: int}
    - name: bad
      expression: >
        x +
          nothing + none
  match:
    - condition: |
        x == 1 &&
        x + 'é' == "é" + text1
      output: variables.bad + 1
    - condition: "x\
        + 1"
      output: 'it''s wrong('
    - condition: true
      output: 1
verification: {invariants: [{id: i, assert: [x]}, {id: i, assert: []}, {assert: x}], more: 1}
)yaml"),
              R"text(1:7 `name` must be a string, this is an integer: put it in quotes
2:1 unknown key `what`
5:11 unknown import `other.labels`: nothing has this name
6:12 unknown import `request.no`: nothing has this name
7:5 missing key `name`
8:5 an import must be a mapping, this is a string
10:7 `id` must be a string, this is a list
12:14 variable name `1a` is not an identifier
13:7 missing key `expression`
14:37 unknown key `type`
18:11 undeclared reference to `nothing`
18:21 undeclared reference to `none`
22:11 no overload of `_+_` takes `(int, string)`
22:26 undeclared reference to `text1`
24:19 `condition` must be a bool, this is int
26:18 a quoted text does not end
27:18 `condition` must be a string, this is a boolean: put it in quotes
28:15 `output` must be a string, this is an integer: put it in quotes
29:46 a claim must be a bool, this is int
29:56 invariant `i` stands twice
29:67 an invariant asserts something
29:72 missing key `id`
29:81 `assert` must be a list, this is a string
29:86 unknown key `more`
)text");
}

TEST(CelPolicyFindings, AreOfTheShapeOfADocument) {
    expect_findings({
        {"", "1:1 a policy must be a mapping, this is null\n"},
        {"- a", "1:1 a policy must be a mapping, this is a list\n"},
        {"name: n\nrule: {match: [{output: '1'}]",
         "2:30 did not find expected ',' or '}' while parsing a flow mapping\n"},
        {"{}", "1:1 missing key `name`\n1:1 missing key `rule`\n"},
        {"name: ''\nrule: {match: [{output: '1'}]}", "1:7 `name` is empty\n"},
        {"name: n\nrule: []", "2:7 `rule` must be a mapping, this is a list\n"},
        {"name: n\nrule: {id: r}", "2:7 a rule has one of `match` and `aggregate`\n"},
        {"name: n\nrule: {match: [{output: '1'}], aggregate: [{output: '1'}]}",
         "2:7 a rule has one of `match` and `aggregate`\n"},
        {"name: n\nrule: {match: }", "2:15 `match` must be a list, this is null\n"},
        {"name: n\nrule: {match: []}", "2:15 a rule has at least one choice\n"},
        {"name: n\nrule: {match: [x, {when: a}]}",
         "2:16 a choice must be a mapping, this is a string\n2:19 a choice has one of `output` and `rule`\n"
         "2:20 unknown key `when`\n"},
        {"name: n\nrule: {match: [{output: '1', rule: {match: [{output: '1'}]}}]}",
         "2:16 a choice has one of `output` and `rule`\n"},
        {"name: n\nrule: {match: [{rule: {match: [{output: '1'}]}, explanation: text}]}",
         "2:62 an explanation belongs to an output, not to a rule\n"},
        {"name: n\nrule: {match: [{condition: true, output: 1.5}]}",
         "2:28 `condition` must be a string, this is a boolean: put it in quotes\n"
         "2:42 `output` must be a string, this is a real number: put it in quotes\n"},
        {"name: n\nrule: {match: [{output: '1', explanation: x}]}",
         "2:43 `explanation` must be a string, this is int\n"},
        {"name: n\nrule: {match: [{condition: text, output: '1'}]}",
         "2:28 `condition` must be a bool, this is string\n"},
    });
}

TEST(CelPolicyFindings, AreOfTheCel) {
    expect_findings({
        {"name: n\nrule:\n  variables: [{name: v, expression: 'variables.w'}, {name: w, expression: '1'}]\n"
         "  match: [{output: variables.w}]",
         "3:38 undeclared reference to `variables.w`\n"},
        {"name: n\nrule:\n  variables: [{name: v, expression: '1 +'}]\n"
         "  match: [{condition: variables.v, output: 'variables.v + 1'}, {output: '[variables.v]'}]",
         "3:41 mismatched input: found the end of the expression, expected an expression\n"},
        {"name: n\nrule:\n  match:\n    - rule: {variables: [{name: v, expression: '1'}], match: [{output: "
         "'2'}]}\n"
         "    - output: variables.v\n",
         "4:13 rule creates unreachable outputs\n5:15 undeclared reference to `variables.v`\n"},
        {"name: n\nrule:\n  match:\n    - output: >\n        # no\n        1\n",
         "5:9 a character that begins no token\n"},
        {"name: n\nrule: {match: [{output: rule.result}]}", "2:25 undeclared reference to `rule.result`\n"},
    });
}

TEST(CelPolicyFindings, AreOfChoicesOutOfReach) {
    expect_findings({
        {"name: n\nrule:\n  match:\n    - output: '1'\n    - {condition: a, output: '2'}\n    - output: "
         "'3'\n    - output: '4'\n",
         "4:7 match creates unreachable outputs\n6:7 match creates unreachable outputs\n"},
        {"name: n\nrule:\n  match:\n    - condition: ' true'\n      output: '1'\n    - output: '3'\n",
         "4:7 match creates unreachable outputs\n"},
        {"name: n\nrule:\n  match:\n    - rule:\n        aggregate: [{condition: a, output: '1'}]\n    - "
         "output: '[3]'\n",
         "5:9 rule creates unreachable outputs\n"},
        {"name: n\nrule:\n  match:\n    - rule: {match: [{rule: {match: [{condition: a, output: '1'}]}}, "
         "{output: '2'}]}\n    - output: '3'\n",
         "4:13 rule creates unreachable outputs\n"},
        {"name: n\nrule:\n  match:\n    - condition: \" false\"\n      output: '1'\n    - output: '3'\n",
         "4:20 condition is always false\n"},
        {"name: n\nrule:\n  aggregate:\n    - {condition: '1 > 2 || [1] == [2]', output: '1'}\n    - "
         "{condition: 1 / 0 == 1, output: '3'}\n",
         "4:20 condition is always false\n"},
        {"kind: ValidatingAdmissionPolicy\nname: n\nspec:\n  validations:\n"
         "    - {expression: 'true', messageExpression: text}\n    - {expression: 'false', "
         "messageExpression: text}\n"
         "    - {expression: a, messageExpression: text}\n",
         "5:21 condition is always false\n6:7 match creates unreachable outputs\n"},
    });
}

TEST(CelPolicyFindings, AreOfAggregatesWithinAggregates) {
    expect_findings({
        {"name: n\nrule:\n  aggregate:\n    - rule:\n        aggregate: [{output: '1'}]\n",
         "5:9 an aggregate within an aggregate\n"},
        {"name: n\nrule:\n  aggregate:\n    - rule:\n        match:\n          - condition: a\n"
         "            rule: {aggregate: [{output: '1'}]}\n",
         "7:20 an aggregate within an aggregate\n"},
    });
}

TEST(CelPolicyFindings, AreOfOutputsThatDoNotAgree) {
    expect_findings({
        {"name: n\nrule:\n  match:\n    - {condition: a, output: '1'}\n    - {condition: b, output: "
         "\"'x'\"}\n"
         "    - {condition: c, output: \"'y'\"}\n    - output: 2.5\n",
         "5:31 incompatible output types: block has output type string, but previous outputs have type int\n"
         "7:15 `output` must be a string, this is a real number: put it in quotes\n"},
        {"name: n\nrule:\n  match:\n    - {condition: a, output: '1'}\n    - {condition: b, output: "
         "\"'x'\"}\n"
         "    - {condition: c, output: \"'y'\"}\n    - output: '2'\n",
         "5:31 incompatible output types: block has output type string, but previous outputs have type int\n"
         "7:16 incompatible output types: block has output type int, but previous outputs have type "
         "string\n"},
        {"name: n\nrule:\n  match:\n    - condition: a\n      rule:\n        match:\n          - {condition: "
         "b, output: '1'}\n"
         "          - {condition: c, output: \"'x'\"}\n    - output: '2.5'\n",
         "8:37 incompatible output types: block has output type string, but previous outputs have type "
         "int\n"},
        {"name: n\nrule:\n  match:\n    - {condition: a, output: '1'}\n    - rule: {aggregate: [{output: "
         "'1'}]}\n",
         "5:13 incompatible output types: block has output type list(int), but previous outputs have type "
         "int\n"},
        {"name: n\nrule:\n  aggregate:\n    - {condition: a, output: '1'}\n    - rule: {match: [{output: "
         "'1u'}]}\n",
         "5:13 incompatible output types: block has output type uint, but previous outputs have type int\n"},
    });
}

TEST(CelPolicyFindings, AreOfNamesThatOverlap) {
    expect_findings({
        {"name: n\nrule:\n  variables: [{name: v, expression: '1'}, {name: v, expression: nope}]\n  match: "
         "[{output: '1'}]",
         "3:50 overlapping declaration of `variables.v`: a variable of this rule has the name\n"
         "3:65 undeclared reference to `nope`\n"},
        {"name: n\nimports: [{name: request.labels}, {name: request.labels}, {name: plain}, {name: 'a b.c'}, "
         "{name: .a.b}]\n"
         "rule: {match: [{output: '1'}]}",
         "2:42 overlapping import: `labels` has a meaning already\n"
         "2:66 invalid qualified name `plain`, wanted `qualified.name`\n"
         "2:82 invalid qualified name `a b.c`, wanted `qualified.name`\n"
         "2:98 invalid qualified name `.a.b`, wanted `qualified.name`\n"},
    });
}

TEST(CelPolicyFindings, AreOfInvariants) {
    expect_findings({
        {"name: n\nrule: {match: [{output: '1'}]}\nverification:\n  invariants:\n    - {id: i, assert: "
         "[rule.result == 'x']}\n"
         "    - {id: '', assume: [rule.result == 1, x], assert: []}\n    - {id: i, assert: [a], what: 1}\n",
         "5:36 no overload of `_==_` takes `(int, string)`\n6:12 `id` is empty\n6:25 undeclared reference to "
         "`rule.result`\n"
         "6:43 a claim must be a bool, this is int\n6:55 an invariant asserts something\n"
         "7:12 invariant `i` stands twice\n7:28 unknown key `what`\n"},
        {"name: n\nrule: {match: [{condition: a, output: '1'}]}\nverification: {invariants: [{id: i, assert: "
         "[rule.result > 0]}], x: 1}\n",
         "3:58 no overload of `_>_` takes `(optional_type(int), int)`\n3:66 unknown key `x`\n"},
        {"name: n\nrule: {match: [{output: nope}]}\nverification: {invariants: [{id: i, assert: [rule.result "
         "> 0]}]}\n",
         "2:25 undeclared reference to `nope`\n"},
        {"name: n\nrule: {match: [{output: '1'}]}\nverification: {}\n", "3:15 missing key `invariants`\n"},
    });
}

TEST(CelPolicyFindings, AreOfAdmissionPolicies) {
    expect_findings({
        {"kind: Deployment\nspec: {validations: []}",
         "1:1 missing key `name`, here or in `metadata`\n1:7 unknown kind `Deployment`, there is "
         "`ValidatingAdmissionPolicy`\n"
         "2:21 a policy has at least one validation\n"},
        {"kind: ValidatingAdmissionPolicy\nname: n\nspec:\n  matchConditions: []\n  validations:\n"
         "    - {expression: a, message: no}\n    - {expression: x, messageExpression: x}\n",
         "4:3 unknown key `matchConditions`\n6:7 missing key `messageExpression`\n6:23 unknown key "
         "`message`\n"
         "7:20 `expression` must be a bool, this is int\n7:42 `messageExpression` must be a string, this is "
         "int\n"},
    });
}

TEST(CelPolicyFindings, AreOfDocumentsOverTheLimits) {
    std::string variables = "name: n\nrule:\n  match: [{output: '1'}]\n  variables:\n";
    for (std::size_t i = 0; i <= limits::kVariablesMax; ++i)
        variables += "    - {name: v" + std::to_string(i) + ", expression: '1'}\n";
    EXPECT_EQ(findings_of(variables), "261:7 more than 256 variables\n");

    std::string nodes = "name: n\nrule:\n  aggregate:\n";
    for (int i = 0; i < 60; ++i) {
        nodes += "    - output: x";
        for (int j = 0; j < 199; ++j)
            nodes += "+ x ";
        nodes += "\n";
    }
    EXPECT_EQ(findings_of(nodes), "54:15 more than 20000 parts in the policy\n");
}

struct ConfigRow {
    const char* text;
    std::string findings;
};

TEST(CelPolicyConfig, HasTypesInBothSpellings) {
    const Config config = test::must_read_config(R"yaml(
name: c
description: of types
container: a.b
extensions: [{name: strings, version: latest}, {name: math, version: 1}, {name: optional}, {name: bindings}]
variables:
  - {name: a, type_name: map, params: [{type_name: string}, {type_name: list, params: [{type_name: int}]}]}
  - {name: b.c, description: d, type: {type_name: optional_type, params: [{type_name: google.protobuf.Duration}]}}
  - {name: d, type_name: list}
  - {name: e, type: {type_name: timestamp}}
)yaml");
    EXPECT_EQ(config.name, "c");
    EXPECT_EQ(config.container, "a.b");
    std::string types;
    for (const cel::VariableDeclaration& variable : config.variables)
        types += variable.name + " " + cel::to_string(variable.type) + "\n";
    EXPECT_EQ(types, "a map(string, list(int))\nb.c optional_type(duration)\nd list(dyn)\ne timestamp\n");
}

TEST(CelPolicyConfig, HasFindings) {
    const std::initializer_list<ConfigRow> rows = {
        {"", "1:1 a config must be a mapping, this is null\n"},
        {"name: a: b", "1:8 mapping values are not allowed in this context\n"},
        {"name: 1\nfunctions: []\ncontext_variable: {type_name: T}\ncontainer: a b\n",
         "1:7 `name` must be a string, this is an integer: put it in quotes\n2:1 unknown key `functions`\n"
         "3:1 unknown key `context_variable`\n4:12 invalid qualified name `a b`\n"},
        {"variables:\n  - {name: a}\n  - {name: a, type_name: int, type: {type_name: int}}\n  - {name: b, "
         "type_name: my.T}\n"
         "  - {name: b, type_name: int}\n  - {name: 'c d', type_name: map, params: [{type_name: int}]}\n"
         "  - {name: variables.x, type_name: int, params: []}\n  - {name: rule, type: {type_name: list, "
         "what: 1}, params: []}\n",
         "2:5 a variable has one of `type` and `type_name`\n3:5 a variable has one of `type` and "
         "`type_name`\n"
         "3:12 variable `a` stands twice\n4:26 unknown type `my.T`\n5:12 variable `b` stands twice\n"
         "6:12 invalid qualified name `c d`\n6:43 type `map` has 2 parameters\n"
         "7:12 the name `variables.x` has a meaning in policies\n8:12 the name `rule` has a meaning in "
         "policies\n"
         "8:42 unknown key `what`\n8:60 `params` belongs to `type`\n"},
        {"extensions: [{name: protos}, {version: -1, name: sets}, {name: strings, version: last}, x]\n"
         "stdlib: {include_macros: [all, none], exclude_macros: [map]}\n",
         "1:21 unknown extension `protos`\n1:40 `version` is a number or `latest`\n"
         "1:82 `version` is a number or `latest`\n1:89 an extension must be a mapping, this is a string\n"
         "2:32 unknown macro `none`\n2:39 unknown key `exclude_macros`\n"},
    };
    for (const ConfigRow& row : rows) {
        const auto config = read_config(row.text);
        EXPECT_EQ(config ? "none" : test::shown(config.error()), row.findings) << row.text;
    }
}

}  // namespace
}  // namespace parmana::authoring
