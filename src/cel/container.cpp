// Lists, maps and their fields: index, `in`, size, selection, with and without optionals.
#include <cmath>
#include <optional>

#include "cel/builtin.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::real;
}

/// A whole number as an index; the ends of 64 bits stand for what lies beyond.
std::optional<std::int64_t> whole(const Value& index) {
    constexpr std::int64_t kBeyond = INT64_MAX;
    if (index.is(Kind::integer)) return index.integer;
    if (index.is(Kind::unsigned_integer))
        return index.unsigned_integer > static_cast<std::uint64_t>(kBeyond)
                   ? kBeyond
                   : static_cast<std::int64_t>(index.unsigned_integer);
    if (!index.is(Kind::real) || std::trunc(index.real) != index.real) return std::nullopt;
    return index.real >= 0 && index.real < 9007199254740992.0 ? static_cast<std::int64_t>(index.real)
                                                              : kBeyond;
}

/// The value under a key, which is paid for.
const Value* look_up(Context& context, const Map& map, const Value& key) {
    context.pay(price::looked_up(map.size, key.is(Kind::string) ? key.extent : 0));
    return find(map, key);
}

/// The element or entry; an error says why there is none.
Value at(Context& context, const Value& container, const Value& index) {
    if (container.is(Kind::list)) {
        const auto place = is_number(index.kind) ? whole(index) : std::nullopt;
        if (!place) return context.error(Fault::no_such_overload);
        if (*place < 0 || *place >= container.list->size) return context.error(Fault::index_out_of_bounds);
        return container.list->items[*place];
    }
    if (!container.is(Kind::map)) return context.error(Fault::no_such_overload);
    const Value* found = look_up(context, *container.map, index);
    return found == nullptr ? context.error(Fault::no_such_key) : *found;
}

bool is_absence(const Value& value) {
    return value.is(Kind::error) &&
           (value.failure.fault == Fault::no_such_key || value.failure.fault == Fault::index_out_of_bounds);
}

Value as_optional(Context& context, const Value& found) {
    if (is_absence(found)) return Value::optional_from(nullptr);
    return found.is(Kind::error) ? found : context.arena.make_optional(found);
}

Value index(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::optional)) return at(context, arguments[0], arguments[1]);
    if (arguments[0].optional == nullptr) return arguments[0];
    return as_optional(context, at(context, *arguments[0].optional, arguments[1]));
}

Value optional_index(Context& context, const Value* arguments) {
    if (arguments[0].is(Kind::optional)) return index(context, arguments);
    return as_optional(context, at(context, arguments[0], arguments[1]));
}

Value in(Context& context, const Value* arguments) {
    const Value &needle = arguments[0], &container = arguments[1];
    if (container.is(Kind::map)) return Value::from(look_up(context, *container.map, needle) != nullptr);
    if (!container.is(Kind::list)) return context.error(Fault::no_such_overload);
    for (const Value& item : container.list->view()) {
        if (!context.pay(1 + price_of_equality(needle, item))) break;
        if (equal(item, needle)) return Value::from(true);
    }
    return Value::from(false);
}

Value size(Context& context, const Value* arguments) {
    const Value& value = arguments[0];
    switch (value.kind) {
        case Kind::string:
            context.pay(price::counted(value.extent));
            return Value::from(static_cast<std::int64_t>(count_code_points(value.view())));
        case Kind::bytes:
            return Value::from(std::int64_t{value.extent});
        case Kind::list:
            return Value::from(std::int64_t{value.list->size});
        case Kind::map:
            return Value::from(std::int64_t{value.map->size});
        default:
            return context.error(Fault::no_such_overload);
    }
}

constexpr Builtin kBuiltins[] = {
    {op::kIndex, 2, index}, {op::kOptionalIndex, 2, optional_index}, {op::kIn, 2, in}, {"size", 1, size}};

}  // namespace

Value select_field(Context& context, const Value& operand, const Value& name) {
    if (operand.is(Kind::map)) {
        const Value* found = look_up(context, *operand.map, name);
        return found == nullptr ? context.error(Fault::no_such_key) : *found;
    }
    if (!operand.is(Kind::optional)) return context.error(Fault::no_such_field);
    if (operand.optional == nullptr) return operand;
    return as_optional(context, select_field(context, *operand.optional, name));
}

Value has_field(Context& context, const Value& operand, const Value& name) {
    if (operand.is(Kind::map)) return Value::from(look_up(context, *operand.map, name) != nullptr);
    if (!operand.is(Kind::optional)) return context.error(Fault::no_such_field);
    return operand.optional == nullptr ? Value::from(false) : has_field(context, *operand.optional, name);
}

Value select_optional(Context& context, const Value& operand, const Value& name) {
    const Value found = select_field(context, operand, name);
    return operand.is(Kind::optional) ? found : as_optional(context, found);
}

std::span<const Builtin> container_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
