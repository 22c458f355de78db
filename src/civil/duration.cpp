// Durations as text. Go computes fractions in binary64; here every digit counts, however many there are.
#include <array>
#include <cstdlib>

#include "base/invariant.hpp"
#include "civil/civil.hpp"
#include "civil/fraction.hpp"

namespace parmana::civil {
namespace {

using Wide = unsigned __int128;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr Wide kNanosMax = static_cast<Wide>(kSpanMax.seconds) * kNanosPerSecond;

struct Unit {
    std::string_view name;
    std::uint64_t nanos;
};

constexpr std::array kUnits = {
    Unit{"ns", 1},         Unit{"us", 1'000},        Unit{"\u00b5s", 1'000},    Unit{"\u03bcs", 1'000},
    Unit{"ms", 1'000'000}, Unit{"s", 1'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"h", 3'600'000'000'000},
};

constexpr std::string_view kDigits = "0123456789";

// Takes the bytes before `end` from the front of `text`.
std::string_view take_until(std::string_view& text, std::size_t end) {
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(taken.size());
    return taken;
}

// The value of the digits, or nothing when it is above kNanosMax.
std::optional<Wide> whole_from(std::string_view digits) {
    Wide value = 0;
    for (const char digit : digits) {
        value = value * 10 + static_cast<Wide>(digit - '0');
        if (value > kNanosMax) return std::nullopt;
    }
    return value;
}

// The whole nanoseconds in 0.DIGITS of a unit. From the last digit to the first: cutting off after each
// division by ten gives what one cut at the end would.
std::uint64_t nanos_of_fraction(std::string_view digits, std::uint64_t unit_nanos) {
    std::uint64_t nanos = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
        nanos = (nanos + static_cast<std::uint64_t>(*digit - '0') * unit_nanos) / 10;
    return nanos;
}

// Takes `[0-9]*(\.[0-9]*)?UNIT` from the front of `text`: its nanoseconds.
std::optional<Wide> take_component(std::string_view& text) {
    const std::string_view whole = take_until(text, text.find_first_not_of(kDigits));
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = take_until(text, text.find_first_not_of(kDigits));
    }
    if (whole.empty() && fraction.empty()) return std::nullopt;
    const std::string_view name = take_until(text, text.find_first_of(".0123456789"));
    for (const Unit& unit : kUnits) {
        if (unit.name != name) continue;
        const auto units = whole_from(whole);
        if (!units.has_value()) return std::nullopt;
        return *units * unit.nanos + nanos_of_fraction(fraction, unit.nanos);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Span> parse_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return Span{0, 0};
    if (text.empty()) return std::nullopt;
    Wide total = 0;
    while (!text.empty()) {
        const auto nanos = take_component(text);
        if (!nanos.has_value()) return std::nullopt;
        total += *nanos;
        if (total > kNanosMax) return std::nullopt;
    }
    const auto seconds = static_cast<std::int64_t>(total / kNanosPerSecond);
    const auto nanos = static_cast<std::int32_t>(total % kNanosPerSecond);
    return negative ? Span{-seconds, -nanos} : Span{seconds, nanos};
}

std::string format_duration(Span span) {
    INVARIANT(is_valid(span));
    std::string out = span.seconds < 0 || span.nanos < 0 ? "-" : "";
    out.append(std::to_string(std::abs(span.seconds)));
    append_fraction(out, std::abs(span.nanos));
    out.push_back('s');
    return out;
}

}  // namespace parmana::civil
