#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "json/json.hpp"

namespace parmana::json {
namespace {

using namespace std::string_literals;

Document read(std::string_view text) {
    auto document = parse(text);
    EXPECT_TRUE(document.has_value()) << document.error().detail;
    return *std::move(document);
}

TEST(Value, has_the_type_of_its_spelling) {
    const Document document = read(R"([null,true,12,-3,12.0,1e3,-0,-0.0,"x",[],{}])");
    std::vector<Type> types;
    for (const Value value : document.root().elements())
        types.push_back(value.type());
    EXPECT_EQ(types, (std::vector<Type>{Type::null, Type::boolean, Type::integer, Type::integer, Type::real,
                                        Type::real, Type::real, Type::real, Type::string, Type::array,
                                        Type::object}));
}

TEST(Value, gives_numbers_exactly) {
    const Document document = read("[9007199254740991,-9007199254740991,0,1200.0,-0,0e999,5e-324,0.1]");
    std::vector<Value> values;
    for (const Value value : document.root().elements())
        values.push_back(value);
    EXPECT_EQ(values[0].integer(), 9007199254740991);
    EXPECT_EQ(values[1].integer(), -9007199254740991);
    EXPECT_EQ(values[1].number(), -9007199254740991.0);
    EXPECT_EQ(values[2].integer(), 0);
    EXPECT_EQ(values[3].real(), 1200.0);
    EXPECT_EQ(values[4].real(), 0.0);
    EXPECT_TRUE(std::signbit(values[4].real()));
    EXPECT_EQ(values[5].real(), 0.0);
    EXPECT_EQ(values[6].number(), 5e-324);
    EXPECT_EQ(values[7].number(), 0.1);
}

TEST(Value, gives_strings_without_escapes) {
    const Document document = read(R"(["plain","a\u0000b","\ud83d\ude02","","x\ny","\\"])");
    std::vector<std::string> strings;
    for (const Value value : document.root().elements())
        strings.emplace_back(value.string());
    EXPECT_EQ(strings, (std::vector<std::string>{"plain", "a\0b"s, "😂", "", "x\ny", "\\"}));
}

TEST(Value, keeps_elements_in_text_order_and_members_in_jcs_order) {
    const Document document =
        read(R"({"b":[3,1,2],"\u20ac":0,"a":true,"\ufb33":1,"\ud83d\ude02":2,"":null})");
    std::vector<std::string> names;
    for (const Value member : document.root().members())
        names.emplace_back(member.name());
    EXPECT_EQ(names, (std::vector<std::string>{"", "a", "b", "€", "😂", "דּ"}));
    std::vector<std::int64_t> numbers;
    for (const Value value : document.root().find("b")->elements())
        numbers.push_back(value.integer());
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{3, 1, 2}));
    EXPECT_EQ(document.root().size(), 6u);
    EXPECT_EQ(document.root().find("b")->size(), 3u);
}

TEST(Value, finds_every_member_and_no_other) {
    std::string text = "{";
    for (int i = 0; i < 500; ++i)
        text += (i == 0 ? "\"n" : ",\"n") + std::to_string(i * 7919 % 500) + "\":1";
    const Document document = read(text + "}");
    for (int i = 0; i < 500; ++i) {
        const std::string name = "n" + std::to_string(i);
        const auto member = document.root().find(name);
        ASSERT_TRUE(member.has_value()) << name;
        EXPECT_EQ(member->name(), name);
    }
    EXPECT_FALSE(document.root().find("n500").has_value());
    EXPECT_FALSE(document.root().find("").has_value());
    EXPECT_FALSE(document.root().find("n").has_value());
    EXPECT_FALSE(read("{}").root().find("a").has_value());
}

TEST(Value, knows_where_it_and_its_name_stand) {
    const Document document = read("{\n \"b\" : [ 1,\"x\"],\"a\":{}}");
    const Value root = document.root();
    EXPECT_EQ(root.offset(), 0u);
    EXPECT_EQ(root.name_offset(), 0u);
    EXPECT_EQ(root.name(), "");
    EXPECT_EQ(root.find("b")->name_offset(), 3u);
    EXPECT_EQ(root.find("b")->offset(), 9u);
    EXPECT_EQ(root.find("a")->name_offset(), 18u);
    EXPECT_EQ(root.find("a")->offset(), 22u);
    std::vector<std::size_t> offsets;
    for (const Value value : root.find("b")->elements())
        offsets.push_back(value.offset());
    EXPECT_EQ(offsets, (std::vector<std::size_t>{11, 13}));
}

TEST(Value, stays_valid_when_its_document_moves) {
    Document first = read(R"({"plain":"text","escaped":"a\tb","list":[1,2,3]})");
    const Value root = first.root();
    const std::string_view plain = root.find("plain")->string();
    const std::string_view escaped = root.find("escaped")->string();
    Document second = std::move(first);
    Document third = read("0");
    third = std::move(second);
    EXPECT_EQ(plain, "text");
    EXPECT_EQ(escaped, "a\tb");
    EXPECT_EQ(root.find("list")->size(), 3u);
    EXPECT_EQ(canonical(third.root()), R"({"escaped":"a\tb","list":[1,2,3],"plain":"text"})");
    EXPECT_EQ(third.text(), R"({"plain":"text","escaped":"a\tb","list":[1,2,3]})");
}

TEST(Value, stops_the_process_when_asked_for_another_type) {
    const Document document = read(R"(["x",1,1.5])");
    const Value array = document.root();
    const Value string = *array.elements().begin();
    EXPECT_DEATH((void)string.integer(), "Type::integer");
    EXPECT_DEATH((void)string.number(), "Type::real");
    EXPECT_DEATH((void)array.string(), "Type::string");
    EXPECT_DEATH((void)string.boolean(), "Type::boolean");
    EXPECT_DEATH((void)string.size(), "is_container");
    EXPECT_DEATH((void)array.members(), "Type::object");
    EXPECT_DEATH((void)array.find("x"), "Type::object");
    EXPECT_DEATH((void)string.elements(), "Type::array");
}

TEST(JcsOrder, is_that_of_utf16_code_units) {
    const std::vector<std::string> ordered = {
        "",           "\0"s,       "\0a"s,       "\r",          "1",      "a", "a\0"s,  "aa",
        "abcdefgh",   "abcdefghi", "abcdefgi",   "b",           "\u0080", "ö", "€",     "\ud7ff",
        "\U00010000", "😂",        "\U0010ffff", "\U0010ffffa", "\ue000", "דּ", "\uffff"};
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        for (std::size_t j = 0; j < ordered.size(); ++j) {
            EXPECT_EQ(jcs_less(ordered[i], ordered[j]), i < j) << ordered[i] << " and " << ordered[j];
        }
    }
}

TEST(Utf8, is_told_from_other_bytes) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain, \u0080 € 😂 \uffff \U0010ffff"));
    for (const std::string_view bad : {"\x80", "a\xc2", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

TEST(Position, counts_lines_and_columns_from_one) {
    const std::string_view text = "ab\ncd\n\ne";
    const auto at = [&](std::size_t offset) {
        const Position position = position_of(text, offset);
        return std::pair(position.line, position.column);
    };
    EXPECT_EQ(at(0), std::pair(1uz, 1uz));
    EXPECT_EQ(at(2), std::pair(1uz, 3uz));
    EXPECT_EQ(at(3), std::pair(2uz, 1uz));
    EXPECT_EQ(at(6), std::pair(3uz, 1uz));
    EXPECT_EQ(at(8), std::pair(4uz, 2uz));
}

}  // namespace
}  // namespace parmana::json
