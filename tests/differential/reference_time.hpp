// Times of the reference evaluator: counted day by day, year by year.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference_value.hpp"

namespace parmana::reference {

inline constexpr Wide kNanosPerSecond = 1'000'000'000;

/// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
bool is_timestamp(Wide nanos);
/// 64 bits of nanoseconds, about 292 years to either side: the difference of the first and the last timestamp
/// is out of range (conformance tests, timestamps/timestamp_range).
bool is_duration(Wide nanos);

/// The proleptic Gregorian calendar at an offset from UTC.
struct Civil {
    std::int64_t year;
    int month;        // 1 to 12
    int day;          // from 1
    int day_of_year;  // from 0
    int day_of_week;  // 0 is Sunday
    int hour, minute, second;
    std::int64_t nanos;
};
Civil civil_of(Wide nanos, int offset_minutes);

/// RFC 3339 in UTC, with as many digits of a second as there are.
std::string timestamp_text(Wide nanos);
std::optional<Wide> parse_timestamp(std::string_view text);
/// Decimal seconds and an `s`.
std::string duration_text(Wide nanos);
/// A sequence of decimal numbers with units, as Go's ParseDuration reads it; what lies below a nanosecond is
/// left out. The result may be out of range.
std::optional<Wide> parse_duration(std::string_view text);
/// Minutes east of UTC for `UTC` and for `+02:30`; nothing for any other name.
std::optional<int> parse_zone(std::string_view text);

}  // namespace parmana::reference
