// Durations. The rows marked Go are from the tests of Go's time package.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "civil/civil.hpp"

namespace parmana::civil {

void PrintTo(Span span, std::ostream* out) {
    *out << span.seconds << " s " << span.nanos << " ns";
}

namespace {

TEST(Spans, AreValidWithinTenThousandYears) {
    EXPECT_TRUE(is_valid(kSpanMin));
    EXPECT_TRUE(is_valid(kSpanMax));
    EXPECT_TRUE(is_valid(Span{0, -999'999'999}));
    EXPECT_TRUE(is_valid(Span{-1, -999'999'999}));
    EXPECT_FALSE(is_valid(Span{kSpanMax.seconds, 1}));
    EXPECT_FALSE(is_valid(Span{kSpanMin.seconds, -1}));
    EXPECT_FALSE(is_valid(Span{kSpanMax.seconds + 1, 0}));
    EXPECT_FALSE(is_valid(Span{0, 1'000'000'000}));
    EXPECT_FALSE(is_valid(Span{0, -1'000'000'000}));
    EXPECT_FALSE(is_valid(Span{1, -1}));
    EXPECT_FALSE(is_valid(Span{-1, 1}));
}

TEST(Durations, AreReadInEveryUnit) {
    const std::vector<std::pair<std::string, Span>> rows = {
        {"0", {0, 0}},
        {"+0", {0, 0}},
        {"-0", {0, 0}},
        {"0s", {0, 0}},
        {"0h0m0s", {0, 0}},
        {"5s", {5, 0}},
        {"+5s", {5, 0}},
        {"-5s", {-5, 0}},
        {"1478s", {1'478, 0}},
        {"5.0s", {5, 0}},
        {"5.6s", {5, 600'000'000}},
        {"5.s", {5, 0}},
        {".5s", {0, 500'000'000}},
        {"-.5s", {0, -500'000'000}},
        {"1.0040s", {1, 4'000'000}},
        {"100.00100s", {100, 1'000'000}},
        {"10ns", {0, 10}},
        {"11us", {0, 11'000}},
        {"12\u00b5s", {0, 12'000}},
        {"12\u03bcs", {0, 12'000}},
        {"13ms", {0, 13'000'000}},
        {"14s", {14, 0}},
        {"15m", {900, 0}},
        {"16h", {57'600, 0}},
        {"3h30m", {12'600, 0}},
        {"10.5s4m", {250, 500'000'000}},
        {"-2m3.4s", {-123, -400'000'000}},
        {"1h2m3s4ms5us6ns", {3'723, 4'005'006}},
        {"39h9m14.425s", {140'954, 425'000'000}},
        {"1s1s", {2, 0}},
        {"000000000000000000000000000000000000000000000000001s", {1, 0}},
        // Go
        {"52763797000ns", {52, 763'797'000}},
        {"9007199254740993ns", {9'007'199, 254'740'993}},
        {"9223372036854775807ns", {9'223'372'036, 854'775'807}},
        {"9223372036854775.807us", {9'223'372'036, 854'775'807}},
        {"9223372036s854ms775us807ns", {9'223'372'036, 854'775'807}},
        {"-9223372036854775808ns", {-9'223'372'036, -854'775'808}},
        {"0.100000000000000000000h", {360, 0}},
        {"0.830103483285477580700h", {2'988, 372'539'827}},
        // Where Go stops.
        {"9223372036854775808ns", {9'223'372'036, 854'775'808}},
        {"315576000000s", kSpanMax},
        {"-315576000000s", kSpanMin},
        {"315576000000000000000ns", kSpanMax},
        {"87660000h", kSpanMax},
        {"315575999999.999999999s", {315'575'999'999, 999'999'999}},
    };
    for (const auto& [text, span] : rows)
        EXPECT_EQ(parse_duration(text), span) << text;
}

TEST(Durations, AreCutBelowTheNanosecondAndNotBefore) {
    const std::vector<std::pair<std::string, Span>> rows = {
        {"0.9ns", {0, 0}},
        {"-0.9ns", {0, 0}},
        {"0.5ns0.5ns", {0, 0}},  // each component alone, as in Go
        {"1.9999999999s", {1, 999'999'999}},
        {"-1.9999999999s", {-1, -999'999'999}},
        {"0.0000000001s", {0, 0}},
        {"0.0009999999us", {0, 0}},
        {"0.001us", {0, 1}},
        {"0.000000000000277777777777777777h", {0, 0}},
        {"0.000000000000277777777777777778h", {0, 1}},
        // A third of an hour from below and from above: one digit decides, the fiftieth too.
        {"0.3333333333333333333h", {1'199, 999'999'999}},
        {"0.33333333333333333333333333333333333333333333333333h", {1'199, 999'999'999}},
        {"0.33333333333333333333333333333333333333333333333334h", {1'200, 0}},
        {"0.1s", {0, 100'000'000}},
        {"0.3m", {18, 0}},
        {"1.1h", {3'960, 0}},
        {"4.35ms", {0, 4'350'000}},
    };
    for (const auto& [text, span] : rows)
        EXPECT_EQ(parse_duration(text), span) << text;
}

TEST(Durations, AreRefusedInEveryOtherSpelling) {
    const std::vector<std::string> rows = {
        // Go
        "",
        "3",
        "-",
        "s",
        ".",
        "-.",
        ".s",
        "+.s",
        "1d",
        "\x85\x85",
        "\377ff\377",
        // and ours
        "00",
        "+00",
        "0.0",
        "--1s",
        "+-1s",
        "- 1s",
        " 1s",
        "1s ",
        "1 s",
        "1s 1m",
        "1s,1m",
        "1s-1m",
        "1s+1m",
        "1S",
        "1H",
        "1M",
        "1Ms",
        "1sec",
        "1min",
        "1w",
        "1y",
        "1n",
        "1u",
        "1mss",
        "1hs",
        "s1",
        "1s1",
        "1.5",
        "1..5s",
        "1.5.s",
        "1e3s",
        "0x1s",
        "1_000s",
        "1'000s",
        "inf",
        "nan",
        "infs",
        "P1D",
        "PT1S",
        "1:00",
        "1\u00b5",
        "1\u03bc",
        "1\xb5s",
        "1\xce\xbcss",
        "\u0661s",
        "1\u00b5\u00b5s",
        std::string("1s\0", 3),
        std::string("1\0s", 3),
        std::string("\0", 1),
    };
    for (const std::string& text : rows)
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Durations, AreRefusedOutOfRange) {
    const std::vector<std::string> rows = {
        "315576000000.000000001s",
        "315576000000000000001ns",
        "315576000001s",
        "-315576000001s",
        "315576000000s1ns",
        "157788000000s157788000000.000000001s",
        "87660001h",
        "87660000.000000000001h",
        "5259600001m",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999999999s",
        "340282366920938463463374607431768211456ns",  // 2^128
        "340282366920938463463374607431768211457h",   // … and one more
    };
    for (const std::string& text : rows)
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Durations, AreWrittenAsSecondsWithTheShortestFraction) {
    const std::vector<std::pair<Span, std::string>> rows = {
        {{0, 0}, "0s"},
        {{1, 500'000'000}, "1.5s"},
        {{0, -1'000'000}, "-0.001s"},
        {{-1, -1}, "-1.000000001s"},
        {{3'600, 0}, "3600s"},
        {{-90, 0}, "-90s"},
        {{0, 999'999'999}, "0.999999999s"},
        {{0, 120'000}, "0.00012s"},
        {kSpanMax, "315576000000s"},
        {kSpanMin, "-315576000000s"},
    };
    for (const auto& [span, text] : rows)
        EXPECT_EQ(format_duration(span), text);
    EXPECT_DEATH(format_duration({1, -1}), "is_valid");
    EXPECT_DEATH(format_duration({kSpanMax.seconds, 1}), "is_valid");
}

Span random_span(std::mt19937_64& random) {
    Span span{static_cast<std::int64_t>(random()) >> (random() % 64),
              static_cast<std::int32_t>(random() % 1'000'000'000)};
    span.seconds %= kSpanMax.seconds;
    for (std::uint64_t digits = random() % 10; digits > 0; --digits)
        span.nanos /= 10;
    if (span.seconds < 0 || (span.seconds == 0 && random() % 2 == 0)) span.nanos = -span.nanos;
    return span;
}

// The same length in other units; `span` is not negative.
std::string in_units(Span span) {
    return std::to_string(span.seconds / 3'600) + "h" + std::to_string(span.seconds / 60 % 60) + "m" +
           std::to_string(span.seconds % 60) + "s" + std::to_string(span.nanos / 1'000'000) + "ms" +
           std::to_string(span.nanos / 1'000 % 1'000) + "us" + std::to_string(span.nanos % 1'000) + "ns";
}

TEST(Durations, OfAnySpanReadBackAsTheSpan) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 300'000; ++i) {
        const Span span = random_span(random);
        ASSERT_TRUE(is_valid(span));
        const std::string text = format_duration(span);
        ASSERT_EQ(parse_duration(text), span) << text;
        const bool negative = text.starts_with('-');
        const std::string units = in_units(negative ? Span{-span.seconds, -span.nanos} : span);
        ASSERT_EQ(parse_duration((negative ? "-" : "") + units), span) << units;
    }
}

// Any bytes: a verdict, and what is accepted is valid and has a spelling that reads the same.
TEST(Durations, OfAnyLettersAreValidOrRefused) {
    std::mt19937_64 random(11);
    constexpr std::string_view kLetters = "0123456789..--+hmsnu\xc2\xb5\xce\xbc";
    int accepted = 0;
    for (int i = 0; i < 300'000; ++i) {
        std::string text;
        for (std::uint64_t size = random() % 8; size > 0; --size)
            text.push_back(kLetters[random() % kLetters.size()]);
        const auto span = parse_duration(text);
        if (!span.has_value()) continue;
        ++accepted;
        ASSERT_TRUE(is_valid(*span)) << text;
        ASSERT_EQ(parse_duration(format_duration(*span)), span) << text;
    }
    EXPECT_GT(accepted, 5'000);
}

}  // namespace
}  // namespace parmana::civil
