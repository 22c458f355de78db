// The reference against the language definition and the pages of the extensions, by hand: an expression, and
// its value as source or the name of its fault.
#include "reference.hpp"

#include <gtest/gtest.h>

#include "cel/cel.hpp"
#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::reference {
namespace {

struct Row {
    const char* expression;
    const char* expected;
};

std::string evaluate_text(const char* text, const Variables& variables) {
    const auto ast = cel::parse(text, cel::Macros::none);
    if (!ast) return "syntax: " + ast.error().front().message;
    Budget budget;
    const Outcome outcome = evaluate(*ast->root, variables, budget);
    if (budget.exceeded) return "budget";
    return outcome ? to_source(*outcome) : std::string(name_of(outcome.error()));
}

template <std::size_t N>
void check(const Row (&rows)[N]) {
    const Variables variables = {
        {"i", value_of(std::int64_t{7})},
        {"li", list_of({value_of(std::int64_t{1}), value_of(std::int64_t{2}), value_of(std::int64_t{3})})},
        {"none", optional_none()}};
    for (const Row& row : rows)
        EXPECT_EQ(evaluate_text(row.expression, variables), row.expected) << row.expression;
}

TEST(Reference, computes_with_integers_within_their_range) {
    check({{"1 + 2", "3"},
           {"9223372036854775807 + 1", "overflow"},
           {"-9223372036854775808 - 1", "overflow"},
           {"-9223372036854775807 - 1", "-9223372036854775808"},
           {"5000000000 * 5000000000", "overflow"},
           {"7 / 2", "3"},
           {"-7 / 2", "-3"},
           {"7 / 0", "division_by_zero"},
           {"-9223372036854775808 / -1", "overflow"},
           {"-7 % 2", "-1"},
           {"7 % 0", "modulus_by_zero"},
           {"-9223372036854775808 % -1", "overflow"},
           {"-(-9223372036854775808)", "overflow"},
           {"1u - 2u", "overflow"},
           {"18446744073709551615u + 1u", "overflow"},
           {"18446744073709551615u * 18446744073709551615u", "overflow"},
           {"4294967295u * 4294967297u", "18446744073709551615u"},
           {"7u / 0u", "division_by_zero"},
           {"7u % 0u", "modulus_by_zero"},
           {"-dyn(1u)", "no_such_overload"},
           {"1 + dyn(1u)", "no_such_overload"}});
}

TEST(Reference, computes_with_doubles_as_ieee_754) {
    check({{"1.0 / 0.0", "double(\"Infinity\")"},
           {"-1.0 / 0.0", "double(\"-Infinity\")"},
           {"0.0 / 0.0", "double(\"NaN\")"},
           {"-(0.0)", "-0.0"},
           {"0.1 + 0.2", "0.30000000000000004"},
           {"1e308 * 10.0", "double(\"Infinity\")"},
           {"1.5 % dyn(1.0)", "no_such_overload"}});
}

TEST(Reference, joins_strings_bytes_and_lists) {
    check({{"'a' + 'b'", "\"ab\""},
           {"b'a' + b'\\xff'", "b\"a\\xff\""},
           {"[1] + [2, 3]", "[1, 2, 3]"},
           {"'a' + dyn(b'b')", "no_such_overload"},
           {"{} + dyn({})", "no_such_overload"}});
}

TEST(Reference, counts_times_exactly_and_within_their_range) {
    check(
        {{"timestamp('2009-02-13T23:00:00Z') + duration('240s')", "timestamp(\"2009-02-13T23:04:00Z\")"},
         {"duration('120s') + timestamp('2009-02-13T23:01:00Z')", "timestamp(\"2009-02-13T23:03:00Z\")"},
         {"timestamp('0001-01-01T00:00:00Z') + duration('-1ns')", "overflow"},
         {"timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')", "overflow"},
         {"timestamp('2009-02-13T23:31:00Z') - timestamp('2009-02-13T23:29:00.5Z')", "duration(\"119.5s\")"},
         {"duration('9000000000s') + duration('9000000000s')", "overflow"},
         {"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')", "overflow"},
         {"duration('-1.5s') - duration('1ns')", "duration(\"-1.500000001s\")"},
         {"duration('1s') - dyn(timestamp(0))", "no_such_overload"},
         {"timestamp(0) + dyn(timestamp(0))", "no_such_overload"}});
}

TEST(Reference, compares_for_equality_across_kinds) {
    check({{"1 == 1", "true"},
           {"dyn(1) == 1.0", "true"},
           {"dyn(1u) == 1", "true"},
           {"dyn(9007199254740993) == 9007199254740992.0", "true"},
           {"dyn(9007199254740993) == dyn(9007199254740992u)", "false"},
           {"dyn(18446744073709551615u) == 18446744073709551616.0", "true"},
           {"dyn(-1) == 18446744073709551615u", "false"},
           {"0.0 == -0.0", "true"},
           {"0.0 / 0.0 == 0.0 / 0.0", "false"},
           {"0.0 / 0.0 != 0.0 / 0.0", "true"},
           {"dyn('a') == b'a'", "false"},
           {"dyn(null) == 0", "false"},
           {"null == null", "true"},
           {"[1, [2]] == [1, [2]]", "true"},
           {"[1] == dyn([1.0])", "true"},
           {"[1] == [1, 1]", "false"},
           {"{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"},
           {"{1: 'x'} == dyn({1u: 'x'})", "true"},
           {"{'a': 1} == {'b': 1}", "false"},
           {"[0.0 / 0.0] == [0.0 / 0.0]", "false"},
           {"type(1) == int", "true"},
           {"type(1) == dyn(type(1u))", "false"},
           {"duration('60s') == duration('1m')", "true"},
           {"timestamp(0) == timestamp('1970-01-01T01:00:00+01:00')", "true"},
           {"optional.none() == optional.none()", "true"},
           {"optional.of(1) == optional.of(1)", "true"},
           {"optional.of(1) == optional.none()", "false"},
           {"dyn(optional.of(1)) == 1", "false"}});
}

TEST(Reference, orders_what_has_an_order) {
    check({{"1 < dyn(1.5)", "true"},
           {"9223372036854775807 < 9223372036854775808.0", "false"},
           {"9223372036854775807 < 9223372036854777857.0", "true"},
           {"-1 < 0u", "true"},
           {"18446744073709551615u < 18446744073709551616.0", "false"},
           {"0.0 / 0.0 < 1.0", "false"},
           {"0.0 / 0.0 >= 1.0", "false"},
           {"0.0 / 0.0 <= 0.0 / 0.0", "false"},
           {"-0.0 < 0.0", "false"},
           {"-0.0 >= 0.0", "true"},
           {"false < true", "true"},
           {"'Abc' < 'aBC'", "true"},
           {"'abc' < 'abcd'", "true"},
           {"'\\uffff' < '\\U00010000'", "true"},
           {"b'\\x7f' < b'\\x80'", "true"},
           {"timestamp(1) > timestamp(0)", "true"},
           {"duration('-1s') <= duration('0')", "true"},
           {"dyn(null) < null", "no_such_overload"},
           {"dyn([0]) < [1]", "no_such_overload"},
           {"dyn(1) < 'a'", "no_such_overload"},
           {"dyn(int) < int", "no_such_overload"}});
}

TEST(Reference, absorbs_errors_in_logical_operators) {
    check({{"true && false", "false"},
           {"1 / 0 == 1 && false", "false"},
           {"false && 1 / 0 == 1", "false"},
           {"true && 1 / 0 == 1", "division_by_zero"},
           {"1 / 0 == 1 || true", "true"},
           {"1 / 0 == 1 || false", "division_by_zero"},
           {"1 / 0 == 1 || 1 % 0 == 1", "division_by_zero"},
           {"1 % 0 == 1 && 1 / 0 == 1", "modulus_by_zero"},
           {"dyn(1) && false", "false"},
           {"dyn(1) && true", "no_such_overload"},
           {"dyn('a') || true", "true"},
           {"false || dyn(1)", "no_such_overload"},
           {"!dyn(1)", "no_such_overload"},
           {"true ? 1 : 1 / 0", "1"},
           {"false ? 1 / 0 : 2", "2"},
           {"1 / 0 == 1 ? 1 : 2", "division_by_zero"},
           {"dyn(1) ? 1 : 2", "no_such_overload"}});
}

TEST(Reference, takes_elements_of_lists_and_maps) {
    check({{"li[0]", "1"},
           {"li[3]", "index_out_of_bounds"},
           {"li[-1]", "index_out_of_bounds"},
           {"li[dyn(1u)]", "2"},
           {"li[dyn(1.0)]", "2"},
           {"li[dyn(1.5)]", "no_such_overload"},
           {"li[dyn('a')]", "no_such_overload"},
           {"{'a': 1}['a']", "1"},
           {"{'a': 1}['b']", "no_such_key"},
           {"{1: 'x'}[dyn(1.0)]", "\"x\""},
           {"{1u: 'x'}[dyn(1)]", "\"x\""},
           {"{1: 'x'}[dyn(1.5)]", "no_such_key"},
           {"{1: 'x'}[dyn(null)]", "no_such_key"},
           {"{1: 'x'}[?dyn(null)]", "optional.none()"},
           {"{true: 1}[true]", "1"},
           {"dyn(1)[0]", "no_such_overload"},
           {"{'a': 1}.a", "1"},
           {"{'a': 1}.b", "no_such_key"},
           {"dyn(1).a", "no_such_field"},
           {"has({'a': 1}.a)", "true"},
           {"has({'a': 1}.b)", "false"},
           {"has(dyn(1).b)", "no_such_field"},
           {"has({}[1].b)", "no_such_key"},
           {"2 in li", "true"},
           {"dyn(2.0) in li", "true"},
           {"dyn('2') in li", "false"},
           {"'a' in {'a': 1}", "true"},
           {"dyn(1u) in {1: 2}", "true"},
           {"dyn([]) in {1: 2}", "false"},
           {"1 in dyn(1)", "no_such_overload"}});
}

TEST(Reference, makes_maps_in_the_order_of_their_keys) {
    check({{"{'b': 1, 'a': 2, true: 3, 2: 4, 1u: 5, false: 6}",
            "{1u: 5, 2: 4, false: 6, true: 3, \"a\": 2, \"b\": 1}"},
           {"{'b': 1, 'a': 2}.map(k, k)", "[\"a\", \"b\"]"},
           {"{1: 1, 1u: 2}", "repeated_key"},
           {"{1.0: 1}", "unsupported_key"},
           {"{1: 1, 1: 2, dyn(null): 3}", "unsupported_key"},
           {"{1: 1, 1: 1 / 0}", "division_by_zero"},
           {"{[]: 1 % 0}", "modulus_by_zero"},
           {"[1, 1 / 0, 1 % 0]", "division_by_zero"},
           {"[?optional.of(1), ?optional.none(), 2]", "[1, 2]"},
           {"[?dyn(1)]", "no_such_overload"},
           {"{?'a': optional.of(1), ?'b': optional.none()}", "{\"a\": 1}"},
           {"{?'a': dyn(1)}", "no_such_overload"}});
}

TEST(Reference, measures_and_names_kinds) {
    check({{"size('h\\u00e9llo')", "5"},
           {"'\\U0001f600'.size()", "1"},
           {"size(b'\\xc3\\xa9')", "2"},
           {"li.size()", "3"},
           {"size({1: 2})", "1"},
           {"size(dyn(1))", "no_such_overload"},
           {"type(1)", "int"},
           {"type(null)", "null_type"},
           {"type(int)", "type"},
           {"type([])", "list"},
           {"type(timestamp(0))", "google.protobuf.Timestamp"},
           {"type(timestamp(0)) == google.protobuf.Timestamp", "true"},
           {"type(optional.none())", "optional_type"},
           {"type(1 / 0)", "division_by_zero"},
           {"unknown", "unknown_variable"}});
}

TEST(Reference, converts_numbers) {
    check({{"int(1.9)", "1"},
           {"int(-7.9)", "-7"},
           {"int(9223372036854775807.0)", "overflow"},
           {"int(-9223372036854775808.0)", "overflow"},
           {"int(0.0 / 0.0)", "overflow"},
           {"int(9223372036854775808u)", "overflow"},
           {"int('-9223372036854775808')", "-9223372036854775808"},
           {"int('+5')", "5"},
           {"int('9223372036854775808')", "overflow"},
           {"int(' 5')", "invalid_conversion"},
           {"int('0x10')", "invalid_conversion"},
           {"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"},
           {"int(dyn(duration('1s')))", "no_such_overload"},
           {"uint(-1)", "overflow"},
           {"uint(3.99)", "3u"},
           {"uint(-0.5)", "0u"},
           {"uint(-1.0)", "overflow"},
           {"uint(18446744073709551616.0)", "overflow"},
           {"uint('18446744073709551615')", "18446744073709551615u"},
           {"uint('-1')", "invalid_conversion"},
           {"double(9223372036854775807)", "9223372036854776000.0"},
           {"double('1e400')", "invalid_conversion"},
           {"double('1e-400')", "0.0"},
           {"double('-Infinity')", "double(\"-Infinity\")"},
           {"double('nan')", "double(\"NaN\")"},
           {"double('.5')", "0.5"},
           {"double('.')", "invalid_conversion"},
           {"double('1_0')", "invalid_conversion"}});
}

TEST(Reference, converts_texts) {
    check({{"string(-4.5e-3)", "\"-0.0045\""},
           {"string(1e21)", "\"1e+21\""},
           {"string(1e20)", "\"100000000000000000000\""},
           {"string(0.000001)", "\"0.000001\""},
           {"string(1e-7)", "\"1e-7\""},
           {"string(-1.5e300)", "\"-1.5e+300\""},
           {"string(1.0 / 0.0)", "\"Infinity\""},
           {"string(5e-324)", "\"5e-324\""},
           {"string(b'\\xff')", "invalid_conversion"},
           {"string(b'\\xc3\\xbf')", "\"\u00ff\""},
           {"string(b'\\xed\\xa0\\x80')", "invalid_conversion"},
           {"string(timestamp('2009-02-13T23:31:30.120Z'))", "\"2009-02-13T23:31:30.12Z\""},
           {"string(duration('1h30m'))", "\"5400s\""},
           {"string(duration('-1ns'))", "\"-0.000000001s\""},
           {"string(dyn(null))", "no_such_overload"},
           {"bytes('\\u00ff')", "b\"\\xc3\\xbf\""},
           {"bool('True')", "true"},
           {"bool('0')", "false"},
           {"bool('yes')", "invalid_conversion"},
           {"timestamp('2024-02-29T00:00:00Z')", "timestamp(\"2024-02-29T00:00:00Z\")"},
           {"timestamp('2023-02-29T00:00:00Z')", "invalid_conversion"},
           {"timestamp('2009-02-13T23:31:30.5-08:30')", "timestamp(\"2009-02-14T08:01:30.5Z\")"},
           {"timestamp('0001-01-01T00:00:00+00:01')", "invalid_conversion"},
           {"timestamp('2009-02-13 23:31:30Z')", "invalid_conversion"},
           {"timestamp(253402300800)", "overflow"},
           {"timestamp(-1)", "timestamp(\"1969-12-31T23:59:59Z\")"},
           {"duration('1h2m3.5s')", "duration(\"3723.5s\")"},
           {"duration('-1.5ms2us')", "duration(\"-0.001502s\")"},
           {"duration('1.5ns')", "duration(\"0.000000001s\")"},
           {"duration('0')", "duration(\"0s\")"},
           {"duration('1')", "invalid_conversion"},
           {"duration('')", "invalid_conversion"},
           {"duration('1d')", "invalid_conversion"},
           {"duration('-9223372036.854775808s')", "duration(\"-9223372036.854775808s\")"},
           {"duration('9223372036.854775808s')", "overflow"},
           {"duration('320000000000s')", "overflow"}});
}

TEST(Reference, reads_the_parts_of_times) {
    check({{"timestamp('2009-02-13T23:31:30Z').getFullYear()", "2009"},
           {"timestamp('2009-02-13T23:31:30Z').getMonth()", "1"},
           {"timestamp('2009-02-13T23:31:30Z').getDate()", "13"},
           {"timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", "12"},
           {"timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "5"},
           {"timestamp('2009-02-13T23:31:30Z').getDayOfYear()", "43"},
           {"timestamp('2009-02-13T23:31:30Z').getHours('02:00')", "1"},
           {"timestamp('2009-02-13T23:31:30Z').getMinutes()", "31"},
           {"timestamp('2009-02-13T23:31:30Z').getSeconds('-00:00')", "30"},
           {"timestamp('2009-02-13T23:31:20.123456789Z').getMilliseconds()", "123"},
           {"timestamp('2009-02-13T02:00:00Z').getDayOfMonth('-02:30')", "11"},
           {"timestamp('0001-01-01T00:00:00Z').getFullYear('-01:00')", "0"},
           {"timestamp('0001-01-01T00:00:00Z').getDayOfWeek('-01:00')", "0"},
           {"timestamp('9999-12-31T23:59:59Z').getFullYear('+00:01')", "10000"},
           {"timestamp(0).getHours('Nowhere/City')", "invalid_argument"},
           {"duration('10000s').getHours()", "2"},
           {"duration('3730s').getMinutes()", "62"},
           {"duration('-3730.5s').getSeconds()", "-3730"},
           {"duration('123.321456789s').getMilliseconds()", "321"},
           {"dyn(1).getHours()", "no_such_overload"}});
}

TEST(Reference, works_on_strings_by_code_point) {
    check({{"'tacocat'.charAt(3)", "\"o\""},
           {"'tacocat'.charAt(7)", "\"\""},
           {"'tacocat'.charAt(8)", "index_out_of_bounds"},
           {"'ta\\u00a9o\\u00a9\\u03b1T'.indexOf('\\u00a9', 3)", "4"},
           {"'tacocat'.indexOf('')", "0"},
           {"'tacocat'.indexOf('', 3)", "3"},
           {"'tacocat'.indexOf('none')", "-1"},
           {"'tacocat'.indexOf('a', 7)", "-1"},
           {"'tacocat'.indexOf('a', 30)", "index_out_of_bounds"},
           {"'tacocat'.lastIndexOf('')", "7"},
           {"''.lastIndexOf('@@')", "-1"},
           {"'tacocat'.lastIndexOf('a', 3)", "1"},
           {"'bananananana'.lastIndexOf('nana', 7)", "6"},
           {"'tacocat'.lastIndexOf('tacocat', 7)", "0"},
           {"'tacocat'.lastIndexOf('a', 8)", "index_out_of_bounds"},
           {"'tacocat'.lastIndexOf('a', -1)", "index_out_of_bounds"},
           {"'TacoC\\u00c6t'.lowerAscii()", "\"tacoc\u00c6t\""},
           {"'taco\\u03b1'.upperAscii()", "\"TACO\u03b1\""},
           {"'hello hello'.replace('he', 'we')", "\"wello wello\""},
           {"'hello hello'.replace('he', 'we', 1)", "\"wello hello\""},
           {"'hello hello'.replace('he', 'we', 0)", "\"hello hello\""},
           {"'ab'.replace('', '-')", "\"-a-b-\""},
           {"'ab'.replace('', '-', 2)", "\"-a-b\""},
           {"'a b c'.split(' ')", "[\"a\", \"b\", \"c\"]"},
           {"'a b c'.split(' ', 0)", "[]"},
           {"'a b c'.split(' ', 1)", "[\"a b c\"]"},
           {"'a b c'.split(' ', 2)", "[\"a\", \"b c\"]"},
           {"'abc'.split('')", "[\"a\", \"b\", \"c\"]"},
           {"''.split(',')", "[\"\"]"},
           {"'tacocat'.substring(4)", "\"cat\""},
           {"'tacocat'.substring(7)", "\"\""},
           {"'tacocat'.substring(0, 4)", "\"taco\""},
           {"'tacocat'.substring(2, 1)", "invalid_argument"},
           {"'tacocat'.substring(-1)", "index_out_of_bounds"},
           {"'\\u0085\\u00a0 x\\u3000'.trim()", "\"x\""},
           {"'\\u200bx'.trim().size()", "2"},
           {"['x', 'y'].join('-')", "\"x-y\""},
           {"[].join('-')", "\"\""},
           {"dyn([1]).join()", "no_such_overload"},
           {"'gums'.reverse()", "\"smug\""},
           {"strings.quote('a\"\\n\\\\')", "\"\\\"a\\\\\\\"\\\\n\\\\\\\\\\\"\""},
           {"'abc'.matches('^a')", "true"},
           {"matches('abc', '^[0-9]+$')", "false"},
           {"'abc'.matches('(')", "invalid_pattern"},
           {"'abc'.contains('b') && 'abc'.startsWith('') && 'abc'.endsWith('bc')", "true"}});
}

TEST(Reference, formats) {
    check({{"'%%%s%%'.format(['text'])", "\"%text%\""},
           {"'%d %d'.format([1, 2u])", "\"1 2\""},
           {"'%.3f'.format([1.2345])", "\"1.234\""},
           {"'%.0f %.0f'.format([0.5, 1.5])", "\"0 2\""},
           {"'%f'.format([2.71828])", "\"2.718280\""},
           {"'%.6e'.format([1052.032911275])", "\"1.052033e+03\""},
           {"'%e %f'.format([0.0 / 0.0, -1.0 / 0.0])", "\"NaN -Infinity\""},
           {"'%b %b'.format([-5, true])", "\"-101 1\""},
           {"'%o'.format([uint(65535)])", "\"177777\""},
           {"'%x %X'.format([-255, 'Hello!'])", "\"-ff 48656C6C6F21\""},
           {"'%x'.format([-9223372036854775808])", "\"-8000000000000000\""},
           {"'%s'.format([[1, 4.2, 'a', null, duration('2h'), int]])", "\"[1, 4.2, a, null, 7200s, int]\""},
           {"'%s'.format([{'strKey': 'x', 6: duration('422s'), true: 42}])",
            "\"{6: 422s, strKey: x, true: 42}\""},
           {"'%s'.format([b'a\\xff\\xfe\\xc3b'])", "\"a\ufffdb\""},
           {"'%s'.format([1e21])", "\"1000000000000000000000\""},
           {"'%a'.format([1])", "invalid_argument"},
           {"'%d %d'.format([0])", "index_out_of_bounds"},
           {"'%d'.format([dyn(null)])", "no_such_overload"},
           {"'%x'.format([0.5])", "no_such_overload"},
           {"'%'.format([1])", "invalid_argument"}});
}

TEST(Reference, has_the_extension_math) {
    check({{"math.greatest(1, 5, 3)", "5"},
           {"math.greatest([5.4, 10, 3u])", "10"},
           {"math.least(-42.0, 3u)", "-42.0"},
           {"math.greatest(dyn([]))", "invalid_argument"},
           {"math.greatest(dyn('a'))", "no_such_overload"},
           {"math.greatest(1, dyn('a'))", "no_such_overload"},
           {"math.greatest(1, 1.0)", "1"},
           {"math.ceil(-0.5)", "-0.0"},
           {"math.round(-1.5)", "-2.0"},
           {"math.round(2.5)", "3.0"},
           {"math.trunc(-1.3)", "-1.0"},
           {"math.abs(-9223372036854775808)", "overflow"},
           {"math.sign(-0.0)", "0.0"},
           {"math.sign(-32.0)", "-1.0"},
           {"math.isFinite(1.0 / 0.0)", "false"},
           {"math.sqrt(-15)", "double(\"NaN\")"},
           {"math.bitAnd(-3, -5)", "-7"},
           {"math.bitNot(0u)", "18446744073709551615u"},
           {"math.bitShiftLeft(-1, 200)", "0"},
           {"math.bitShiftRight(-1024, 3)", "2305843009213693824"},
           {"math.bitShiftRight(1u, -1)", "invalid_argument"},
           {"math.ceil(dyn(1))", "no_such_overload"}});
}

TEST(Reference, has_optional_values) {
    check({{"optional.none().or(optional.none()).orValue(42)", "42"},
           {"optional.of(1).orValue(1 / 0)", "1"},
           {"none.value()", "empty_optional"},
           {"optional.ofNonZeroValue(0).hasValue()", "false"},
           {"optional.ofNonZeroValue([]).hasValue()", "false"},
           {"optional.ofNonZeroValue(null).hasValue()", "false"},
           {"{'c': {'i': 'x'}}.?c.i", "optional.of(\"x\")"},
           {"{'c': {}}.?c.i", "optional.none()"},
           {"{}.?c.i.j", "optional.none()"},
           {"{'c': {}}.c[?'i'].orValue('d')", "\"d\""},
           {"li[?0]", "optional.of(1)"},
           {"li[?7]", "optional.none()"},
           {"li[?dyn('a')]", "no_such_overload"},
           {"optional.of(li)[1]", "optional.of(2)"},
           {"has({'x': {'y': 'z'}}.?x.y)", "true"},
           {"has({'foo': optional.none()}.foo.bar)", "false"},
           {"optional.of(42).optMap(y, y + 1)", "optional.of(43)"},
           {"none.optMap(y, y + 1)", "optional.none()"},
           {"{'k': {}}.?k.optFlatMap(k, k.?s)", "optional.none()"},
           {"dyn(1).optMap(y, y)", "no_such_overload"},
           {"dyn(1).?a", "no_such_field"},
           {"base64.encode(b'hello')", "\"aGVsbG8=\""},
           {"base64.decode('aGVsbG8')", "b\"hello\""},
           {"base64.decode('ABC')", "invalid_conversion"},
           {"base64.decode('a')", "invalid_conversion"}});
}

TEST(Reference, runs_macros_by_their_definition) {
    check({{"li.all(x, x > 0)", "true"},
           {"[1, 2, 0].all(x, 6 / x > 4)", "false"},
           {"[1, 0].all(x, 6 / x > 4)", "division_by_zero"},
           {"[0, 1].exists(x, 6 / x > 4)", "true"},
           {"[0, 6].exists(x, 6 / x > 4)", "division_by_zero"},
           {"[0, 6].exists(x, dyn(x))", "no_such_overload"},
           {"li.exists_one(x, x > 2)", "true"},
           {"li.existsOne(x, x > 1)", "false"},
           {"[6, 0].exists_one(x, 6 / x == 1)", "division_by_zero"},
           {"li.map(x, x * x)", "[1, 4, 9]"},
           {"li.map(x, x > 1, x * x)", "[4, 9]"},
           {"li.filter(x, x % 2 == 1)", "[1, 3]"},
           {"{'a': 1, 'b': 2}.filter(k, k != 'a')", "[\"b\"]"},
           {"dyn(1).map(x, x)", "no_such_overload"},
           {"[].map(x, 1 / 0)", "[]"},
           {"li.map(i, i)[0] + i", "8"},
           {"li.all(n, v, n < v)", "true"},
           {"{'a': 'b'}.exists(k, v, k != v)", "true"},
           {"li.existsOne(n, v, n == 1 || v == 1)", "false"},
           {"li.transformList(n, v, n * v + v)", "[1, 4, 9]"},
           {"li.transformList(n, v, n % 2 == 0, v)", "[1, 3]"},
           {"li.transformMap(n, v, v * 2)", "{0: 2, 1: 4, 2: 6}"},
           {"{'a': 1}.transformMap(k, v, v > 1, v)", "{}"},
           {"{'greeting': 'hello'}.transformMapEntry(k, v, {v: k})", "{\"hello\": \"greeting\"}"},
           {"{'a': 'x', 'b': 'x'}.transformMapEntry(k, v, {v: k})", "repeated_key"},
           {"li.transformMapEntry(n, v, dyn(v))", "no_such_overload"},
           {"cel.bind(a, 'x', a + a)", "\"xx\""},
           {"cel.bind(a, 1 / 0, true)", "true"},
           {"cel.bind(a, 1 / 0, a == 1 || true)", "true"},
           {"cel.bind(i, i + 1, i)", "8"}});
}

TEST(Reference, stops_when_its_budget_is_spent) {
    EXPECT_EQ(
        evaluate_text("cel.bind(a, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', a.replace('', a))", {}),
        "budget");
}

TEST(Reference, tells_values_apart_that_are_equal) {
    EXPECT_TRUE(equal(value_of(0.0), value_of(-0.0)));
    EXPECT_FALSE(identical(value_of(0.0), value_of(-0.0)));
    EXPECT_TRUE(equal(value_of(std::int64_t{1}), value_of(std::uint64_t{1})));
    EXPECT_FALSE(identical(value_of(std::int64_t{1}), value_of(std::uint64_t{1})));
    EXPECT_TRUE(identical(value_of(*parse_real("nan")), value_of(*parse_real("NaN"))));
}

TEST(Reference, reads_back_every_day_that_it_writes) {
    for (Wide day = -719'162; day <= 2'932'896; day += 997) {
        const Wide nanos = day * 86'400 * kNanosPerSecond + 1;
        EXPECT_EQ(parse_timestamp(timestamp_text(nanos)), nanos);
    }
}

}  // namespace
}  // namespace parmana::reference
