#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "yaml/yaml.hpp"

namespace parmana::yaml {
namespace {

using namespace std::string_literals;

void expect_read_back(const std::string& text) {
    const std::string spelt = spell(text);
    SCOPED_TRACE(spelt);
    EXPECT_EQ(spelt.find_first_of("\r\n"), std::string::npos);
    const auto alone = parse(spelt);
    ASSERT_TRUE(alone.has_value()) << alone.error().message;
    EXPECT_TRUE(alone->root().is(Type::string));
    EXPECT_EQ(alone->root().text(), text);
    const auto member = parse("- " + spelt + ": " + spelt + " # c\n");
    ASSERT_TRUE(member.has_value()) << member.error().message;
    EXPECT_EQ(member->root().elements()[0].find(text)->text(), text);
    const auto flow = parse("[" + spelt + ",{" + spelt + ": " + spelt + "}," + spelt + "]");
    ASSERT_TRUE(flow.has_value()) << flow.error().message;
    EXPECT_EQ(flow->root().elements()[0].text(), text);
    EXPECT_EQ(flow->root().elements()[1].find(text)->text(), text);
    EXPECT_TRUE(flow->root().elements()[2].is(Type::string));
}

TEST(Spell, leaves_words_and_expressions_plain) {
    for (const char* text : {"a",
                             "claims-approval",
                             "claim.amount <= 100",
                             "urn:parmana:decision/v1",
                             "http://x/y",
                             "a#b",
                             "size(x) > 0 && !y",
                             "x == \"a\" || y == 'b'",
                             "(a + b) * 2",
                             "/signals/x",
                             "é",
                             "日本",
                             "_x",
                             "$x",
                             "a  b",
                             "yesterday",
                             "not",
                             "nullable",
                             "e5",
                             "a-",
                             "a\\b",
                             "a:b",
                             "C#",
                             "x@y"})
        EXPECT_EQ(spell(text), text);
}

TEST(Spell, quotes_what_some_reader_would_take_for_something_else) {
    const std::vector<std::string> texts = {
        "",    "~",    "null", "NULL", "Null", "true",  "True",  "FALSE", "yes", "No",  "on",
        "OFF", "y",    "N",    "1",    "-1",   "+1",    "0x1f",  "0o7",   "010", "1e3", "1.5",
        ".5",  ".inf", ".NaN", "1_0",  "0b1",  "12:30", "1.0.0", "<<",    "=",   "-",   "2024-01-01",
        "- a", "? a",  ": a",  "a:",   "a: b", "#a",    "a #b",  " a",    "a ",  "[a",  "{a",
        "a,b", "a]",   "a}",   "a?b",  "!a",   "&a",    "*a",    "|",     ">",   "%a",  "@a",
        "`a",  "'a'",  "---",  "...",  "a:,",  "1a",
    };
    for (const std::string& text : texts)
        EXPECT_EQ(spell(text), "\"" + text + "\"");
}

TEST(Spell, escapes_what_cannot_be_seen_or_written) {
    EXPECT_EQ(spell("a\nb"), R"("a\nb")");
    EXPECT_EQ(spell("a\tb\r"), R"("a\tb\r")");
    EXPECT_EQ(spell("\"a\\"), R"("\"a\\")");
    EXPECT_EQ(spell("\0\x01\x1b\x7f"s), R"("\0\x01\x1b\x7f")");
    EXPECT_EQ(spell("\u0085\u00a0\u2028\ufeff\ufffe\u202e"), R"("\x85\xa0\u2028\ufeff\ufffe\u202e")");
    EXPECT_EQ(spell("é\n😂"), "\"é\\n😂\"");
}

TEST(Spell, is_read_back_as_the_same_string_everywhere) {
    const std::vector<std::string> pieces = {
        "a",  "b",    "yes",  "1",      ".",      "-",  ":",  " ",      "#",          ",",
        "[",  "}",    "?",    "'",      "\"",     "\\", "\n", "\r\n",   "\t",         "&",
        "*",  "!",    "|",    ">",      "%",      "@",  "`",  "=",      "<<",         "~",
        "é",  "\0"s,  "\x7f", "\u0085", "\u2028", "/",  "_",  "\ufeff", "\U0001f602", "null",
        "0x", "true", "(",    ")",      "$",      "e",  "+",  "---",    "...",        "\uffff"};
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t i = random() % 6; i > 0; --i)
            text += pieces[random() % pieces.size()];
        expect_read_back(text);
    }
}

TEST(Spell, knows_more_beautiful_spellings_where_the_place_is_known) {
    const struct {
        std::string text, flow, block;
    } rows[] = {
        {"a in [\"b\", 'c']", "'a in [\"b\", ''c'']'", "a in [\"b\", 'c']"},
        {"!a", "\"!a\"", "\"!a\""},
        {"\"a\" == b", "'\"a\" == b'", "'\"a\" == b'"},
        {"a, b", "\"a, b\"", "a, b"},
        {"a ? b : c", "\"a ? b : c\"", "\"a ? b : c\""},
        {"a\\.b: \\", "'a\\.b: \\'", "'a\\.b: \\'"},
        {"\"\n\"", "\"\\\"\\n\\\"\"", "\"\\\"\\n\\\"\""},
        {"", "\"\"", "\"\""},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(spell_in(Style::flow, row.text), row.flow);
        EXPECT_EQ(spell_in(Style::block, row.text), row.block);
        const auto read = parse("a: " + row.block + " # c\nb: [" + row.flow + ",{x: " + row.flow + "}]\n");
        ASSERT_TRUE(read.has_value()) << row.text;
        EXPECT_EQ(read->root().find("a")->text(), row.text);
        EXPECT_EQ(read->root().find("b")->elements()[0].text(), row.text);
        EXPECT_EQ(read->root().find("b")->elements()[1].find("x")->text(), row.text);
    }
}

TEST(Spell, writes_block_scalars_that_hold_what_they_show_and_no_others) {
    EXPECT_EQ(spell_literal("a\n\n b # c\nd", 2), "|-\n  a\n\n   b # c\n  d");
    EXPECT_EQ(spell_literal("a\n", 1), "|\n a");
    for (const char* text : {"", "\n", " a\nb", "\na", "a\n\n", "a \nb", "a\n \nb", "a\tb",
                             "a\xc2\xa0"
                             "b",
                             "a\rb"})
        EXPECT_EQ(spell_literal(text, 2), std::nullopt) << text;
    const std::vector<std::string_view> lines = {"- a  b", "# c"};
    EXPECT_EQ(spell_folded(lines, false, 2), ">-\n  - a  b\n  # c");
    EXPECT_EQ(spell_folded(lines, true, 2), ">\n  - a  b\n  # c");
    for (const std::string_view line : {"", " a", "a ", "a\tb", "a\nb"})
        EXPECT_EQ(spell_folded(std::vector<std::string_view>{"x", line}, false, 2), std::nullopt) << line;
    std::mt19937 random(7);
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto left = random() % 12; left > 0; --left)
            text += "ab \n\n#:-|>'\"\t"[random() % 13];
        const auto literal = spell_literal(text, 4);
        if (!literal) continue;
        const auto read = parse("a:\n  - " + *literal + "\n  # c\n  - b\n");
        ASSERT_TRUE(read.has_value()) << *literal;
        EXPECT_EQ(read->root().find("a")->elements()[0].text(), text);
        EXPECT_EQ(read->comments().size(), 1U);
    }
}

}  // namespace
}  // namespace parmana::yaml
