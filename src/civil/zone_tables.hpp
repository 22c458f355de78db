// What the build makes of zones.txt, for this module only. Everything is constant data in the program.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace parmana::civil {

/// From `at` (Unix seconds) on, the clock is `offset` seconds east of UTC.
struct ZoneChange {
    std::uint32_t at;
    std::int32_t offset;
};

/// A change of every year: on the `week`-th (5: the last) `day_of_week` (0: Sunday) of the month, `seconds`
/// after midnight of the clock that is left. The months are 2 to 11, so that a change falls into one year
/// everywhere.
struct YearlyChange {
    std::int32_t month = 0;
    std::int32_t week = 0;
    std::int32_t day_of_week = 0;
    std::int32_t seconds = 0;
};

/// The offset of all times without an own change: `standard` alone, or two that take turns. `daylight`,
/// `start` and `end` count only when there is a month in `start`.
struct ZoneRule {
    std::int32_t standard = 0;
    std::int32_t daylight = 0;
    YearlyChange start = {};
    YearlyChange end = {};
};

/// One way of the clock since 1970. `first` holds until the first change, the rule from the last change on,
/// or from the beginning when there is none. `is_constant`: nothing ever changed, before 1970 neither.
struct ZoneHistory {
    bool is_constant;
    std::int32_t first;
    std::span<const ZoneChange> changes;
    ZoneRule rule;
};

struct ZoneName {
    std::string_view name;
    std::uint16_t history;
};

std::span<const ZoneHistory> zone_histories();
/// In the order of their bytes.
std::span<const ZoneName> zone_names();

}  // namespace parmana::civil
