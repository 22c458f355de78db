// What the checker finds, and where.

#include "base/limits.hpp"
#include "policy/test_policies.hpp"

namespace parmana::policy {
namespace {

constexpr std::string_view kBase = R"({
  "policyId": "claims",
  "policyVersion": "1.0.0",
  "schemaVersion": "1.0.0",
  "signalsSchema": {
    "amount": {"type": "integer", "minimum": 0, "maximum": 100},
    "score": {"type": "number", "required": false, "minimum": -1.5, "maximum": 1e3},
    "vip": {"type": "boolean", "description": "a flag"},
    "country": {"type": "string", "min_length": 2, "max_length": 3},
    "kind": {"type": "enum", "values": ["car", "home"]}
  },
  "rules": [
    {
      "id": "first",
      "condition": {"signal": "amount", "greater_than": 50},
      "outcome": {"action": "reject", "requires_override": false, "reason": "too much"}
    },
    {"id": "last", "condition": {"all": []},
     "outcome": {"action": "approve", "requires_override": false, "reason": "fine"}}
  ]
}
)";

constexpr std::string_view kLeaf = R"({"signal": "amount", "greater_than": 50})";

/// The base with the first occurrence of `from` replaced.
std::string altered(std::string_view from, std::string_view to) {
    std::string text(kBase);
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        ADD_FAILURE() << "not in the base: " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

/// One line for each finding: "line:column pointer message".
std::string findings_of(std::string_view source) {
    std::string out;
    for (const Diagnostic& found : check(source)) {
        if (!out.empty()) out += "\n";
        out += std::to_string(found.line) + ":" + std::to_string(found.column) + " " + found.pointer + " " +
               found.message;
    }
    return out;
}

struct Row {
    std::string_view from;
    std::string_view to;
    std::string_view findings;
};

void expect_findings(std::initializer_list<Row> rows) {
    for (const Row& row : rows) {
        const std::string text = altered(row.from, row.to);
        EXPECT_EQ(findings_of(text), row.findings) << row.from << "  ->  " << row.to;
        EXPECT_EQ(compile(text).has_value(), row.findings.empty()) << row.to;
    }
}

TEST(Check, FindsNothingInAGoodDocument) {
    EXPECT_EQ(findings_of(kBase), "");
}

TEST(Check, TakesOnlyTheDocumentedTopLevel) {
    expect_findings({
        {R"("policyId": "claims",)", R"("policyId": "claims", "description": "words",)", ""},
        {R"("policyId": "claims",)", "", "1:1  missing key `policyId`"},
        {R"("policyId": "claims",)", R"("policyId": "claims", "extra": {"a": 1},)",
         "2:25 /extra unknown key `extra`"},
        {R"("claims")", R"("a claim")",
         "2:15 /policyId policy id `a claim` is not 1 to 128 letters, digits, `_` or `-`"},
        {R"("claims")", "7", "2:15 /policyId `policyId` must be a string"},
        {R"("policyVersion": "1.0.0")", R"("policyVersion": "1.0")",
         "3:20 /policyVersion policy version `1.0` is not a semantic version of at most 32 bytes"},
        {R"("schemaVersion": "1.0.0")", R"("schemaVersion": "2.0.0")",
         "4:20 /schemaVersion `schemaVersion` must be `1.0.0`"},
        {R"("policyId": "claims",)", R"("policyId": "claims", "description": [],)",
         "2:40 /description `description` must be a string"},
    });
    EXPECT_EQ(findings_of("[]"), "1:1  a policy must be an object");
    EXPECT_EQ(findings_of(" {}"),
              "1:2  missing key `policyId`\n1:2  missing key `policyVersion`\n"
              "1:2  missing key `schemaVersion`\n1:2  missing key `signalsSchema`\n"
              "1:2  missing key `rules`");
}

TEST(Check, ReportsTextThatIsNotJsonWhereItBreaks) {
    for (const auto& [source, line, column] :
         {std::tuple{"", 1U, 1U}, {"{\n  \"a\": tru\n}", 2U, 11U}, {"{\"a\":1,\"a\":2}", 1U, 8U}}) {
        const std::vector<Diagnostic> found = check(source);
        ASSERT_EQ(found.size(), 1U) << source;
        EXPECT_EQ(found[0].line, line) << source << ": " << found[0].message;
        EXPECT_EQ(found[0].column, column) << source << ": " << found[0].message;
        EXPECT_EQ(found[0].message.find(" at offset "), std::string::npos) << found[0].message;
        EXPECT_FALSE(found[0].message.empty());
    }
}

TEST(Check, TakesOnlyTheDocumentedDeclarations) {
    constexpr std::string_view kAmount = R"({"type": "integer", "minimum": 0, "maximum": 100})";
    constexpr std::string_view kCountry = R"({"type": "string", "min_length": 2, "max_length": 3})";
    constexpr std::string_view kKind = R"({"type": "enum", "values": ["car", "home"]})";
    expect_findings({
        {kAmount, R"({})", "6:15 /signalsSchema/amount missing key `type`"},
        {kAmount, R"("integer")", "6:15 /signalsSchema/amount the declaration of `amount` must be an object"},
        {kAmount, R"({"type": "int"})",
         "6:24 /signalsSchema/amount/type signal type `int` is not integer, number, boolean, "
         "string or "
         "enum"},
        {kAmount, R"({"type": null})", "6:24 /signalsSchema/amount/type `type` must be a string"},
        {kAmount, R"({"type": "integer", "minimun": 0})",
         "6:35 /signalsSchema/amount/minimun unknown key `minimun`"},
        {kAmount, R"({"type": "integer", "minimum": 0.0})",
         "6:46 /signalsSchema/amount/minimum `minimum` must be an integer"},
        {kAmount, R"({"maximum": 1, "minimum": 2, "type": "integer"})",
         "6:27 /signalsSchema/amount/maximum `maximum` is below `minimum`"},
        {kAmount, R"({"minimum": 2, "maximum": 2, "type": "integer"})", ""},
        {kAmount, R"({"type": "integer", "required": 1, "values": [], "min_length": 1})",
         "6:47 /signalsSchema/amount/required `required` must be a boolean\n"
         "6:50 /signalsSchema/amount/values `values` does not belong to the type `integer`\n"
         "6:64 /signalsSchema/amount/min_length `min_length` does not belong to the type "
         "`integer`"},
        {R"("amount")", R"("the amount")",
         "6:5 /signalsSchema/the amount signal name `the amount` is not a letter or `_` and at "
         "most 63 "
         "letters, digits or `_`\n"
         "15:31 /rules/0/condition/signal signal `amount` is not declared"},
        {R"("minimum": -1.5)", R"("minimum": "-1.5")",
         "7:63 /signalsSchema/score/minimum `minimum` must be a number"},
        {R"("maximum": 1e3)", R"("maximum": -2)",
         "7:80 /signalsSchema/score/maximum `maximum` is below `minimum`"},
        {R"("description": "a flag")", R"("description": 1)",
         "8:47 /signalsSchema/vip/description `description` must be a string"},
        {R"("description": "a flag")", R"("maximum": 1)",
         "8:32 /signalsSchema/vip/maximum `maximum` does not belong to the type `boolean`"},
        {kCountry, R"({"type": "string", "min_length": -1, "max_length": 4097})",
         "9:49 /signalsSchema/country/min_length `min_length` is not from 0 to 4096\n"
         "9:67 /signalsSchema/country/max_length `max_length` is not from 0 to 4096"},
        {kCountry, R"({"type": "string", "min_length": 3, "max_length": 2})",
         "9:66 /signalsSchema/country/max_length `max_length` is below `min_length`"},
        {kCountry, R"({"type": "string", "min_length": 1.0})",
         "9:49 /signalsSchema/country/min_length `min_length` must be an integer"},
        {kKind, R"({"type": "enum"})", "10:13 /signalsSchema/kind missing key `values`"},
        {kKind, R"({"type": "enum", "values": []})", "10:40 /signalsSchema/kind/values `values` is empty"},
        {kKind, R"({"type": "enum", "values": ["a", 1, "a", ""]})",
         "10:46 /signalsSchema/kind/values/1 a value must be a string\n"
         "10:49 /signalsSchema/kind/values/2 value `a` stands twice\n"
         "10:54 /signalsSchema/kind/values/3 a value is empty or longer than a string signal can "
         "be"},
    });
}

TEST(Check, TakesOnlyTheDocumentedRules) {
    expect_findings({
        {R"("id": "first",)", R"("id": "first", "priority": 1,)",
         "14:22 /rules/0/priority unknown key `priority`"},
        {R"("id": "first",)", "", "13:5 /rules/0 missing key `id`"},
        {R"("first")", R"("no spaces")",
         "14:13 /rules/0/id rule id `no spaces` is not 1 to 128 letters, digits, `_`, `.` or `-`"},
        {R"("first")", R"("last")", "18:12 /rules/1/id rule id `last` is taken by /rules/0"},
        {R"("reason": "too much")", R"("reason": "")",
         "16:77 /rules/0/outcome/reason `reason` is not 1 to 512 bytes long"},
        {R"(, "reason": "too much")", R"(, "note": 1)",
         "16:18 /rules/0/outcome missing key `reason`\n16:67 /rules/0/outcome/note unknown key "
         "`note`"},
        {R"("requires_override": false)", R"("requires_override": "false")",
         "16:60 /rules/0/outcome/requires_override `requires_override` must be a boolean"},
        {R"("reject")", R"("review")",
         "16:29 /rules/0/outcome/action action `review` needs an override: without one it must be "
         "`approve` or `reject`"},
        {R"("reject", "requires_override": false)", R"("review", "requires_override": true)", ""},
        {R"("reject")", R"("Reject")",
         "16:29 /rules/0/outcome/action action `Reject` is not a lower-case letter and at most 63 "
         "of a-z, "
         "0-9 or `_`"},
        {R"({"all": []})", R"({"signal": "vip", "equals": true})",
         "18:33 /rules/1/condition the last rule must catch all: its condition must be "
         "{\"all\":[]}"},
        {R"({"all": []})", R"({"all": [{"all": []}]})",
         "18:33 /rules/1/condition the last rule must catch all: its condition must be "
         "{\"all\":[]}"},
        {kLeaf, R"({"all": []})", "18:5 /rules/1 the rule is unreachable: rule `first` catches all"},
        {R"("outcome": {"action": "reject")", R"("outcome": {"action": 1)",
         "16:29 /rules/0/outcome/action `action` must be a string"},
    });
    EXPECT_EQ(findings_of(document("{}", "[]")),
              "1:95 /rules the last rule must catch all: its condition must be {\"all\":[]}");
    EXPECT_EQ(findings_of(document("{}", "[1]")),
              "1:96 /rules/0 a rule must be an object\n"
              "1:96 /rules/0 the last rule must catch all: its condition must be {\"all\":[]}");
}

TEST(Check, TakesOnlyTheDocumentedConditions) {
    expect_findings({
        {kLeaf, "true", "15:20 /rules/0/condition a condition must be an object"},
        {kLeaf, "{}", "15:20 /rules/0/condition a condition needs `signal`, `all`, `any` or `not`"},
        {kLeaf, R"({"greater_than": 5})",
         "15:20 /rules/0/condition a condition needs `signal`, `all`, `any` or `not`"},
        {kLeaf, R"({"any": []})", "15:28 /rules/0/condition/any `any` is empty: it never holds"},
        {kLeaf, R"({"all": {}})", "15:28 /rules/0/condition/all `all` must be an array"},
        {kLeaf, R"({"not": []})", "15:28 /rules/0/condition/not a condition must be an object"},
        {kLeaf, R"({"not": {"all": []}})", ""},
        {kLeaf, R"({"any": [{"all": []}], "all": []})",
         "15:43 /rules/0/condition/all `all` cannot stand beside `any`"},
        {kLeaf, R"({"signal": "amont", "equals": 1})",
         "15:31 /rules/0/condition/signal signal `amont` is not declared"},
        {kLeaf, R"({"signal": 5, "equals": 1})", "15:31 /rules/0/condition/signal `signal` must be a string"},
        {kLeaf, R"({"signal": "amount"})",
         "15:20 /rules/0/condition missing operator: `equals`, `greater_than`, `less_than`, "
         "`greater_than_or_equal`, `less_than_or_equal` or `in`"},
        {kLeaf, R"({"signal": "amount", "not_equals": 1})",
         "15:20 /rules/0/condition missing operator: `equals`, `greater_than`, `less_than`, "
         "`greater_than_or_equal`, `less_than_or_equal` or `in`\n"
         "15:41 /rules/0/condition/not_equals unknown key `not_equals`"},
        {kLeaf, R"({"signal": "amount", "less_than": 9, "greater_than": 1})",
         "15:57 /rules/0/condition/greater_than `greater_than` is a second operator"},
        {kLeaf, R"({"signal": "amount", "equals": 9, "all": []})",
         "15:54 /rules/0/condition/all unknown key `all`"},
        {kLeaf, R"({"all": [{"not": {"signal": "vip", "equals": 1}}, {"any": []}, 4]})",
         "15:65 /rules/0/condition/all/0/not/equals the operand for `vip` must be a boolean\n"
         "15:78 /rules/0/condition/all/1/any `any` is empty: it never holds\n"
         "15:83 /rules/0/condition/all/2 a condition must be an object"},
    });
}

TEST(Check, TakesOnlyOperandsThatFitTheSignal) {
    expect_findings({
        {kLeaf, R"({"signal": "amount", "greater_than": 50.0})",
         "15:57 /rules/0/condition/greater_than the operand for `amount` must be an integer"},
        {kLeaf, R"({"signal": "amount", "greater_than": "50"})",
         "15:57 /rules/0/condition/greater_than the operand for `amount` must be an integer"},
        {kLeaf, R"({"signal": "amount", "greater_than": 101})", ""},
        {kLeaf, R"({"signal": "amount", "equals": 101})",
         "15:51 /rules/0/condition/equals the operand for `amount` is above its maximum: it never "
         "holds"},
        {kLeaf, R"({"signal": "amount", "in": [0, -1, 100, 1e2]})",
         "15:51 /rules/0/condition/in/1 the operand for `amount` is below its minimum: it never "
         "holds\n"
         "15:60 /rules/0/condition/in/3 the operand for `amount` must be an integer"},
        {kLeaf, R"({"signal": "amount", "in": []})",
         "15:47 /rules/0/condition/in `in` is empty: it never holds"},
        {kLeaf, R"({"signal": "amount", "in": 5})", "15:47 /rules/0/condition/in `in` must be an array"},
        {kLeaf, R"({"signal": "score", "equals": 1000.5})",
         "15:50 /rules/0/condition/equals the operand for `score` is above its maximum: it never "
         "holds"},
        {kLeaf, R"({"signal": "score", "in": [1, 1.5, -0, 1e3]})", ""},
        {kLeaf, R"({"signal": "score", "less_than": null})",
         "15:53 /rules/0/condition/less_than the operand for `score` must be a number"},
        {kLeaf, R"({"signal": "vip", "equals": "true"})",
         "15:48 /rules/0/condition/equals the operand for `vip` must be a boolean"},
        {kLeaf, R"({"signal": "vip", "in": [true]})", ""},
        {kLeaf, R"({"signal": "vip", "less_than": true})",
         "15:38 /rules/0/condition/less_than `less_than` needs an integer or number signal, and "
         "`vip` is "
         "none"},
        {kLeaf, R"({"signal": "country", "greater_than_or_equal": "DE"})",
         "15:42 /rules/0/condition/greater_than_or_equal `greater_than_or_equal` needs an integer "
         "or "
         "number signal, and `country` is none"},
        {kLeaf, R"({"signal": "country", "equals": "Germany"})",
         "15:52 /rules/0/condition/equals the operand for `country` is too long: it never holds"},
        {kLeaf, R"({"signal": "country", "equals": 5})",
         "15:52 /rules/0/condition/equals the operand for `country` must be a string"},
        {kLeaf, R"({"signal": "kind", "equals": "boat"})",
         "15:49 /rules/0/condition/equals the operand for `kind` is not one of its declared "
         "values: it "
         "never holds"},
        {kLeaf, R"({"signal": "kind", "in": ["car", "Home"]})",
         "15:53 /rules/0/condition/in/1 the operand for `kind` is not one of its declared values: "
         "it "
         "never holds"},
    });
}

TEST(Check, ReportsAFaultyDeclarationOnceAndNotAtEachUse) {
    std::string text = altered(R"({"type": "integer", "minimum": 0, "maximum": 100})", R"({"type": "x"})");
    EXPECT_EQ(check(text).size(), 1U) << findings_of(text);
    text = altered(R"("values": ["car", "home"])", R"("values": [])");
    text.replace(text.find(kLeaf), kLeaf.size(), R"({"signal": "kind", "equals": "car"})");
    EXPECT_EQ(check(text).size(), 1U) << findings_of(text);
}

std::string repeated(std::string_view part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out.append(i == 0 ? "" : ",").append(part);
    return out;
}

std::string rules_on(std::size_t count) {
    std::string out = "[";
    for (std::size_t i = 1; i < count; ++i) {
        out += rule("r" + std::to_string(i), R"({"signal":"a","equals":true})") + ",";
    }
    return out + rule("rest", R"({"all":[]})") + "]";
}

std::string nested_not(std::size_t depth) {
    std::string out = R"({"signal":"a","equals":true})";
    for (std::size_t i = 1; i < depth; ++i)
        out = R"({"not":)" + out + "}";
    return out;
}

TEST(Check, KeepsTheLimits) {
    constexpr std::string_view kSignal = R"({"a":{"type":"boolean"}})";
    std::string signals = R"({"s0":{"type":"boolean"})";
    for (std::size_t i = 1; i < limits::kSignalsMax; ++i) {
        signals += R"(,"s)" + std::to_string(i) + R"(":{"type":"boolean"})";
    }
    const std::string rest = "[" + rule("rest", R"({"all":[]})") + "]";
    EXPECT_EQ(findings_of(document(signals + "}", rest)), "");
    EXPECT_EQ(findings_of(document(signals + R"(,"more":{"type":"boolean"}})", rest)),
              "1:84 /signalsSchema more than 256 signals");

    EXPECT_EQ(findings_of(document(kSignal, rules_on(limits::kRulesMax))), "");
    EXPECT_EQ(findings_of(document(kSignal, rules_on(limits::kRulesMax + 1))),
              "1:117 /rules more than 1000 rules");

    EXPECT_EQ(findings_of(one_condition(kSignal, nested_not(limits::kConditionDepthMax))), "");
    const std::vector<Diagnostic> deep =
        check(one_condition(kSignal, nested_not(limits::kConditionDepthMax + 1)));
    ASSERT_EQ(deep.size(), 1U);
    EXPECT_EQ(deep[0].message, "conditions are nested deeper than 32 levels");

    // One node for the `all` around the leaves, one for the catch-all.
    const std::size_t leaves = limits::kConditionNodesMax - 2;
    const std::string leaf = R"({"signal":"a","equals":true})";
    EXPECT_EQ(findings_of(one_condition(kSignal, R"({"all":[)" + repeated(leaf, leaves) + "]}")), "");
    const std::vector<Diagnostic> many =
        check(one_condition(kSignal, R"({"all":[)" + repeated(leaf, leaves + 1) + "]}"));
    ASSERT_EQ(many.size(), 1U);
    EXPECT_EQ(many[0].message, "more than 10000 conditions in the policy");
    EXPECT_EQ(many[0].pointer, "/rules/1/condition");

    const std::string padding(limits::kPolicyBytesMax - kBase.size(), ' ');
    EXPECT_EQ(findings_of(std::string(kBase) + padding), "");
    EXPECT_EQ(findings_of(std::string(kBase) + padding + " "), "1:1  the policy is over 1048576 bytes");
}

TEST(Compile, FailsWithTheFirstFinding) {
    const Result<Policy> policy = compile(altered(kLeaf, "{}"));
    ASSERT_FALSE(policy.has_value());
    EXPECT_EQ(policy.error(),
              (Error{Code::policy_invalid, "15:20: a condition needs `signal`, `all`, `any` or `not`",
                     "/rules/0/condition"}));
}

TEST(Compile, KeepsWhatTheDocumentSays) {
    const Policy policy = must_compile(kBase);
    EXPECT_EQ(policy.id().value(), "claims");
    EXPECT_EQ(policy.version().value(), "1.0.0");
    EXPECT_EQ(policy.schema_version(), "1.0.0");
    std::string names;
    for (const SignalDeclaration& signal : policy.signals())
        names += signal.name + " ";
    EXPECT_EQ(names, "amount country kind score vip ");
    EXPECT_EQ(policy.signals()[0].integer_maximum, 100);
    EXPECT_EQ(policy.signals()[1].length_maximum, 3U);
    EXPECT_EQ(policy.signals()[2].values, (std::vector<std::string>{"car", "home"}));
    EXPECT_EQ(policy.signals()[3].number_maximum, 1000.0);
    EXPECT_FALSE(policy.signals()[3].required);
    EXPECT_TRUE(policy.signals()[4].required);
    ASSERT_EQ(policy.rules().size(), 2U);
    EXPECT_EQ(policy.rules()[0].id, "first");
    EXPECT_EQ(policy.rules()[0].outcome.verdict, Verdict::rejected);
    EXPECT_EQ(policy.rules()[1].outcome.verdict, Verdict::approved);
    EXPECT_EQ(policy.rules()[1].outcome.reason, "fine");
}

TEST(Compile, DigestsTheSchemaInItsCanonicalForm) {
    const std::string rest = "[" + rule("rest", R"({"all":[]})") + "]";
    const Policy a = must_compile(document(R"({"a":{"type":"boolean"},"b":{"type":"string"}})", rest));
    const Policy b = must_compile(document(R"({ "b":{"type":"string"}, "a":{"type":"boolean"}})", rest));
    const Policy c = must_compile(document(R"({"a":{"type":"boolean"},"b":{"type":"number"}})", rest));
    EXPECT_EQ(a.schema_digest(), b.schema_digest());
    EXPECT_NE(a.schema_digest(), c.schema_digest());
    // sha256sum of `{}`
    EXPECT_EQ(to_hex(view_of(must_compile(document("{}", rest)).schema_digest())),
              "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

}  // namespace
}  // namespace parmana::policy
