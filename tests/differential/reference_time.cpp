#include "reference_time.hpp"

#include <array>

#include "base/invariant.hpp"

namespace parmana::reference {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysFromYearOneToEpoch = 719'162;

bool is_leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_year(std::int64_t year) {
    return is_leap(year) ? 366 : 365;
}

int days_in_month(std::int64_t year, int month) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// Days from 0001-01-01.
std::int64_t days_before_year(std::int64_t year) {
    std::int64_t days = 0;
    for (std::int64_t y = 1; y < year; ++y)
        days += days_in_year(y);
    return days;
}

Wide floor_divide(Wide a, Wide b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// `.5`, `.000000001`, or nothing.
std::string fraction_text(std::int64_t nanos) {
    if (nanos == 0) return "";
    std::string digits = std::to_string(nanos);
    digits.insert(0, 9 - digits.size(), '0');
    while (digits.back() == '0')
        digits.pop_back();
    return "." + digits;
}

std::string padded(std::int64_t number, std::size_t width) {
    std::string out = std::to_string(number);
    if (out.size() < width) out.insert(0, width - out.size(), '0');
    return out;
}

/// Reads a text from the front.
struct Cursor {
    std::string_view text;

    bool accept(char c) {
        if (text.empty() || text[0] != c) return false;
        text.remove_prefix(1);
        return true;
    }
    /// As many digits as there are.
    std::string_view digits() {
        std::size_t count = 0;
        while (count < text.size() && text[count] >= '0' && text[count] <= '9')
            ++count;
        const std::string_view out = text.substr(0, count);
        text.remove_prefix(count);
        return out;
    }
    /// Exactly `count` digits as a number from `least` to `most`, or -1.
    int number(std::size_t count, int least, int most) {
        if (text.size() < count) return -1;
        int out = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (text[i] < '0' || text[i] > '9') return -1;
            out = out * 10 + (text[i] - '0');
        }
        text.remove_prefix(count);
        return out < least || out > most ? -1 : out;
    }
};

/// Nine digits of a fraction, those behind them left out.
std::int64_t nanos_of_fraction(std::string_view digits) {
    std::int64_t out = 0;
    for (std::size_t i = 0; i < 9; ++i)
        out = out * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    return out;
}

/// Seconds east of UTC from `Z` or `+hh:mm`; nothing when it is neither.
std::optional<int> read_offset(Cursor& at) {
    if (at.accept('Z')) return 0;
    const bool west = at.accept('-');
    if (!west && !at.accept('+')) return std::nullopt;
    const int hours = at.number(2, 0, 23);
    if (hours < 0 || !at.accept(':')) return std::nullopt;
    const int minutes = at.number(2, 0, 59);
    if (minutes < 0) return std::nullopt;
    const int seconds = (hours * 60 + minutes) * 60;
    return west ? -seconds : seconds;
}

}  // namespace

bool is_timestamp(Wide nanos) {
    constexpr Wide kFirst = -62'135'596'800;
    constexpr Wide kLast = 253'402'300'799;
    const Wide seconds = floor_divide(nanos, kNanosPerSecond);
    return seconds >= kFirst && seconds <= kLast;
}

bool is_duration(Wide nanos) {
    return nanos >= INT64_MIN && nanos <= INT64_MAX;
}

Civil civil_of(Wide nanos, int offset_minutes) {
    const auto seconds =
        static_cast<std::int64_t>(floor_divide(nanos, kNanosPerSecond)) + offset_minutes * 60;
    Civil out{};
    out.nanos = static_cast<std::int64_t>(nanos - floor_divide(nanos, kNanosPerSecond) * kNanosPerSecond);
    const auto day = static_cast<std::int64_t>(floor_divide(seconds, kSecondsPerDay));
    const auto second_of_day = static_cast<int>(seconds - day * kSecondsPerDay);
    out.hour = second_of_day / 3600;
    out.minute = second_of_day / 60 % 60;
    out.second = second_of_day % 60;

    std::int64_t rest = day + kDaysFromYearOneToEpoch;
    out.day_of_week = static_cast<int>((rest + 1 + 7) % 7);  // 0001-01-01 was a Monday
    out.year = 1;
    if (rest < 0) {  // an offset to the west of the first moment
        out.year = 0;
        rest += days_in_year(0);
    }
    INVARIANT(rest >= 0);
    while (rest >= days_in_year(out.year)) {
        rest -= days_in_year(out.year);
        ++out.year;
    }
    out.day_of_year = static_cast<int>(rest);
    out.month = 1;
    while (rest >= days_in_month(out.year, out.month)) {
        rest -= days_in_month(out.year, out.month);
        ++out.month;
    }
    out.day = static_cast<int>(rest) + 1;
    return out;
}

std::string timestamp_text(Wide nanos) {
    const Civil at = civil_of(nanos, 0);
    return padded(at.year, 4) + "-" + padded(at.month, 2) + "-" + padded(at.day, 2) + "T" +
           padded(at.hour, 2) + ":" + padded(at.minute, 2) + ":" + padded(at.second, 2) +
           fraction_text(at.nanos) + "Z";
}

std::optional<Wide> parse_timestamp(std::string_view text) {
    Cursor at{text};
    const int year = at.number(4, 0, 9999);
    if (year < 0 || !at.accept('-')) return std::nullopt;
    const int month = at.number(2, 1, 12);
    if (month < 0 || !at.accept('-')) return std::nullopt;
    const int day = at.number(2, 1, days_in_month(year, month));
    if (day < 0 || !at.accept('T')) return std::nullopt;
    const int hour = at.number(2, 0, 23);
    if (hour < 0 || !at.accept(':')) return std::nullopt;
    const int minute = at.number(2, 0, 59);
    if (minute < 0 || !at.accept(':')) return std::nullopt;
    const int second = at.number(2, 0, 59);
    if (second < 0) return std::nullopt;
    std::int64_t nanos = 0;
    if (at.accept('.')) {
        const std::string_view digits = at.digits();
        if (digits.empty()) return std::nullopt;
        nanos = nanos_of_fraction(digits);
    }
    const auto offset = read_offset(at);
    if (!offset || !at.text.empty()) return std::nullopt;

    std::int64_t days = year == 0 ? -days_in_year(0) : days_before_year(year);
    for (int m = 1; m < month; ++m)
        days += days_in_month(year, m);
    days += day - 1 - kDaysFromYearOneToEpoch;
    const Wide seconds = Wide{days} * kSecondsPerDay + hour * 3600 + minute * 60 + second - *offset;
    const Wide total = seconds * kNanosPerSecond + nanos;
    if (!is_timestamp(total)) return std::nullopt;
    return total;
}

std::string duration_text(Wide nanos) {
    const Wide size = nanos < 0 ? -nanos : nanos;
    const auto seconds = static_cast<std::int64_t>(size / kNanosPerSecond);
    return (nanos < 0 ? "-" : "") + std::to_string(seconds) +
           fraction_text(static_cast<std::int64_t>(size % kNanosPerSecond)) + "s";
}

namespace {

/// Far out of range, and far from the end of 128 bits.
constexpr Wide kEnough = Wide{1} << 100;

struct Unit {
    std::string_view name;
    std::int64_t nanos;
};
constexpr Unit kUnits[] = {{"ns", 1},
                           {"us", 1'000},
                           {"\xc2\xb5s", 1'000},  // U+00B5, micro sign
                           {"\xce\xbcs", 1'000},  // U+03BC, Greek mu
                           {"ms", 1'000'000},
                           {"s", 1'000'000'000},
                           {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};

/// The unit at the front, which ends where a number begins.
const Unit* read_unit(Cursor& at) {
    std::size_t length = 0;
    while (length < at.text.size() && at.text[length] != '.' &&
           (at.text[length] < '0' || at.text[length] > '9'))
        ++length;
    const std::string_view name = at.text.substr(0, length);
    at.text.remove_prefix(length);
    for (const Unit& unit : kUnits) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

/// `digits` digits times `unit`, each digit of a fraction a tenth of the one before it.
std::optional<Wide> scaled(std::string_view whole, std::string_view fraction, std::int64_t unit) {
    Wide total = 0;
    for (const char c : whole) {
        total = total * 10 + (c - '0');
        if (total > kEnough / unit) return std::nullopt;
    }
    total *= unit;
    Wide numerator = 0;
    Wide denominator = 1;
    for (const char c : fraction.substr(0, 18)) {
        numerator = numerator * 10 + (c - '0');
        denominator *= 10;
    }
    return total + numerator * unit / denominator;
}

}  // namespace

std::optional<Wide> parse_duration(std::string_view text) {
    Cursor at{text};
    const bool negative = at.accept('-');
    if (!negative) at.accept('+');
    if (at.text == "0") return 0;
    if (at.text.empty()) return std::nullopt;
    Wide total = 0;
    while (!at.text.empty()) {
        const std::string_view whole = at.digits();
        const std::string_view fraction = at.accept('.') ? at.digits() : "";
        if (whole.empty() && fraction.empty()) return std::nullopt;
        const Unit* unit = read_unit(at);
        if (unit == nullptr) return std::nullopt;
        const auto part = scaled(whole, fraction, unit->nanos);
        if (!part) return std::nullopt;
        total += *part;
        if (total > kEnough) return std::nullopt;
    }
    return negative ? -total : total;
}

std::optional<int> parse_zone(std::string_view text) {
    if (text == "UTC") return 0;
    Cursor at{text};
    const bool west = at.accept('-');
    if (!west) at.accept('+');
    const int hours = at.number(2, 0, 23);
    if (hours < 0 || !at.accept(':')) return std::nullopt;
    const int minutes = at.number(2, 0, 59);
    if (minutes < 0 || !at.text.empty()) return std::nullopt;
    return west ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

}  // namespace parmana::reference
