#include <cmath>

#include "base/limits.hpp"
#include "cel/cost.hpp"
#include "cel/counter_test.hpp"
#include "cel/support_test.hpp"

namespace parmana::cel {
namespace {

struct Row {
    std::string source;
    std::string value;
};

void expect_values(const std::vector<Row>& rows, const Environment& environment = {},
                   const std::vector<Value>& slots = {}) {
    for (const Row& row : rows)
        EXPECT_EQ(value_of(row.source, environment, slots), row.value) << row.source;
}

/// Ends with 1 or 0, or with the error of the condition.
struct Branches {
    Program program;
    Label entry;

    static Branches of(const Checked& condition, const Environment& environment) {
        Compiler compiler(environment.variables);
        const Label entry = compiler.label(), yes = compiler.label(), no = compiler.label();
        compiler.place(entry);
        compiler.branch(condition, yes, no);
        compiler.place(yes);
        compiler.yield(1);
        compiler.place(no);
        compiler.yield(0);
        return {compiler.finish(), entry};
    }
    std::string value(const std::vector<Value>& slots) const {
        Machine machine;
        return to_source(machine.run(program, entry, slots));
    }
};

Environment claim() {
    return with_variables({{"amount", kIntType},
                           {"rate", kDoubleType},
                           {"kind", kStringType},
                           {"vip", kBoolType},
                           {"any", Type{}}});
}
std::vector<Value> claim_of(std::int64_t amount, double rate, std::string_view kind, bool vip) {
    return {Value::from(amount), Value::from(rate), Value::string(kind), Value::from(vip), Value::null()};
}

TEST(Machine, LogicAbsorbsErrorsAndTheFirstErrorFromTheLeftCounts) {
    const std::string zero = "1 / 0 > 0", modulus = "1 % 0 > 0";
    expect_values({
        {"false && " + zero, "false"},
        {zero + " && false", "false"},
        {"true || " + zero, "true"},
        {zero + " || true", "true"},
        {"true && " + zero, "<error: division by zero>"},
        {zero + " && true", "<error: division by zero>"},
        {zero + " || " + modulus, "<error: division by zero>"},
        {modulus + " && " + zero, "<error: modulus by zero>"},
        {zero + " ? true : false", "<error: division by zero>"},
        {"true ? 1 : 1 / 0", "1"},
        {"[1, 2].exists(x, x / 0 > 0 || x == 2)", "true"},
        {"[2, 0, 1].all(x, 4 / x > 2)", "false"},
        {"[2, 0, 1].exists(x, 4 / x > 3)", "true"},
        {"[1, 0].exists_one(x, 1 / x == 1)", "<error: division by zero>"},
        {"dyn(1) || true", "true"},
        {"dyn(1) || false", "<error: no such overload>"},
        {"false || dyn(1)", "<error: no such overload>"},
        {"dyn(1) ? 1 : 2", "<error: no such overload>"},
    });
}

TEST(Machine, TheArgumentOfOrAndOrValueIsEvaluatedOnlyForAnEmptyOptional) {
    expect_values({
        {"optional.of(1).orValue(1 / 0)", "1"},
        {"optional.none().orValue(2)", "2"},
        {"optional.none().orValue(1 / 0)", "<error: division by zero>"},
        {"optional.of(1).or(optional.of(1 / 0))", "optional.of(1)"},
        {"optional.none().or(optional.of(2))", "optional.of(2)"},
        {"optional.none().or(optional.none())", "optional.none()"},
        {"{'a': 1}.?b.or({'a': 1}.?a).orValue(3)", "1"},
        {"dyn(1).orValue(2)", "<error: no such overload>"},
        {"dyn(1).or(optional.of(2))", "<error: no such overload>"},
        {"optional.none().or(dyn(2))", "<error: no such overload>"},
        {"optional.of(1 / 0).orValue(2)", "<error: division by zero>"},
        {"optional.of([1]).optMap(x, x[3]).orValue(2)", "<error: index out of bounds>"},
        {"[optional.none().orValue(1), optional.of(2).orValue(3)]", "[1, 2]"},
    });
}

TEST(Machine, ALiteralPatternIsCompiledOnceAndAPatternThatIsComputedEachTime) {
    const Environment environment = with_variables({{"text", kStringType}, {"pattern", kStringType}});
    const std::vector<Value> slots = {Value::string("ab12"), Value::string("[0-9]+$")};
    expect_values({{"text.matches('[0-9]+$')", "true"},
                   {"matches(text, '^[0-9]')", "false"},
                   {"text.matches(pattern)", "true"},
                   {"text.matches('(')", "<error: the regular expression is not valid>"},
                   {"dyn(1).matches('a')", "<error: no such overload>"},
                   {"string(1 / 0).matches('a')", "<error: division by zero>"}},
                  environment, slots);
    Machine machine;
    const auto cost = [&](std::string_view source) {
        const Program program = compile(must_check(source, environment), environment);
        machine.run(program, 0, slots);
        return machine.cost();
    };
    EXPECT_LT(cost("text.matches('[0-9]+$')"), 200U);
    EXPECT_GT(cost("text.matches(pattern)"), 2'000U);
}

TEST(Machine, AVariableBehindAMacrosIsReachedByALeadingDot) {
    const Environment environment = with_variables({{"x", kIntType}});
    const std::vector<Value> slots = {Value::from(std::int64_t{7})};
    expect_values({{"[1].map(x, x)", "[1]"},
                   {"[1].map(x, .x)", "[7]"},
                   {"[1].map(x, [2].map(x, x + .x))", "[[9]]"},
                   {"[1].exists(x, .x == 7)", "true"},
                   {"[1].map(int, type(.x) == .int)", "[true]"},
                   {"cel.bind(x, 2, x + .x)", "9"}},
                  environment, slots);
    EXPECT_EQ(unchecked_value_of("[1].map(x, .x)", environment, slots), "[7]");
}

TEST(Machine, MapsIterateInTheOrderOfTheirKeysAndKeepEachOnce) {
    expect_values({{"{'b': 1, 'a': 2, 3: 4, true: 5, 1u: 6}.map(k, k)", R"([1u, 3, true, "a", "b"])"},
                   {"{1: 1, 1u: 2}", "<error: a map has one key twice>"},
                   {"{1.5: 1}", "<error: a map cannot have this key>"},
                   {"{1: 2}[dyn(1.0)]", "2"},
                   {"{1: 2}[dyn(b'')]", "<error: no such key>"},
                   {"{1: 2}[?dyn(b'')]", "optional.none()"}});
}

TEST(Machine, IntegersAndRealsCompareAsReals) {
    expect_values({{"dyn(9007199254740993) == 9007199254740992.0", "true"},
                   {"9223372036854775807 < 9223372036854775808.0", "false"},
                   {"18446744073709551615u >= 18446744073709551616.0", "true"},
                   {"9223372036854775807 < 9223372036854775808u", "true"},
                   {"-1 < 0u", "true"},
                   {"dyn(1) == double('NaN')", "false"},
                   {"1 < double('NaN')", "false"},
                   {"dyn(1) in [1.0]", "true"}});
}

TEST(Machine, FormattedMapsStandInTheOrderOfTheirTexts) {
    expect_values({{"'%s'.format([{'b': 1, 10: 2, 9: {'y': 0, 'x': null}}])",
                    R"("{10: 2, 9: {x: null, y: 0}, b: 1}")"}});
}

TEST(Condition, EveryFormOfAComparisonJumpsAsItsValueSays) {
    struct Case {
        const char* source;
        bool small, large;  // of the two claims
    };
    const std::vector<Value> small = claim_of(10, 0.5, "car", false), large = claim_of(20, 1.5, "home", true);
    for (const Case& row : std::vector<Case>{
             {"amount == 10", true, false},
             {"10 == amount", true, false},
             {"amount != 10", false, true},
             {"amount < 15", true, false},
             {"15 > amount", true, false},
             {"amount <= 10", true, false},
             {"amount > 10", false, true},
             {"15 <= amount", false, true},
             {"amount >= 20", false, true},
             {"rate == 0.5", true, false},
             {"rate < 1.0", true, false},
             {"rate >= 1.5", false, true},
             {"rate != 0.5", false, true},
             {"1 < rate", false, true},
             {"kind == 'car'", true, false},
             {"kind != 'car'", false, true},
             {"'home' == kind", false, true},
             {"kind < 'd'", true, false},
             {"kind in ['home', 'boat']", false, true},
             {"!(kind in ['home', 'boat'])", true, false},
             {"amount in [30, 20]", false, true},
             {"amount in []", false, false},
             {"rate in [0.5, 2.0]", true, false},
             {"vip in [true]", false, true},
             {"vip", false, true},
             {"!vip", true, false},
             {"vip == true", false, true},
             {"vip != true", true, false},
             {"vip == false", true, false},
             {"vip && amount > 10 || kind == 'car'", true, true},
             {"!(vip && amount > 10)", true, false},
             {"!(vip || kind == 'car')", false, false},
             {"amount + 5 > 15 && kind.size() == 4", false, true},
             {"amount / (amount - 10) > 0 || kind == 'car'", true, true},
             {"[10, 11].exists(x, x == amount)", true, false},
             {"true", true, true},
             {"false || vip", false, true},
         }) {
        const Branches branches = Branches::of(must_check(row.source, claim()), claim());
        EXPECT_EQ(branches.value(small), row.small ? "1" : "0") << row.source;
        EXPECT_EQ(branches.value(large), row.large ? "1" : "0") << row.source;
        EXPECT_EQ(value_of(row.source, claim(), small), row.small ? "true" : "false") << row.source;
        EXPECT_EQ(value_of(row.source, claim(), large), row.large ? "true" : "false") << row.source;
    }
}

TEST(Condition, AComparisonIsExactAtTheEndsOfItsType) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const std::vector<std::int64_t> integers = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    const std::vector<double> reals = {
        -kInfinity, -1.7976931348623157e308, -1,        -5e-324,     -0.0, 0.0, 5e-324,
        1,          1.7976931348623157e308,  kInfinity, std::nan("")};
    std::vector<std::vector<Value>> given;
    given.reserve(integers.size() + reals.size());
    for (const std::int64_t amount : integers)
        given.push_back(claim_of(amount, 0, "", amount > 0));
    for (const double rate : reals)
        given.push_back(claim_of(0, rate, "", false));
    std::vector<std::string> sources = {"rate in [0.5, -1.0, 0.0]", "!(rate in [-1.0, 1.0])", "rate in []",
                                        "amount in [0, -9223372036854775808]"};
    for (const char* relation : {"==", "!=", "<", "<=", ">", ">="}) {
        const auto add = [&](std::string_view name, const std::string& literal) {
            sources.push_back(std::string(name) + " " + relation + " " + literal);
            sources.push_back(literal + " " + relation + " " + std::string(name));
        };
        for (const std::int64_t amount : integers)
            add("amount", to_source(Value::from(amount)));
        for (const double rate : reals)
            if (std::isfinite(rate)) add("rate", to_source(Value::from(rate)));
    }
    for (const std::string& source : sources) {
        const Checked condition = must_check(source, claim());
        const Branches branches = Branches::of(condition, claim());
        const Program plain = compile(condition, claim());
        Machine machine;
        for (const std::vector<Value>& slots : given) {
            const bool holds = machine.run(plain, 0, slots).boolean;
            EXPECT_EQ(branches.value(slots), holds ? "1" : "0")
                << source << " for " << to_source(slots[0]) << " and " << to_source(slots[1]);
        }
    }
}

TEST(Condition, AnErrorOrAnAbsentOrWrongValueEndsWithItsFault) {
    std::vector<Value> slots = claim_of(10, 0.5, "car", false);
    const auto outcome = [&slots](std::string_view source) {
        return Branches::of(must_check(source, claim()), claim()).value(slots);
    };
    EXPECT_EQ(outcome("amount / 0 > 1 && vip || amount / 0 > 1"), "<error: division by zero>");
    EXPECT_EQ(outcome("any"), "<error: no such overload>");
    slots[0] = Value();
    EXPECT_EQ(outcome("amount == 10"), "<error: the variable has no value>");
    EXPECT_EQ(outcome("amount + 1 == 10"), "<error: the variable has no value>");
    slots[0] = Value::string("ten");
    EXPECT_EQ(outcome("amount == 10"), "<error: no such overload>");
}

TEST(Condition, AStrictBranchEndsWithItsFirstError) {
    const Ast ast = must_parse("!(amount > 5 && kind in ['a', 'b']) || vip", Macros::none);
    Compiler compiler(claim().variables);
    const Label entry = compiler.label(), yes = compiler.label(), no = compiler.label();
    compiler.place(entry);
    compiler.branch_strictly(*ast.root, yes, no);
    compiler.place(yes);
    compiler.yield(1);
    compiler.place(no);
    compiler.yield_error(Fault::ambiguous);
    const Program program = compiler.finish();
    Machine machine;
    const auto outcome = [&](std::vector<Value> slots) {
        return to_source(machine.run(program, entry, slots));
    };
    EXPECT_EQ(outcome(claim_of(1, 0, "a", false)), "1");
    EXPECT_EQ(outcome(claim_of(6, 0, "a", false)), "<error: more than one rule holds>");
    EXPECT_EQ(outcome(claim_of(6, 0, "a", true)), "1");
    std::vector<Value> slots = claim_of(6, 0, "a", true);
    slots[2] = Value();
    EXPECT_EQ(outcome(slots), "<error: the variable has no value>");  // although the whole would be true
}

TEST(Machine, AComparisonProgramAllocatesNothing) {
    const Environment environment = claim();
    const Branches branches = Branches::of(
        must_check(
            "amount > 5 && rate in [0.5, 2.0] && (kind == 'a value that is longer than any small string' || "
            "vip) && !(amount == 7)",
            environment),
        environment);
    const std::vector<Value> slots = claim_of(10, 0.5, "car", true);
    Machine machine;
    ASSERT_EQ(to_source(machine.run(branches.program, branches.entry, slots)), "1");

    const std::size_t before = allocations();
    const Value value = machine.run(branches.program, branches.entry, slots);
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(to_source(value), "1");
    EXPECT_EQ(machine.arena_bytes(), 0U);
    EXPECT_EQ(machine.cost(), 0U);
    EXPECT_GT(before, 0U) << "the counter counts";
}

TEST(Machine, AMachineThatHasItsMemoryAllocatesNothingForListsTextsAndLoops) {
    const Environment environment = claim();
    const Program program =
        compile(must_check("['a', kind].map(x, x + '!').filter(x, x.matches('^c')).size() == 1 && "
                           "{kind: amount}.transformMap(k, v, v + 1)[kind] == 11",
                           environment),
                environment);
    const std::vector<Value> slots = claim_of(10, 0.5, "car", true);
    Machine machine;
    ASSERT_EQ(to_source(machine.run(program, 0, slots)), "true");
    const std::size_t before = allocations();
    machine.run(program, 0, slots);
    EXPECT_EQ(allocations(), before);
}

/// `amount` in slot 0 and the named expression `sum`, which costs something, in lazy 0.
class Lazies : public testing::Test {
  protected:
    Lazies() : environment_(with_variables({{"amount", kIntType}, {"sum", kIntType}, {"twice", kIntType}})) {}

    /// Evaluates the source with the lazies defined behind it, or before.
    std::string evaluate(std::string_view source, bool defined_first = false) {
        Compiler compiler(environment_.variables,
                          {{Storage::Kind::slot, 0}, {Storage::Kind::lazy, 0}, {Storage::Kind::lazy, 1}});
        const Label entry = compiler.label();
        const auto define = [&] {
            compiler.define_lazy(0,
                                 must_check("[amount, 2, 3].map(x, x * 2)[0] + 100 / amount", environment_));
            compiler.define_lazy(1, must_check("[1, 2].map(y, y * sum)[1]", environment_));
        };
        if (defined_first) define();
        compiler.place(entry);
        compiler.yield_value(*must_check(source, environment_).ast.root);
        if (!defined_first) define();
        const Program program = compiler.finish();
        return to_source(machine_.run(program, entry, std::vector{Value::from(amount_)}));
    }

    Environment environment_;
    Machine machine_;
    std::int64_t amount_ = 10;
};

TEST_F(Lazies, AreComputedWhenTheyAreFirstReadAndNeverTwice) {
    EXPECT_EQ(evaluate("amount"), "10");
    EXPECT_EQ(machine_.cost(), 0U);
    EXPECT_EQ(evaluate("sum"), "30");
    const std::uint64_t once = machine_.cost();
    EXPECT_GT(once, 0U);
    EXPECT_EQ(evaluate("sum + sum + sum"), "90");
    EXPECT_EQ(machine_.cost(), once);
    EXPECT_EQ(evaluate("amount > 5 || sum > 0"), "true");
    EXPECT_EQ(machine_.cost(), 0U);
}

TEST_F(Lazies, MayReadEachOtherInTheMiddleOfLoops) {
    for (const bool defined_first : {false, true}) {
        EXPECT_EQ(evaluate("twice", defined_first), "60");
        EXPECT_EQ(evaluate("[1, 2, 3].map(x, x + twice + sum)", defined_first), "[91, 92, 93]");
        EXPECT_EQ(evaluate("[1, 2].map(x, [3].map(y, x + y + twice)[0])", defined_first), "[64, 65]");
    }
}

TEST_F(Lazies, AnErrorIsComputedOnceToo) {
    amount_ = 0;
    EXPECT_EQ(evaluate("sum"), "<error: division by zero>");
    const std::uint64_t once = machine_.cost();
    EXPECT_EQ(evaluate("sum > 0 || twice > 0 || amount == 0"), "true");
    EXPECT_GT(machine_.cost(), once);
    EXPECT_EQ(evaluate("sum > 0 || sum < 0 || sum == 0 || amount == 0"), "true");
    EXPECT_EQ(machine_.cost(), once);
}

TEST(Hits, TheFirstIsYieldedAndOneOfAnotherGroupIsAmbiguous) {
    const Environment environment = claim();
    const Checked first = must_check("amount > 5", environment), second = must_check("vip", environment),
                  third = must_check("kind == 'car'", environment);
    Compiler compiler(environment.variables);
    const Label entry = compiler.label(), none = compiler.label();
    compiler.place(entry);
    const auto rule = [&compiler](const Checked& condition, std::int64_t value, std::uint32_t group) {
        const Label yes = compiler.label(), next = compiler.label();
        compiler.branch(condition, yes, next);
        compiler.place(yes);
        compiler.record_hit(value, group);
        compiler.place(next);
    };
    rule(first, 1, 0);
    rule(second, 2, 0);
    rule(third, 3, 1);
    compiler.yield_hit(none);
    compiler.place(none);
    compiler.yield(-1);
    const Program program = compiler.finish();
    Machine machine;
    const auto outcome = [&](std::int64_t amount, std::string_view kind, bool vip) {
        return to_source(machine.run(program, entry, claim_of(amount, 0, kind, vip)));
    };
    EXPECT_EQ(outcome(1, "home", false), "-1");
    EXPECT_EQ(outcome(10, "home", false), "1");
    EXPECT_EQ(outcome(1, "home", true), "2");
    EXPECT_EQ(outcome(10, "home", true), "1");
    EXPECT_EQ(outcome(1, "car", false), "3");
    EXPECT_EQ(outcome(10, "car", false), "<error: more than one rule holds>");
    EXPECT_EQ(outcome(1, "home", false), "-1") << "nothing is left of the run before";
}

TEST(Cost, AnEvaluationOverItsLimitEndsAndNothingAbsorbsThat) {
    std::vector<Value> items(2'000, Value::from(std::int64_t{1}));
    Arena arena;
    const Environment environment = with_variables({{"many", list_of(kIntType)}});
    const std::vector<Value> slots = {arena.make_list(items)};
    const std::string dear = "many.exists(x, many.exists(y, x + y == 5))";
    const std::string exceeded = "<error: the evaluation is over its cost limit>";
    expect_values({{dear, exceeded},
                   {dear + " || true", exceeded},
                   {"!(" + dear + " && false)", exceeded},
                   {"[" + dear + "].size() == 1 || true", exceeded},
                   {"optional.of(" + dear + ").hasValue() || true", exceeded},
                   {"true || " + dear, "true"},
                   {"many.exists(x, x == 5)", "false"}},
                  environment, slots);
    for (const std::string& source : {dear, dear + " || true", "!(" + dear + " && false)"}) {
        const Branches branches = Branches::of(must_check(source, environment), environment);
        EXPECT_EQ(branches.value(slots), exceeded) << source;
    }
    const Program program = compile(must_check(dear, environment), environment);
    Machine machine;
    machine.run(program, 0, slots);
    EXPECT_LT(machine.cost(), limits::kCelCostMax + 1'000) << "it ends soon behind the limit";
    EXPECT_GT(cost_bound(must_check(dear, environment), {{"many", {2'000, {{}}}}}).cost, limits::kCelCostMax);
}

}  // namespace
}  // namespace parmana::cel
