// Documents of parmana-cel/1: what is bound, what decides, what is refused.
#include "policy/test_policies.hpp"

namespace parmana::policy {
namespace {

constexpr std::string_view kSignals = R"({"amount":{"type":"integer","minimum":0,"maximum":1000000},)"
                                      R"("divisor":{"type":"integer","minimum":0},"vip":{"type":"boolean"}})";

std::string rule_json(std::string_view id, std::string_view condition, std::string_view action = "reject",
                      std::string_view reason = "because") {
    std::string out = "{";
    if (!condition.empty()) {
        out += "\"condition\":";
        append_json_string(out, condition);
        out += ",";
    }
    out.append("\"id\":\"").append(id).append("\",\"outcome\":{\"action\":\"").append(action);
    const bool overrides = action != "reject" && action != "approve";
    return out.append("\",\"reason\":\"").append(reason).append("\",\"requires_override\":") +
           (overrides ? "true}}" : "false}}");
}

std::string cel_document(std::string_view rules, std::string_view signals = kSignals,
                         std::string_view hit_policy = "first", std::string_view more = {}) {
    std::string out = R"({"hitPolicy":")";
    out.append(hit_policy)
        .append(R"(","languageProfile":"parmana-cel/1","policyId":"test","policyVersion":"1.0.0",)");
    out.append(more)
        .append("\"rules\":[")
        .append(rules)
        .append(R"(],"schemaVersion":"1.1.0","signalsSchema":)");
    return out.append(signals).append("}");
}

std::string on(std::string_view amount, std::string_view divisor = "1", std::string_view vip = "false") {
    std::string out = "{\"amount\":";
    return out.append(amount)
        .append(",\"divisor\":")
        .append(divisor)
        .append(",\"vip\":")
        .append(vip)
        .append("}");
}

const std::string kRest = rule_json("rest", "", "approve");

/// The rule that decides, or the code with the detail.
std::string told(const Policy& policy, std::string_view signals) {
    const auto document = json::parse(signals);
    Slots slots;
    const Status bound = policy.bind(document->root(), slots);
    const auto rule = bound ? policy.evaluate(slots) : Result<const Rule*>(std::unexpected(bound.error()));
    if (rule) return (*rule)->id;
    return std::string(wire_name(rule.error().code)) + " " + rule.error().pointer + " " + rule.error().detail;
}

TEST(CelProfile, TheFirstRuleThatHoldsDecides) {
    const Policy policy =
        must_compile(cel_document(rule_json("large", "signals.amount > 1000 && !signals.vip") + "," +
                                  rule_json("odd", "signals.amount % 2 == 1") + "," + kRest));
    EXPECT_EQ(told(policy, on("1001")), "large");
    EXPECT_EQ(told(policy, on("1001", "1", "true")), "odd");
    EXPECT_EQ(told(policy, on("1000")), "rest");
    EXPECT_EQ(policy.language_profile(), kCelProfile);
    EXPECT_EQ(policy.schema_version(), kCelSchemaVersion);
}

TEST(CelProfile, AnErrorIsARefusalWithItsRuleAndPlaceAndNeverFalse) {
    const Policy policy =
        must_compile(cel_document(rule_json("ratio", "signals.amount / signals.divisor > 5") + "," + kRest));
    EXPECT_EQ(told(policy, on("60", "10")), "ratio");
    EXPECT_EQ(told(policy, on("60", "0")),
              "evaluation_error  rule `ratio`: division by zero at offset 15 of its condition");
}

TEST(CelProfile, OperatorsAbsorbErrorsAsCelSays) {
    const Policy policy = must_compile(
        cel_document(rule_json("either", "signals.amount / signals.divisor > 5 || signals.vip") + "," +
                     rule_json("both", "signals.amount / signals.divisor > 5 && signals.vip") + "," + kRest));
    EXPECT_EQ(told(policy, on("60", "0", "true")), "either");
    EXPECT_EQ(told(policy, on("60", "0", "false")),
              "evaluation_error  rule `either`: division by zero at offset 15 of its condition");
}

TEST(CelProfile, VariablesAreComputedWhenARuleReadsThemAndErrorsNameThem) {
    const std::string variables =
        R"("variables":[{"expression":"signals.amount / signals.divisor","name":"ratio"}],)";
    // Members in any order: the document is JSON, its canonical form is the business of whoever writes it.
    const Policy policy = must_compile(cel_document(
        rule_json("vip", "signals.vip") + "," + rule_json("ratio", "variables.ratio > 5") + "," + kRest,
        kSignals, "first", variables));
    EXPECT_EQ(told(policy, on("60", "0", "true")), "vip");
    EXPECT_EQ(told(policy, on("60", "10")), "ratio");
    EXPECT_EQ(told(policy, on("60", "0")),
              "evaluation_error  variable `ratio`: division by zero at offset 15");
}

TEST(CelProfile, TheHitPolicyJoinsTheRulesThatHold) {
    const std::string rules = rule_json("a", "signals.amount >= 10", "approve", "x") + "," +
                              rule_json("b", "signals.amount >= 20", "approve", "x") + "," +
                              rule_json("c", "signals.amount >= 30", "check", "y") + "," +
                              rule_json("d", "signals.amount >= 40", "reject", "z") + "," + kRest;
    const struct {
        std::string_view hit_policy, more, at_5, at_10, at_20, at_30, at_40;
    } rows[] = {
        {"first", "", "rest", "a", "a", "a", "a"},
        {"unique", "", "rest", "a", "evaluation_error", "evaluation_error", "evaluation_error"},
        {"any", "", "rest", "a", "a", "evaluation_error", "evaluation_error"},
        {"collect", "", "rest", "a", "a", "c", "d"},
        {"priority", R"("priorities":["approve","check","reject"],)", "rest", "a", "a", "a", "a"},
        {"priority", R"("priorities":["check","reject","approve"],)", "rest", "a", "a", "c", "c"},
    };
    for (const auto& row : rows) {
        const Policy policy = must_compile(cel_document(rules, kSignals, row.hit_policy, row.more));
        const auto at = [&](std::string_view amount) {
            const std::string answer = told(policy, on(amount));
            return answer.starts_with("evaluation_error") ? std::string("evaluation_error") : answer;
        };
        EXPECT_EQ(at("5"), row.at_5) << row.hit_policy;
        EXPECT_EQ(at("10"), row.at_10) << row.hit_policy;
        EXPECT_EQ(at("20"), row.at_20) << row.hit_policy;
        EXPECT_EQ(at("30"), row.at_30) << row.hit_policy;
        EXPECT_EQ(at("40"), row.at_40) << row.hit_policy << row.more;
    }
    EXPECT_EQ(told(must_compile(cel_document(rules, kSignals, "unique")), on("20")),
              "evaluation_error  more than one rule holds");
}

constexpr std::string_view kRich =
    R"({"age":{"type":"integer","required":false},)"
    R"("at":{"type":"timestamp"},"took":{"type":"duration"},)"
    R"("names":{"type":"list","max_size":2,"elements":{"type":"string","max_length":3}},)"
    R"("limits":{"type":"map","max_size":2,"elements":{"type":"integer","minimum":0}}})";

std::string rich(std::string_view names = R"(["a"])", std::string_view limits = "{}",
                 std::string_view at = "2024-02-29T12:00:00Z", std::string_view took = "90m",
                 std::string_view age = {}) {
    std::string out = "{";
    if (!age.empty()) out.append("\"age\":").append(age).append(",");
    out.append("\"at\":\"")
        .append(at)
        .append("\",\"limits\":")
        .append(limits)
        .append(",\"names\":")
        .append(names);
    return out.append(",\"took\":\"").append(took).append("\"}");
}

TEST(CelProfile, BindsEveryTypeOfSignal) {
    const std::string condition =
        "signals.at.getDayOfYear() == 59 && signals.took > duration('1h') && signals.names.exists(n, n == "
        "'a') && "
        "signals.limits[?'x'].orValue(7) == 7 && signals.age.orValue(40) >= 40";
    const Policy policy = must_compile(cel_document(rule_json("all", condition) + "," + kRest, kRich));
    EXPECT_EQ(told(policy, rich()), "all");
    EXPECT_EQ(told(policy, rich(R"(["b","a"])", R"({"x":7})", "2024-02-29T23:59:59+01:00", "61m", "41")),
              "all");
    EXPECT_EQ(told(policy, rich("[]")), "rest");
    EXPECT_EQ(told(policy, rich(R"(["a"])", R"({"x":8})")), "rest");
    EXPECT_EQ(told(policy, rich(R"(["a"])", "{}", "2024-02-29T12:00:00Z", "90m", "39")), "rest");
}

TEST(CelProfile, RefusesWhatIsNoValueOfItsSignalAndSaysWhere) {
    const Policy policy = must_compile(cel_document(kRest, kRich));
    const struct {
        std::string signals, answer;
    } rows[] = {
        {rich("[1]"), "signal_type /signals/names/0 an element of signal `names` must be a string"},
        {rich(R"(["a","long"])"), "signal_range /signals/names/1 an element of signal `names` is too long"},
        {rich(R"(["a","b","c"])"), "signal_range /signals/names signal `names` is too long"},
        {rich("{}"), "signal_type /signals/names signal `names` must be an array"},
        {rich("[]", R"({"x/y":-1})"),
         "signal_range /signals/limits/x~1y an element of signal `limits` is below its minimum"},
        {rich("[]", R"({"a":1,"b":2,"c":3})"), "signal_range /signals/limits signal `limits` is too long"},
        {rich("[]", "[]"), "signal_type /signals/limits signal `limits` must be an object"},
        {rich("[]", "{}", "2023-02-29T12:00:00Z"),
         "signal_type /signals/at signal `at` must be a timestamp in RFC 3339"},
        {rich("[]", "{}", "2024-02-29t12:00:00Z"),
         "signal_type /signals/at signal `at` must be a timestamp in RFC 3339"},
        {rich("[]", "{}", "2024-02-29T12:00:00Z", "1"),
         "signal_type /signals/took signal `took` must be a duration as `1h30m`"},
        {rich("[]", "{}", "2024-02-29T12:00:00Z", "3000000h"),
         "signal_type /signals/took signal `took` must be a duration as `1h30m`"},
        {rich("[]", "{}", "2024-02-29T12:00:00Z", "1s", "null"),
         "signal_type /signals/age signal `age` must be an integer"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(told(policy, row.signals), row.answer) << row.signals;
}

TEST(CelProfile, BoundSignalsMustEqualTheAction) {
    const Policy policy = must_compile(cel_document(
        kRest, kSignals, "first",
        R"("boundSignals":{"amount":"action.parameters.pay.sum","vip":"action.parameters.vip"},)"));
    const auto told_of = [&](std::string_view action) -> std::string {
        const auto signals = json::parse(on("1200", "1", "true"));
        const auto document = json::parse(action);
        const std::optional<json::Value> given =
            document->root().is(json::Type::null) ? std::nullopt : std::optional(document->root());
        const Status status = policy.check_action(signals->root(), given);
        if (status) return "bound";
        return std::string(wire_name(status.error().code)) + " " + status.error().pointer + " " +
               status.error().detail;
    };
    const std::string amount =
        "signal_unbound /signals/amount signal `amount` is not what `action.parameters.pay.sum` says";
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":{"sum":1200},"vip":true}})"), "bound");
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":{"sum":1201},"vip":true}})"), amount);
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":{"sum":1200.0},"vip":true}})"), amount);
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":{"sum":"1200"},"vip":true}})"), amount);
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":[1200],"vip":true}})"), amount);
    EXPECT_EQ(told_of(R"({"type":"pay"})"), amount);
    EXPECT_EQ(told_of("null"), amount);
    EXPECT_EQ(told_of(R"({"type":"pay","parameters":{"pay":{"sum":1200},"vip":false}})"),
              "signal_unbound /signals/vip signal `vip` is not what `action.parameters.vip` says");
}

std::string findings(std::string_view source) {
    std::string out;
    for (const Diagnostic& found : check(source))
        out += found.pointer + " " + found.message + "\n";
    return out;
}

TEST(CelProfile, FindsWhatDoesNotCheck) {
    const struct {
        std::string source, findings;
    } rows[] = {
        {cel_document(rule_json("a", "signals.amuont > 5") + "," + kRest),
         "/rules/0/condition column 1: undeclared reference to `signals.amuont`\n"},
        {cel_document(rule_json("a", "signals.amount > 5u") + "," + kRest), ""},
        {cel_document(rule_json("a", "signals.amount == 5.0") + "," + kRest),
         "/rules/0/condition column 16: no overload of `_==_` takes `(int, double)`\n"},
        {cel_document(rule_json("a", "signals.amount") + "," + kRest),
         "/rules/0/condition column 1: a condition must be a bool, this is int\n"},
        {cel_document(rule_json("a", "dyn(signals.vip)") + "," + kRest),
         "/rules/0/condition column 1: a condition must be a bool, this is dyn\n"},
        {cel_document(rule_json("a", "string(signals.amount).matches(string(signals.divisor))") + "," +
                      kRest),
         "/rules/0/condition column 38: the pattern of `matches` must be a literal\n"},
        {cel_document(rule_json("a", "string(signals.amount).matches('(')") + "," + kRest),
         "/rules/0/condition column 32: the pattern of `matches` is not valid, or too large\n"},
        {cel_document(rule_json("a", "timestamp(0).getHours('Mars/Olympus') > 1") + "," + kRest),
         "/rules/0/condition column 23: there is no time zone of this name\n"},
        {cel_document(rule_json("a", "signals.vip")),
         "/rules/0 the last rule must have no condition: every input ends in a decision\n"},
        {cel_document(kRest + "," + rule_json("b", "signals.vip") + "," + rule_json("c", "")),
         "/rules/1 the rule is unreachable: the one before it has no condition\n"},
        {cel_document(rule_json("rest", "signals.vip") + "," + kRest),
         "/rules/1/id rule id `rest` is taken by /rules/0\n"},
        {cel_document(kRest, kSignals, "last"),
         "/hitPolicy `hitPolicy` is not first, unique, any, priority or collect\n"},
        {cel_document(kRest, kSignals, "priority"),
         "/priorities `priorities` belongs to the hit policy `priority`\n"},
        {cel_document(kRest, kSignals, "first", R"("boundSignals":{"amount":"parameters.amount"},)"),
         "/boundSignals/amount a binding is `action.type`, `action.target` or `action.parameters.NAME`\n"},
        {cel_document(kRest, kSignals, "first", R"("boundSignals":{"other":"action.target"},)"),
         "/boundSignals/other signal `other` is not declared\n"},
        {cel_document(kRest, kSignals, "first", R"("colour":1,)"), "/colour unknown key `colour`\n"},
    };
    for (const auto& row : rows) {
        if (row.findings.empty()) continue;
        EXPECT_EQ(findings(row.source), row.findings);
    }
}

TEST(CelProfile, APolicyHasFewRegularExpressionsAndNoneIsLarge) {
    const std::string signals = R"({"s":{"type":"string","max_length":10}})";
    std::string rules;
    for (int i = 0; i < 33; ++i)
        rules += rule_json("r" + std::to_string(i), "signals.s.matches('a" + std::to_string(i) + "')") + ",";
    EXPECT_EQ(findings(cel_document(rules + kRest, signals)),
              "/rules/32/condition column 19: more than 32 regular expressions in the policy\n");
    EXPECT_EQ(
        findings(cel_document(rule_json("a", "signals.s.matches('\\\\pL{240}')") + "," + kRest, signals)),
        "/rules/0/condition column 19: the pattern of `matches` is not valid, or too large\n");
}

TEST(CelProfile, APolicyOverTheCostLimitIsRefusedWithTheFigure) {
    const std::string signals = R"({"list":{"type":"list","max_size":1000,"elements":{"type":"integer"}}})";
    const std::string nested =
        "signals.list.exists(a, signals.list.exists(b, signals.list.exists(c, a + b + c == 7)))";
    const std::string found = findings(cel_document(rule_json("a", nested) + "," + kRest, signals));
    EXPECT_TRUE(found.starts_with("/rules the worst case costs ")) << found;
    EXPECT_NE(found.find(", over the limit of 50000\n"), std::string::npos) << found;
    EXPECT_EQ(findings(cel_document(rule_json("a", "signals.list.size() == 7") + "," + kRest, signals)), "");
}

TEST(CelProfile, AConditionIsTracedByItsParts) {
    const Policy policy = must_compile(cel_document(
        rule_json("a", "signals.amount > 5 && (signals.vip || signals.amount / signals.divisor > 2)") + "," +
        kRest));
    const auto document = json::parse(on("6", "2"));
    Slots slots;
    ASSERT_TRUE(policy.bind(document->root(), slots));
    std::vector<RuleTrace> trace;
    ASSERT_TRUE(policy.evaluate_traced(slots, trace));
    ASSERT_EQ(trace.size(), 1U);
    EXPECT_EQ(trace[0].rule, "a");
    EXPECT_TRUE(trace[0].holds);
    EXPECT_EQ(trace[0].deciding, "signals.amount / signals.divisor > 2");
    ASSERT_EQ(trace[0].conditions.size(), 3U);
    EXPECT_EQ(trace[0].conditions[1].text, "signals.vip");
    EXPECT_EQ(trace[0].conditions[1].outcome, false);
}

}  // namespace
}  // namespace parmana::policy
