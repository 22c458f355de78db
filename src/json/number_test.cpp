#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "json/json.hpp"
#include "json/test_support.hpp"

namespace parmana::json {
namespace {

std::string spelled(double number) {
    std::string out;
    append_number(out, number);
    return out;
}

double value_of(const std::string& text) {
    double number = 0;
    const auto done = std::from_chars(text.data(), text.data() + text.size(), number);
    EXPECT_EQ(done.ptr, text.data() + text.size()) << text;
    return number;
}

TEST(Number, is_spelled_as_ecmascript_spells_it) {
    const std::vector<std::pair<double, std::string>> rows = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.0, "-1"},
        {1200.0, "1200"},
        {4.5, "4.5"},
        {0.1, "0.1"},
        {0.002, "0.002"},
        {0.1 + 0.2, "0.30000000000000004"},
        {123456.789, "123456.789"},
        {1e-6, "0.000001"},
        {1.5e-6, "0.0000015"},
        {1e-7, "1e-7"},
        {-1.25e-7, "-1.25e-7"},
        {1e-27, "1e-27"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740992.0, "9007199254740992"},
        {-9007199254740994.0, "-9007199254740994"},
        {1e20, "100000000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {999999999999999900000.0, "999999999999999900000"},
        {1e21, "1e+21"},
        {1.5e21, "1.5e+21"},
        {1e23, "1e+23"},
        {1e100, "1e+100"},
        {5e-324, "5e-324"},
        {std::numeric_limits<double>::min(), "2.2250738585072014e-308"},
        {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
        {std::numeric_limits<double>::lowest(), "-1.7976931348623157e+308"},
        {1.0 / 3, "0.3333333333333333"},
        {4503599627370495.5, "4503599627370495.5"},
    };
    for (const auto& [number, text] : rows)
        EXPECT_EQ(spelled(number), text);
}

TEST(Number, is_appended_behind_what_is_there) {
    std::string out = "x=";
    append_number(out, 0.5);
    append_number(out, 7);
    EXPECT_EQ(out, "x=0.57");
}

TEST(Number, must_be_finite) {
    EXPECT_DEATH(spelled(std::numeric_limits<double>::infinity()), "isfinite");
    EXPECT_DEATH(spelled(std::numeric_limits<double>::quiet_NaN()), "isfinite");
}

// Of the numbers whose spelling is an integer outside ±(2^53−1) the reader takes none; every other
// comes back.
TEST(Number, comes_back_from_its_spelling) {
    testing::Choices choices(53);
    std::size_t refused = 0;
    for (int i = 0; i < 300'000; ++i) {
        double number = testing::random_double(choices);
        if (i % 3 == 1)
            number = std::ldexp(number, -std::ilogb(number) + static_cast<int>(choices.below(140)) - 40);
        if (i % 3 == 2) number = static_cast<double>(choices.below(1u << 30)) / 1000;
        const std::string text = spelled(number);
        ASSERT_EQ(value_of(text), number) << text;
        const auto document = parse(text);
        const double magnitude = std::fabs(number);
        if (magnitude > 9007199254740991.0 && magnitude < 1e21) {
            ++refused;
            ASSERT_EQ(document.error().code, Code::number_not_exact) << text;
            continue;
        }
        ASSERT_TRUE(document.has_value()) << text;
        ASSERT_EQ(document->root().number(), number) << text;
        ASSERT_EQ(canonical(document->root()), text);
    }
    EXPECT_GT(refused, 1000u);
}

TEST(Number, has_no_shorter_spelling) {
    testing::Choices choices(17);
    for (int i = 0; i < 20'000; ++i) {
        const double number = std::fabs(testing::random_double(choices));
        const std::string text = spelled(number);
        const auto digits = std::count_if(text.begin(), std::find(text.begin(), text.end(), 'e'),
                                          [](char c) { return c >= '0' && c <= '9'; });
        if (digits <= 1 || text.find('e') == std::string::npos) continue;
        char shorter[40];
        const auto done = std::to_chars(shorter, shorter + sizeof shorter, number,
                                        std::chars_format::scientific, static_cast<int>(digits) - 2);
        ASSERT_NE(value_of(std::string(shorter, done.ptr)), number) << text;
    }
}

TEST(Number, keeps_integers_within_the_exact_range) {
    for (const std::int64_t integer : {std::int64_t{0}, std::int64_t{7}, limits::kExactIntegerMax}) {
        for (const std::int64_t value : {integer, -integer}) {
            const std::string text = spelled(static_cast<double>(value));
            EXPECT_EQ(text, std::to_string(value));
            EXPECT_EQ(parse(text)->root().integer(), value);
        }
    }
}

}  // namespace
}  // namespace parmana::json
