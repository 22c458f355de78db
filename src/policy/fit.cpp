#include "policy/fit.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "civil/civil.hpp"

namespace parmana::policy {
namespace {

/// In valid UTF-8 every byte but a continuation byte begins a code point.
std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

template <class T>
Misfit outside(T value, const std::optional<T>& minimum, const std::optional<T>& maximum) {
    if (minimum && value < *minimum) return Misfit::below;
    if (maximum && value > *maximum) return Misfit::above;
    return Misfit::none;
}

Misfit outside(std::size_t size, const SignalDeclaration& signal) {
    if (size < signal.length_minimum) return Misfit::too_short;
    if (size > signal.length_maximum) return Misfit::too_long;
    return Misfit::none;
}

/// A duration; nothing when it is none or beyond what CEL can hold.
std::optional<civil::Span> read_duration(std::string_view text) {
    const auto span = civil::parse_duration(text);
    // What CEL can hold: a number of nanoseconds within 64 bits.
    constexpr std::int64_t kSecondsMax = 9'223'372'036;
    if (!span || span->seconds >= kSecondsMax || span->seconds <= -kSecondsMax) return std::nullopt;
    return span;
}

// Each of the following gives the value in `out`, which means nothing when it does not fit.

Misfit fit_text(const SignalDeclaration& signal, std::string_view text, cel::Value& out) {
    switch (signal.type) {
        case SignalType::enumeration:
            out = cel::Value::string(text);
            return std::ranges::binary_search(signal.values, text) ? Misfit::none : Misfit::not_listed;
        case SignalType::timestamp: {
            const auto instant = civil::parse_rfc3339(text);
            if (!instant) return Misfit::type;
            out = cel::Value::timestamp(instant->seconds, instant->nanos);
            return Misfit::none;
        }
        case SignalType::duration: {
            const auto span = read_duration(text);
            if (!span) return Misfit::type;
            out = cel::Value::duration(span->seconds, span->nanos);
            return Misfit::none;
        }
        default:
            out = cel::Value::string(text);
            if (text.size() > limits::kStringSignalBytesMax) return Misfit::too_long;
            return outside(code_points(text), signal);
    }
}

Misfit fit_list(const SignalDeclaration& signal, json::Value value, cel::Arena& arena, cel::Value& out,
                std::string& pointer) {
    if (const Misfit size = outside(value.size(), signal); size != Misfit::none) return size;
    auto* items = arena.allocate_array<cel::Value>(value.size());
    std::uint32_t index = 0;
    for (const json::Value item : value.elements()) {
        const Misfit fault = fit(signal.elements.front(), item, arena, items[index], pointer);
        if (fault != Misfit::none) return pointer += '/' + std::to_string(index), fault;
        ++index;
    }
    auto* list = arena.allocate_array<cel::List>(1);
    *list = {items, index};
    out = cel::Value::from(list);
    return Misfit::none;
}

/// The first misfit is found in JCS order; `make_map` then puts the entries into its own. No name stands
/// twice in a JSON object.
Misfit fit_map(const SignalDeclaration& signal, json::Value value, cel::Arena& arena, cel::Value& out,
               std::string& pointer) {
    if (const Misfit size = outside(value.size(), signal); size != Misfit::none) return size;
    auto* entries = arena.allocate_array<cel::MapEntry>(value.size());
    std::size_t index = 0;
    for (const json::Value item : value.members()) {
        cel::MapEntry& entry = entries[index++];
        entry.key = cel::Value::string(item.name());
        Misfit fault = item.name().size() > limits::kMapKeyBytesMax ? Misfit::too_long : Misfit::none;
        if (fault == Misfit::none) fault = fit(signal.elements.front(), item, arena, entry.value, pointer);
        if (fault != Misfit::none) return pointer += pointer_token(item.name()), fault;
    }
    out = arena.make_map({entries, index});
    return Misfit::none;
}

}  // namespace

Misfit fit(const SignalDeclaration& signal, json::Value value, cel::Arena& arena, cel::Value& out,
           std::string& pointer) {
    const json::Type type = value.type();
    switch (signal.type) {
        case SignalType::integer:
            if (type != json::Type::integer) return Misfit::type;
            out = cel::Value::from(value.integer());
            return outside(out.integer, signal.integer_minimum, signal.integer_maximum);
        case SignalType::number:
            if (type != json::Type::integer && type != json::Type::real) return Misfit::type;
            out = cel::Value::from(value.number());
            return outside(out.real, signal.number_minimum, signal.number_maximum);
        case SignalType::boolean:
            if (type != json::Type::boolean) return Misfit::type;
            out = cel::Value::from(value.boolean());
            return Misfit::none;
        case SignalType::string:
        case SignalType::enumeration:
        case SignalType::timestamp:
        case SignalType::duration:
            return type == json::Type::string ? fit_text(signal, value.string(), out) : Misfit::type;
        case SignalType::list:
            return type == json::Type::array ? fit_list(signal, value, arena, out, pointer) : Misfit::type;
        case SignalType::map:
            return type == json::Type::object ? fit_map(signal, value, arena, out, pointer) : Misfit::type;
    }
    return Misfit::type;
}

Misfit misfit(const SignalDeclaration& signal, json::Value value) {
    cel::Arena arena;
    cel::Value ignored;
    std::string inside;
    return fit(signal, value, arena, ignored, inside);
}

std::string_view type_demand(SignalType type) {
    switch (type) {
        case SignalType::integer:
            return "must be an integer";
        case SignalType::number:
            return "must be a number";
        case SignalType::boolean:
            return "must be a boolean";
        case SignalType::string:
        case SignalType::enumeration:
            return "must be a string";
        case SignalType::timestamp:
            return "must be a timestamp in RFC 3339";
        case SignalType::duration:
            return "must be a duration as `1h30m`";
        case SignalType::list:
            return "must be an array";
        case SignalType::map:
            return "must be an object";
    }
    return "has no type";
}

std::string_view range_fault(Misfit misfit) {
    switch (misfit) {
        case Misfit::none:
        case Misfit::type:
            break;
        case Misfit::below:
            return "is below its minimum";
        case Misfit::above:
            return "is above its maximum";
        case Misfit::too_short:
            return "is too short";
        case Misfit::too_long:
            return "is too long";
        case Misfit::not_listed:
            return "is not one of its declared values";
    }
    return "does not fit";
}

}  // namespace parmana::policy
