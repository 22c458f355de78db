// Equality and order.
#include <algorithm>

#include "cel/builtin.hpp"

namespace parmana::cel {
namespace {

/// Bytes that a comparison with the value may look at.
std::uint64_t weight(const Value& value) {
    switch (value.kind) {
        case Kind::string:
        case Kind::bytes:
            return value.extent;
        case Kind::list: {
            std::uint64_t sum = 0;
            for (const Value& item : value.list->view())
                sum += price::kElementWeight + weight(item);
            return sum;
        }
        case Kind::map: {
            std::uint64_t sum = 0;
            for (const MapEntry& entry : value.map->view())
                sum += price::kEntryWeight + weight(entry.key) + weight(entry.value);
            return sum;
        }
        case Kind::optional:
            return value.optional == nullptr ? 0 : weight(*value.optional);
        default:
            return 0;
    }
}

bool are_equal(Context& context, const Value* arguments) {
    if (arguments[0].kind >= Kind::string) context.pay(price_of_equality(arguments[0], arguments[1]));
    return !context.is_spent() && equal(arguments[0], arguments[1]);
}

Value equals(Context& context, const Value* arguments) {
    return Value::from(are_equal(context, arguments));
}
Value differs(Context& context, const Value* arguments) {
    return Value::from(!are_equal(context, arguments));
}

bool has_order(Kind kind) {
    return kind == Kind::boolean || kind == Kind::string || kind == Kind::bytes || kind == Kind::timestamp ||
           kind == Kind::duration;
}

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::real;
}

template <class Holds>
Value ordered(Context& context, const Value* arguments, Holds holds) {
    const Value &a = arguments[0], &b = arguments[1];
    if (!(is_number(a.kind) && is_number(b.kind)) && !(a.kind == b.kind && has_order(a.kind)))
        return context.error(Fault::no_such_overload);
    if (a.is(Kind::string) || a.is(Kind::bytes)) context.pay(price::compared(std::min(a.extent, b.extent)));
    return Value::from(bool{holds(compare(a, b))});
}

Value less(Context& context, const Value* arguments) {
    return ordered(context, arguments, [](Order order) { return order == Order::less; });
}
Value less_or_equal(Context& context, const Value* arguments) {
    return ordered(context, arguments,
                   [](Order order) { return order == Order::less || order == Order::equal; });
}
Value greater(Context& context, const Value* arguments) {
    return ordered(context, arguments, [](Order order) { return order == Order::greater; });
}
Value greater_or_equal(Context& context, const Value* arguments) {
    return ordered(context, arguments,
                   [](Order order) { return order == Order::greater || order == Order::equal; });
}

Value not_of(Context& context, const Value* arguments) {
    return arguments[0].is(Kind::boolean) ? Value::from(!arguments[0].boolean)
                                          : context.error(Fault::no_such_overload);
}

constexpr Builtin kBuiltins[] = {{op::kEqual, 2, equals},    {op::kNotEqual, 2, differs},
                                 {op::kLess, 2, less},       {op::kLessOrEqual, 2, less_or_equal},
                                 {op::kGreater, 2, greater}, {op::kGreaterOrEqual, 2, greater_or_equal},
                                 {op::kNot, 1, not_of}};

}  // namespace

std::uint64_t price_of_equality(const Value& a, const Value& b) {
    if (a.kind != b.kind) return 0;
    const bool texts = a.is(Kind::string) || a.is(Kind::bytes);
    return price::compared(texts ? std::min(a.extent, b.extent) : weight(a));
}

std::span<const Builtin> comparison_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
