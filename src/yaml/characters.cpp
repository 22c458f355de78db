// What stands between bytes and YAML: UTF-8, which characters a text may hold, lines and columns.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

constexpr char32_t kByteOrderMark = 0xfeff;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::string code_point_name(char32_t character) {
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), static_cast<std::uint32_t>(character), 16);
    std::string name(digits.begin(), end.ptr);
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' ? char(c - 'a' + 'A') : c; });
    return "U+" + std::string(name.size() < 4 ? 4 - name.size() : 0, '0') + name;
}

}  // namespace

Character first_character(std::string_view text) {
    if (text.empty()) return {0, 0};
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xc2 || lead > 0xf4) return {0, 0};
    const std::size_t size = character_size(text[0]);
    if (text.size() < size) return {0, 0};
    char32_t value = lead & (0x7fU >> size);
    for (const char c : text.substr(1, size - 1)) {
        if (!is_continuation(c)) return {0, 0};
        value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    }
    const char32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
    if (value < least || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return {0, 0};
    return {value, size};
}

std::size_t character_size(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

bool is_printable(char32_t character) {
    if (character < 0x20) return character == '\t' || character == '\n' || character == '\r';
    if (character >= 0x7f && character <= 0x9f) return false;
    return character != 0x2028 && character != 0x2029 && character != kByteOrderMark && character != 0xfffe &&
           character != 0xffff;
}

std::optional<Fault> find_bad_character(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto [value, size] = first_character(text.substr(at));
        std::string message;
        if (size == 0) {
            message = "a byte that is not UTF-8";
        } else if (at == 0 && value == kByteOrderMark) {
            message = "a byte order mark";
        } else if (!is_printable(value)) {
            message =
                "the character " + code_point_name(value) + " must be written as an escape in double quotes";
        } else if (value == '\r' && !text.substr(at + 1).starts_with('\n')) {
            message = "a carriage return without a line feed";
        }
        if (!message.empty()) return Fault{position_in(text, at), std::move(message)};
        at += size;
    }
    return std::nullopt;
}

Position position_in(std::string_view text, std::size_t offset) {
    INVARIANT(offset <= text.size());
    const std::string_view before = text.substr(0, offset);
    const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0: the first line
    return {
        static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
        static_cast<std::size_t>(std::ranges::count_if(line, [](char c) { return !is_continuation(c); })) +
            1};
}

std::string shown(std::string_view text) {
    constexpr std::size_t kShown = 64;
    std::size_t size = std::min(text.size(), kShown);
    while (size < text.size() && size > 0 && is_continuation(text[size]))
        --size;
    std::string literal;
    append_json_string(literal, text.substr(0, size));
    return "`" + literal.substr(1, literal.size() - 2) + (size < text.size() ? "…`" : "`");
}

}  // namespace parmana::yaml
