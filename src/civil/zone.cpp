// Time zones: names, fixed offsets, and the offset at a time.
#include <algorithm>

#include "civil/civil.hpp"
#include "civil/scanner.hpp"
#include "civil/zone_tables.hpp"

namespace parmana::civil {
namespace {

// `hh:mm` with or without a sign.
std::optional<std::int32_t> fixed_offset(std::string_view name) {
    Scanner in(name);
    const bool west = in.take('-');
    if (!west) in.take('+');
    const std::int32_t offset = in.hours_and_minutes();
    if (!in.is_done()) return std::nullopt;
    return west ? -offset : offset;
}

// When it happens, in Unix seconds; the clock was `offset` east of UTC until then.
std::int64_t happens_at(const YearlyChange& change, std::int32_t year, std::int32_t offset) {
    const std::int64_t first = days_from_date({year, change.month, 1});
    const std::int32_t first_day_of_week = fields_from_seconds(first * 86'400).day_of_week;
    std::int32_t day = (change.day_of_week - first_day_of_week + 7) % 7 + (change.week - 1) * 7;
    if (day >= days_in_month(year, change.month)) day -= 7;
    return (first + day) * 86'400 + change.seconds - offset;
}

std::int32_t offset_by_rule(const ZoneRule& rule, std::int64_t unix_seconds) {
    if (rule.start.month == 0) return rule.standard;
    // The year in UTC will do: in January and December nothing changes.
    const std::int32_t year = fields_from_seconds(unix_seconds).year;
    const std::int64_t start = happens_at(rule.start, year, rule.standard);
    const std::int64_t end = happens_at(rule.end, year, rule.daylight);
    // In the south daylight saving time lasts over the turn of the year.
    const bool daylight = start < end ? start <= unix_seconds && unix_seconds < end
                                      : start <= unix_seconds || unix_seconds < end;
    return daylight ? rule.daylight : rule.standard;
}

}  // namespace

std::optional<Zone> find_zone(std::string_view name) {
    if (const auto offset = fixed_offset(name)) return Zone(nullptr, *offset);
    const auto names = zone_names();
    const auto found = std::ranges::lower_bound(names, name, {}, &ZoneName::name);
    if (found == names.end() || found->name != name) return std::nullopt;
    return Zone(&zone_histories()[found->history], 0);
}

std::optional<std::int32_t> Zone::offset_seconds(std::int64_t unix_seconds) const {
    if (unix_seconds < kInstantMin.seconds || unix_seconds > kInstantMax.seconds) return std::nullopt;
    if (history_ == nullptr) return fixed_;
    if (unix_seconds < 0 && !history_->is_constant) return std::nullopt;
    const auto changes = history_->changes;
    if (changes.empty() || unix_seconds >= changes.back().at)
        return offset_by_rule(history_->rule, unix_seconds);
    const auto next = std::ranges::upper_bound(changes, unix_seconds, {}, &ZoneChange::at);
    return next == changes.begin() ? history_->first : std::prev(next)->offset;
}

}  // namespace parmana::civil
