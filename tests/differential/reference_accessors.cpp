// What a timestamp or duration consists of; and optional values.
#include <cmath>

#include "reference_functions.hpp"
#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::reference {
namespace {

/// A part of a timestamp, in UTC or in the zone that the second argument names.
Outcome part(const Values& arguments, std::int64_t (*get)(const Civil& civil)) {
    const auto* moment = arguments[0].as<Timestamp>();
    if (moment == nullptr) return no_overload();
    int offset = 0;
    if (arguments.size() == 2) {
        const auto* zone = arguments[1].as<std::string>();
        if (zone == nullptr) return no_overload();
        const auto minutes = parse_zone(*zone);
        if (!minutes) return failed(Fault::invalid_argument);
        offset = *minutes;
    }
    return value_of(get(civil_of(moment->nanos, offset)));
}

/// A part of a timestamp, or `get` of the nanoseconds of a duration.
Outcome part_or(const Values& arguments, std::int64_t (*get)(const Civil& civil),
                std::int64_t (*get_span)(Wide)) {
    const auto* span = arguments[0].as<Duration>();
    if (span != nullptr && arguments.size() == 1) return value_of(get_span(span->nanos));
    return part(arguments, get);
}

Outcome full_year(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return at.year; });
}
Outcome month(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return std::int64_t{at.month - 1}; });
}
Outcome date(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return std::int64_t{at.day}; });
}
Outcome day_of_month(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return std::int64_t{at.day - 1}; });
}
Outcome day_of_week(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return std::int64_t{at.day_of_week}; });
}
Outcome day_of_year(const Values& arguments) {
    return part(arguments, [](const Civil& at) { return std::int64_t{at.day_of_year}; });
}

// Of a duration: all of it in that unit, without a fraction; but milliseconds are those of its last second.
Outcome hours(const Values& arguments) {
    return part_or(
        arguments, [](const Civil& at) { return std::int64_t{at.hour}; },
        [](Wide nanos) { return static_cast<std::int64_t>(nanos / (3600 * kNanosPerSecond)); });
}
Outcome minutes(const Values& arguments) {
    return part_or(
        arguments, [](const Civil& at) { return std::int64_t{at.minute}; },
        [](Wide nanos) { return static_cast<std::int64_t>(nanos / (60 * kNanosPerSecond)); });
}
Outcome seconds(const Values& arguments) {
    return part_or(
        arguments, [](const Civil& at) { return std::int64_t{at.second}; },
        [](Wide nanos) { return static_cast<std::int64_t>(nanos / kNanosPerSecond); });
}
Outcome milliseconds(const Values& arguments) {
    return part_or(
        arguments, [](const Civil& at) { return at.nanos / 1'000'000; },
        [](Wide nanos) { return static_cast<std::int64_t>(nanos % kNanosPerSecond / 1'000'000); });
}

/// The value that a type has before anything is put into it.
bool is_zero(const Value& value) {
    if (value.is<Null>()) return true;
    if (const auto* truth = value.as<bool>()) return !*truth;
    if (const auto number = number_of(value)) return *number == 0;
    if (const auto* text = value.as<std::string>()) return text->empty();
    if (const auto* bytes = value.as<Bytes>()) return bytes->octets.empty();
    if (const auto* moment = value.as<Timestamp>()) return moment->nanos == 0;
    if (const auto* span = value.as<Duration>()) return span->nanos == 0;
    if (const auto* list = value.as<List>()) return list->items->empty();
    if (const auto* map = value.as<Map>()) return map->entries->empty();
    if (const auto* optional = value.as<Optional>()) return optional->inner == nullptr;
    return false;
}

Outcome optional_of_value(const Values& arguments) {
    return optional_of(arguments[0]);
}

Outcome optional_of_nonzero(const Values& arguments) {
    return is_zero(arguments[0]) ? optional_none() : optional_of(arguments[0]);
}

Outcome none(const Values& /*arguments*/) {
    return optional_none();
}

Outcome has_value(const Values& arguments) {
    const auto* optional = arguments[0].as<Optional>();
    if (optional == nullptr) return no_overload();
    return value_of(optional->inner != nullptr);
}

Outcome value(const Values& arguments) {
    const auto* optional = arguments[0].as<Optional>();
    if (optional == nullptr) return no_overload();
    if (optional->inner == nullptr) return failed(Fault::empty_optional);
    return *optional->inner;
}

}  // namespace

void add_times(Functions& functions) {
    const std::pair<const char*, Function> accessors[] = {{".getFullYear", full_year},
                                                          {".getMonth", month},
                                                          {".getDate", date},
                                                          {".getDayOfMonth", day_of_month},
                                                          {".getDayOfWeek", day_of_week},
                                                          {".getDayOfYear", day_of_year},
                                                          {".getHours", hours},
                                                          {".getMinutes", minutes},
                                                          {".getSeconds", seconds},
                                                          {".getMilliseconds", milliseconds}};
    for (const auto& [name, function] : accessors) {
        functions[std::string(name) + "/1"] = function;
        functions[std::string(name) + "/2"] = function;
    }
}

void add_optionals(Functions& functions) {
    functions["optional.of/1"] = optional_of_value;
    functions["optional.ofNonZeroValue/1"] = optional_of_nonzero;
    functions["optional.none/0"] = none;
    functions[".hasValue/1"] = has_value;
    functions[".value/1"] = value;
}

}  // namespace parmana::reference
