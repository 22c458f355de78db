#include "cel/support_test.hpp"

namespace parmana::cel {
namespace {

Environment bank() {
    Environment out = with_variables({
        {"amount", kIntType},
        {"rate", kDoubleType},
        {"name", kStringType},
        {"vip", kBoolType},
        {"labels", map_of(kStringType, kIntType)},
        {"tags", list_of(kStringType)},
        {"anything", Type{}},
        {"nickname", optional_of(kStringType)},
        {"account", optional_of(map_of(kStringType, kIntType))},
        {"money", Type{TypeKind::opaque, "bank.Money", {}}},
    });
    out.opaque_types = {"bank.Money"};
    out.functions = {
        {"fee",
         {{"fee_int", false, {kIntType}, kIntType}, {"fee_double", false, {kDoubleType}, kDoubleType}}},
        {"risk.score", {{"risk_score", false, {kStringType}, kDoubleType}}},
        {"first", {{"list_first", true, {list_of(parameter("T"))}, parameter("T")}}},
    };
    return out;
}

TEST(Checker, EveryExpressionHasTheTypeOfTheSpecification) {
    struct Row {
        const char* source;
        const char* type;
    };
    for (const Row& row : std::vector<Row>{
             {"null", "null"},
             {"1 + 2", "int"},
             {"1u", "uint"},
             {"1.5", "double"},
             {"b''", "bytes"},
             {"[]", "list(dyn)"},
             {"[1, 2]", "list(int)"},
             {"[1, 'a']", "list(dyn)"},
             {"[[], [1]]", "list(list(int))"},
             {"[optional.of(1), null]", "list(optional_type(int))"},
             {"{'a': 1}", "map(string, int)"},
             {"{'a': 1, 'b': 'c'}", "map(string, dyn)"},
             {"{?'a': nickname}", "map(string, string)"},
             {"[?nickname, 'x']", "list(string)"},
             {"vip ? amount : 1", "int"},
             {"vip ? amount : anything", "dyn"},
             {"amount < rate && amount > 1u", "bool"},
             {"labels.euro + 1", "int"},
             {"labels['euro']", "int"},
             {"labels.?euro", "optional_type(int)"},
             {"account.euro", "optional_type(int)"},
             {"account.?euro", "optional_type(int)"},
             {"account[?'euro']", "optional_type(int)"},
             {"has(labels.euro)", "bool"},
             {"anything.a.b", "dyn"},
             {"anything + 1", "int"},
             {"anything < 1", "bool"},
             {"fee(amount)", "int"},
             {"fee(rate)", "double"},
             {"fee(anything)", "dyn"},
             {"risk.score(name)", "double"},
             {"tags.first()", "string"},
             {"[1].first()", "int"},
             {"nickname.orValue('x')", "string"},
             {"nickname.optMap(n, n.size())", "optional_type(int)"},
             {"tags.all(t, t.size() > 3)", "bool"},
             {"tags.map(t, t.size())", "list(int)"},
             {"labels.map(k, labels[k])", "list(int)"},
             {"labels.transformMap(k, v, k + 'x')", "map(string, string)"},
             {"tags.transformMap(i, t, t)", "map(int, string)"},
             {"labels.transformMapEntry(k, v, {v: k})", "map(int, string)"},
             {"cel.bind(x, amount, [x, x])", "list(int)"},
             {"type(amount)", "type(int)"},
             {"type(amount) == int", "bool"},
             {"bank.Money", "type(bank.Money)"},
             {"money == null", "bool"},
             {"timestamp('2025-01-01T00:00:00Z') - duration('1h')", "timestamp"},
             {"[1].exists(amount, amount == 1) ? amount : 0", "int"},
         }) {
        EXPECT_EQ(to_string(must_check(row.source, bank()).type()), row.type) << row.source;
    }
}

TEST(Checker, AFaultStandsAtItsPlaceAndIsToldOnce) {
    struct Row {
        const char* source;
        Issues issues;
    };
    for (const Row& row : std::vector<Row>{
             {"nobody", {{0, "undeclared reference to `nobody`"}}},
             {"amount + nobody * 2 + 1", {{9, "undeclared reference to `nobody`"}}},
             {"a + b", {{0, "undeclared reference to `a`"}, {4, "undeclared reference to `b`"}}},
             {"b.c + a", {{0, "undeclared reference to `b.c`"}, {6, "undeclared reference to `a`"}}},
             {"nothing(1)", {{7, "undeclared reference to `nothing`"}}},
             {"amount.nothing()", {{14, "undeclared reference to `nothing`"}}},
             {"amount + name", {{7, "no overload of `_+_` takes `(int, string)`"}}},
             {"amount == name", {{7, "no overload of `_==_` takes `(int, string)`"}}},
             {"!amount", {{0, "no overload of `!_` takes `(int)`"}}},
             {"amount && vip", {{7, "no overload of `_&&_` takes `(int, bool)`"}}},
             {"amount ? 1 : 2", {{7, "no overload of `_?_:_` takes `(int, int, int)`"}}},
             {"vip ? 1 : 'a'", {{4, "no overload of `_?_:_` takes `(bool, int, string)`"}}},
             {"name.startsWith(1)", {{15, "no overload of `startsWith` takes `string.(int)`"}}},
             {"startsWith(name, 'a')", {{10, "no overload of `startsWith` takes `(string, string)`"}}},
             {"name.fee()", {{8, "no overload of `fee` takes `string.()`"}}},
             {"fee()", {{3, "no overload of `fee` takes `()`"}}},
             {"tags[name]", {{4, "no overload of `_[_]` takes `(list(string), string)`"}}},
             {"amount in tags", {{7, "no overload of `@in` takes `(int, list(string))`"}}},
             {"amount.field", {{6, "type `int` does not support field selection"}}},
             {"has(name.field)", {{8, "type `string` does not support field selection"}}},
             {"tags.field", {{4, "type `list(string)` does not support field selection"}}},
             {"name.?field", {{4, "type `string` does not support field selection"}}},
             {"[?amount]", {{2, "expected type `optional_type(dyn)` but found `int`"}}},
             {"amount.all(x, true)", {{0, "type `int` cannot be iterated over: it must be a list or a map"}}},
             {"tags.all(t, t + 1 > 2)", {{14, "no overload of `_+_` takes `(string, int)`"}}},
             {"tags.all(t, t.size())", {{8, "no overload of `_&&_` takes `(bool, int)`"}}},
             {"tags.map(t, x) + [y]",
              {{12, "undeclared reference to `x`"}, {18, "undeclared reference to `y`"}}},
             {"money < money", {{6, "no overload of `_<_` takes `(bank.Money, bank.Money)`"}}},
         }) {
        const auto checked = check(must_parse(row.source), bank());
        ASSERT_FALSE(checked.has_value()) << row.source;
        EXPECT_EQ(shown(checked.error()), shown(row.issues)) << row.source;
    }
}

TEST(Checker, ALongChainOfSelectionsIsLookedUpOncePerPart) {
    // As long as a tree may be high: the work grows with the square of the length, not with the third power.
    std::string chain = "x.y";
    for (int i = 0; i < 240; ++i)
        chain += ".z";
    const Environment environment{.container = "a.b.c.d", .variables = {{"x.y", {}}}};
    auto ast = parse(chain, Macros::extended);
    ASSERT_TRUE(ast);
    const auto checked = check(*std::move(ast), environment);
    ASSERT_TRUE(checked);
    EXPECT_TRUE(checked->type().is(TypeKind::dyn));
}

TEST(Checker, ANameIsLookedForInTheContainerFirst) {
    Environment environment = with_variables({{"a.b.x", kIntType},
                                              {"a.x", kStringType},
                                              {"x", kBoolType},
                                              {"a.b.y.z", kDoubleType},
                                              {"y", map_of(kStringType, kBoolType)}});
    environment.container = "a.b";
    const auto type_of_source = [&environment](std::string_view source) {
        return to_string(must_check(source, environment).type());
    };
    EXPECT_EQ(type_of_source("x"), "int");
    EXPECT_EQ(type_of_source("b.x"), "int");
    EXPECT_EQ(type_of_source("a.x"), "string");
    EXPECT_EQ(type_of_source(".x"), "bool");
    EXPECT_EQ(type_of_source("y.z"), "double");  // the longest name
    EXPECT_EQ(type_of_source("y.w"), "bool");
    environment.container = "a";
    EXPECT_EQ(type_of_source("x"), "string");
    EXPECT_EQ(type_of_source("b.x"), "int");
    environment.container = "c";
    EXPECT_EQ(type_of_source("x"), "bool");
    environment.aliases = {"a.b.y"};
    EXPECT_EQ(type_of_source("y.z"), "double");
}

TEST(Checker, QualifiedNamesAndFunctionsBecomeOneNode) {
    const Environment environment = with_variables({{"a.b", map_of(kStringType, kIntType)}});
    const Checked checked = must_check("a.b.c + math.abs(-1)", environment);
    const Expr& field = *checked.ast.root->arguments[0];
    EXPECT_EQ(field.kind, ExprKind::select);
    EXPECT_EQ(field.target->kind, ExprKind::identifier);
    EXPECT_EQ(field.target->name, "a.b");
    EXPECT_EQ(checked.references[field.target->id].name, "a.b");
    const Expr& call = *checked.ast.root->arguments[1];
    EXPECT_EQ(call.target, nullptr);
    EXPECT_EQ(call.name, "math.abs");
    EXPECT_EQ(checked.references[call.id].overloads, std::vector<std::string>{"math_abs_int"});
    EXPECT_EQ(checked.references[checked.ast.root->id].overloads, std::vector<std::string>{"add_int64"});
}

TEST(Checker, AVariableOfAMacroHidesQualifiedNamesAndALeadingDotReachesBehindIt) {
    const Environment environment = with_variables(
        {{"x", kIntType}, {"x.y", kStringType}, {"list", list_of(map_of(kStringType, kBoolType))}});
    const auto type_of_source = [&environment](std::string_view source) {
        return to_string(must_check(source, environment).type());
    };
    EXPECT_EQ(type_of_source("x.y"), "string");
    EXPECT_EQ(type_of_source("list.map(x, x.y)"), "list(bool)");
    EXPECT_EQ(type_of_source("list.map(x, .x)"), "list(int)");
    EXPECT_EQ(type_of_source("list.map(x, .x.y)"), "list(string)");
}

TEST(Resolve, WhatHasNoMeaningFailsOnlyWhenItIsEvaluated) {
    const Environment environment = with_variables({{"vip", kBoolType}});
    const std::vector<Value> slots = {Value::from(true)};
    EXPECT_EQ(unchecked_value_of("vip || nobody", environment, slots), "true");
    EXPECT_EQ(unchecked_value_of("vip && nobody", environment, slots), "<error: the variable has no value>");
    EXPECT_EQ(unchecked_value_of("vip || nothing(1)", environment, slots), "true");
    EXPECT_EQ(unchecked_value_of("nothing(1)", environment, slots), "<error: no such overload>");
    EXPECT_EQ(unchecked_value_of("nothing(1 / 0)", environment, slots), "<error: division by zero>");
    EXPECT_EQ(unchecked_value_of("1 + 'a'", environment, slots), "<error: no such overload>");
    EXPECT_EQ(unchecked_value_of("[1, 'a'].exists(x, x + 1 == 2)", environment, slots), "true");
}

}  // namespace
}  // namespace parmana::cel
