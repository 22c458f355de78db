#include "cel/time.hpp"

#include <limits>
#include <optional>

#include "civil/civil.hpp"

namespace parmana::cel {
namespace {

constexpr std::int64_t kNanos = 1'000'000'000;

/// Wide enough for every sum of two values.
using Nanoseconds = __int128;

Nanoseconds nanoseconds(const Value& value) {
    return Nanoseconds{value.integer} * kNanos + value.nanos();
}

Value make(Context& context, Kind kind, Nanoseconds total) {
    auto seconds = static_cast<std::int64_t>(total / kNanos);
    auto nanos = static_cast<std::int32_t>(total % kNanos);
    if (kind == Kind::duration) {
        if (total > std::numeric_limits<std::int64_t>::max() ||
            total < std::numeric_limits<std::int64_t>::min())
            return context.error(Fault::overflow);
        return Value::duration(seconds, nanos);
    }
    if (nanos < 0) {
        nanos += kNanos;
        --seconds;
    }
    if (seconds < civil::kInstantMin.seconds || seconds > civil::kInstantMax.seconds)
        return context.error(Fault::overflow);
    return Value::timestamp(seconds, nanos);
}

Value to_timestamp(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    if (given.is(Kind::timestamp)) return given;
    if (given.is(Kind::integer)) return make(context, Kind::timestamp, Nanoseconds{given.integer} * kNanos);
    if (!given.is(Kind::string)) return context.error(Fault::no_such_overload);
    context.pay(price::kTimeRead + price::read(given.extent));
    const auto parsed = civil::parse_rfc3339(given.view());
    return parsed ? Value::timestamp(parsed->seconds, parsed->nanos)
                  : context.error(Fault::invalid_conversion);
}

Value to_duration(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    if (given.is(Kind::duration)) return given;
    if (!given.is(Kind::string)) return context.error(Fault::no_such_overload);
    context.pay(price::kTimeRead + price::read(given.extent));
    const auto parsed = civil::parse_duration(given.view());
    if (!parsed) return context.error(Fault::invalid_conversion);
    return make(context, Kind::duration, nanoseconds(Value::duration(parsed->seconds, parsed->nanos)));
}

enum class Field : std::uint8_t {
    year,
    month,
    date,
    day_of_month,
    day_of_week,
    day_of_year,
    hours,
    minutes,
    seconds,
    milliseconds
};

std::int64_t field_of(const civil::Fields& fields, Field field, std::int32_t nanos) {
    switch (field) {
        case Field::year:
            return fields.year;
        case Field::month:
            return fields.month - 1;
        case Field::date:
            return fields.day;
        case Field::day_of_month:
            return fields.day - 1;
        case Field::day_of_week:
            return fields.day_of_week;
        case Field::day_of_year:
            return fields.day_of_year;
        case Field::hours:
            return fields.hours;
        case Field::minutes:
            return fields.minutes;
        case Field::seconds:
            return fields.seconds;
        case Field::milliseconds:
            return nanos / 1'000'000;
    }
    return 0;
}

/// Truncated towards zero; the milliseconds are those beyond the whole seconds.
std::optional<std::int64_t> field_of_duration(const Value& value, Field field) {
    switch (field) {
        case Field::hours:
            return value.integer / 3600;
        case Field::minutes:
            return value.integer / 60;
        case Field::seconds:
            return value.integer;
        case Field::milliseconds:
            return value.nanos() / 1'000'000;
        default:
            return std::nullopt;
    }
}

template <Field field>
Value get(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    context.pay(price::kTimeField);
    if (value.is(Kind::timestamp))
        return Value::from(field_of(civil::fields_from_seconds(value.integer), field, value.nanos()));
    const auto part = value.is(Kind::duration) ? field_of_duration(value, field) : std::nullopt;
    return part ? Value::from(*part) : context.error(Fault::no_such_overload);
}

template <Field field>
Value get_in_zone(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    if (!value.is(Kind::timestamp) || !arguments[1].is(Kind::string))
        return context.error(Fault::no_such_overload);
    context.pay(price::kZoneField + price::read(arguments[1].extent));
    const auto zone = civil::find_zone(arguments[1].view());
    if (!zone) return context.error(Fault::invalid_argument);
    const auto offset = zone->offset_seconds(value.integer);
    if (!offset) return context.error(Fault::invalid_argument);
    return Value::from(field_of(civil::fields_from_seconds(value.integer + *offset), field, value.nanos()));
}

constexpr Builtin kBuiltins[] = {
    {"timestamp", 1, to_timestamp},
    {"duration", 1, to_duration},
    {"getFullYear", 1, get<Field::year>},
    {"getFullYear", 2, get_in_zone<Field::year>},
    {"getMonth", 1, get<Field::month>},
    {"getMonth", 2, get_in_zone<Field::month>},
    {"getDate", 1, get<Field::date>},
    {"getDate", 2, get_in_zone<Field::date>},
    {"getDayOfMonth", 1, get<Field::day_of_month>},
    {"getDayOfMonth", 2, get_in_zone<Field::day_of_month>},
    {"getDayOfWeek", 1, get<Field::day_of_week>},
    {"getDayOfWeek", 2, get_in_zone<Field::day_of_week>},
    {"getDayOfYear", 1, get<Field::day_of_year>},
    {"getDayOfYear", 2, get_in_zone<Field::day_of_year>},
    {"getHours", 1, get<Field::hours>},
    {"getHours", 2, get_in_zone<Field::hours>},
    {"getMinutes", 1, get<Field::minutes>},
    {"getMinutes", 2, get_in_zone<Field::minutes>},
    {"getSeconds", 1, get<Field::seconds>},
    {"getSeconds", 2, get_in_zone<Field::seconds>},
    {"getMilliseconds", 1, get<Field::milliseconds>},
    {"getMilliseconds", 2, get_in_zone<Field::milliseconds>},
};

}  // namespace

Value add_times(Context& context, Kind kind, const Value& a, const Value& b) {
    return make(context, kind, nanoseconds(a) + nanoseconds(b));
}

Value subtract_times(Context& context, Kind kind, const Value& a, const Value& b) {
    return make(context, kind, nanoseconds(a) - nanoseconds(b));
}

std::string time_text(const Value& value) {
    return value.is(Kind::timestamp) ? civil::format_rfc3339({value.integer, value.nanos()})
                                     : civil::format_duration({value.integer, value.nanos()});
}

std::span<const Builtin> time_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
