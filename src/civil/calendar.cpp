// Days and dates. A year is counted from March on here: the day that leap years add is then its last, and one
// division finds the month.
#include "base/invariant.hpp"
#include "civil/civil.hpp"

namespace parmana::civil {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysMin = -719'528;        // 0000-01-01
constexpr std::int64_t kDaysMax = 2'933'262;       // 10000-12-31
constexpr std::int64_t kDaysPerEra = 146'097;      // 400 years
constexpr std::int64_t kEraDaysOfEpoch = 719'468;  // 1970-01-01, counted from 0000-03-01

// Rounds towards the past, as `/` does not.
std::int64_t floor_divided(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

bool is_leap(std::int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days from the first of March to the first of the month that is so many after it.
std::int64_t days_before(std::int64_t months_after_march) {
    return (153 * months_after_march + 2) / 5;
}

}  // namespace

std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
    INVARIANT(month >= 1 && month <= 12);
    if (month == 2) return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int64_t days_from_date(Date date) {
    INVARIANT(date.year >= 0 && date.year <= 10'000);
    INVARIANT(date.day >= 1 && date.day <= days_in_month(date.year, date.month));
    const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = floor_divided(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = days_before((date.month + 9) % 12) + date.day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kDaysPerEra + day_of_era - kEraDaysOfEpoch;
}

Date date_from_days(std::int64_t days) {
    INVARIANT(days >= kDaysMin && days <= kDaysMax);
    const std::int64_t shifted = days + kEraDaysOfEpoch;
    const std::int64_t era = floor_divided(shifted, kDaysPerEra);
    const std::int64_t day_of_era = shifted - era * kDaysPerEra;
    // Without the days that leap years added before this one: 4, 100 and 400 years.
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    const std::int64_t months_after_march = (5 * day_of_year + 2) / 153;
    const std::int64_t month = (months_after_march + 2) % 12 + 1;
    return {.year = static_cast<std::int32_t>(era * 400 + year_of_era + (month <= 2 ? 1 : 0)),
            .month = static_cast<std::int32_t>(month),
            .day = static_cast<std::int32_t>(day_of_year - days_before(months_after_march) + 1)};
}

Fields fields_from_seconds(std::int64_t seconds) {
    const std::int64_t days = floor_divided(seconds, kSecondsPerDay);
    const Date date = date_from_days(days);
    const auto second_of_day = static_cast<std::int32_t>(seconds - days * kSecondsPerDay);
    const std::int64_t first_of_year = days_from_date({date.year, 1, 1});
    return {.year = date.year,
            .month = date.month,
            .day = date.day,
            .day_of_week = static_cast<std::int32_t>((days - kDaysMin + 6) % 7),  // 0000-01-01 is a Saturday
            .day_of_year = static_cast<std::int32_t>(days - first_of_year),
            .hours = second_of_day / 3'600,
            .minutes = second_of_day / 60 % 60,
            .seconds = second_of_day % 60};
}

}  // namespace parmana::civil
