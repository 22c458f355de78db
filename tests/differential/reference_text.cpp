#include "reference_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/invariant.hpp"
#include "reference_value.hpp"

namespace parmana::reference {
namespace {

/// The code point at the front, and how many bytes it has; nothing when there is none.
struct Decoded {
    char32_t code;
    std::size_t bytes;
};

std::optional<Decoded> decode_one(std::string_view utf8) {
    const auto byte = [utf8](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return Decoded{lead, 1};
    std::size_t bytes = 0;
    char32_t code = 0;
    char32_t least = 0;
    if ((lead & 0xe0) == 0xc0) {
        bytes = 2, code = lead & 0x1f, least = 0x80;
    } else if ((lead & 0xf0) == 0xe0) {
        bytes = 3, code = lead & 0x0f, least = 0x800;
    } else if ((lead & 0xf8) == 0xf0) {
        bytes = 4, code = lead & 0x07, least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (utf8.size() < bytes) return std::nullopt;
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
        code = code * 64 + (byte(i) & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return std::nullopt;
    return Decoded{code, bytes};
}

void encode_one(std::string& out, char32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    const int tails = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const unsigned lead = tails == 1 ? 0xc0 : tails == 2 ? 0xe0 : 0xf0;
    out += static_cast<char>(lead | (code >> (6 * tails)));
    for (int i = tails - 1; i >= 0; --i)
        out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3f));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string escaped_byte(unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    return {'\\', 'x', kDigits[byte / 16], kDigits[byte % 16]};
}

}  // namespace

std::optional<std::u32string> decode(std::string_view utf8) {
    std::u32string out;
    while (!utf8.empty()) {
        const auto one = decode_one(utf8);
        if (!one) return std::nullopt;
        out += one->code;
        utf8.remove_prefix(one->bytes);
    }
    return out;
}

std::u32string code_points(std::string_view utf8) {
    auto out = decode(utf8);
    INVARIANT(out.has_value());
    return *std::move(out);
}

std::string encode(std::u32string_view text) {
    std::string out;
    for (const char32_t code : text)
        encode_one(out, code);
    return out;
}

std::string repaired(std::string_view bytes) {
    std::string out;
    bool within_bad = false;
    while (!bytes.empty()) {
        const auto one = decode_one(bytes);
        if (one) {
            encode_one(out, one->code);
        } else if (!within_bad) {
            encode_one(out, 0xfffd);
        }
        within_bad = !one;
        bytes.remove_prefix(one ? one->bytes : 1);
    }
    return out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (byte < 0x20 || byte == 0x7f) {
            out += escaped_byte(byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string quoted_bytes(std::string_view bytes) {
    std::string out = "b\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
        out += plain ? std::string(1, c) : escaped_byte(byte);
    }
    return out + "\"";
}

Decimal shortest_decimal(double value) {
    INVARIANT(value > 0 && std::isfinite(value));
    char buffer[64];
    std::string_view text;
    // One digit more each time, until it reads back: 17 are enough for every binary64.
    for (int precision = 0; precision < 17; ++precision) {
        const auto written =
            std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, precision);
        text = std::string_view(buffer, static_cast<std::size_t>(written.ptr - buffer));
        double again = 0;
        std::from_chars(text.data(), text.data() + text.size(), again);
        if (again == value) break;
    }
    const std::size_t e = text.find('e');
    Decimal out{{}, 0};
    for (const char c : text.substr(0, e)) {
        if (is_digit(c)) out.digits += c;
    }
    const std::size_t sign = text[e + 1] == '+' ? 2 : 1;
    std::from_chars(text.data() + e + sign, text.data() + text.size(), out.exponent);
    return out;
}

std::string plain_real_text(double value) {
    if (std::isnan(value)) return "NaN";
    const std::string sign = std::signbit(value) ? "-" : "";
    if (std::isinf(value)) return sign + "Infinity";
    if (value == 0) return sign + "0";
    const Decimal decimal = shortest_decimal(std::fabs(value));
    std::string digits = decimal.digits;
    if (decimal.exponent < 0)
        return sign + "0." + std::string(static_cast<std::size_t>(-decimal.exponent - 1), '0') + digits;
    const auto whole = static_cast<std::size_t>(decimal.exponent) + 1;
    if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0');
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string real_text(double value) {
    const double size = std::fabs(value);
    if (!std::isfinite(value) || size == 0 || (size >= 1e-6 && size < 1e21)) return plain_real_text(value);
    const Decimal decimal = shortest_decimal(size);
    std::string out = std::signbit(value) ? "-" : "";
    out += decimal.digits.substr(0, 1);
    if (decimal.digits.size() > 1) out += "." + decimal.digits.substr(1);
    out += decimal.exponent < 0 ? "e-" : "e+";
    return out + std::to_string(std::abs(decimal.exponent));
}

std::optional<std::uint64_t> parse_natural(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    Wide total = 0;
    for (const char c : text) {
        total = total * 10 + (c - '0');
        if (total > UINT64_MAX) return std::nullopt;
    }
    return static_cast<std::uint64_t>(total);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const auto size = parse_natural(text);
    if (!size) return std::nullopt;
    const Wide value = negative ? -static_cast<Wide>(*size) : static_cast<Wide>(*size);
    if (value < INT64_MIN || value > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

namespace {

/// digits[.digits][e[+-]digits]
bool is_decimal(std::string_view text) {
    std::size_t at = 0;
    std::size_t digits = 0;
    const auto skip_digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at - from;
    };
    digits += skip_digits();
    if (at < text.size() && text[at] == '.') {
        ++at;
        digits += skip_digits();
    }
    if (digits == 0) return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (skip_digits() == 0) return false;
    }
    return at == text.size();
}

}  // namespace

std::optional<double> parse_real(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const std::string word = lower(text);
    if (word == "nan") return std::nan("");
    if (word == "inf" || word == "infinity") return negative ? -HUGE_VAL : HUGE_VAL;
    if (!is_decimal(text)) return std::nullopt;
    double value = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, value).ec == std::errc::result_out_of_range) {
        // Too small is zero and too large has no value; the wider type tells which.
        long double wide = 0;
        std::from_chars(text.data(), end, wide);
        if (wide > 1) return std::nullopt;
        value = 0;
    }
    return negative ? -value : value;
}

}  // namespace parmana::reference
