#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/json.hpp"
#include "json/test_support.hpp"

namespace parmana::json {
namespace {

std::string canonical_of(std::string_view text) {
    const auto document = parse(text);
    EXPECT_TRUE(document.has_value()) << document.error().detail;
    return canonical(document->root());
}

TEST(Canonical, follows_the_facts_of_rfc_8785) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        // §3.2.1: no white space.
        {" [ 1 , { \"a\" : null } ] ", R"([1,{"a":null}])"},
        // §3.2.2.1: literals as they are.
        {"[true,false,null]", "[true,false,null]"},
        // §3.2.2.2: the short escapes, other control characters in lower case, nothing else
        // escaped.
        {R"("\b\t\n\f\r\"\\")", R"("\b\t\n\f\r\"\\")"},
        {R"("\u0008\u0009\u000A\u000C\u000D\u0022\u005C")", R"("\b\t\n\f\r\"\\")"},
        {R"("\u000B\u001F\u007F\/\u002F")", "\"\\u000b\\u001f\x7f//\""},
        {R"("\u00E9\u2028")", "\"é\u2028\""},
        // §3.2.2.3: numbers as ECMAScript.
        {"[1.0,1e3,-0,0.10,2e-3,1E30,4.50,56.0]", "[1,1000,0,0.1,0.002,1e+30,4.5,56]"},
        // §3.2.3: members by UTF-16 code units, at every level, elements untouched.
        {R"({"10":1,"9":2,"a":3,"A":4,"":5})", R"({"":5,"10":1,"9":2,"A":4,"a":3})"},
        {R"({"\uffff":1,"\ud800\udc00":2})", "{\"\U00010000\":2,\"\uffff\":1}"},
        {R"([{"z":[{"y":1,"x":2}],"b":0},2,1])", R"([{"b":0,"z":[{"x":2,"y":1}]},2,1])"},
        {R"({"ab":1,"a":2,"a\u0000":3})", R"({"a":2,"a\u0000":3,"ab":1})"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(canonical_of(text), expected);
}

TEST(Canonical, of_a_part_is_that_part_alone) {
    const auto document = parse(R"({"a":{"d":1.50,"c":"\u0041"},"b":[2]})");
    EXPECT_EQ(canonical(*document->root().find("a")), R"({"c":"A","d":1.5})");
    std::string out = "head ";
    append_canonical(out, *document->root().find("b"));
    append_canonical(out, *document->root().find("a")->find("c"));
    EXPECT_EQ(out, R"(head [2]"A")");
}

TEST(Canonical, may_be_longer_than_the_text) {
    const std::string text =
        "[" + std::string(R"("\b\u0001",1e-6,)") + "1e-6,1e-6,1e-6,1e-6,1e-6,1e-6,1e-6,1e-6]";
    EXPECT_EQ(
        canonical_of(text),
        R"(["\b\u0001",0.000001,0.000001,0.000001,0.000001,0.000001,0.000001,0.000001,0.000001,0.000001])");
}

TEST(Canonical, is_recognized_and_nothing_else_is) {
    for (const std::string_view text : {R"({"a":1,"b":[true,"é"]})", "0", R"("")", "[]", "{}", "1e+21"}) {
        EXPECT_TRUE(is_canonical(*parse(text))) << text;
    }
    for (const std::string_view text : {R"({"b":1,"a":2})", "[1, 2]", "1.0", "-0", "1e21", R"("\u0041")",
                                        R"("\/")", R"("\u000a")", "[] ", R"("\u001F")"}) {
        EXPECT_FALSE(is_canonical(*parse(text))) << text;
    }
}

TEST(Canonical, is_a_fixed_point_of_reading_and_writing) {
    for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
        testing::Choices choices(seed);
        const std::string text = testing::random_text(choices);
        const auto document = parse(text);
        ASSERT_TRUE(document.has_value()) << "seed " << seed << ": " << document.error().detail << "\n"
                                          << text;
        const std::string once = canonical(document->root());
        const auto again = parse(once);
        ASSERT_TRUE(again.has_value()) << "seed " << seed << ": " << again.error().detail << "\n" << once;
        ASSERT_EQ(canonical(again->root()), once) << "seed " << seed;
        ASSERT_TRUE(is_canonical(*again)) << "seed " << seed;
        ASSERT_EQ(is_canonical(*document), text == once) << "seed " << seed;
    }
}

}  // namespace
}  // namespace parmana::json
