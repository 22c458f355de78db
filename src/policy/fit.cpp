#include "policy/fit.hpp"

#include <algorithm>

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

Misfit length_misfit(const SignalDeclaration& signal, std::string_view text) {
    if (text.size() > limits::kStringSignalBytesMax) return Misfit::too_long;
    const std::size_t length = code_points(text);
    if (length < signal.length_minimum) return Misfit::too_short;
    if (length > signal.length_maximum) return Misfit::too_long;
    return Misfit::none;
}

}  // namespace

Misfit misfit(const SignalDeclaration& signal, json::Value value) {
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
