// Civil time: days and dates of the proleptic Gregorian calendar, RFC 3339 timestamps, durations, and time
// zones out of data that is pinned in the program. Pure: no clock, no locale, no file of the machine; the
// same arguments give the same result on every machine. Any thread may call everything here.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parmana::civil {

/// A point in time: Unix seconds, rounded towards the past, and 0 to 999'999'999 nanoseconds after them.
struct Instant {
    std::int64_t seconds;
    std::int32_t nanos;

    auto operator<=>(const Instant&) const = default;
};

inline constexpr Instant kInstantMin{-62'135'596'800, 0};            // 0001-01-01T00:00:00Z
inline constexpr Instant kInstantMax{253'402'300'799, 999'999'999};  // 9999-12-31T23:59:59.999999999Z

/// Within the two above, and with nanoseconds that are less than a second. Whoever computes an Instant asks;
/// the functions below refuse with an INVARIANT what is not valid.
constexpr bool is_valid(Instant instant) {
    return instant.nanos >= 0 && instant.nanos < 1'000'000'000 && kInstantMin <= instant &&
           instant <= kInstantMax;
}

/// A day of the proleptic Gregorian calendar. Months and days count from 1; there is a year 0.
struct Date {
    std::int32_t year;
    std::int32_t month;
    std::int32_t day;

    auto operator<=>(const Date&) const = default;
};

/// 28 to 31; `month` is 1 to 12.
std::int32_t days_in_month(std::int32_t year, std::int32_t month);

/// Days since 1970-01-01 and back, for the years 0 to 10000: the range of Instant as any clock may show it.
/// Arguments that are no such day are an INVARIANT.
std::int64_t days_from_date(Date date);
Date date_from_days(std::int64_t days);

/// What a clock shows. `day_of_week` is 0 on Sundays, `day_of_year` is 0 on the first of January.
struct Fields {
    std::int32_t year;
    std::int32_t month;
    std::int32_t day;
    std::int32_t day_of_week;
    std::int32_t day_of_year;
    std::int32_t hours;
    std::int32_t minutes;
    std::int32_t seconds;

    bool operator==(const Fields&) const = default;
};

/// The clock in UTC at these Unix seconds. For the clock of a zone add `Zone::offset_seconds` first: every
/// second of the years 0 to 10000 is taken.
Fields fields_from_seconds(std::int64_t seconds);

/// `YYYY-MM-DDThh:mm:ss[.1 to 9 digits](Z|±hh:mm)` (RFC 3339 §5.6) with `T` and `Z` in upper case. Nothing
/// for any other text, for a day that the month lacks, hour 24, second 60, an offset beyond 23:59, and for an
/// instant out of range.
std::optional<Instant> parse_rfc3339(std::string_view text);
/// In UTC with `Z`; a fraction without trailing zeros, or none.
std::string format_rfc3339(Instant instant);

/// A length of time: seconds, rounded towards zero, and the nanoseconds left, with the same sign.
struct Span {
    std::int64_t seconds;
    std::int32_t nanos;

    auto operator<=>(const Span&) const = default;
};

inline constexpr Span kSpanMin{-315'576'000'000, 0};  // ten thousand years of 365.25 days
inline constexpr Span kSpanMax{315'576'000'000, 0};

/// Within the two above, and with nanoseconds that are less than a second and of one sign with the seconds.
constexpr bool is_valid(Span span) {
    const bool one_sign = span.seconds == 0 || span.nanos == 0 || (span.seconds < 0) == (span.nanos < 0);
    return one_sign && span.nanos > -1'000'000'000 && span.nanos < 1'000'000'000 && kSpanMin <= span &&
           span <= kSpanMax;
}

/// `[-+]?([0-9]*(\.[0-9]*)?UNIT)+` with at least one digit before each unit, or a zero without one: the
/// grammar of Go's time.ParseDuration. Units: ns, us (also with U+00B5 or U+03BC for the u), ms, s, m, h.
/// Exact; what a component has below the nanosecond is cut off. Nothing for any other text and for a span out
/// of range.
std::optional<Span> parse_duration(std::string_view text);
/// Seconds as an exact decimal without trailing zeros, and `s`: `3600s`, `-0.001s`, `0s`.
std::string format_duration(Span span);

struct ZoneHistory;

/// How far a clock is from UTC, at any time. A small value; copies are free.
class Zone {
  public:
    /// Seconds east of UTC at these Unix seconds; after its last known change a zone goes on by its yearly
    /// rule. Nothing where there is doubt: before 1970, where the pinned data begins, unless the zone never
    /// changed, and out of the range of Instant.
    std::optional<std::int32_t> offset_seconds(std::int64_t unix_seconds) const;

  private:
    friend std::optional<Zone> find_zone(std::string_view name);
    Zone(const ZoneHistory* history, std::int32_t fixed) : history_(history), fixed_(fixed) {}

    const ZoneHistory* history_;  // none: always `fixed_`
    std::int32_t fixed_;
};

/// A name of the tz database, zone or link, spelled as there; or a fixed offset `hh:mm`, `+hh:mm`, `-hh:mm`
/// up to 23:59.
std::optional<Zone> find_zone(std::string_view name);

/// The release of the tz database that is pinned, as `2025b`.
std::string_view zone_data_version();

}  // namespace parmana::civil
