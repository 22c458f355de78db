#include "policy/fit.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/limits.hpp"

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

Misfit size_misfit(const SignalDeclaration& signal, json::Value value) {
    if (value.size() < signal.length_minimum) return Misfit::too_short;
    if (value.size() > signal.length_maximum) return Misfit::too_long;
    return Misfit::none;
}

/// The first element, in JCS order of an object's names, that is no value of the declaration; its pointer is appended.
Misfit element_misfit(const SignalDeclaration& signal, json::Value value, std::string& pointer) {
    const SignalDeclaration& element = signal.elements.front();
    if (signal.type == SignalType::list) {
        std::size_t index = 0;
        for (const json::Value item : value.elements()) {
            const Misfit fault = misfit(element, item, pointer);
            if (fault != Misfit::none) return pointer += '/' + std::to_string(index), fault;
            ++index;
        }
        return Misfit::none;
    }
    for (const json::Value item : value.members()) {
        Misfit fault = item.name().size() > limits::kMapKeyBytesMax ? Misfit::too_long : Misfit::none;
        if (fault == Misfit::none) fault = misfit(element, item, pointer);
        if (fault != Misfit::none) return pointer += pointer_token(item.name()), fault;
    }
    return Misfit::none;
}

Misfit container_misfit(const SignalDeclaration& signal, json::Value value, std::string& pointer) {
    const json::Type wanted = signal.type == SignalType::list ? json::Type::array : json::Type::object;
    if (!value.is(wanted)) return Misfit::type;
    const Misfit size = size_misfit(signal, value);
    return size != Misfit::none ? size : element_misfit(signal, value, pointer);
}

Misfit length_misfit(const SignalDeclaration& signal, std::string_view text) {
    if (text.size() > limits::kStringSignalBytesMax) return Misfit::too_long;
    const std::size_t length = code_points(text);
    if (length < signal.length_minimum) return Misfit::too_short;
    if (length > signal.length_maximum) return Misfit::too_long;
    return Misfit::none;
}

}  // namespace

std::optional<civil::Span> read_duration(std::string_view text) {
    const auto span = civil::parse_duration(text);
    // What CEL can hold: a number of nanoseconds within 64 bits.
    constexpr std::int64_t kSecondsMax = 9'223'372'036;
    if (!span || span->seconds >= kSecondsMax || span->seconds <= -kSecondsMax) return std::nullopt;
    return span;
}

Misfit misfit(const SignalDeclaration& signal, json::Value value, std::string& pointer) {
    const json::Type type = value.type();
    switch (signal.type) {
        case SignalType::integer:
            if (type != json::Type::integer) return Misfit::type;
            return outside(value.integer(), signal.integer_minimum, signal.integer_maximum);
        case SignalType::number:
            if (type != json::Type::integer && type != json::Type::real) return Misfit::type;
            return outside(value.number(), signal.number_minimum, signal.number_maximum);
        case SignalType::boolean:
            return type == json::Type::boolean ? Misfit::none : Misfit::type;
        case SignalType::string:
            if (type != json::Type::string) return Misfit::type;
            return length_misfit(signal, value.string());
        case SignalType::enumeration:
            if (type != json::Type::string) return Misfit::type;
            return std::ranges::binary_search(signal.values, value.string()) ? Misfit::none
                                                                             : Misfit::not_listed;
        case SignalType::timestamp:
            if (type != json::Type::string || !civil::parse_rfc3339(value.string())) return Misfit::type;
            return Misfit::none;
        case SignalType::duration:
            return type == json::Type::string && read_duration(value.string()) ? Misfit::none : Misfit::type;
        case SignalType::list:
        case SignalType::map:
            return container_misfit(signal, value, pointer);
    }
    return Misfit::type;
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
