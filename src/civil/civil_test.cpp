// The calendar and RFC 3339.
#include "civil/civil.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace parmana::civil {

void PrintTo(Instant instant, std::ostream* out) {
    *out << instant.seconds << " s " << instant.nanos << " ns";
}

namespace {

constexpr std::int64_t kDay = 86'400;

// 1582 has no gap, 1900 is no leap year and 2000 is one.
TEST(Calendar, EveryDayOfTheRangeFollowsTheDayBefore) {
    constexpr std::array kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    std::int64_t days = -719'528;
    int day_of_week = 6;  // 0000-01-01
    for (int year = 0; year <= 10'000; ++year) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        int day_of_year = 0;
        for (int month = 1; month <= 12; ++month) {
            const int length = kLengths[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
            ASSERT_EQ(days_in_month(year, month), length);
            for (int day = 1; day <= length; ++day) {
                const Date date{year, month, day};
                ASSERT_EQ(days_from_date(date), days) << year << '-' << month << '-' << day;
                ASSERT_EQ(date_from_days(days), date) << days;
                const Fields midnight{year, month, day, day_of_week, day_of_year, 0, 0, 0};
                ASSERT_EQ(fields_from_seconds(days * kDay), midnight) << days;
                const Fields last{year, month, day, day_of_week, day_of_year, 23, 59, 59};
                ASSERT_EQ(fields_from_seconds(days * kDay + kDay - 1), last) << days;
                ++days;
                ++day_of_year;
                day_of_week = (day_of_week + 1) % 7;
            }
        }
    }
    EXPECT_EQ(days, 2'933'263);
}

TEST(Calendar, KnowsTheDaysThatEverybodyKnows) {
    const std::vector<std::pair<std::int64_t, Fields>> rows = {
        {0, {1970, 1, 1, 4, 0, 0, 0, 0}},
        {-1, {1969, 12, 31, 3, 364, 23, 59, 59}},
        {951'827'696, {2000, 2, 29, 2, 59, 12, 34, 56}},
        {1'735'603'200, {2024, 12, 31, 2, 365, 0, 0, 0}},
        {2'147'483'648, {2038, 1, 19, 2, 18, 3, 14, 8}},
        {-11'644'473'600, {1601, 1, 1, 1, 0, 0, 0, 0}},
        {kInstantMin.seconds, {1, 1, 1, 1, 0, 0, 0, 0}},
        {kInstantMax.seconds, {9999, 12, 31, 5, 364, 23, 59, 59}},
    };
    for (const auto& [seconds, fields] : rows)
        EXPECT_EQ(fields_from_seconds(seconds), fields) << seconds;
}

TEST(Calendar, EverySecondOfADayHasItsOwnFields) {
    for (std::int32_t second = 0; second < kDay; ++second) {
        const Fields fields = fields_from_seconds(-kDay + second);
        ASSERT_EQ((fields.hours * 60 + fields.minutes) * 60 + fields.seconds, second);
        ASSERT_LT(fields.minutes, 60);
        ASSERT_LT(fields.seconds, 60);
        ASSERT_EQ(fields.day, 31);
    }
}

TEST(Calendar, StopsAtDaysThatAreNone) {
    EXPECT_DEATH(days_in_month(2024, 0), "month");
    EXPECT_DEATH(days_in_month(2024, 13), "month");
    EXPECT_DEATH(days_from_date({2023, 2, 29}), "days_in_month");
    EXPECT_DEATH(days_from_date({2023, 1, 0}), "day");
    EXPECT_DEATH(days_from_date({-1, 12, 31}), "year");
    EXPECT_DEATH(days_from_date({10'001, 1, 1}), "year");
    EXPECT_DEATH(date_from_days(-719'529), "kDaysMin");
    EXPECT_DEATH(date_from_days(2'933'263), "kDaysMax");
    EXPECT_DEATH(fields_from_seconds(INT64_MIN), "kDaysMin");
    EXPECT_DEATH(fields_from_seconds(INT64_MAX), "kDaysMax");
}

TEST(Instants, AreValidBetweenTheFirstAndTheLast) {
    EXPECT_TRUE(is_valid(kInstantMin));
    EXPECT_TRUE(is_valid(kInstantMax));
    EXPECT_TRUE(is_valid(Instant{-1, 999'999'999}));
    EXPECT_FALSE(is_valid(Instant{kInstantMin.seconds - 1, 999'999'999}));
    EXPECT_FALSE(is_valid(Instant{kInstantMax.seconds + 1, 0}));
    EXPECT_FALSE(is_valid(Instant{0, -1}));
    EXPECT_FALSE(is_valid(Instant{0, 1'000'000'000}));
}

TEST(Rfc3339, IsReadWithOffsetAndFraction) {
    const std::vector<std::pair<std::string, Instant>> rows = {
        {"1970-01-01T00:00:00Z", {0, 0}},
        {"1969-12-31T23:59:59.5Z", {-1, 500'000'000}},
        {"2024-02-29T12:34:56Z", {1'709'210'096, 0}},
        {"2024-02-29T12:34:56+02:00", {1'709'202'896, 0}},
        {"2024-02-29T12:34:56-02:30", {1'709'219'096, 0}},
        {"2024-02-29T12:34:56+00:00", {1'709'210'096, 0}},
        {"2024-02-29T12:34:56-00:00", {1'709'210'096, 0}},
        {"1970-01-01T23:59:00+23:59", {0, 0}},
        {"1970-01-01T00:01:00-23:59", {86'400, 0}},
        {"2000-02-29T00:00:00Z", {951'782'400, 0}},
        {"1970-01-01T00:00:00.1Z", {0, 100'000'000}},
        {"1970-01-01T00:00:00.000000001Z", {0, 1}},
        {"1970-01-01T00:00:00.999999999-01:00", {3'600, 999'999'999}},
        {"1970-01-01T00:00:00.1200Z", {0, 120'000'000}},
        {"0001-01-01T00:00:00Z", kInstantMin},
        {"9999-12-31T23:59:59.999999999Z", kInstantMax},
        // The instant counts, not the year that is written.
        {"0000-12-31T23:30:00-00:30", kInstantMin},
        {"9999-12-31T23:59:59.999999999+00:00", kInstantMax},
    };
    for (const auto& [text, instant] : rows)
        EXPECT_EQ(parse_rfc3339(text), instant) << text;
}

TEST(Rfc3339, IsRefusedInEveryOtherSpelling) {
    const std::vector<std::string> rows = {
        "",
        "2024",
        "2024-02-29",
        "2024-02-29T12:34:56",   // no offset
        "2024-02-29T12:34Z",     // no seconds
        "2024-02-29t12:34:56Z",  // lower case
        "2024-02-29T12:34:56z",
        "2024-02-29 12:34:56Z",
        "2024-2-29T12:34:56Z",  // one digit
        "2024-02-29T2:34:56Z",
        "2024-02-29T12:34:5Z",
        "24-02-29T12:34:56Z",
        "12024-02-29T12:34:56Z",
        "+2024-02-29T12:34:56Z",
        "-024-02-29T12:34:56Z",
        "20240229T123456Z",
        "2024/02/29T12:34:56Z",
        "2024-02-29T12.34.56Z",
        "2024-060T12:34:56Z",
        " 2024-02-29T12:34:56Z",  // white space
        "2024-02-29T12:34:56Z ",
        "2024-02-29T12:34:56Z\n",
        "2024-02-29T12:34:56ZZ",
        "2024-02-29T12:34:56Z+01:00",
        "2024-02-29T12:34:56.Z",  // fraction
        "2024-02-29T12:34:56,5Z",
        "2024-02-29T12:34:56.1234567890Z",
        "2024-02-29T12:34:56.-1Z",
        "2024-02-29T12:34:56.5.5Z",
        "2024-02-29T12:34:56+0100",  // offset
        "2024-02-29T12:34:56+01",
        "2024-02-29T12:34:56+1:00",
        "2024-02-29T12:34:56+24:00",
        "2024-02-29T12:34:56-24:00",
        "2024-02-29T12:34:56+00:60",
        "2024-02-29T12:34:56+01:00:00",
        "2024-02-29T12:34:56 01:00",
        "2024-02-29T12:34:56UTC",
        "2024-02-29T12:34:56\u221201:00",  // a minus sign
        "2024-00-10T12:34:56Z",            // out of the calendar
        "2024-13-10T12:34:56Z",
        "2024-01-00T12:34:56Z",
        "2024-01-32T12:34:56Z",
        "2024-04-31T12:34:56Z",
        "2024-02-30T12:34:56Z",
        "2023-02-29T12:34:56Z",
        "1900-02-29T12:34:56Z",
        "2024-02-29T24:00:00Z",  // out of the day
        "2024-02-29T12:60:00Z",
        "2024-02-29T12:34:60Z",
        "2016-12-31T23:59:60Z",  // a leap second
        "0000-12-31T23:59:59Z",  // out of range
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        std::string("2024-02-29T12:34:56Z\0", 21),
        std::string("2024-02-29T12:34:56\0Z", 21),
    };
    for (const std::string& text : rows)
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Rfc3339, LosesItsMeaningWithAnyByteChangedToNoDigit) {
    const std::string good = "2024-02-29T12:34:56.789+02:00";
    ASSERT_TRUE(parse_rfc3339(good).has_value());
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = good;
            text[at] = static_cast<char>(byte);
            if (text[at] == good[at] || (text[at] >= '0' && text[at] <= '9')) continue;
            const bool sign = good[at] == '+' && text[at] == '-';
            ASSERT_EQ(parse_rfc3339(text).has_value(), sign) << text;
        }
        ASSERT_EQ(parse_rfc3339(good.substr(0, at)), std::nullopt);
        ASSERT_EQ(parse_rfc3339(good.substr(0, at) + good.substr(at + 1)).has_value(), at >= 20 && at <= 22);
    }
}

TEST(Rfc3339, IsWrittenInUtcWithTheShortestFraction) {
    const std::vector<std::pair<Instant, std::string>> rows = {
        {{0, 0}, "1970-01-01T00:00:00Z"},
        {{-1, 0}, "1969-12-31T23:59:59Z"},
        {{-1, 999'999'999}, "1969-12-31T23:59:59.999999999Z"},
        {{0, 1}, "1970-01-01T00:00:00.000000001Z"},
        {{0, 100'000'000}, "1970-01-01T00:00:00.1Z"},
        {{0, 120'000}, "1970-01-01T00:00:00.00012Z"},
        {{1'709'210'096, 10'000'000}, "2024-02-29T12:34:56.01Z"},
        {kInstantMin, "0001-01-01T00:00:00Z"},
        {kInstantMax, "9999-12-31T23:59:59.999999999Z"},
    };
    for (const auto& [instant, text] : rows)
        EXPECT_EQ(format_rfc3339(instant), text);
    EXPECT_DEATH(format_rfc3339({kInstantMax.seconds + 1, 0}), "is_valid");
    EXPECT_DEATH(format_rfc3339({0, -1}), "is_valid");
}

TEST(Rfc3339, OfAnyInstantReadsBackAsTheInstant) {
    std::mt19937_64 random(3339);
    constexpr auto kSeconds = static_cast<std::uint64_t>(kInstantMax.seconds - kInstantMin.seconds + 1);
    constexpr std::array<std::int32_t, 4> kGrains = {1, 1'000, 1'000'000, 1'000'000'000};
    for (int i = 0; i < 300'000; ++i) {
        const std::int32_t grain = kGrains[static_cast<std::size_t>(i % 4)];
        const auto nanos = static_cast<std::int32_t>(random() % 1'000'000'000) / grain * grain;
        const Instant instant{kInstantMin.seconds + static_cast<std::int64_t>(random() % kSeconds), nanos};
        const std::string text = format_rfc3339(instant);
        ASSERT_EQ(parse_rfc3339(text), instant) << text;
        // The same clock elsewhere is that much earlier.
        const std::string elsewhere = text.substr(0, text.size() - 1) + "+05:45";
        Instant earlier = instant;
        earlier.seconds -= 20'700;
        if (is_valid(earlier)) {
            ASSERT_EQ(parse_rfc3339(elsewhere), earlier) << elsewhere;
        }
    }
}

}  // namespace
}  // namespace parmana::civil
