// UTF-8 and numbers as text. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parmana::cel {

/// Well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code_point);
/// Code points of well-formed UTF-8.
std::size_t count_code_points(std::string_view text);
/// Bytes of the code point at the front of a non-empty, well-formed text.
std::size_t code_point_bytes(std::string_view text);
/// The code point at the front of a non-empty, well-formed text.
std::uint32_t first_code_point(std::string_view text);
/// The byte offset of a code point; nothing behind the end. `index` may be the number of code points.
std::optional<std::size_t> offset_of_code_point(std::string_view text, std::int64_t index);

/// True when a decimal literal that has no value in binary64 is too small, and not too large.
bool is_underflow(std::string_view literal);
/// A decimal number as in a literal with an optional sign; `Infinity`, `Inf` and `NaN` too.
std::optional<double> parse_double(std::string_view text);
/// The shortest decimal that reads back as the same number: `1`, `0.5`, `1e+21`, `NaN`, `Infinity`.
/// Without `exponents` all digits are written, with zeros in place of those that no reading back needs.
std::string format_double(double value, bool exponents = true);

}  // namespace parmana::cel
