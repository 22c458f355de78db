#include "decide/decide.hpp"

#include <gtest/gtest.h>

#include "bundle/samples_test.hpp"

namespace parmana::decide {
namespace {

namespace samples = bundle::samples;

constexpr const char* kSeedRequest =
    R"({"policyId":"claims-approval","policyVersion":"1.0.0","signals":{"claim_amount":1200,)"
    R"("vip_customer":false}})";

GovernedPolicy governed(std::string_view source) {
    bundle::Bundle bundle = bundle::make(bundle::samples::only(source), samples::key(4)).value();
    policy::Policy policy = bundle::open_files(bundle).value();
    const bundle::PolicyHash hash = bundle::policy_hash(bundle);
    return {std::move(policy), std::move(bundle), hash};
}

PolicySet sample_set() {
    PolicySet set;
    set.add(governed(samples::kClaimsApproval));
    set.add(governed(samples::kInsuredClaim));
    set.add(governed(samples::kRefund));
    return set;
}

std::string body(std::string_view signals, std::string_view id = "claims-approval",
                 std::string_view version = "1.0.0") {
    std::string out = R"({"policyId":")";
    out.append(id).append(R"(","policyVersion":")").append(version);
    return out.append(R"(","signals":)").append(signals).append("}");
}

std::string in_words(const Error& error) {
    return std::string(wire_name(error.code)) + " " + error.pointer;
}

/// "verdict rule", or "code pointer" of the refusal.
std::string in_words(const Ruling& ruling) {
    if (const auto* refusal = std::get_if<Refusal>(&ruling)) return in_words(refusal->why);
    const policy::Rule& rule = *std::get<Decision>(ruling).rule;
    return std::string(policy::wire_name(rule.outcome.verdict)) + " " + rule.id;
}

std::string ruling_on(const PolicySet& set, std::string_view text) {
    const auto request = parse_request(text);
    if (!request) return "unparsed: " + in_words(request.error());
    const Ruling ruling = decide(*request, set);
    std::vector<policy::RuleTrace> trace;
    EXPECT_EQ(in_words(decide_traced(*request, set, trace)), in_words(ruling)) << text;
    return in_words(ruling);
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Request, IsReadWhole) {
    const auto request =
        parse_request(R"( {"signals":{"vip_customer":false,"claim_amount":1.2e3}, "executionId":"order-7",)"
                      R"("action":{"type":"pay","target":"iban","parameters":{"b":1.0,"a":[]}},)"
                      R"("policyVersion":"1.0.0-rc.1+b","policyId":"claims-approval"} )");
    ASSERT_TRUE(request) << request.error().detail;
    EXPECT_EQ(request->policy_id.value(), "claims-approval");
    EXPECT_EQ(request->policy_version.value(), "1.0.0-rc.1+b");
    EXPECT_EQ(request->execution_id.value().value(), "order-7");
    EXPECT_EQ(request->signals_json, R"({"claim_amount":1200,"vip_customer":false})");
    EXPECT_EQ(request->action_json, R"({"parameters":{"a":[],"b":1},"target":"iban","type":"pay"})");
    EXPECT_EQ(request->signals.find("claim_amount")->type(), json::Type::real)
        << "what was written stays distinguishable from what is hashed";
}

TEST(Request, IdentityAndActionMayBeLeftOut) {
    const auto request = parse_request(kSeedRequest);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->execution_id, std::nullopt);
    EXPECT_EQ(request->action_json, "");
}

TEST(Request, EveryMalformedBodyHasItsCodeAndPointer) {
    const std::string valid = R"("policyId":"p","policyVersion":"1.0.0","signals":{})";
    const struct {
        std::string text;
        const char* refusal;
    } cases[] = {
        {"", "json_malformed "},
        {"null", "member_invalid "},
        {"[]", "member_invalid "},
        {"\"text\"", "member_invalid "},
        {"{" + valid, "json_malformed "},
        {"{" + valid + "} x", "json_malformed "},
        {"\xef\xbb\xbf{" + valid + "}", "json_malformed "},
        {"{" + valid + R"(,"executionId":"a","executionId":"a"})", "json_duplicate_member "},
        {"{" + valid + R"(,"execution\u0049d":"a","executionId":"a"})", "json_duplicate_member "},
        {body(R"({"a":9007199254740993})"), "number_not_exact "},
        {body(R"({"a":1e400})"), "number_not_exact "},
        {body(nested(64)), "json_malformed "},
        {"{}", "member_missing /policyId"},
        {R"({"policyId":"p"})", "member_missing /policyVersion"},
        {R"({"policyId":"p","policyVersion":"1.0.0"})", "member_missing /signals"},
        {"{" + valid + R"(,"extra":1})", "member_unknown /extra"},
        {"{" + valid + R"(,"a/b~c":1})", "member_unknown /a~1b~0c"},
        {"{" + valid + R"(,"execution_id":"a"})", "member_unknown /execution_id"},
        {R"({"policyId":1,"policyVersion":"1.0.0","signals":{}})", "member_invalid /policyId"},
        {body("{}", ""), "member_invalid /policyId"},
        {body("{}", "a b"), "member_invalid /policyId"},
        {body("{}", "a.b"), "member_invalid /policyId"},
        {body("{}", std::string(129, 'a')), "member_invalid /policyId"},
        {R"({"policyId":"p","policyVersion":1,"signals":{}})", "member_invalid /policyVersion"},
        {body("{}", "p", "1.0"), "member_invalid /policyVersion"},
        {body("{}", "p", "v1.0.0"), "member_invalid /policyVersion"},
        {body("{}", "p", "01.0.0"), "member_invalid /policyVersion"},
        {body("{}", "p", "1.0.0-" + std::string(27, 'a')), "member_invalid /policyVersion"},
        {body("null"), "member_invalid /signals"},
        {body("[]"), "member_invalid /signals"},
        {body("\"{}\""), "member_invalid /signals"},
    };
    for (const auto& row : cases) {
        const auto request = parse_request(row.text);
        ASSERT_FALSE(request) << row.text;
        EXPECT_EQ(in_words(request.error()), row.refusal) << row.text;
    }
}

TEST(Request, AnActionIsClosedAndShallow) {
    const std::string parameters = R"({"type":"pay","parameters":{"a":)";
    const struct {
        std::string action;
        const char* refusal;
    } cases[] = {
        {"null", "member_invalid /action"},
        {"\"pay\"", "member_invalid /action"},
        {"{}", "member_missing /action/type"},
        {R"({"type":""})", "member_invalid /action/type"},
        {R"({"type":1})", "member_invalid /action/type"},
        {R"({"type":"pay","target":null})", "member_invalid /action/target"},
        {R"({"type":"pay","parameters":[]})", "member_invalid /action/parameters"},
        {R"({"type":"pay","extra":1})", "member_unknown /action/extra"},
        {parameters + nested(31) + "}}", "member_invalid /action"},
        {parameters + nested(61) + "}}", "member_invalid /action"},
    };
    const auto with_action = [](const std::string& action) {
        return R"({"action":)" + action + "," + std::string(kSeedRequest).substr(1);
    };
    for (const auto& row : cases) {
        const auto request = parse_request(with_action(row.action));
        ASSERT_FALSE(request) << row.action;
        EXPECT_EQ(in_words(request.error()), row.refusal) << row.action;
    }
    EXPECT_TRUE(parse_request(with_action(R"({"type":"pay"})")));
    EXPECT_TRUE(parse_request(with_action(parameters + nested(30) + "}}")));
}

TEST(ExecutionId, Is1To128CharactersOfAClosedAlphabet) {
    const std::string longest(128, 'x');
    for (const std::string& good : {std::string("a"), std::string("0"), std::string("Az09._~-"),
                                    std::string("d-1"), std::string("D_1"), longest}) {
        const auto id = make_execution_id(good);
        ASSERT_TRUE(id) << good;
        EXPECT_EQ(id->value(), good);
    }
    for (const std::string& bad :
         {std::string(), std::string("_a"), std::string(".a"), std::string("~a"), std::string("-a"),
          std::string("a b"), std::string("a/b"), std::string("a+b"), std::string("\xc3\xa9"),
          std::string("a\0", 2), std::string("a\n"), longest + "x"}) {
        EXPECT_EQ(make_execution_id(bad).error().code, Code::execution_id_invalid) << bad;
        EXPECT_EQ(parse_execution_id(bad).error().code, Code::execution_id_invalid) << bad;
    }
}

TEST(ExecutionId, TheDerivedPrefixCannotBeChosen) {
    EXPECT_EQ(make_execution_id("d_abc").error().code, Code::execution_id_invalid);
    EXPECT_TRUE(parse_execution_id("d_abc")) << "but it can be looked up";
    for (const char* id : {R"("d_abc")", R"("")", "7", "null", R"(["a"])", R"("a b")"}) {
        std::string text(kSeedRequest);
        text.replace(0, 1, std::string(R"({"executionId":)") + id + ",");
        const auto request = parse_request(text);
        ASSERT_FALSE(request) << id;
        EXPECT_EQ(in_words(request.error()), "execution_id_invalid /executionId") << id;
    }
}

TEST(Fingerprint, IsTheOneThatTheSeedRequestHasEverywhere) {
    const auto request = parse_request(kSeedRequest);
    EXPECT_EQ(to_wire(request->fingerprint.value()),
              "sha256:66bde83e9e3ce50192ba493b8d48158d5e9e509259e72456c660aa56f9f0d447");
    EXPECT_EQ(request->digest.value(), request->fingerprint.value());
}

TEST(Fingerprint, DependsOnTheValueAndNotOnTheSpelling) {
    const auto plain = parse_request(kSeedRequest);
    const auto respelled =
        parse_request(R"({ "executionId" : "any", "signals":{"vip\u005fcustomer":false,"claim_amount":1200},)"
                      R"("policyVersion":"1.0.0","policyId":"claims\u002dapproval"})");
    ASSERT_TRUE(respelled);
    EXPECT_EQ(respelled->fingerprint, plain->fingerprint);
    EXPECT_EQ(respelled->digest, plain->digest);
    const auto other = parse_request(body(R"({"claim_amount":1201,"vip_customer":false})"));
    EXPECT_NE(other->fingerprint, plain->fingerprint);
    EXPECT_NE(other->digest, plain->digest);
    EXPECT_NE(parse_request(body(R"({"claim_amount":1200,"vip_customer":false})", "other"))->fingerprint,
              plain->fingerprint);
}

TEST(RequestDigest, CoversTheActionAndTheFingerprintDoesNot) {
    const auto with = [](const std::string& action) {
        return parse_request(R"({"action":)" + action + "," + std::string(kSeedRequest).substr(1)).value();
    };
    const auto none = parse_request(kSeedRequest).value();
    const auto pay = with(R"({"type":"pay"})");
    const auto refund = with(R"({"type":"refund"})");
    EXPECT_EQ(pay.fingerprint, none.fingerprint);
    EXPECT_EQ(refund.fingerprint, none.fingerprint);
    EXPECT_NE(pay.digest, none.digest);
    EXPECT_NE(pay.digest, refund.digest);
    EXPECT_EQ(pay.digest.value(),
              crypto::sha256(R"({"action":{"type":"pay"},)" + std::string(kSeedRequest).substr(1)));
    EXPECT_EQ(pay.digest, with(R"({ "type" : "p\u0061y" })").digest);
}

TEST(Ruling, ClaimsAreDecidedAtEveryBoundary) {
    const PolicySet set = sample_set();
    const struct {
        const char* amount;
        const char* vip;
        const char* ruling;
    } cases[] = {
        {"0", "false", "approved standard-approval"},
        {"1200", "false", "approved standard-approval"},
        {"10000", "false", "approved standard-approval"},
        {"10001", "false", "override_required large-claim-needs-a-person"},
        {"10001", "true", "approved standard-approval"},
        {"50000", "true", "approved standard-approval"},
        {"50000", "false", "override_required large-claim-needs-a-person"},
        {"50001", "true", "rejected amount-over-limit"},
        {"50001", "false", "rejected amount-over-limit"},
        {"9007199254740991", "true", "rejected amount-over-limit"},
    };
    for (const auto& row : cases) {
        const std::string signals =
            std::string(R"({"claim_amount":)") + row.amount + R"(,"vip_customer":)" + row.vip + "}";
        EXPECT_EQ(ruling_on(set, body(signals)), row.ruling) << signals;
    }
}

TEST(Ruling, APolicyThatIsNotThereOrMustNotDecideRefuses) {
    PolicySet set = sample_set();
    set.add_fault("unsigned", "1.0.0", {Code::policy_unsigned, "why", "/policyId"});
    set.add_fault("altered", "1.0.0", {Code::policy_altered, "why", "/policyId"});
    set.add_fault("invalid", "1.0.0", {Code::policy_invalid, "why", "/policyId"});
    set.add_fault("newer", "1.0.0", {Code::profile_unknown, "why", "/policyId"});
    EXPECT_EQ(ruling_on(set, body("{}", "unsigned")), "policy_unsigned /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "altered")), "policy_altered /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "invalid")), "policy_invalid /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "newer")), "profile_unknown /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "nowhere")), "policy_unknown /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "claims-approval", "1.0.1")), "policy_unknown /policyId");
    EXPECT_EQ(ruling_on(set, body("{}", "Claims-approval")), "policy_unknown /policyId");
    EXPECT_EQ(ruling_on({}, kSeedRequest), "policy_unknown /policyId");
    const auto request = parse_request(body("{}", "altered"));
    EXPECT_EQ(std::get<Refusal>(decide(*request, set)).policy, nullptr);
}

TEST(Ruling, AFaultOutweighsAPolicyOfTheSameIdentity) {
    PolicySet set = sample_set();
    set.add_fault("claims-approval", "1.0.0", {Code::policy_altered, "why", "/policyId"});
    EXPECT_EQ(ruling_on(set, kSeedRequest), "policy_altered /policyId");
    EXPECT_EQ(set.all().size(), 2u);
}

TEST(Ruling, TwoDifferentPoliciesOfOneIdentityRefuseInEitherOrder) {
    std::string lax(samples::kClaimsApproval);
    lax.replace(lax.find("50000}"), 5, "90000");
    for (const bool lax_first : {false, true}) {
        PolicySet set;
        set.add(governed(lax_first ? lax : samples::kClaimsApproval));
        EXPECT_TRUE(ruling_on(set, kSeedRequest).starts_with("approved"));
        set.add(governed(lax_first ? samples::kClaimsApproval : lax));
        EXPECT_EQ(ruling_on(set, kSeedRequest), "policy_altered /policyId");
        EXPECT_TRUE(set.all().empty());
    }
    PolicySet set = sample_set();
    set.add(governed(samples::kClaimsApproval));
    EXPECT_TRUE(ruling_on(set, kSeedRequest).starts_with("approved")) << "the same one twice";
}

struct BadInput {
    const char* what;
    const char* signals;
    const char* refusal;
};

// The inputs on which other engines fail open, one after the other: here all of them are refused.
constexpr BadInput kInsuredBadInputs[] = {
    {"insurance_active missing", R"({"claim_amount":1000,"risk_score":10,"vip_customer":false})",
     "signal_missing /signals/insurance_active"},
    {"risk_score missing", R"({"claim_amount":1000,"insurance_active":true,"vip_customer":false})",
     "signal_missing /signals/risk_score"},
    {"risk_score null",
     R"({"claim_amount":1000,"insurance_active":true,"risk_score":null,"vip_customer":false})",
     "signal_type /signals/risk_score"},
    {"insurance_active as text",
     R"({"claim_amount":1000,"insurance_active":"false","risk_score":10,"vip_customer":false})",
     "signal_type /signals/insurance_active"},
    {"risk_score as text",
     R"({"claim_amount":1000,"insurance_active":true,"risk_score":"95","vip_customer":false})",
     "signal_type /signals/risk_score"},
    {"claim_amount negative",
     R"({"claim_amount":-5,"insurance_active":true,"risk_score":10,"vip_customer":false})",
     "signal_range /signals/claim_amount"},
    {"claim_amount with a fraction",
     R"({"claim_amount":1000.0000001,"insurance_active":true,"risk_score":10,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"an unknown signal",
     R"({"claim_amount":1000,"insurance_active":true,"risk_score":10,"vip_custmer":false,)"
     R"("vip_customer":false})",
     "signal_unknown /signals/vip_custmer"},
    {"a misspelt signal",
     R"({"claim_amount":1000,"insurance_active":true,"risk_scor":10,"vip_customer":false})",
     "signal_unknown /signals/risk_scor"},
    {"risk_score above its maximum",
     R"({"claim_amount":1000,"insurance_active":true,"risk_score":101,"vip_customer":false})",
     "signal_range /signals/risk_score"},
    {"claim_amount above its maximum",
     R"({"claim_amount":1000001,"insurance_active":true,"risk_score":10,"vip_customer":false})",
     "signal_range /signals/claim_amount"},
    {"insurance_active as a number",
     R"({"claim_amount":1000,"insurance_active":1,"risk_score":10,"vip_customer":false})",
     "signal_type /signals/insurance_active"},
    {"nothing at all", "{}", "signal_missing /signals/claim_amount"},
};

constexpr BadInput kClaimsBadInputs[] = {
    {"claim_amount missing", R"({"vip_customer":false})", "signal_missing /signals/claim_amount"},
    {"vip_customer missing", R"({"claim_amount":1200})", "signal_missing /signals/vip_customer"},
    {"claim_amount null", R"({"claim_amount":null,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"vip_customer null", R"({"claim_amount":1200,"vip_customer":null})",
     "signal_type /signals/vip_customer"},
    {"vip_customer as text", R"({"claim_amount":20000,"vip_customer":"true"})",
     "signal_type /signals/vip_customer"},
    {"claim_amount as text", R"({"claim_amount":"1200","vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount as true", R"({"claim_amount":true,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount in an array", R"({"claim_amount":[1200],"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount in an object", R"({"claim_amount":{"$gt":0},"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount negative", R"({"claim_amount":-5,"vip_customer":false})",
     "signal_range /signals/claim_amount"},
    {"claim_amount with a fraction", R"({"claim_amount":1000.0000001,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount as 1200.0", R"({"claim_amount":1200.0,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount as 1e3", R"({"claim_amount":1e3,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"claim_amount as -0", R"({"claim_amount":-0,"vip_customer":false})",
     "signal_type /signals/claim_amount"},
    {"an unknown signal", R"({"claim_amount":1200,"note":"","vip_customer":false})",
     "signal_unknown /signals/note"},
    {"another case", R"({"claim_amount":1200,"Vip_customer":true,"vip_customer":false})",
     "signal_unknown /signals/Vip_customer"},
    {"a name to escape", R"({"a/b~":1,"claim_amount":1200,"vip_customer":false})",
     "signal_unknown /signals/a~1b~0"},
    {"nothing at all", "{}", "signal_missing /signals/claim_amount"},
};

TEST(FailClosed, EveryDoubtAboutFourSignalsIsARefusal) {
    const PolicySet set = sample_set();
    const auto on = [&set](const char* signals) {
        return ruling_on(set, body(signals, "insured-claim", "2.1.0"));
    };
    EXPECT_EQ(on(R"({"claim_amount":1000,"insurance_active":true,"risk_score":10,"vip_customer":false})"),
              "approved rest")
        << "the base case, which every row spoils";
    for (const auto& row : kInsuredBadInputs)
        EXPECT_EQ(on(row.signals), row.refusal) << row.what;
}

TEST(FailClosed, EveryDoubtAboutAClaimIsARefusal) {
    const PolicySet set = sample_set();
    for (const auto& row : kClaimsBadInputs) {
        const auto request = parse_request(body(row.signals));
        ASSERT_TRUE(request) << row.what;
        EXPECT_EQ(ruling_on(set, body(row.signals)), row.refusal) << row.what;
        const Ruling ruling = decide(*request, set);
        ASSERT_NE(std::get<Refusal>(ruling).policy, nullptr) << "the policy was consulted";
        EXPECT_EQ(std::get<Refusal>(ruling).policy->policy.id().value(), "claims-approval");
    }
}

TEST(FailClosed, AConditionOnAnAbsentOptionalSignalIsARefusal) {
    const PolicySet set = sample_set();
    const auto on = [&set](const std::string& channel) {
        return ruling_on(set, body(R"({"channel":")" + channel + R"(","exchange_rate":1,"note":"n"})",
                                   "refund_desk", "0.3.0-rc.1+build.7"));
    };
    EXPECT_EQ(on("phone"), "signal_missing /signals/repeat");
    EXPECT_EQ(on("web"), "approved rest") << "no condition reaches it";
    EXPECT_EQ(on("fax"), "signal_range /signals/channel");
}

TEST(Ruling, IsPureAndTheSameEveryTime) {
    const PolicySet set = sample_set();
    const auto request = parse_request(kSeedRequest).value();
    const auto first = std::get<Decision>(decide(request, set));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(std::get<Decision>(decide(request, set)).rule, first.rule);
}

TEST(Ruling, TheTraceNamesEveryRuleLookedAt) {
    const PolicySet set = sample_set();
    const auto request = parse_request(body(R"({"claim_amount":20000,"vip_customer":false})"));
    std::vector<policy::RuleTrace> trace;
    decide_traced(*request, set, trace);
    ASSERT_EQ(trace.size(), 2u);
    EXPECT_EQ(trace[0].rule, "amount-over-limit");
    EXPECT_FALSE(trace[0].holds);
    EXPECT_EQ(trace[1].rule, "large-claim-needs-a-person");
    EXPECT_TRUE(trace[1].holds);
}

TEST(Ruling, ARequestThatWasMovedIsRuledOnAllTheSame) {
    const PolicySet set = sample_set();
    auto request = parse_request(kSeedRequest).value();
    const EvaluateRequest moved = std::move(request);
    EXPECT_EQ(in_words(decide(moved, set)), "approved standard-approval");
}

}  // namespace
}  // namespace parmana::decide
