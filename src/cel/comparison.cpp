// Equality and order, and the error-tolerant test of macros.
#include "cel/builtin.hpp"

namespace parmana::cel {
namespace {

/// Elements that a comparison of two values may look at.
std::size_t weight(const Value& value) {
    switch (value.kind) {
        case Kind::string:
        case Kind::bytes:
            return value.extent;
        case Kind::list: {
            std::size_t sum = 16;
            for (const Value& item : value.list->view())
                sum += 16 + weight(item);
            return sum;
        }
        case Kind::map: {
            std::size_t sum = 16;
            for (const MapEntry& entry : value.map->view())
                sum += 32 + weight(entry.key) + weight(entry.value);
            return sum;
        }
        case Kind::optional:
            return value.optional == nullptr ? 0 : weight(*value.optional);
        default:
            return 0;
    }
}

bool are_equal(Context& context, const Value* arguments) {
    if (arguments[0].kind >= Kind::string) context.pay_for(weight(arguments[0]));
    return equal(arguments[0], arguments[1]);
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
    if (a.is(Kind::string) || a.is(Kind::bytes)) context.pay_for(a.extent);
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

std::span<const Builtin> comparison_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
