// The math extension (cel-go ext/README.md, "Math").
#include <cmath>
#include <limits>

#include "cel/builtin.hpp"

namespace parmana::cel {
namespace {

Value mismatch(Context& context) {
    return context.error(Fault::no_such_overload);
}

bool is_number(const Value& value) {
    return value.is(Kind::integer) || value.is(Kind::unsigned_integer) || value.is(Kind::real);
}

/// The later value replaces the earlier one only when it lies strictly beyond.
template <Order beyond>
Value extreme(Context& context, std::span<const Value> values) {
    if (values.empty()) return context.error(Fault::invalid_argument);
    Value out = values.front();
    if (!context.pay(values.size())) return context.error(Fault::cost_exceeded);
    for (const Value& value : values) {
        if (!is_number(value)) return mismatch(context);
        if (compare(value, out) == beyond) out = value;
    }
    return out;
}

template <Order beyond>
Value extreme_of_one(Context& context, const Value* arguments) {
    if (arguments[0].is(Kind::list)) return extreme<beyond>(context, arguments[0].list->view());
    return extreme<beyond>(context, {arguments, 1});
}
template <Order beyond>
Value extreme_of_two(Context& context, const Value* arguments) {
    return extreme<beyond>(context, {arguments, 2});
}

template <double (*function)(double)>
Value real_function(Context& context, const Value* arguments) {
    return arguments[0].is(Kind::real) ? Value::from(function(arguments[0].real)) : mismatch(context);
}

template <bool (*test)(double)>
Value real_test(Context& context, const Value* arguments) {
    return arguments[0].is(Kind::real) ? Value::from(bool{test(arguments[0].real)}) : mismatch(context);
}

bool is_nan(double value) {
    return std::isnan(value);
}
bool is_infinite(double value) {
    return std::isinf(value);
}
bool is_finite(double value) {
    return std::isfinite(value);
}

Value absolute(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    if (value.is(Kind::unsigned_integer)) return value;
    if (value.is(Kind::real)) return Value::from(std::fabs(value.real));
    if (!value.is(Kind::integer)) return mismatch(context);
    if (value.integer == std::numeric_limits<std::int64_t>::min()) return context.error(Fault::overflow);
    return Value::from(value.integer < 0 ? -value.integer : value.integer);
}

Value sign(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    if (value.is(Kind::integer)) return Value::from(std::int64_t{(value.integer > 0) - (value.integer < 0)});
    if (value.is(Kind::unsigned_integer))
        return Value::from(std::uint64_t{value.unsigned_integer > 0 ? 1U : 0U});
    if (!value.is(Kind::real)) return mismatch(context);
    if (std::isnan(value.real)) return value;
    if (value.real == 0) return Value::from(0.0);  // zeros are not told apart
    return Value::from(value.real < 0 ? -1.0 : 1.0);
}

Value square_root(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    if (value.is(Kind::real)) return Value::from(std::sqrt(value.real));
    if (value.is(Kind::integer)) return Value::from(std::sqrt(static_cast<double>(value.integer)));
    if (value.is(Kind::unsigned_integer))
        return Value::from(std::sqrt(static_cast<double>(value.unsigned_integer)));
    return mismatch(context);
}

template <class Operation>
Value bitwise(Context& context, const Value* arguments, Operation operation) {
    const Value &a = arguments[0], &b = arguments[1];
    if (a.is(Kind::integer) && b.is(Kind::integer))
        return Value::from(static_cast<std::int64_t>(
            operation(static_cast<std::uint64_t>(a.integer), static_cast<std::uint64_t>(b.integer))));
    if (a.is(Kind::unsigned_integer) && b.is(Kind::unsigned_integer))
        return Value::from(std::uint64_t{operation(a.unsigned_integer, b.unsigned_integer)});
    return mismatch(context);
}

Value bit_and(Context& context, const Value* arguments) {
    return bitwise(context, arguments, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}
Value bit_or(Context& context, const Value* arguments) {
    return bitwise(context, arguments, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}
Value bit_xor(Context& context, const Value* arguments) {
    return bitwise(context, arguments, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}

Value bit_not(Context& context, const Value* arguments) {
    if (arguments[0].is(Kind::integer)) return Value::from(~arguments[0].integer);
    if (arguments[0].is(Kind::unsigned_integer)) return Value::from(~arguments[0].unsigned_integer);
    return mismatch(context);
}

/// Bits are shifted as such: the sign is one of them.
template <class Operation>
Value shifted(Context& context, const Value* arguments, Operation operation) {
    const Value& value = arguments[0];
    const bool is_signed = value.is(Kind::integer);
    if ((!is_signed && !value.is(Kind::unsigned_integer)) || !arguments[1].is(Kind::integer))
        return mismatch(context);
    const std::int64_t count = arguments[1].integer;
    if (count < 0) return context.error(Fault::invalid_argument);
    const std::uint64_t bits = is_signed ? static_cast<std::uint64_t>(value.integer) : value.unsigned_integer;
    const std::uint64_t out = count >= 64 ? 0 : operation(bits, count);
    return is_signed ? Value::from(static_cast<std::int64_t>(out)) : Value::from(out);
}

Value shift_left(Context& context, const Value* arguments) {
    return shifted(context, arguments, [](std::uint64_t bits, std::int64_t count) { return bits << count; });
}
Value shift_right(Context& context, const Value* arguments) {
    return shifted(context, arguments, [](std::uint64_t bits, std::int64_t count) { return bits >> count; });
}

constexpr Builtin kBuiltins[] = {
    {"math.@max", 1, extreme_of_one<Order::greater>},
    {"math.@max", 2, extreme_of_two<Order::greater>},
    {"math.@min", 1, extreme_of_one<Order::less>},
    {"math.@min", 2, extreme_of_two<Order::less>},
    {"math.ceil", 1, real_function<std::ceil>},
    {"math.floor", 1, real_function<std::floor>},
    {"math.round", 1, real_function<std::round>},
    {"math.trunc", 1, real_function<std::trunc>},
    {"math.abs", 1, absolute},
    {"math.sign", 1, sign},
    {"math.sqrt", 1, square_root},
    {"math.isNaN", 1, real_test<is_nan>},
    {"math.isInf", 1, real_test<is_infinite>},
    {"math.isFinite", 1, real_test<is_finite>},
    {"math.bitAnd", 2, bit_and},
    {"math.bitOr", 2, bit_or},
    {"math.bitXor", 2, bit_xor},
    {"math.bitNot", 1, bit_not},
    {"math.bitShiftLeft", 2, shift_left},
    {"math.bitShiftRight", 2, shift_right},
};

}  // namespace

std::span<const Builtin> math_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
