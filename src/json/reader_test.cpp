#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/json.hpp"
#include "json/test_support.hpp"

namespace parmana::json {
namespace {

using testing::offset_of;
using namespace std::string_literals;

struct Accepted {
    std::string text;
    std::string canonical;
};

struct Refused {
    std::string text;
    Code code;
    std::size_t offset;
};

constexpr Code kMalformed = Code::json_malformed;
constexpr Code kDuplicate = Code::json_duplicate_member;
constexpr Code kNotExact = Code::number_not_exact;

void expect_refused(const std::vector<Refused>& rows) {
    for (const Refused& row : rows) {
        SCOPED_TRACE(row.text);
        const auto document = parse(row.text);
        ASSERT_FALSE(document.has_value());
        EXPECT_EQ(wire_name(document.error().code), wire_name(row.code)) << document.error().detail;
        EXPECT_EQ(offset_of(document.error()), row.offset) << document.error().detail;
    }
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

std::string list_of(std::size_t count) {
    std::string out = "[";
    for (std::size_t i = 0; i < count; ++i)
        out += i == 0 ? "0" : ",0";
    return out + "]";
}

std::string object_of(std::size_t count) {
    std::string out = "{";
    for (std::size_t i = 0; i < count; ++i)
        out += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return out + "}";
}

TEST(Reader, accepts_strict_json_and_spells_it_canonically) {
    const std::vector<Accepted> rows = {
        {"null", "null"},
        {" \t\r\n true \n", "true"},
        {"false", "false"},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {R"("")", R"("")"},
        {R"([1 , 2,"3" ])", R"([1,2,"3"])"},
        {R"({"b":{"d":1,"c":2},"a":[]})", R"({"a":[],"b":{"c":2,"d":1}})"},
        {R"("\u0000\u001F\u007f\/\b\f\n\r\t\"\\")", "\"\\u0000\\u001f\x7f/\\b\\f\\n\\r\\t\\\"\\\\\""},
        {R"("\u00e9\u20AC\ud83d\uDE02")", "\"é€😂\""},
        {R"("\ud800\udc00\udbff\udfff")", "\"\U00010000\U0010ffff\""},
        {"\"\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\"",
         "\"\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\""},
        {"\"abcdefgé\"", "\"abcdefgé\""},
        {R"({"":1})", R"({"":1})"},
        {R"({"a":{"a":1},"b":{"a":1}})", R"({"a":{"a":1},"b":{"a":1}})"},
        {R"({"A\u030a":1,"\u00c5":2})", "{\"A\u030a\":1,\"\u00c5\":2}"},
    };
    for (const Accepted& row : rows) {
        SCOPED_TRACE(row.text);
        const auto document = parse(row.text);
        ASSERT_TRUE(document.has_value()) << document.error().detail;
        EXPECT_EQ(canonical(document->root()), row.canonical);
    }
}

TEST(Reader, refuses_broken_structure_at_the_first_byte_that_fits_no_text) {
    expect_refused({
        {"", kMalformed, 0},
        {"  ", kMalformed, 2},
        {"\xef\xbb\xbf{}", kMalformed, 0},
        {"\0"s, kMalformed, 0},
        {"{}\0"s, kMalformed, 2},
        {"1 2", kMalformed, 2},
        {"{} x", kMalformed, 3},
        {"nul", kMalformed, 3},
        {"nulL", kMalformed, 3},
        {"truefalse", kMalformed, 4},
        {"NaN", kMalformed, 0},
        {"Infinity", kMalformed, 0},
        {"'a'", kMalformed, 0},
        {"[", kMalformed, 1},
        {"]", kMalformed, 0},
        {"[1", kMalformed, 2},
        {"[1,", kMalformed, 3},
        {"[1,]", kMalformed, 3},
        {"[,1]", kMalformed, 1},
        {"[1 2]", kMalformed, 3},
        {"[1}", kMalformed, 2},
        {"{", kMalformed, 1},
        {"{]", kMalformed, 1},
        {"{1:2}", kMalformed, 1},
        {"{a:1}", kMalformed, 1},
        {R"({"a")", kMalformed, 4},
        {R"({"a"})", kMalformed, 4},
        {R"({"a",)", kMalformed, 4},
        {R"({"a":})", kMalformed, 5},
        {R"({"a":1)", kMalformed, 6},
        {R"({"a":1,})", kMalformed, 7},
        {R"({"a":1])", kMalformed, 6},
        {"[1]//", kMalformed, 3},
        {"[\v1]", kMalformed, 1},
        {"[\xc2\xa0"
         "1]",
         kMalformed, 1},
    });
}

TEST(Reader, refuses_broken_strings_at_the_first_byte_that_fits_no_string) {
    expect_refused({
        {"\"", kMalformed, 1},
        {"\"abc", kMalformed, 4},
        {"\"abcdefghijklmnop", kMalformed, 17},
        {"\"a\nb\"", kMalformed, 2},
        {"\"\0\""s, kMalformed, 1},
        {"\"abcdefgh\x1fi\"", kMalformed, 9},
        {R"("\x")", kMalformed, 2},
        {R"("\U0041")", kMalformed, 2},
        {"\"\\", kMalformed, 2},
        {R"("\u")", kMalformed, 3},
        {R"("\u12g4")", kMalformed, 5},
        {R"("\u123")", kMalformed, 6},
        {R"("\ud800")", kMalformed, 7},
        {R"("\ud800x")", kMalformed, 7},
        {R"("\ud800\n")", kMalformed, 8},
        {R"("\ud800A")", kMalformed, 7},
        {R"("\ud800\u0041")", kMalformed, 9},
        {R"("\ud800\ud800")", kMalformed, 10},
        {R"("\udc00")", kMalformed, 4},
        {R"("\uDFFF\ud800")", kMalformed, 4},
    });
}

TEST(Reader, refuses_bytes_that_are_not_utf8) {
    expect_refused({
        {"\"\x80\"", kMalformed, 1},
        {"\"\xbf\"", kMalformed, 1},
        {"\"\xc0\x80\"", kMalformed, 1},
        {"\"\xc1\xbf\"", kMalformed, 1},
        {"\"\xc2\"", kMalformed, 2},
        {"\"\xc2\xc2\"", kMalformed, 2},
        {"\"\xe0\x9f\xbf\"", kMalformed, 2},
        {"\"\xe2\x82\"", kMalformed, 3},
        {"\"\xed\xa0\x80\"", kMalformed, 2},
        {"\"\xed\xbf\xbf\"", kMalformed, 2},
        {"\"\xf0\x8f\xbf\xbf\"", kMalformed, 2},
        {"\"\xf0\x9f\x98\"", kMalformed, 4},
        {"\"\xf4\x90\x80\x80\"", kMalformed, 2},
        {"\"\xf5\x80\x80\x80\"", kMalformed, 1},
        {"\"\xff\"", kMalformed, 1},
        {"\"\xf0\x9f", kMalformed, 3},
        {"\"\\n\xe2\x28\xa1\"", kMalformed, 4},
        {"{\"\xff\":1}", kMalformed, 2},
        {"\xff", kMalformed, 0},
    });
}

TEST(Reader, refuses_malformed_numbers_where_they_go_wrong_and_inexact_ones_at_their_first_byte) {
    expect_refused({
        {"-", kMalformed, 1},
        {"+1", kMalformed, 0},
        {".5", kMalformed, 0},
        {"-a", kMalformed, 1},
        {"01", kMalformed, 1},
        {"-01", kMalformed, 2},
        {"1.", kMalformed, 2},
        {"1.e5", kMalformed, 2},
        {"1e", kMalformed, 2},
        {"1e+", kMalformed, 3},
        {"1e5.5", kMalformed, 3},
        {"0x10", kMalformed, 1},
        {"1_000", kMalformed, 1},
        {"[9007199254740992]", kNotExact, 1},
        {"[-9007199254740992]", kNotExact, 1},
        {"9007199254740993", kNotExact, 0},
        {"18446744073709551616", kNotExact, 0},
        {"100000000000000000000000000000000000000000", kNotExact, 0},
        {"9007199254740993x", kNotExact, 0},
        {"9007199254740993.x", kMalformed, 17},
        {"[1, 1e400]", kNotExact, 4},
        {"-1e400", kNotExact, 0},
        {"1e-400", kNotExact, 0},
        {"2e-324", kNotExact, 0},
        {"1e99999999999999999999", kNotExact, 0},
        {"1e-99999999999999999999", kNotExact, 0},
        {"1.7976931348623159e308", kNotExact, 0},
        {"1e400]", kNotExact, 0},
        {"1e20", kNotExact, 0},
        {"9007199254740992.0", kNotExact, 0},
        {"-9.99999999999999e20", kNotExact, 0},
    });
}

TEST(Reader, reports_the_first_repeated_name_in_reading_order) {
    expect_refused({
        {R"({"a":1,"a":2})", kDuplicate, 7},
        {R"({"a":1,"b":2,"a":3,"b":4,"a":5})", kDuplicate, 13},
        {R"({"b":1,"a":2,"b":3,"a":4})", kDuplicate, 13},
        {R"({"a":1,"\u0061":2})", kDuplicate, 7},
        {R"({"😂":1,"\ud83d\ude02":2})", kDuplicate, 10},
        {R"({"":1,"":2})", kDuplicate, 6},
        {R"([{"a":{"x":1,"x":2}}])", kDuplicate, 13},
        // The outer repetition is read before the inner one.
        {R"({"a":1,"a":{"b":1,"b":2}})", kDuplicate, 7},
        {R"({"a":1,"a":{"b":1,"b":2}, "a" x)", kDuplicate, 7},
        {R"({"a":{"b":1,"b":2},"a":1})", kDuplicate, 12},
        // Whatever goes wrong behind it, the repetition was first.
        {R"({"a":1,"a")", kDuplicate, 7},
        {R"({"a":1,"a"x)", kDuplicate, 7},
        {R"({"a":1,"a":1e400})", kDuplicate, 7},
        {R"({"a":1,"a":[{"c":[tru)", kDuplicate, 7},
        {R"({"a":1,"b":[{"c":1,"c":[{"d":2 "e")", kDuplicate, 19},
        // The name was not read to its end.
        {R"({"a":1,"a)", kMalformed, 9},
        {R"({"a":1,"a\x":1})", kMalformed, 10},
        // What goes wrong before it was first.
        {R"({"a":1e400,"a":1})", kNotExact, 5},
        {R"({"a":1 "a":1})", kMalformed, 7},
        {R"([1e400,{"a":1,"a":2}])", kNotExact, 1},
    });
}

TEST(Reader, keeps_the_limits_of_depth_and_members) {
    EXPECT_TRUE(parse(nested(limits::kJsonDepthMax)).has_value());
    EXPECT_TRUE(parse(list_of(limits::kJsonMembersMax)).has_value());
    EXPECT_TRUE(parse(object_of(limits::kJsonMembersMax)).has_value());
    const std::string repeated = [] {
        std::string text = object_of(limits::kJsonMembersMax);
        text.back() = ',';
        return text + R"("0":1})";
    }();
    expect_refused({
        {nested(limits::kJsonDepthMax + 1), kMalformed, limits::kJsonDepthMax},
        {std::string(100'000, '['), kMalformed, limits::kJsonDepthMax},
        {list_of(limits::kJsonMembersMax + 1), kMalformed, 2 * limits::kJsonMembersMax + 1},
        {object_of(limits::kJsonMembersMax + 1), kMalformed, object_of(limits::kJsonMembersMax).size()},
        {repeated, kMalformed, object_of(limits::kJsonMembersMax).size()},
    });
}

TEST(Reader, says_what_is_wrong_and_where) {
    EXPECT_EQ(parse("{\n  \"a\": 1,\n  \"a\": 2\n}").error().detail,
              "a second member `a` at offset 14 (line 3, column 3)");
    EXPECT_EQ(parse("[1 2]").error().detail, "expected `,` or `]` at offset 3 (line 1, column 4)");
    EXPECT_EQ(parse("[1").error().detail,
              "the text ends early, expected `,` or `]` at offset 2 (line 1, column 3)");
    EXPECT_EQ(parse("9007199254740992").error().detail,
              "an integer is outside ±(2^53−1) at offset 0 (line 1, column 1)");
}

TEST(Reader, shows_a_repeated_name_on_one_line_and_shortened_between_characters) {
    EXPECT_TRUE(parse(R"({"a\n":1,"a\n":2})").error().detail.starts_with("a second member `a\\n` at"));
    std::string name(63, 'x');
    name += "€€";
    const std::string text = "{\"" + name + "\":1,\"" + name + "\":2}";
    EXPECT_TRUE(parse(text).error().detail.starts_with("a second member `" + std::string(63, 'x') + "…` at"));
}

TEST(Reader, finds_the_first_failure_whatever_stands_behind_it) {
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
        testing::Choices choices(seed);
        const std::string text = testing::mutated(choices, testing::random_text(choices));
        const auto document = parse(text);
        if (document || document.error().code != kMalformed) continue;
        const std::size_t offset = offset_of(document.error());
        ASSERT_LE(offset, text.size()) << "seed " << seed;
        const auto before = parse(text.substr(0, offset));
        if (!before) {
            ASSERT_EQ(offset_of(before.error()), offset) << "seed " << seed << ": " << text;
        }
        if (offset == text.size()) continue;
        const std::string other = text.substr(0, offset + 1) + testing::random_text(choices);
        const auto behind = parse(other);
        ASSERT_FALSE(behind.has_value()) << "seed " << seed << ": " << other;
        ASSERT_EQ(behind.error().code, kMalformed) << "seed " << seed << ": " << other;
        ASSERT_EQ(offset_of(behind.error()), offset) << "seed " << seed << ": " << other;
    }
}

// Objects in objects, with few names to choose from.
std::string repeating_text(testing::Choices& choices, std::size_t levels) {
    if (levels == 0 || choices.one_in(4)) return choices.one_in(40) ? "1e400" : "1";
    std::string out = "{";
    for (std::size_t i = 0, count = choices.below(4); i < count; ++i) {
        out += i == 0 ? "\"" : ",\"";
        out += "abcdefghijkl"[choices.below(12)];
        out += "\":" + repeating_text(choices, levels - 1);
    }
    return out + "}";
}

TEST(Reader, finds_the_first_repetition_whatever_stands_behind_it) {
    std::size_t repetitions = 0;
    for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
        testing::Choices choices(seed);
        std::string text = repeating_text(choices, 5);
        if (choices.one_in(2)) text = testing::mutated(choices, text);
        const auto document = parse(text);
        if (document) continue;
        const std::size_t offset = offset_of(document.error());
        // Nothing is wrong before the offset, so the text up to there only ends early.
        const auto before = parse(text.substr(0, offset));
        if (!before) {
            ASSERT_EQ(before.error().code, kMalformed) << "seed " << seed << ": " << text;
            ASSERT_EQ(offset_of(before.error()), offset) << "seed " << seed << ": " << text;
        }
        if (document.error().code != kDuplicate) continue;
        ++repetitions;
        const std::size_t name_end = text.find('"', offset + 1) + 1;
        const std::string other = text.substr(0, name_end) + repeating_text(choices, 2);
        ASSERT_EQ(parse(other).error().code, kDuplicate) << "seed " << seed << ": " << other;
        ASSERT_EQ(offset_of(parse(other).error()), offset) << "seed " << seed << ": " << other;
    }
    EXPECT_GT(repetitions, 3000u);
}

}  // namespace
}  // namespace parmana::json
