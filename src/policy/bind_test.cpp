// Fail closed: what cannot be decided is refused, with a code and a pointer.
#include <algorithm>

#include "policy/test_policies.hpp"

namespace parmana::policy {
namespace {

constexpr std::string_view kClaimSignals = R"({
    "insurance_active": {"type": "boolean"},
    "risk_score": {"type": "integer", "minimum": 0, "maximum": 100},
    "claim_amount": {"type": "integer", "minimum": 0},
    "vip_customer": {"type": "boolean"}})";

Policy claims() {
    return must_compile(
        document(kClaimSignals, "[" + rule("risky", R"({"signal":"risk_score","greater_than":80})") + "," +
                                    rule("standard",
                                         R"({"all":[{"signal":"insurance_active","equals":true},{"any":[
                     {"signal":"risk_score","less_than":70},{"signal":"vip_customer","equals":true}]}]})") +
                                    "," + rule("rest", R"({"all":[]})") + "]"));
}

struct Row {
    std::string_view signals;
    std::string_view answer;
};

void expect_answers(const Policy& policy, std::initializer_list<Row> rows) {
    for (const Row& row : rows)
        EXPECT_EQ(decide(policy, row.signals), row.answer) << row.signals;
}

TEST(Bind, RefusesEveryRowOfTheFailOpenMatrix) {
    expect_answers(
        claims(),
        {
            {R"({"insurance_active":true,"risk_score":10,"claim_amount":1000,"vip_customer":false})",
             "standard"},
            {R"({"risk_score":10,"claim_amount":1000,"vip_customer":false})",
             "signal_missing /signals/insurance_active"},
            {R"({"insurance_active":true,"claim_amount":1000,"vip_customer":false})",
             "signal_missing /signals/risk_score"},
            {R"({"insurance_active":true,"risk_score":null,"claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/risk_score"},
            {R"({"insurance_active":"false","risk_score":10,"claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/insurance_active"},
            {R"({"insurance_active":true,"risk_score":"95","claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/risk_score"},
            {R"({"insurance_active":true,"risk_score":10,"claim_amount":-5,"vip_customer":false})",
             "signal_range /signals/claim_amount"},
            {R"({"insurance_active":true,"risk_score":101,"claim_amount":5,"vip_customer":false})",
             "signal_range /signals/risk_score"},
            {R"({"insurance_active":true,"risk_score":10,"claim_amount":1000.0000001,"vip_customer":false})",
             "signal_type /signals/claim_amount"},
            {R"({"insurance_active":true,"risk_score":10,"claim_amount":1,"vip_customer":false,"vip":true})",
             "signal_unknown /signals/vip"},
            {R"({"insurance_active":1,"risk_score":10,"claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/insurance_active"},
            {R"({"insurance_active":{},"risk_score":10,"claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/insurance_active"},
            {R"({"insurance_active":true,"risk_score":[10],"claim_amount":1000,"vip_customer":false})",
             "signal_type /signals/risk_score"},
            {"{}", "signal_missing /signals/claim_amount"},
            {"null", "signal_type /signals"},
            {"[]", "signal_type /signals"},
            {R"("text")", "signal_type /signals"},
        });
}

TEST(Bind, TakesForAnIntegerOnlyAnIntegerLiteral) {
    const Policy policy =
        must_compile(one_condition(R"({"a":{"type":"integer"}})", R"({"signal":"a","equals":1200})"));
    expect_answers(policy, {
                               {R"({"a":1200})", "hit"},
                               {R"({"a":0})", "rest"},
                               {R"({"a":9007199254740991})", "rest"},
                               {R"({"a":-9007199254740991})", "rest"},
                               {R"({"a":1200.0})", "signal_type /signals/a"},
                               {R"({"a":1.2e3})", "signal_type /signals/a"},
                               {R"({"a":1e3})", "signal_type /signals/a"},
                               {R"({"a":-0})", "signal_type /signals/a"},
                               {R"({"a":true})", "signal_type /signals/a"},
                           });
}

TEST(Bind, TakesForANumberAnyNumberLiteral) {
    const Policy policy =
        must_compile(one_condition(R"({"a":{"type":"number","minimum":-0.5,"maximum":9007199254740991}})",
                                   R"({"signal":"a","equals":1200})"));
    expect_answers(policy, {
                               {R"({"a":1200})", "hit"},
                               {R"({"a":1200.0})", "hit"},
                               {R"({"a":12e2})", "hit"},
                               {R"({"a":-0})", "rest"},
                               {R"({"a":-0.5})", "rest"},
                               {R"({"a":9007199254740991})", "rest"},
                               {R"({"a":-0.5000000000000001})", "signal_range /signals/a"},
                               {R"({"a":"1200"})", "signal_type /signals/a"},
                               {R"({"a":null})", "signal_type /signals/a"},
                           });
}

TEST(Bind, CountsLengthsInCodePoints) {
    const Policy policy = must_compile(one_condition(
        R"({"a":{"type":"string","min_length":2,"max_length":3}})", R"({"signal":"a","equals":"äöü"})"));
    expect_answers(policy, {
                               {R"({"a":"äöü"})", "hit"},
                               {R"({"a":"\u00e4\u00f6\u00fc"})", "hit"},
                               {R"({"a":"😀😀"})", "rest"},
                               {R"({"a":"😀"})", "signal_range /signals/a"},
                               {R"({"a":"ab"})", "rest"},
                               {R"({"a":"a"})", "signal_range /signals/a"},
                               {R"({"a":"abcd"})", "signal_range /signals/a"},
                               {R"({"a":"ääää"})", "signal_range /signals/a"},
                               {R"({"a":7})", "signal_type /signals/a"},
                           });
}

TEST(Bind, BoundsStringsInBytesWhenThePolicySaysNothing) {
    const Policy policy =
        must_compile(one_condition(R"({"a":{"type":"string"}})", R"({"signal":"a","equals":""})"));
    EXPECT_EQ(decide(policy, R"({"a":""})"), "hit");
    EXPECT_EQ(decide(policy, R"({"a":")" + std::string(4096, 'x') + "\"}"), "rest");
    EXPECT_EQ(decide(policy, R"({"a":")" + std::string(4097, 'x') + "\"}"), "signal_range /signals/a");
    EXPECT_EQ(decide(policy, R"({"a":")" + std::string(4095, 'x') + "ä\"}"), "signal_range /signals/a");
}

TEST(Bind, TakesForAnEnumOnlyItsValues) {
    const Policy policy = must_compile(one_condition(R"({"a":{"type":"enum","values":["home","car"]}})",
                                                     R"({"signal":"a","equals":"car"})"));
    expect_answers(policy, {
                               {R"({"a":"car"})", "hit"},
                               {R"({"a":"home"})", "rest"},
                               {R"({"a":"Car"})", "signal_range /signals/a"},
                               {R"({"a":""})", "signal_range /signals/a"},
                               {R"({"a":1})", "signal_type /signals/a"},
                           });
}

TEST(Bind, RefusesAnAbsentOptionalSignalOnlyWhenAConditionReachesIt) {
    const Policy policy = must_compile(
        one_condition(R"({"a":{"type":"boolean"},"b":{"type":"integer","required":false}})",
                      R"({"all":[{"signal":"a","equals":true},{"not":{"signal":"b","equals":1}}]})"));
    expect_answers(policy, {
                               {R"({"a":false})", "rest"},
                               {R"({"a":true})", "signal_missing /signals/b"},
                               {R"({"a":true,"b":1})", "rest"},
                               {R"({"a":true,"b":2})", "hit"},
                               {R"({"a":true,"b":null})", "signal_type /signals/b"},
                               {R"({"a":false,"b":"x"})", "signal_type /signals/b"},
                               {R"({"b":1})", "signal_missing /signals/a"},
                           });
}

TEST(Bind, RefusesTheFirstFaultInNameOrderWhateverTheMemberOrder) {
    struct Case {
        std::vector<std::string> members;
        std::string answer;
    };
    const Policy policy = claims();
    const Case cases[] = {
        {{R"("zz":1)", R"("risk_score":"x")", R"("insurance_active":1)", R"("claim_amount":1)"},
         "signal_type /signals/insurance_active"},
        {{R"("risk_score":500)", R"("insurance_active":true)", R"("claim_amount":1)", R"("a/b~":1)"},
         "signal_unknown /signals/a~1b~0"},
        {{R"("ä":1)", R"("vip_customer":true)", R"("risk_score":"x")", R"("claim_amount":1)"},
         "signal_missing /signals/insurance_active"},
        {{R"("ä":1)", R"("insurance_active":true)", R"("risk_score":1)", R"("claim_amount":1)"},
         "signal_missing /signals/vip_customer"},
        {{R"("\uffee":1)", R"("\ud83d\ude00":1)", R"("insurance_active":true)", R"("risk_score":1)",
          R"("claim_amount":1)", R"("vip_customer":true)"},
         "signal_unknown /signals/😀"},
        {{R"("insurance_active":true)", R"("risk_score":1)", R"("claim_amount":1)", R"("vip_customer":true)"},
         "standard"},
    };
    for (const Case& row : cases) {
        std::vector<std::string> members = row.members;
        std::ranges::sort(members);
        do {
            std::string signals = "{";
            for (const std::string& member : members)
                signals += (signals.size() > 1 ? "," : "") + member;
            EXPECT_EQ(decide(policy, signals + "}"), row.answer) << signals;
        } while (std::ranges::next_permutation(members).found);
    }
}

TEST(Bind, NeverPutsAValueIntoAMessage) {
    const Policy policy = must_compile(one_condition(
        R"({"a":{"type":"integer","maximum":9},"b":{"type":"string","max_length":3},
            "c":{"type":"enum","values":["x"]}})",
        R"({"signal":"a","equals":1})"));
    for (const auto& [signals, detail] :
         {std::pair{R"({"a":77777,"b":"","c":"x"})", "signal `a` is above its maximum"},
          {R"({"a":"77777","b":"","c":"x"})", "signal `a` must be an integer"},
          {R"({"a":1,"b":"77777","c":"x"})", "signal `b` is too long"},
          {R"({"a":1,"b":77777,"c":"x"})", "signal `b` must be a string"},
          {R"({"a":1,"b":"","c":"77777"})", "signal `c` is not one of its declared values"},
          {R"({"a":1,"b":"","d":"77777"})", "signal `c` is missing"},
          {R"({"a":1,"b":"","c":"x","d":"77777"})", "signal `d` is not declared by the policy"},
          {R"("77777")", "the signals must be an object"}}) {
        const Result<json::Document> given = json::parse(signals);
        ASSERT_TRUE(given.has_value());
        Slots slots;
        const Status bound = policy.bind(given->root(), slots);
        ASSERT_FALSE(bound.has_value()) << signals;
        EXPECT_EQ(bound.error().detail, detail);
        EXPECT_TRUE(slots.values.empty());
    }
}

TEST(Bind, LeavesNothingOfAnEarlierRequest) {
    const Policy policy = must_compile(
        one_condition(R"({"a":{"type":"integer","required":false}})", R"({"signal":"a","equals":1})"));
    Slots slots;
    const Result<json::Document> full = json::parse(R"({"a":1})");
    const Result<json::Document> none = json::parse("{}");
    ASSERT_TRUE(policy.bind(full->root(), slots).has_value());
    ASSERT_TRUE(policy.evaluate(slots).has_value());
    ASSERT_TRUE(policy.bind(none->root(), slots).has_value());
    EXPECT_EQ(policy.evaluate(slots).error().code, Code::signal_missing);
}

}  // namespace
}  // namespace parmana::policy
