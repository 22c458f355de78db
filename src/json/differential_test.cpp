// Against another reader: nlohmann::json accepts and refuses the same texts and gives the same
// values, but for what our contract adds. The one place that includes it.
#include <gtest/gtest.h>

#include <bit>
#include <nlohmann/json.hpp>
#include <string>

#include "json/json.hpp"
#include "json/test_support.hpp"

namespace parmana::json {
namespace {

using Other = nlohmann::json;

bool same(Value ours, const Other& theirs);

bool same_members(Value ours, const Other& theirs) {
    if (!theirs.is_object() || theirs.size() != ours.size()) return false;
    for (const Value member : ours.members()) {
        const auto found = theirs.find(std::string(member.name()));
        if (found == theirs.end() || !same(member, *found)) return false;
    }
    return true;
}

bool same_elements(Value ours, const Other& theirs) {
    if (!theirs.is_array() || theirs.size() != ours.size()) return false;
    std::size_t i = 0;
    for (const Value element : ours.elements()) {
        if (!same(element, theirs[i++])) return false;
    }
    return true;
}

bool same(Value ours, const Other& theirs) {
    switch (ours.type()) {
        case Type::null:
            return theirs.is_null();
        case Type::boolean:
            return theirs.is_boolean() && theirs.get<bool>() == ours.boolean();
        case Type::integer:
            return theirs.is_number_integer() && theirs.get<std::int64_t>() == ours.integer();
        case Type::real:
            return theirs.is_number() && theirs.get<double>() == ours.real();
        case Type::string:
            return theirs.is_string() && theirs.get_ref<const std::string&>() == ours.string();
        case Type::array:
            return same_elements(ours, theirs);
        case Type::object:
            return same_members(ours, theirs);
    }
    return false;
}

// nlohmann skips a byte order mark, takes a zero byte for the end and knows no limits; the reader
// test says what ours does with each. Repeated names and inexact numbers have codes of their own.
bool is_comparable(std::string_view text) {
    return !text.starts_with("\xef\xbb\xbf") && text.find('\0') == std::string_view::npos;
}

void compare(const std::string& text, std::uint64_t seed) {
    if (!is_comparable(text)) return;
    const auto ours = parse(text);
    if (!ours && ours.error().code != Code::json_malformed) return;
    if (!ours && ours.error().detail.starts_with("too many")) return;
    ASSERT_EQ(ours.has_value(), Other::accept(text)) << "seed " << seed << ": " << text;
    if (!ours) return;
    const Other theirs = Other::parse(text, nullptr, false);
    ASSERT_TRUE(same(ours->root(), theirs)) << "seed " << seed << ": " << text;
}

TEST(Differential, every_generated_text_is_accepted_by_both_with_the_same_values) {
    for (std::uint64_t seed = 0; seed < 5'000; ++seed) {
        testing::Choices choices(seed);
        const std::string text = testing::random_text(choices);
        ASSERT_TRUE(parse(text).has_value()) << "seed " << seed << ": " << text;
        compare(text, seed);
        if (HasFatalFailure()) return;
    }
}

TEST(Differential, every_mutated_text_is_judged_alike_by_both) {
    for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
        testing::Choices choices(seed);
        compare(testing::mutated(choices, testing::random_text(choices)), seed);
        if (HasFatalFailure()) return;
    }
}

TEST(Differential, short_texts_of_the_grammar_are_judged_alike_by_both) {
    constexpr std::string_view kBytes = "{}[]\",:\\ 0-1.e+tu8d";
    for (std::uint64_t seed = 0; seed < 200'000; ++seed) {
        testing::Choices choices(seed);
        std::string text;
        for (std::size_t size = choices.below(9); size > 0; --size)
            text += kBytes[choices.below(kBytes.size())];
        compare(text, seed);
        if (HasFatalFailure()) return;
    }
}

TEST(Differential, what_only_ours_refuses_has_its_own_code) {
    const std::vector<std::pair<std::string, Code>> rows = {
        {R"({"a":1,"a":2})", Code::json_duplicate_member},
        {"9007199254740993", Code::number_not_exact},
        {"1e-400", Code::number_not_exact},
        {"1e20", Code::number_not_exact},
        {"\xef\xbb\xbf[]", Code::json_malformed},
        {std::string("[]\0", 3), Code::json_malformed},
        {std::string(65, '[') + std::string(65, ']'), Code::json_malformed},
    };
    for (const auto& [text, code] : rows) {
        EXPECT_TRUE(Other::accept(text)) << text;
        ASSERT_FALSE(parse(text).has_value()) << text;
        EXPECT_EQ(parse(text).error().code, code) << text;
    }
}

TEST(Differential, both_refuse_lone_surrogates_and_numbers_that_overflow) {
    for (const std::string_view text :
         {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", "1e400", "-1e400"}) {
        EXPECT_FALSE(Other::accept(text)) << text;
        EXPECT_FALSE(parse(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace parmana::json
