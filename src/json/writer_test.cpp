#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "json/json.hpp"
#include "json/test_support.hpp"

namespace parmana::json {
namespace {

TEST(Writer, writes_every_kind_of_value_canonically) {
    const auto document = parse(R"({"y":1.0,"x":"\u0041"})");
    std::string out;
    {
        Writer writer(out);
        writer.object();
        writer.name("array").array().null().boolean(true).boolean(false).object().end().array().end().end();
        writer.name("integer").integer(-limits::kExactIntegerMax);
        writer.name("number").number(0.5);
        writer.name("raw").raw("[1,2]");
        writer.name("string").string("line\n\"quoted\" €");
        writer.name("value").value(document->root());
        writer.name("😂").null();
        writer.name("דּ").null();
        writer.end();
    }
    EXPECT_EQ(out, R"({"array":[null,true,false,{},[]],"integer":-9007199254740991,"number":0.5,"raw":[1,2],)"
                   R"("string":"line\n\"quoted\" €","value":{"x":"A","y":1},"😂":null,"דּ":null})");
    EXPECT_TRUE(is_canonical(*parse(out)));
}

TEST(Writer, appends_behind_what_is_there) {
    std::string out = "head ";
    Writer(out).string("x");
    Writer(out).integer(7);
    EXPECT_EQ(out, "head \"x\"7");
}

// Writes a parsed value through the calls of the Writer.
void rewrite(Writer& writer, Value value) {
    switch (value.type()) {
        case Type::null:
            writer.null();
            break;
        case Type::boolean:
            writer.boolean(value.boolean());
            break;
        case Type::integer:
            writer.integer(value.integer());
            break;
        case Type::real:
            writer.number(value.real());
            break;
        case Type::string:
            writer.string(value.string());
            break;
        case Type::array:
            writer.array();
            for (const Value element : value.elements())
                rewrite(writer, element);
            writer.end();
            break;
        case Type::object:
            writer.object();
            for (const Value member : value.members()) {
                writer.name(member.name());
                rewrite(writer, member);
            }
            writer.end();
    }
}

TEST(Writer, and_canonical_agree_on_every_document) {
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
        testing::Choices choices(seed);
        const auto document = parse(testing::random_text(choices));
        ASSERT_TRUE(document.has_value()) << "seed " << seed;
        std::string out;
        {
            Writer writer(out);
            rewrite(writer, document->root());
        }
        ASSERT_EQ(out, canonical(document->root())) << "seed " << seed;
    }
}

using WriterDeathTest = ::testing::Test;

TEST(WriterDeathTest, members_out_of_order_or_twice_stop_the_process) {
    std::string out;
    EXPECT_DEATH(Writer(out).object().name("b").null().name("a"), "jcs_less");
    EXPECT_DEATH(Writer(out).object().name("a").null().name("a"), "jcs_less");
    EXPECT_DEATH(Writer(out).object().name("דּ").null().name("😂"), "jcs_less");
    EXPECT_DEATH(Writer(out).object().name("").null().name(""), "jcs_less");
}

TEST(WriterDeathTest, a_broken_structure_stops_the_process) {
    std::string out;
    EXPECT_DEATH(Writer(out).object().null(), "named");
    EXPECT_DEATH(Writer(out).object().name("a").end(), "named");
    EXPECT_DEATH(Writer(out).object().name("a").name("b"), "named");
    EXPECT_DEATH(Writer(out).array().name("a"), "is_object");
    EXPECT_DEATH(Writer(out).name("a"), "empty");
    EXPECT_DEATH(Writer(out).end(), "empty");
    EXPECT_DEATH(Writer(out).array(), "levels_.empty");
    EXPECT_DEATH(Writer(out).object().name("a").array().end(), "levels_.empty");
    EXPECT_DEATH(Writer(out).null().null(), "complete_");
    EXPECT_DEATH(Writer(out).array().end().array(), "complete_");
}

TEST(WriterDeathTest, a_value_without_canonical_spelling_stops_the_process) {
    std::string out;
    EXPECT_DEATH(Writer(out).integer(limits::kExactIntegerMax + 1), "kExactIntegerMax");
    EXPECT_DEATH(Writer(out).integer(std::numeric_limits<std::int64_t>::min()), "kExactIntegerMax");
    EXPECT_DEATH(Writer(out).number(std::numeric_limits<double>::infinity()), "isfinite");
    EXPECT_DEATH(Writer(out).string("\xff"), "is_utf8");
    EXPECT_DEATH(Writer(out).object().name("\xed\xa0\x80"), "is_utf8");
    EXPECT_DEATH(Writer(out).raw(""), "empty");
}

}  // namespace
}  // namespace parmana::json
