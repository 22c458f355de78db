#include "cel/text.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace parmana::cel {

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        if (lead < 0x80) {
            ++at;
            continue;
        }
        const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || at + bytes > text.size()) return false;
        const auto second = static_cast<unsigned char>(text[at + 1]);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
            return false;
        }
        for (std::size_t i = 1; i < bytes; ++i) {
            if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return false;
        }
        at += bytes;
    }
    return true;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto tail = [&out, code_point](int shift) {
        out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3f));
    };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xc0 | (code_point >> 6));
        tail(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xe0 | (code_point >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | (code_point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

bool begins_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

/// How many code points begin in the eight bytes there.
std::size_t code_points_of_word(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, kWord);
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    const std::uint64_t continuations = (word >> 7) & (~word >> 6) & kOnes;
    return kWord - static_cast<std::size_t>((continuations * kOnes) >> 56);
}

}  // namespace

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0, at = 0;
    for (; at + kWord <= text.size(); at += kWord)
        count += code_points_of_word(text.data() + at);
    for (; at < text.size(); ++at)
        count += begins_code_point(text[at]) ? 1 : 0;
    return count;
}

std::size_t code_point_bytes(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

std::uint32_t first_code_point(std::string_view text) {
    const std::size_t bytes = code_point_bytes(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    std::uint32_t out = bytes == 1 ? lead : lead & (0xffU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i)
        out = (out << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
    return out;
}

std::optional<std::size_t> offset_of_code_point(std::string_view text, std::int64_t index) {
    if (index < 0) return std::nullopt;
    auto before = static_cast<std::uint64_t>(index);  // code points that must begin before it
    std::size_t at = 0;
    while (at + kWord <= text.size()) {
        const std::size_t count = code_points_of_word(text.data() + at);
        if (count > before) break;
        before -= count;
        at += kWord;
    }
    for (; at < text.size(); ++at) {
        if (!begins_code_point(text[at])) continue;
        if (before == 0) return at;
        --before;
    }
    return before == 0 ? std::optional(at) : std::nullopt;
}

bool is_underflow(std::string_view literal) {
    // Out of range either way: too small when the first digit that counts stands far behind the point.
    const std::size_t exponent = literal.find_first_of("eE");
    if (exponent != std::string_view::npos && literal.substr(exponent + 1).starts_with('-')) return true;
    const std::string_view digits = literal.substr(0, exponent);
    return digits.find_first_of("123456789") > digits.find('.');
}

namespace {

/// `inf`, `infinity` and `nan`, in any case; nothing else that has no digits is a number.
bool is_special_number(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower == "inf" || lower == "infinity" || lower == "nan";
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
    bool negative = false;
    if (text.starts_with('+') || text.starts_with('-')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    const bool is_digits = !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '.');
    if (!is_digits && !is_special_number(text)) return std::nullopt;
    double value = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ptr != end) return std::nullopt;
    if (result.ec == std::errc::result_out_of_range && !is_underflow(text)) return std::nullopt;
    if (result.ec == std::errc::invalid_argument) return std::nullopt;
    if (result.ec != std::errc()) value = 0;
    return negative ? -value : value;
}

std::string format_double(double value, bool exponents) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    // Digits and exponent of the shortest form, laid out as ECMAScript does.
    char digits[40];
    const auto result = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
    std::string_view text(digits, static_cast<std::size_t>(result.ptr - digits));
    std::string out;
    if (text.starts_with('-')) {
        out += '-';
        text.remove_prefix(1);
    }
    const std::size_t e = text.find('e');
    int exponent = 0;
    std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
    std::string mantissa(text.substr(0, 1));
    if (e > 2) mantissa += text.substr(2, e - 2);
    const int count = static_cast<int>(mantissa.size());
    if (exponents && (exponent >= 21 || exponent < -6)) {
        out += mantissa.substr(0, 1);
        if (count > 1) out += "." + mantissa.substr(1);
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
    } else if (exponent < 0) {
        out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + mantissa;
    } else if (count <= exponent + 1) {
        out += mantissa + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
    } else {
        out += mantissa.substr(0, static_cast<std::size_t>(exponent) + 1) + "." +
               mantissa.substr(static_cast<std::size_t>(exponent) + 1);
    }
    return out;
}

}  // namespace parmana::cel
