// Conversions between types (langdef.md, "List of Standard Definitions").
#include <charconv>
#include <cmath>
#include <optional>

#include "cel/builtin.hpp"
#include "cel/text.hpp"
#include "cel/time.hpp"

namespace parmana::cel {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

template <class T>
Value parse_whole(Context& context, std::string_view text) {
    T value = 0;
    const bool signed_already = text.starts_with('+');
    if (signed_already) text.remove_prefix(1);
    if (text.starts_with('+') || ((std::is_unsigned_v<T> || signed_already) && text.starts_with('-')))
        return context.error(Fault::invalid_conversion);
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ptr != text.data() + text.size() || result.ec == std::errc::invalid_argument)
        return context.error(Fault::invalid_conversion);
    return result.ec == std::errc() ? Value::from(value) : context.error(Fault::overflow);
}

Value to_int(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    switch (given.kind) {
        case Kind::integer:
            return given;
        case Kind::unsigned_integer:
            if (given.unsigned_integer > static_cast<std::uint64_t>(INT64_MAX))
                return context.error(Fault::overflow);
            return Value::from(static_cast<std::int64_t>(given.unsigned_integer));
        case Kind::real:
            // Both ends are out: they are what rounding from beyond gives.
            if (!(given.real > -kTwoTo63 && given.real < kTwoTo63)) return context.error(Fault::overflow);
            return Value::from(static_cast<std::int64_t>(given.real));
        case Kind::string:
            context.pay(price::read(given.extent));
            return parse_whole<std::int64_t>(context, given.view());
        case Kind::timestamp:
            return Value::from(given.integer);
        default:
            return context.error(Fault::no_such_overload);
    }
}

Value to_uint(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    switch (given.kind) {
        case Kind::unsigned_integer:
            return given;
        case Kind::integer:
            if (given.integer < 0) return context.error(Fault::overflow);
            return Value::from(static_cast<std::uint64_t>(given.integer));
        case Kind::real:
            if (!(given.real > -1.0 && given.real < kTwoTo64) || given.real < 0)
                return context.error(Fault::overflow);
            return Value::from(static_cast<std::uint64_t>(given.real));
        case Kind::string:
            context.pay(price::read(given.extent));
            return parse_whole<std::uint64_t>(context, given.view());
        default:
            return context.error(Fault::no_such_overload);
    }
}

Value to_double(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    switch (given.kind) {
        case Kind::real:
            return given;
        case Kind::integer:
            return Value::from(static_cast<double>(given.integer));
        case Kind::unsigned_integer:
            return Value::from(static_cast<double>(given.unsigned_integer));
        case Kind::string: {
            context.pay(price::kNumberWritten + price::read(2 * std::uint64_t{given.extent}));
            const auto value = parse_double(given.view());
            return value ? Value::from(*value) : context.error(Fault::invalid_conversion);
        }
        default:
            return context.error(Fault::no_such_overload);
    }
}

Value to_bool(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    if (given.is(Kind::boolean)) return given;
    if (!given.is(Kind::string)) return context.error(Fault::no_such_overload);
    for (const std::string_view text : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (given.view() == text) return Value::from(true);
    }
    for (const std::string_view text : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (given.view() == text) return Value::from(false);
    }
    return context.error(Fault::invalid_conversion);
}

Value to_bytes(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    if (given.is(Kind::bytes)) return given;
    return given.is(Kind::string) ? Value::bytes(given.view()) : context.error(Fault::no_such_overload);
}

Value to_string(Context& context, const Value* arguments) {
    const Value& given = arguments[0];
    switch (given.kind) {
        case Kind::string:
            return given;
        case Kind::boolean:
            return Value::string(given.boolean ? "true" : "false");
        case Kind::integer:
            context.pay(price::kNumberWritten);
            return context.arena.copy_string(std::to_string(given.integer));
        case Kind::unsigned_integer:
            context.pay(price::kNumberWritten);
            return context.arena.copy_string(std::to_string(given.unsigned_integer));
        case Kind::real:
            context.pay(price::kNumberWritten);
            return context.arena.copy_string(format_double(given.real));
        case Kind::bytes:
            context.pay(price::read(given.extent));
            return is_utf8(given.view()) ? Value::string(given.view())
                                         : context.error(Fault::invalid_conversion);
        case Kind::timestamp:
        case Kind::duration:
            context.pay(price::kTimeWritten);
            return context.arena.copy_string(time_text(given));
        default:
            return context.error(Fault::no_such_overload);
    }
}

Value to_dyn(Context&, const Value* arguments) {
    return arguments[0];
}

Value type_of(Context&, const Value* arguments) {
    return Value::from(type_of_value(arguments[0]));
}

constexpr Builtin kBuiltins[] = {{"int", 1, to_int},   {"uint", 1, to_uint},   {"double", 1, to_double},
                                 {"bool", 1, to_bool}, {"bytes", 1, to_bytes}, {"string", 1, to_string},
                                 {"dyn", 1, to_dyn},   {"type", 1, type_of}};

}  // namespace

std::span<const Builtin> conversion_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
