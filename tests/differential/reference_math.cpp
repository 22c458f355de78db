// The extension `math`; and base64.
#include <cmath>

#include "reference_functions.hpp"

namespace parmana::reference {
namespace {

Outcome of_real(const Values& arguments, double (*function)(double)) {
    const auto* real = arguments[0].as<double>();
    if (real == nullptr) return no_overload();
    return value_of(function(*real));
}

Outcome ceil(const Values& arguments) {
    return of_real(arguments, [](double real) { return std::ceil(real); });
}
Outcome floor(const Values& arguments) {
    return of_real(arguments, [](double real) { return std::floor(real); });
}
Outcome trunc(const Values& arguments) {
    return of_real(arguments, [](double real) { return std::trunc(real); });
}
/// Ties away from zero.
Outcome round(const Values& arguments) {
    return of_real(arguments, [](double real) { return std::round(real); });
}

Outcome test_real(const Values& arguments, bool (*test)(double)) {
    const auto* real = arguments[0].as<double>();
    if (real == nullptr) return no_overload();
    return value_of(test(*real));
}

Outcome is_nan(const Values& arguments) {
    return test_real(arguments, [](double real) { return std::isnan(real); });
}
Outcome is_inf(const Values& arguments) {
    return test_real(arguments, [](double real) { return std::isinf(real); });
}
Outcome is_finite(const Values& arguments) {
    return test_real(arguments, [](double real) { return std::isfinite(real); });
}

Outcome abs(const Values& arguments) {
    if (arguments[0].is<std::uint64_t>()) return arguments[0];
    if (const auto* real = arguments[0].as<double>()) return value_of(std::fabs(*real));
    const auto* integer = arguments[0].as<std::int64_t>();
    if (integer == nullptr) return no_overload();
    if (*integer == INT64_MIN) return failed(Fault::overflow);
    return value_of(*integer < 0 ? -*integer : *integer);
}

Outcome sign(const Values& arguments) {
    if (const auto* integer = arguments[0].as<std::int64_t>())
        return value_of(std::int64_t{*integer > 0 ? 1 : *integer < 0 ? -1 : 0});
    if (const auto* natural = arguments[0].as<std::uint64_t>())
        return value_of(std::uint64_t{*natural > 0 ? 1U : 0U});
    const auto* real = arguments[0].as<double>();
    if (real == nullptr) return no_overload();
    if (std::isnan(*real)) return arguments[0];
    return value_of(*real > 0 ? 1.0 : *real < 0 ? -1.0 : 0.0);
}

Outcome square_root(const Values& arguments) {
    const Value& value = arguments[0];
    if (const auto* real = value.as<double>()) return value_of(std::sqrt(*real));
    if (const auto* integer = value.as<std::int64_t>())
        return value_of(std::sqrt(static_cast<double>(*integer)));
    const auto* natural = value.as<std::uint64_t>();
    if (natural == nullptr) return no_overload();
    return value_of(std::sqrt(static_cast<double>(*natural)));
}

/// Both are int, or both uint; the bits are worked on without a sign.
Outcome on_bits(const Values& arguments, std::uint64_t (*function)(std::uint64_t, std::uint64_t)) {
    const Value& a = arguments[0];
    const Value& b = arguments[1];
    if (a.is<std::int64_t>() && b.is<std::int64_t>()) {
        const std::uint64_t bits = function(static_cast<std::uint64_t>(*a.as<std::int64_t>()),
                                            static_cast<std::uint64_t>(*b.as<std::int64_t>()));
        return value_of(static_cast<std::int64_t>(bits));
    }
    if (a.is<std::uint64_t>() && b.is<std::uint64_t>())
        return value_of(function(*a.as<std::uint64_t>(), *b.as<std::uint64_t>()));
    return no_overload();
}

Outcome bit_and(const Values& arguments) {
    return on_bits(arguments, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}
Outcome bit_or(const Values& arguments) {
    return on_bits(arguments, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}
Outcome bit_xor(const Values& arguments) {
    return on_bits(arguments, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}
Outcome bit_not(const Values& arguments) {
    if (const auto* integer = arguments[0].as<std::int64_t>()) return value_of(~*integer);
    const auto* natural = arguments[0].as<std::uint64_t>();
    if (natural == nullptr) return no_overload();
    return value_of(~*natural);
}

/// One bit at a time; what falls out is lost and zeros come in on the other side.
Outcome shifted(const Values& arguments, std::uint64_t (*step)(std::uint64_t)) {
    const auto* integer = arguments[0].as<std::int64_t>();
    const auto* natural = arguments[0].as<std::uint64_t>();
    const auto* count = arguments[1].as<std::int64_t>();
    if (count == nullptr || (integer == nullptr && natural == nullptr)) return no_overload();
    if (*count < 0) return failed(Fault::invalid_argument);
    std::uint64_t bits = integer != nullptr ? static_cast<std::uint64_t>(*integer) : *natural;
    for (std::int64_t i = 0; i < *count && i < 64; ++i)
        bits = step(bits);
    if (integer != nullptr) return value_of(static_cast<std::int64_t>(bits));
    return value_of(bits);
}

Outcome shift_left(const Values& arguments) {
    return shifted(arguments, [](std::uint64_t bits) { return bits << 1; });
}
Outcome shift_right(const Values& arguments) {
    return shifted(arguments, [](std::uint64_t bits) { return bits >> 1; });
}

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Six bits at a time, from a text of zeros and ones.
Outcome base64_encode(const Values& arguments) {
    const auto* bytes = arguments[0].as<Bytes>();
    if (bytes == nullptr) return no_overload();
    std::string bits;
    for (const char c : bytes->octets) {
        for (int i = 7; i >= 0; --i)
            bits += ((static_cast<unsigned char>(c) >> i) & 1) != 0 ? '1' : '0';
    }
    while (bits.size() % 6 != 0)
        bits += '0';
    std::string out;
    for (std::size_t at = 0; at < bits.size(); at += 6) {
        std::size_t number = 0;
        for (std::size_t i = 0; i < 6; ++i)
            number = number * 2 + (bits[at + i] == '1' ? 1U : 0U);
        out += kAlphabet[number];
    }
    while (out.size() % 4 != 0)
        out += '=';
    return value_of(out);
}

/// With all of its padding or with none.
Outcome base64_decode(const Values& arguments) {
    const auto* given = arguments[0].as<std::string>();
    if (given == nullptr) return no_overload();
    std::string text = *given;
    if (text.size() % 4 == 0) {
        if (text.ends_with("==")) {
            text.resize(text.size() - 2);
        } else if (text.ends_with('=')) {
            text.resize(text.size() - 1);
        }
    }
    if (text.size() % 4 == 1) return failed(Fault::invalid_conversion);
    std::string bits;
    for (const char c : text) {
        const std::size_t number = kAlphabet.find(c);
        if (number == std::string_view::npos) return failed(Fault::invalid_conversion);
        for (int i = 5; i >= 0; --i)
            bits += ((number >> i) & 1) != 0 ? '1' : '0';
    }
    if (bits.find('1', bits.size() - bits.size() % 8) != std::string::npos)
        return failed(Fault::invalid_conversion);
    std::string out;
    for (std::size_t at = 0; at + 8 <= bits.size(); at += 8) {
        unsigned number = 0;
        for (std::size_t i = 0; i < 8; ++i)
            number = number * 2 + (bits[at + i] == '1' ? 1U : 0U);
        out += static_cast<char>(number);
    }
    return value_of(Bytes{out});
}

}  // namespace

void add_math(Functions& functions) {
    functions["math.ceil/1"] = ceil;
    functions["math.floor/1"] = floor;
    functions["math.round/1"] = round;
    functions["math.trunc/1"] = trunc;
    functions["math.isNaN/1"] = is_nan;
    functions["math.isInf/1"] = is_inf;
    functions["math.isFinite/1"] = is_finite;
    functions["math.abs/1"] = abs;
    functions["math.sign/1"] = sign;
    functions["math.sqrt/1"] = square_root;
    functions["math.bitAnd/2"] = bit_and;
    functions["math.bitOr/2"] = bit_or;
    functions["math.bitXor/2"] = bit_xor;
    functions["math.bitNot/1"] = bit_not;
    functions["math.bitShiftLeft/2"] = shift_left;
    functions["math.bitShiftRight/2"] = shift_right;
    functions["base64.encode/1"] = base64_encode;
    functions["base64.decode/1"] = base64_decode;
}

}  // namespace parmana::reference
