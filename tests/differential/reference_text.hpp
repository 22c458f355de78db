// Text of the reference evaluator: code points, quoting, numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parmana::reference {

/// The code points of UTF-8; nothing when it is not well-formed.
std::optional<std::u32string> decode(std::string_view utf8);
/// The code points of text that is known to be well-formed.
std::u32string code_points(std::string_view utf8);
std::string encode(std::u32string_view text);
/// As text, with each run of bytes that are not UTF-8 as one U+FFFD.
std::string repaired(std::string_view bytes);

/// A string literal, and a bytes literal.
std::string quoted(std::string_view text);
std::string quoted_bytes(std::string_view bytes);

/// The digits d of the shortest decimal d₁.d₂d₃… × 10^exponent that reads back as the finite `value` > 0.
struct Decimal {
    std::string digits;
    int exponent;
};
Decimal shortest_decimal(double value);
/// Without an exponent: `1000000000000000000000`, `0.0000001`, `NaN`, `-Infinity`.
std::string plain_real_text(double value);
/// As ECMAScript writes it, but for the sign of zero: `1e+21`, `0.000001`, `1e-7`, `-0`.
std::string real_text(double value);

std::optional<std::int64_t> parse_integer(std::string_view text);   // [+-]digits
std::optional<std::uint64_t> parse_natural(std::string_view text);  // digits
/// [+-]digits[.digits][e[+-]digits], a digit at least; and the names of infinity and not-a-number.
std::optional<double> parse_real(std::string_view text);

}  // namespace parmana::reference
