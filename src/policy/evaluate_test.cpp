#include <fstream>
#include <iterator>

#include "policy/test_policies.hpp"

namespace parmana::policy {
namespace {

struct Comparison {
    std::string_view operand;
    std::string_view signal;
    std::string_view relations;  // which hold: = < l(ess or equal) > g(reater or equal)
};

void expect_relations(std::string_view declaration, std::initializer_list<Comparison> rows) {
    constexpr std::pair<char, std::string_view> kOperators[] = {{'=', "equals"},
                                                                {'<', "less_than"},
                                                                {'l', "less_than_or_equal"},
                                                                {'>', "greater_than"},
                                                                {'g', "greater_than_or_equal"}};
    for (const Comparison& row : rows) {
        for (const auto& [letter, name] : kOperators) {
            std::string condition = R"({"signal":"a",")";
            condition.append(name).append("\":").append(row.operand).append("}");
            const std::string signals = R"({"a":)" + std::string(row.signal) + "}";
            const bool holds = row.relations.find(letter) != std::string_view::npos;
            const std::string schema = R"({"a":)" + std::string(declaration) + "}";
            EXPECT_EQ(decide(must_compile(one_condition(schema, condition)), signals), holds ? "hit" : "rest")
                << row.signal << " " << name << " " << row.operand;
            const std::string negated = R"({"not":)" + condition + "}";
            EXPECT_EQ(decide(must_compile(one_condition(schema, negated)), signals), holds ? "rest" : "hit")
                << "not " << row.signal << " " << name << " " << row.operand;
        }
    }
}

TEST(Evaluate, ComparesIntegersUpToTheBorders) {
    expect_relations(R"({"type":"integer"})", {{"0", "0", "=lg"},
                                               {"0", "1", ">g"},
                                               {"0", "-1", "<l"},
                                               {"9007199254740991", "9007199254740991", "=lg"},
                                               {"9007199254740991", "9007199254740990", "<l"},
                                               {"-9007199254740991", "-9007199254740991", "=lg"},
                                               {"-9007199254740991", "-9007199254740990", ">g"},
                                               {"-9007199254740991", "9007199254740991", ">g"}});
}

TEST(Evaluate, ComparesNumbersAndIntegersExactly) {
    expect_relations(R"({"type":"number"})", {{"0", "-0", "=lg"},
                                              {"-0.0", "0", "=lg"},
                                              {"-0.0", "-0.0", "=lg"},
                                              {"0", "5e-324", ">g"},
                                              {"0", "-5e-324", "<l"},
                                              {"1", "1.0", "=lg"},
                                              {"0.1", "0.1", "=lg"},
                                              {"0.3", "0.30000000000000004", ">g"},
                                              {"9007199254740991", "9007199254740991", "=lg"},
                                              {"9007199254740991", "9007199254740990", "<l"},
                                              {"-9007199254740991", "-9007199254740990.5", ">g"},
                                              {"1.7976931348623157e308", "9007199254740991", "<l"}});
}

TEST(Evaluate, FindsMembersOfSets) {
    struct Row {
        std::string_view declaration, set, hits, misses;
    };
    const Row rows[] = {
        {R"({"type":"integer"})", "[9,-3,9007199254740991,0]", "9 -3 9007199254740991 0", "1 -9 10"},
        {R"({"type":"number"})", "[9,-3.5,0]", "9 9.0 -3.5 0 -0 -0.0", "1 3.5 9.000000000000002"},
        {R"({"type":"boolean"})", "[true]", "true", "false"},
        {R"({"type":"boolean"})", "[false]", "false", "true"},
        {R"({"type":"boolean"})", "[false,true,true]", "false true", ""},
        {R"({"type":"string"})", R"(["b","a","ä",""])", R"("a" "b" "ä" "\u00e4" "")", R"("c" "ab" "A")"},
        {R"({"type":"enum","values":["y","x","z"]})", R"(["z","x"])", R"("x" "z")", R"("y")"},
    };
    const auto expect_each = [](const Policy& policy, std::string_view values, std::string_view answer) {
        while (!values.empty()) {
            const std::size_t end = std::min(values.find(' '), values.size());
            const std::string signals = R"({"a":)" + std::string(values.substr(0, end)) + "}";
            EXPECT_EQ(decide(policy, signals), answer) << signals;
            values.remove_prefix(std::min(end + 1, values.size()));
        }
    };
    for (const Row& row : rows) {
        const std::string schema = R"({"a":)" + std::string(row.declaration) + "}";
        const std::string condition = R"({"signal":"a","in":)" + std::string(row.set) + "}";
        const Policy policy = must_compile(one_condition(schema, condition));
        expect_each(policy, row.hits, "hit");
        expect_each(policy, row.misses, "rest");
    }
}

TEST(Evaluate, ComparesBooleansAndStringsForEquality) {
    const Policy is_true =
        must_compile(one_condition(R"({"a":{"type":"boolean"}})", R"({"signal":"a","equals":true})"));
    EXPECT_EQ(decide(is_true, R"({"a":true})"), "hit");
    EXPECT_EQ(decide(is_true, R"({"a":false})"), "rest");
    const Policy is_false =
        must_compile(one_condition(R"({"a":{"type":"boolean"}})", R"({"signal":"a","equals":false})"));
    EXPECT_EQ(decide(is_false, R"({"a":true})"), "rest");
    EXPECT_EQ(decide(is_false, R"({"a":false})"), "hit");
    const Policy text =
        must_compile(one_condition(R"({"a":{"type":"string"}})", R"({"signal":"a","equals":"a\u0000b"})"));
    EXPECT_EQ(decide(text, R"({"a":"a\u0000b"})"), "hit");
    EXPECT_EQ(decide(text, R"({"a":"a"})"), "rest");
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ClaimsApproval, DecidesAtItsBorders) {
    const Policy policy =
        must_compile(read_file(PARMANA_SOURCE_DIR "/policies/claims-approval/1.0.0/policy.json"));
    EXPECT_EQ(policy.id().value(), "claims-approval");
    EXPECT_EQ(policy.version().value(), "1.0.0");
    struct Row {
        std::string_view amount;
        std::string_view vip;
        Verdict verdict;
        std::string_view rule;
    };
    for (const Row& row : {Row{"50001", "false", Verdict::rejected, "amount-over-limit"},
                           Row{"50001", "true", Verdict::rejected, "amount-over-limit"},
                           Row{"50000", "false", Verdict::override_required, "large-claim-needs-a-person"},
                           Row{"50000", "true", Verdict::approved, "standard-approval"},
                           Row{"10001", "false", Verdict::override_required, "large-claim-needs-a-person"},
                           Row{"10001", "true", Verdict::approved, "standard-approval"},
                           Row{"10000", "false", Verdict::approved, "standard-approval"},
                           Row{"10000", "true", Verdict::approved, "standard-approval"},
                           Row{"0", "false", Verdict::approved, "standard-approval"}}) {
        const std::string signals = R"({"claim_amount":)" + std::string(row.amount) + R"(,"vip_customer":)" +
                                    std::string(row.vip) + "}";
        const Result<json::Document> given = json::parse(signals);
        Slots slots;
        ASSERT_TRUE(policy.bind(given->root(), slots).has_value()) << signals;
        const Result<const Rule*> rule = policy.evaluate(slots);
        ASSERT_TRUE(rule.has_value()) << signals;
        EXPECT_EQ((*rule)->id, row.rule) << signals;
        EXPECT_EQ((*rule)->outcome.verdict, row.verdict) << signals;
    }
}

/// One line a rule: "+id pointer" when it holds, "-id pointer" when not; then the answer.
std::string traced(const Policy& policy, std::string_view signals) {
    const Result<json::Document> given = json::parse(signals);
    Slots slots;
    if (!policy.bind(given->root(), slots).has_value()) return "unbound";
    std::vector<RuleTrace> trace(3);  // what is in it before is thrown away
    const Result<const Rule*> rule = policy.evaluate_traced(slots, trace);
    std::string out;
    for (const RuleTrace& step : trace) {
        out += (step.holds ? "+" : "-") + step.rule + " " + step.deciding + "\n";
    }
    return out + (rule.has_value() ? (*rule)->id : in_words(rule.error()));
}

TEST(EvaluateTraced, NamesTheConditionThatSettledEachRule) {
    const Policy policy = must_compile(document(
        R"({"a":{"type":"integer"},"b":{"type":"boolean"},"c":{"type":"boolean","required":false}})",
        "[" +
            rule("one", R"({"all":[{"signal":"a","greater_than":5},{"not":{"signal":"b","equals":true}}]})") +
            "," + rule("two", R"({"any":[{"signal":"a","equals":1},{"all":[{"signal":"b","equals":true},
                            {"signal":"c","equals":true}]}]})") +
            "," + rule("rest", R"({"all":[]})") + "]"));
    EXPECT_EQ(traced(policy, R"({"a":6,"b":false})"), "+one /rules/0/condition/all/1/not\none");
    EXPECT_EQ(traced(policy, R"({"a":1,"b":false})"),
              "-one /rules/0/condition/all/0\n+two /rules/1/condition/any/0\ntwo");
    EXPECT_EQ(traced(policy, R"({"a":6,"b":true,"c":true})"),
              "-one /rules/0/condition/all/1/not\n+two /rules/1/condition/any/1/all/1\ntwo");
    EXPECT_EQ(traced(policy, R"({"a":2,"b":false})"),
              "-one /rules/0/condition/all/0\n-two /rules/1/condition/any/1/all/0\n"
              "+rest /rules/2/condition\nrest");
    EXPECT_EQ(traced(policy, R"({"a":2,"b":true})"),
              "-one /rules/0/condition/all/0\nsignal_missing /signals/c");
}

TEST(Evaluate, RefusesSlotsThatThePolicyDidNotBind) {
    const Policy policy =
        must_compile(one_condition(R"({"a":{"type":"boolean"}})", R"({"signal":"a","equals":false})"));
    const auto evaluate = [&policy](std::vector<cel::Value> values) {
        Slots slots;
        slots.values = std::move(values);
        return policy.evaluate(slots).error().code;
    };
    EXPECT_EQ(evaluate({}), Code::evaluation_error);
    EXPECT_EQ(evaluate({cel::Value(), cel::Value()}), Code::evaluation_error);
    EXPECT_EQ(evaluate({cel::Value()}), Code::signal_missing);
    EXPECT_EQ(evaluate({cel::Value::from(std::int64_t{1})}), Code::evaluation_error);
}

}  // namespace
}  // namespace parmana::policy
