#include "yaml/yaml.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/limits.hpp"

namespace parmana::yaml {
namespace {

using namespace std::string_literals;

struct Refused {
    std::string text;
    Position position;
    std::string message;
};

void expect_refused(const std::vector<Refused>& rows) {
    for (const Refused& row : rows) {
        SCOPED_TRACE(row.text.substr(0, 200));
        const auto document = parse(row.text);
        ASSERT_FALSE(document.has_value());
        EXPECT_EQ(document.error().message, row.message);
        EXPECT_EQ(document.error().position.line, row.position.line);
        EXPECT_EQ(document.error().position.column, row.position.column);
    }
}

Document read(std::string_view text) {
    auto document = parse(text);
    if (document.has_value()) return *std::move(document);
    ADD_FAILURE() << text << ": " << error_of(document.error()).detail;
    return parse("").value();
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

// The document on one line: strings in quotes, all else as it is written.
std::string outline(Node node) {
    std::string out;
    if (node.is(Type::sequence)) {
        for (const Node element : node.elements())
            out += (out.empty() ? "" : " ") + outline(element);
        return "[" + out + "]";
    }
    if (node.is(Type::mapping)) {
        for (const auto& [key, value] : node.members())
            out += (out.empty() ? "" : " ") + outline(key) + ":" + outline(value);
        return "{" + out + "}";
    }
    const std::string text(node.text());
    return node.is(Type::string) ? "'" + text + "'" : text.empty() ? "null" : text;
}

// `aN: &aN [*aM, *aM]`, where M is the number before.
std::string twice(int number) {
    const std::string name = "a" + std::to_string(number);
    const std::string before = "*a" + std::to_string(number - 1);
    return name + ": &" + name + " [" + before + ", " + before + "]\n";
}

TEST(Yaml, reads_documents_in_every_spelling_into_one_tree) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", "null"},
        {"# nothing but a comment\n", "null"},
        {"---\n...\n", "null"},
        {"a", "'a'"},
        {"--- a", "'a'"},
        {"a: 1\nb:\n  c: [x, {y: z}]\n  d:\n", "{'a':1 'b':{'c':['x' {'y':'z'}] 'd':null}}"},
        {"a:\n- 1\n- 2\nb: c", "{'a':[1 2] 'b':'c'}"},
        {"- - 1\n  - 2\n-\n  3\n- a: b\n  c: d\n", "[[1 2] 3 {'a':'b' 'c':'d'}]"},
        {R"({"a":1,"b":[true,null,"x"]})", "{'a':1 'b':[true null 'x']}"},
        {"[a: b, c]", "[{'a':'b'} 'c']"},
        {"{a, b: }", "{'a':null 'b':null}"},
        {"? a\n: b\n? c\n", "{'a':'b' 'c':null}"},
        {"1: a\n~: b\ntrue: c\n", "{1:'a' ~:'b' true:'c'}"},
        {"a: b\r\nc: 'd\r\n\r\n  e'\r\n", "{'a':'b' 'c':'d\ne'}"},
        {"a: |\n  b\n   c\n\nd: >-\n  e\n  f\n", "{'a':'b\n c\n' 'd':'e f'}"},
        {"é: \"\\u00e9\\x41\\U0001f602\\0\\/\"", "{'é':'éA😂\0/'}"s},
        {"\"<<\": a", "{'<<':'a'}"},
        {"a: b#c # d", "{'a':'b#c'}"},
        {"a: b\tc\t# d", "{'a':'b\tc'}"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(outline(read(text).root()), expected) << text;
}

TEST(Yaml, types_plain_scalars_by_the_core_schema) {
    const std::vector<std::pair<Type, std::vector<std::string>>> rows = {
        {Type::null, {"~", "null", ""}},
        {Type::boolean, {"true", "false"}},
        {Type::integer,
         {"0", "-0", "+7", "010", "0o17", "0xfF", "9223372036854775807", "-9223372036854775808"}},
        {Type::real,
         {"1.5", ".5", "5.", "-1e3", "+1E-3", "1.e+2", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN"}},
        {Type::string, {"NULL",       "Null",  "True",  "FALSE",     "nil",    "0b1",      "0o8", "0x",
                        "-0x1",       "+0o7",  "1_000", "1e",        "e1",     ".",        "+",   "1.2.3",
                        "1,5",        "12:30", "inf",   "nan",       "-.nan",  "infinity", "1 2", "=",
                        "2024-01-01", "1.0.0", "0x1p4", "truefalse", "true x", "nullnull", "--1", "+-1"}},
    };
    for (const auto& [type, texts] : rows) {
        for (const std::string& text : texts) {
            EXPECT_EQ(read("a: " + text + "\n").root().find("a")->type(), type) << text;
            if (text.empty() || text.contains(',')) continue;
            EXPECT_EQ(read("[" + text + " ]").root().elements()[0].type(), type) << text;
        }
    }
}

TEST(Yaml, takes_norway_for_a_country_and_yes_for_a_word) {
    for (const char* word : {"no", "No", "NO", "yes", "Yes", "y", "n", "Y", "N", "on", "off", "On", "OFF"}) {
        const Document document = read("country: "s + word);
        ASSERT_EQ(document.root().find("country")->type(), Type::string) << word;
        EXPECT_EQ(document.root().find("country")->text(), word);
    }
}

TEST(Yaml, takes_no_quoted_or_block_scalar_for_anything_but_a_string) {
    for (const char* text :
         {"'1'", "\"1\"", "'true'", "\"null\"", "''", "\"\"", "|\n  1", ">-\n  true", "|\n", "'~'"})
        EXPECT_EQ(read("a: "s + text).root().find("a")->type(), Type::string) << text;
}

TEST(Yaml, reads_numbers_exactly) {
    const std::vector<std::pair<std::string, std::int64_t>> integers = {
        {"0", 0},        {"-0", 0},   {"+12", 12},
        {"-12", -12},    {"010", 10}, {"0o17", 15},
        {"0xfF", 255},   {"007", 7},  {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {"0o0", 0},      {"0x0", 0},  {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {"-00012", -12}, {"+00", 0},  {"0x7fffffffffffffff", std::numeric_limits<std::int64_t>::max()},
    };
    for (const auto& [text, value] : integers)
        EXPECT_EQ(read(text).root().integer(), value) << text;
    const std::vector<std::pair<std::string, double>> reals = {
        {"1.5", 1.5},        {".5", 0.5},
        {"5.", 5},           {"+1.5", 1.5},
        {"-1e3", -1000},     {"1E-2", 0.01},
        {"0.1", 0.1},        {"-0.0", -0.0},
        {"0e999", 0},        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {".inf", HUGE_VAL},  {"-.INF", -HUGE_VAL},
        {"+.Inf", HUGE_VAL},
    };
    for (const auto& [text, value] : reals)
        EXPECT_EQ(read(text).root().real(), value) << text;
    EXPECT_TRUE(std::isnan(read(".nan").root().real()));
    EXPECT_TRUE(read("true").root().boolean());
    EXPECT_FALSE(read("false").root().boolean());
}

TEST(Yaml, refuses_numbers_that_do_not_fit) {
    expect_refused({
        {"a: 9223372036854775808", {1, 4}, "the integer `9223372036854775808` is outside 64 bits"},
        {"a: -9223372036854775809", {1, 4}, "the integer `-9223372036854775809` is outside 64 bits"},
        {"a: 0xffffffffffffffff", {1, 4}, "the integer `0xffffffffffffffff` is outside 64 bits"},
        {"a: 0o7777777777777777777777", {1, 4}, "the integer `0o7777777777777777777777` is outside 64 bits"},
        {"a: 1e999", {1, 4}, "the number `1e999` is outside the range of binary64"},
        {"a: 1e-999", {1, 4}, "the number `1e-999` is outside the range of binary64"},
        {"- " + std::string(70, '9'),
         {1, 3},
         "the integer `" + std::string(64, '9') + "…` is outside 64 bits"},
    });
    EXPECT_EQ(read("'9223372036854775808'").root().text(), "9223372036854775808");
}

TEST(Yaml, finds_members_by_decoded_name_in_text_order) {
    const Document document = read("b: 1\n\"\\x61\": 2\n'c d': 3\n");
    const Node root = document.root();
    EXPECT_EQ(root.find("a")->integer(), 2);
    EXPECT_EQ(root.find("c d")->integer(), 3);
    EXPECT_FALSE(root.find("d").has_value());
    ASSERT_EQ(root.members().size(), 3U);
    EXPECT_EQ(root.members()[0].key.text(), "b");
    EXPECT_EQ(root.members()[1].key.text(), "a");
    EXPECT_EQ(root.members()[1].key.source(), "\"\\x61\"");
}

TEST(Yaml, knows_where_each_node_stands_and_how_it_is_written) {
    struct Row {
        const char* text;
        Style style;
        Position position;
        std::string source;
    };
    // Of the value of `k` in a mapping.
    const std::vector<Row> rows = {
        {"k: x # c\n", Style::plain, {1, 4}, "x"},
        {"k:   x\n     y  \nl: m\n", Style::plain, {1, 6}, "x\n     y"},
        {"é: x\nk:  'it''s'\n", Style::single_quoted, {2, 5}, "'it''s'"},
        {"{éé: x, k:  \"y\" }\n", Style::double_quoted, {1, 13}, "\"y\""},
        {"k: | # c\n  x\n\nl: m\n", Style::literal, {1, 4}, "| # c\n  x\n\n"},
        {"k: >-\n  x", Style::folded, {1, 4}, ">-\n  x"},
        {"k:\n- x\n-  y  # c\n\nl: m\n", Style::block, {2, 1}, "- x\n-  y"},
        {"k:\n  l: m\n  n: [o ] \np: q\n", Style::block, {2, 3}, "l: m\n  n: [o ]"},
        {"k: [ x,\n y ] # c\n", Style::flow, {1, 4}, "[ x,\n y ]"},
        {"k: { x: y }\n", Style::flow, {1, 4}, "{ x: y }"},
        {"k:   # c\nl: m\n", Style::plain, {1, 3}, ""},
        {"{k: }", Style::plain, {1, 5}, ""},
        {"k: ", Style::plain, {1, 3}, ""},
    };
    for (const Row& row : rows) {
        SCOPED_TRACE(row.text);
        const Document document = read(row.text);
        const Node node = *document.root().find("k");
        EXPECT_EQ(node.style(), row.style);
        EXPECT_EQ(node.position(), row.position);
        EXPECT_EQ(node.source(), row.source);
        EXPECT_EQ(document.text().substr(node.offset(), row.source.size()), row.source);
    }
    EXPECT_EQ(read("[a: b , c]").root().elements()[0].source(), "a: b");
    EXPECT_EQ(read("a: b").root().kind(), Kind::mapping);
    EXPECT_EQ(read("- b").root().kind(), Kind::sequence);
    EXPECT_EQ(read("").root().kind(), Kind::scalar);
    EXPECT_EQ(read("--- ").root().position(), (Position{1, 5}));
    EXPECT_EQ(read("\n\n# c\n").root().position(), (Position{1, 1}));
}

TEST(Yaml, keeps_nodes_valid_when_the_document_moves) {
    Document first = read("a: b");
    const Node node = *first.root().find("a");
    Document second = std::move(first);
    first = read("c: d");
    EXPECT_EQ(node.text(), "b");
    EXPECT_EQ(node.position_of(1), (Position{1, 5}));
}

TEST(Yaml, lists_comments_and_no_hash_that_belongs_to_a_scalar) {
    const Document document = read(
        "# a\n"
        "k#1: 'x # no' # b\n"
        "l: | # c\n"
        "  # no\n"
        "\n"
        " # d\n"
        "é: [ x#, # e\r\n"
        "  # f\r\n"
        " \"# no\", \"\\\n"
        "   # no\" ] #\n"
        "m: # g\n"
        "  - >+2 # h\n"
        "    # no\n"
        "  - y # no, but yes");
    struct Row {
        std::string text;
        Position position;
        bool alone;
    };
    const std::vector<Row> rows = {
        {"# a", {1, 1}, true},   {"# b", {2, 15}, false},
        {"# c", {3, 6}, false},  {"# d", {6, 2}, true},
        {"# e", {7, 10}, false}, {"# f", {8, 3}, true},
        {"#", {10, 12}, false},  {"# g", {11, 4}, false},
        {"# h", {12, 9}, false}, {"# no, but yes", {14, 7}, false},
    };
    ASSERT_EQ(document.comments().size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Comment& comment = document.comments()[i];
        EXPECT_EQ(comment.text, rows[i].text);
        EXPECT_EQ(comment.position, rows[i].position) << comment.text;
        EXPECT_EQ(comment.alone, rows[i].alone) << comment.text;
        EXPECT_EQ(document.text().substr(comment.offset, comment.text.size()), comment.text);
    }
}

TEST(Yaml, refuses_a_comment_that_touches_what_stands_before_it) {
    const std::string message = "a `#` that begins a comment must have a space before it";
    expect_refused({
        {"a: 'b'#c", {1, 7}, message},
        {"# x\n[a,#c\n b]", {2, 4}, message},
        {"[a]#c", {1, 4}, message},
        {"a: |#c\n  b", {1, 5}, message},
        {"é: \"\\\n  é\" # x\nb: []# y", {3, 6}, message},
    });
}

TEST(Yaml, refuses_anchors_aliases_and_tags_wherever_they_stand) {
    expect_refused({
        {"&x", {1, 1}, "an anchor is not allowed"},
        {"a: &x 1", {1, 4}, "an anchor is not allowed"},
        {"a: &x\n  b: c", {1, 4}, "an anchor is not allowed"},
        {"- &x [a]", {1, 3}, "an anchor is not allowed"},
        {"&x a: b", {1, 1}, "an anchor is not allowed"},
        {"a: 1\n&x b: c", {2, 1}, "an anchor is not allowed"},
        {"a: &x !!str 1", {1, 4}, "an anchor is not allowed"},
        {"[&x a]", {1, 2}, "an anchor is not allowed"},
        {"a:\n  &x", {2, 3}, "an anchor is not allowed"},
        {"*x", {1, 1}, "an alias is not allowed"},
        {"a: *x", {1, 4}, "an alias is not allowed"},
        {"*x : a", {1, 1}, "an alias is not allowed"},
        {"{a: *x}", {1, 5}, "an alias is not allowed"},
        {"! a", {1, 1}, "a tag is not allowed"},
        {"a: ! b", {1, 4}, "a tag is not allowed"},
        {"a: ! 'b'", {1, 4}, "a tag is not allowed"},
        {"a: !!str 1", {1, 4}, "a tag is not allowed"},
        {"a: !<tag:yaml.org,2002:str> 1", {1, 4}, "a tag is not allowed"},
        {"a: !\n- b", {1, 4}, "a tag is not allowed"},
        {"a: !!map {}", {1, 4}, "a tag is not allowed"},
        {"!!int 1: a", {1, 1}, "a tag is not allowed"},
        {"a: !!str", {1, 4}, "a tag is not allowed"},
        {"[b, !!str , a]", {1, 5}, "a tag is not allowed"},
        {"a: !!binary |\n  aGk=", {1, 4}, "a tag is not allowed"},
    });
}

TEST(Yaml, refuses_the_billion_laughs_at_the_first_anchor) {
    std::string text = "a0: &a0 [lol, lol]\n";
    for (int i = 1; i < 30; ++i)
        text += twice(i);
    expect_refused({{text, {1, 5}, "an anchor is not allowed"}});
}

TEST(Yaml, refuses_a_key_twice_in_one_mapping) {
    expect_refused({
        {"a: 1\nb: 2\na: 3", {3, 1}, "the key `a` of line 1 stands again"},
        {"{a: 1, a: 1}", {1, 8}, "the key `a` of line 1 stands again"},
        {"a: 1\n\"\\x61\": 2", {2, 1}, "the key `a` of line 1 stands again"},
        {"1: a\n'1': b", {2, 1}, "the key `1` of line 1 stands again"},
        {"x:\n  - a: 1\n    b: 2\n    ? a\n    : 3", {4, 7}, "the key `a` of line 2 stands again"},
        {"? |-\n  a\n: b\na: c", {4, 1}, "the key `a` of line 1 stands again"},
        {"'': b\n\"\": c", {2, 1}, "the key `` of line 1 stands again"},
        {"\"\\n\": b\n\"\\n\": c", {2, 1}, "the key `\\n` of line 1 stands again"},
    });
    EXPECT_EQ(outline(read("a: {a: 1}\nb: {a: 1}\nc: [a: 1, a: 2]").root()),
              "{'a':{'a':1} 'b':{'a':1} 'c':[{'a':1} {'a':2}]}");
}

TEST(Yaml, refuses_merge_keys_and_keys_that_are_no_scalars) {
    expect_refused({
        {"<<: {a: b}", {1, 1}, "the merge key `<<` is not allowed"},
        {"a: 1\n<< : b", {2, 1}, "the merge key `<<` is not allowed"},
        {"{a: 1, <<: b}", {1, 8}, "the merge key `<<` is not allowed"},
        {"[a]: b", {1, 1}, "a key that is no scalar is not allowed"},
        {"{a: b}: c", {1, 1}, "a key that is no scalar is not allowed"},
        {"? - a\n: b", {1, 3}, "a key that is no scalar is not allowed"},
        {"? a: b\n: c", {1, 3}, "a key that is no scalar is not allowed"},
        {"{[a]: b}", {1, 2}, "a key that is no scalar is not allowed"},
    });
}

TEST(Yaml, refuses_directives_and_more_than_one_document) {
    expect_refused({
        {"%YAML 1.2\n---\na", {1, 1}, "a directive is not allowed"},
        {"# c\n%TAG ! tag:x,2000:\n---\na", {2, 1}, "a directive is not allowed"},
        {"%X y\n---\na", {1, 3}, "found unknown directive name while scanning a directive"},
        {"--- a\n--- b", {2, 1}, "a second document is not allowed"},
        {"a\n---\n", {2, 1}, "a second document is not allowed"},
        {"a: b\n...\n---\nc", {3, 1}, "a second document is not allowed"},
        {"a\n...\nb", {3, 1}, "did not find expected <document start>"},
    });
}

TEST(Yaml, refuses_characters_that_must_be_escaped) {
    const auto escape = [](const std::string& name) {
        return "the character " + name + " must be written as an escape in double quotes";
    };
    expect_refused({
        {"\xef\xbb\xbf"
         "a: b",
         {1, 1},
         "a byte order mark"},
        {"a: é\xef\xbb\xbf", {1, 5}, escape("U+FEFF")},
        {"a: b\0"s, {1, 5}, escape("U+0000")},
        {"\0"s, {1, 1}, escape("U+0000")},
        {"a: b\n\x01", {2, 1}, escape("U+0001")},
        {"a: '\x1b'", {1, 5}, escape("U+001B")},
        {"\x7f", {1, 1}, escape("U+007F")},
        {"a: \u0085", {1, 4}, escape("U+0085")},
        {"a: \u009f", {1, 4}, escape("U+009F")},
        {"a: \u2028b", {1, 4}, escape("U+2028")},
        {"a: \u2029b", {1, 4}, escape("U+2029")},
        {"# \ufffe", {1, 3}, escape("U+FFFE")},
        {"# \uffff", {1, 3}, escape("U+FFFF")},
        {"a: b\rc: d", {1, 5}, "a carriage return without a line feed"},
        {"a\r", {1, 2}, "a carriage return without a line feed"},
    });
    EXPECT_EQ(read("\u00a0é\ud7ff\ue000\ufffd\U00010000\U0010ffff\t").root().text(),
              "\u00a0é\ud7ff\ue000\ufffd\U00010000\U0010ffff");
    EXPECT_EQ(read("\"\\0\\u2028\\x7f\\uFEFF\"").root().text(), "\0\u2028\x7f\ufeff"s);
}

TEST(Yaml, refuses_what_is_not_utf8) {
    for (const char* bytes :
         {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3(", "\xe2(\xa1"}) {
        expect_refused({{"é: \n  "s + bytes, {2, 3}, "a byte that is not UTF-8"}});
        expect_refused({{"é: \n  "s + bytes + "  \n x", {2, 3}, "a byte that is not UTF-8"}});
    }
    expect_refused(
        {{"\xff\xfe"
          "a\0"s,
          {1, 1},
          "a byte that is not UTF-8"}});
}

TEST(Yaml, refuses_broken_structure_in_the_words_of_libyaml) {
    expect_refused({
        {"a: [1, 2", {1, 9}, "did not find expected ',' or ']' while parsing a flow sequence"},
        {"a: [1, 2\n",
         {2, 1},
         "did not find expected ',' or ']' while parsing a flow sequence begun on line 1"},
        {"a: b: c", {1, 5}, "mapping values are not allowed in this context"},
        {"a:\n\tb: c",
         {2, 1},
         "found character that cannot start any token while scanning for the next token"},
        {"a: 'b", {1, 6}, "found unexpected end of stream while scanning a quoted scalar"},
        {"a: \"\\q\"", {1, 5}, "found unknown escape character while parsing a quoted scalar"},
        {"é: @", {1, 4}, "found character that cannot start any token while scanning for the next token"},
        {"- a\nb: c",
         {2, 1},
         "did not find expected '-' indicator while parsing a block collection begun on line 1"},
        {"\"\\ud83d\\ude02\"",
         {1, 4},
         "found invalid Unicode character escape code while parsing a quoted scalar"},
    });
}

TEST(Yaml, refuses_texts_beyond_the_limits) {
    const std::size_t levels = limits::kYamlDepthMax;
    EXPECT_TRUE(parse(repeated("[", levels) + repeated("]", levels)).has_value());
    EXPECT_TRUE(parse(repeated("- ", levels)).has_value());
    EXPECT_TRUE(parse(repeated("[", levels - 1) + "{a: b}" + repeated("]", levels - 1)).has_value());
    const std::size_t fitting = limits::kYamlNodesMax - 1;
    EXPECT_TRUE(parse(repeated("- a\n", fitting)).has_value());
    EXPECT_TRUE(parse("- " + std::string(limits::kPolicyBytesMax - 2, 'a')).has_value());
    expect_refused({
        {repeated("[", levels + 1) + repeated("]", levels + 1), {1, levels + 1}, "more than 64 levels"},
        {repeated("[", limits::kPolicyBytesMax), {1, levels + 1}, "more than 64 levels"},
        {repeated("{a: ", 1000), {1, 4 * levels + 1}, "more than 64 levels"},
        {repeated("- ", limits::kPolicyBytesMax / 2), {1, 2 * levels + 1}, "more than 64 levels"},
        {repeated("- a\n", fitting + 1), {fitting + 1, 3}, "more than 100000 nodes"},
        {"[" + repeated(",a", 100), {1, 2}, "did not find expected node content while parsing a flow node"},
        {std::string(limits::kPolicyBytesMax + 1, ' '), {1, 1}, "the text has more than 1048576 bytes"},
    });
}

TEST(Yaml, says_every_fault_as_a_yaml_malformed_error_too) {
    EXPECT_EQ(error_of(parse("a: 1\nb: *c").error()),
              (Error{Code::yaml_malformed, "an alias is not allowed at line 2, column 4"}));
    EXPECT_EQ(wire_name(Code::yaml_malformed), "yaml_malformed");
}

}  // namespace
}  // namespace parmana::yaml
