// Sizes, types, conversions; and where all functions are looked up.
#include <cmath>

#include "reference_functions.hpp"
#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::reference {
namespace {

Outcome size(const Values& arguments) {
    const Value& value = arguments[0];
    std::size_t count = 0;
    if (const auto* text = value.as<std::string>()) {
        count = code_points(*text).size();
    } else if (const auto* bytes = value.as<Bytes>()) {
        count = bytes->octets.size();
    } else if (const auto* list = value.as<List>()) {
        count = list->items->size();
    } else if (const auto* map = value.as<Map>()) {
        count = map->entries->size();
    } else {
        return no_overload();
    }
    return value_of(static_cast<std::int64_t>(count));
}

Outcome type(const Values& arguments) {
    return value_of(TypeName{type_name(arguments[0])});
}

Outcome dyn(const Values& arguments) {
    return arguments[0];
}

/// A text that a parser gave up: an overflow when it is a number, only too large.
Outcome converted(auto parsed, bool is_number) {
    if (!parsed) return failed(is_number ? Fault::overflow : Fault::invalid_conversion);
    return value_of(*parsed);
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Outcome to_int(const Values& arguments) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    const Value& value = arguments[0];
    if (value.is<std::int64_t>()) return value;
    if (const auto* natural = value.as<std::uint64_t>()) {
        if (*natural > std::uint64_t{INT64_MAX}) return failed(Fault::overflow);
        return value_of(static_cast<std::int64_t>(*natural));
    }
    if (const auto* real = value.as<double>()) {
        if (!(*real > -kTwoTo63 && *real < kTwoTo63)) return failed(Fault::overflow);
        return value_of(static_cast<std::int64_t>(*real));
    }
    if (const auto* text = value.as<std::string>()) {
        const bool has_sign = text->starts_with('-') || text->starts_with('+');
        return converted(parse_integer(*text), is_digits(text->substr(has_sign ? 1 : 0)));
    }
    if (const auto* moment = value.as<Timestamp>()) {
        Wide seconds = moment->nanos / kNanosPerSecond;
        if (moment->nanos % kNanosPerSecond < 0) --seconds;
        return value_of(static_cast<std::int64_t>(seconds));
    }
    return no_overload();
}

Outcome to_uint(const Values& arguments) {
    constexpr double kTwoTo64 = 18446744073709551616.0;
    const Value& value = arguments[0];
    if (value.is<std::uint64_t>()) return value;
    if (const auto* integer = value.as<std::int64_t>()) {
        if (*integer < 0) return failed(Fault::overflow);
        return value_of(static_cast<std::uint64_t>(*integer));
    }
    if (const auto* real = value.as<double>()) {
        if (!(*real > -1 && *real < kTwoTo64)) return failed(Fault::overflow);
        return value_of(static_cast<std::uint64_t>(std::trunc(*real)));
    }
    if (const auto* text = value.as<std::string>()) return converted(parse_natural(*text), is_digits(*text));
    return no_overload();
}

Outcome to_double(const Values& arguments) {
    const Value& value = arguments[0];
    if (value.is<double>()) return value;
    if (const auto* integer = value.as<std::int64_t>()) return value_of(static_cast<double>(*integer));
    if (const auto* natural = value.as<std::uint64_t>()) return value_of(static_cast<double>(*natural));
    if (const auto* text = value.as<std::string>()) return converted(parse_real(*text), false);
    return no_overload();
}

Outcome to_string(const Values& arguments) {
    return convert_to_string(arguments[0]);
}

Outcome to_bytes(const Values& arguments) {
    if (arguments[0].is<Bytes>()) return arguments[0];
    const auto* text = arguments[0].as<std::string>();
    if (text == nullptr) return no_overload();
    return value_of(Bytes{*text});
}

Outcome to_bool(const Values& arguments) {
    if (arguments[0].is<bool>()) return arguments[0];
    const auto* text = arguments[0].as<std::string>();
    if (text == nullptr) return no_overload();
    for (const char* word : {"1", "t", "T", "true", "TRUE", "True"}) {
        if (*text == word) return value_of(true);
    }
    for (const char* word : {"0", "f", "F", "false", "FALSE", "False"}) {
        if (*text == word) return value_of(false);
    }
    return failed(Fault::invalid_conversion);
}

Outcome to_timestamp(const Values& arguments) {
    if (arguments[0].is<Timestamp>()) return arguments[0];
    if (const auto* text = arguments[0].as<std::string>()) {
        const auto nanos = parse_timestamp(*text);
        if (!nanos) return failed(Fault::invalid_conversion);
        return value_of(Timestamp{*nanos});
    }
    const auto* seconds = arguments[0].as<std::int64_t>();
    if (seconds == nullptr) return no_overload();
    const Wide nanos = Wide{*seconds} * kNanosPerSecond;
    if (!is_timestamp(nanos)) return failed(Fault::overflow);
    return value_of(Timestamp{nanos});
}

Outcome to_duration(const Values& arguments) {
    if (arguments[0].is<Duration>()) return arguments[0];
    const auto* text = arguments[0].as<std::string>();
    if (text == nullptr) return no_overload();
    const auto nanos = parse_duration(*text);
    if (!nanos) return failed(Fault::invalid_conversion);
    if (!is_duration(*nanos)) return failed(Fault::overflow);
    return value_of(Duration{*nanos});
}

}  // namespace

Outcome convert_to_string(const Value& value) {
    if (value.is<std::string>()) return value;
    if (const auto* truth = value.as<bool>()) return value_of(std::string(*truth ? "true" : "false"));
    if (const auto* integer = value.as<std::int64_t>()) return value_of(std::to_string(*integer));
    if (const auto* natural = value.as<std::uint64_t>()) return value_of(std::to_string(*natural));
    if (const auto* real = value.as<double>()) return value_of(real_text(*real));
    if (const auto* moment = value.as<Timestamp>()) return value_of(timestamp_text(moment->nanos));
    if (const auto* span = value.as<Duration>()) return value_of(duration_text(span->nanos));
    const auto* bytes = value.as<Bytes>();
    if (bytes == nullptr) return no_overload();
    if (!decode(bytes->octets)) return failed(Fault::invalid_conversion);
    return value_of(bytes->octets);
}

void add_conversions(Functions& functions) {
    functions["size/1"] = size;
    functions[".size/1"] = size;
    functions["type/1"] = type;
    functions["dyn/1"] = dyn;
    functions["int/1"] = to_int;
    functions["uint/1"] = to_uint;
    functions["double/1"] = to_double;
    functions["string/1"] = to_string;
    functions["bytes/1"] = to_bytes;
    functions["bool/1"] = to_bool;
    functions["timestamp/1"] = to_timestamp;
    functions["duration/1"] = to_duration;
}

Function find_function(std::string_view key) {
    static const Functions kFunctions = [] {
        Functions functions;
        add_operators(functions);
        add_conversions(functions);
        add_times(functions);
        add_strings(functions);
        add_math(functions);
        add_optionals(functions);
        return functions;
    }();
    const auto found = kFunctions.find(key);
    return found == kFunctions.end() ? nullptr : found->second;
}

}  // namespace parmana::reference
