// + - * / % and unary minus, with every overflow an error (langdef.md, "Numeric Values").
#include <cmath>
#include <cstring>
#include <limits>

#include "cel/builtin.hpp"
#include "cel/time.hpp"

namespace parmana::cel {
namespace {

using Int = std::int64_t;
using Uint = std::uint64_t;

bool both(const Value* arguments, Kind kind) {
    return arguments[0].is(kind) && arguments[1].is(kind);
}

Value concatenate(Context& context, const Value* arguments) {
    const std::string_view left = arguments[0].view(), right = arguments[1].view();
    const std::size_t size = left.size() + right.size();
    if (!context.pay(price::copied(size))) return context.error(Fault::cost_exceeded);
    char* out = context.arena.allocate_array<char>(size);
    if (!left.empty()) std::memcpy(out, left.data(), left.size());
    if (!right.empty()) std::memcpy(out + left.size(), right.data(), right.size());
    const std::string_view text(out, size);
    return arguments[0].is(Kind::string) ? Value::string(text) : Value::bytes(text);
}

Value append_lists(Context& context, const Value* arguments) {
    const List& left = *arguments[0].list;
    const List& right = *arguments[1].list;
    const std::size_t size = std::size_t{left.size} + right.size;
    if (!context.pay(price::gathered(size))) return context.error(Fault::cost_exceeded);
    auto* items = context.arena.allocate_array<Value>(size);
    std::copy(left.items, left.items + left.size, items);
    std::copy(right.items, right.items + right.size, items + left.size);
    auto* list = context.arena.allocate_array<List>(1);
    *list = {items, static_cast<std::uint32_t>(size)};
    return Value::from(list);
}

Value add(Context& context, const Value* arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (both(arguments, Kind::integer)) {
        Int out = 0;
        return __builtin_add_overflow(a.integer, b.integer, &out) ? context.error(Fault::overflow)
                                                                  : Value::from(out);
    }
    if (both(arguments, Kind::real)) return Value::from(a.real + b.real);
    if (both(arguments, Kind::unsigned_integer)) {
        Uint out = 0;
        return __builtin_add_overflow(a.unsigned_integer, b.unsigned_integer, &out)
                   ? context.error(Fault::overflow)
                   : Value::from(out);
    }
    if (both(arguments, Kind::string) || both(arguments, Kind::bytes)) return concatenate(context, arguments);
    if (both(arguments, Kind::list)) return append_lists(context, arguments);
    if (both(arguments, Kind::duration)) return add_times(context, Kind::duration, a, b);
    if (a.is(Kind::timestamp) && b.is(Kind::duration)) return add_times(context, Kind::timestamp, a, b);
    if (a.is(Kind::duration) && b.is(Kind::timestamp)) return add_times(context, Kind::timestamp, a, b);
    return context.error(Fault::no_such_overload);
}

Value subtract(Context& context, const Value* arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (both(arguments, Kind::integer)) {
        Int out = 0;
        return __builtin_sub_overflow(a.integer, b.integer, &out) ? context.error(Fault::overflow)
                                                                  : Value::from(out);
    }
    if (both(arguments, Kind::real)) return Value::from(a.real - b.real);
    if (both(arguments, Kind::unsigned_integer)) {
        Uint out = 0;
        return __builtin_sub_overflow(a.unsigned_integer, b.unsigned_integer, &out)
                   ? context.error(Fault::overflow)
                   : Value::from(out);
    }
    if (both(arguments, Kind::timestamp) || both(arguments, Kind::duration))
        return subtract_times(context, Kind::duration, a, b);
    if (a.is(Kind::timestamp) && b.is(Kind::duration)) return subtract_times(context, Kind::timestamp, a, b);
    return context.error(Fault::no_such_overload);
}

Value multiply(Context& context, const Value* arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (both(arguments, Kind::integer)) {
        Int out = 0;
        return __builtin_mul_overflow(a.integer, b.integer, &out) ? context.error(Fault::overflow)
                                                                  : Value::from(out);
    }
    if (both(arguments, Kind::real)) return Value::from(a.real * b.real);
    if (both(arguments, Kind::unsigned_integer)) {
        Uint out = 0;
        return __builtin_mul_overflow(a.unsigned_integer, b.unsigned_integer, &out)
                   ? context.error(Fault::overflow)
                   : Value::from(out);
    }
    return context.error(Fault::no_such_overload);
}

bool overflows(const Value& a, const Value& b) {
    return a.integer == std::numeric_limits<Int>::min() && b.integer == -1;
}

Value divide(Context& context, const Value* arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (both(arguments, Kind::integer)) {
        if (b.integer == 0) return context.error(Fault::division_by_zero);
        return overflows(a, b) ? context.error(Fault::overflow) : Value::from(a.integer / b.integer);
    }
    if (both(arguments, Kind::real)) return Value::from(a.real / b.real);
    if (both(arguments, Kind::unsigned_integer)) {
        return b.unsigned_integer == 0 ? context.error(Fault::division_by_zero)
                                       : Value::from(a.unsigned_integer / b.unsigned_integer);
    }
    return context.error(Fault::no_such_overload);
}

Value modulo(Context& context, const Value* arguments) {
    const Value &a = arguments[0], &b = arguments[1];
    if (both(arguments, Kind::integer)) {
        if (b.integer == 0) return context.error(Fault::modulus_by_zero);
        return overflows(a, b) ? context.error(Fault::overflow) : Value::from(a.integer % b.integer);
    }
    if (both(arguments, Kind::unsigned_integer)) {
        return b.unsigned_integer == 0 ? context.error(Fault::modulus_by_zero)
                                       : Value::from(a.unsigned_integer % b.unsigned_integer);
    }
    return context.error(Fault::no_such_overload);
}

Value negate(Context& context, const Value* arguments) {
    const Value& a = arguments[0];
    if (a.is(Kind::real)) return Value::from(-a.real);
    if (!a.is(Kind::integer)) return context.error(Fault::no_such_overload);
    return a.integer == std::numeric_limits<Int>::min() ? context.error(Fault::overflow)
                                                        : Value::from(-a.integer);
}

constexpr Builtin kBuiltins[] = {{op::kAdd, 2, add},           {op::kSubtract, 2, subtract},
                                 {op::kMultiply, 2, multiply}, {op::kDivide, 2, divide},
                                 {op::kModulo, 2, modulo},     {op::kNegate, 1, negate}};

}  // namespace

std::span<const Builtin> arithmetic_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
