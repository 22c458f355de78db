// The encoders extension and the optionals (cel-go ext/README.md).
#include <string>

#include "base/bytes.hpp"
#include "cel/builtin.hpp"

namespace parmana::cel {
namespace {

Value encode(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::bytes)) return context.error(Fault::no_such_overload);
    if (!context.pay(price::read(arguments[0].extent))) return context.error(Fault::cost_exceeded);
    return context.arena.copy_string(to_base64(arguments[0].view()));
}

/// Padding may be left out.
Value decode(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::string)) return context.error(Fault::no_such_overload);
    if (!context.pay(price::read(arguments[0].extent))) return context.error(Fault::cost_exceeded);
    std::string text(arguments[0].view());
    if (text.find('=') == std::string::npos) text.append((4 - text.size() % 4) % 4, '=');
    const auto bytes = from_base64(text);
    return bytes ? Value::bytes(context.arena.copy(*bytes)) : context.error(Fault::invalid_conversion);
}

bool is_zero(const Value& value) {
    switch (value.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return !value.boolean;
        case Kind::integer:
            return value.integer == 0;
        case Kind::unsigned_integer:
            return value.unsigned_integer == 0;
        case Kind::real:
            return value.real == 0;
        case Kind::string:
        case Kind::bytes:
            return value.extent == 0;
        case Kind::list:
            return value.list->size == 0;
        case Kind::map:
            return value.map->size == 0;
        case Kind::duration:
        case Kind::timestamp:
            return value.integer == 0 && value.nanos() == 0;
        case Kind::optional:
            return value.optional == nullptr;
        default:
            return false;
    }
}

Value none(Context&, const Value*) {
    return Value::optional_from(nullptr);
}
Value of(Context& context, const Value* arguments) {
    return context.arena.make_optional(arguments[0]);
}
Value of_non_zero(Context& context, const Value* arguments) {
    return is_zero(arguments[0]) ? Value::optional_from(nullptr) : context.arena.make_optional(arguments[0]);
}
Value has_value(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::optional)) return context.error(Fault::no_such_overload);
    return Value::from(arguments[0].optional != nullptr);
}
Value value(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::optional)) return context.error(Fault::no_such_overload);
    return arguments[0].optional != nullptr ? *arguments[0].optional : context.error(Fault::empty_optional);
}

constexpr Builtin kEncoders[] = {{"base64.encode", 1, encode}, {"base64.decode", 1, decode}};
constexpr Builtin kOptionals[] = {{"optional.none", 0, none},
                                  {"optional.of", 1, of},
                                  {"optional.ofNonZeroValue", 1, of_non_zero},
                                  {"hasValue", 1, has_value},
                                  {"value", 1, value}};

}  // namespace

std::span<const Builtin> encoder_builtins() {
    return kEncoders;
}
std::span<const Builtin> optional_builtins() {
    return kOptionals;
}

}  // namespace parmana::cel
