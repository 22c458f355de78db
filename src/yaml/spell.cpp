// Scalars out: a string in the spelling that a person would choose and no reader takes for anything else.
#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/invariant.hpp"
#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

// What a reader of YAML 1.1 or 1.2 takes for a boolean or null, in any case.
constexpr std::array<std::string_view, 9> kWords = {"y",   "n",    "yes",   "no",  "on",
                                                    "off", "true", "false", "null"};

// Spaces, what has no width, and what changes the direction of writing: a reader cannot see them.
bool is_invisible(char32_t c) {
    return c == 0xa0 || c == 0xad || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
           (c >= 0xfff9 && c <= 0xfffb);
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(std::string_view text) {
    return std::ranges::any_of(kWords, [&](std::string_view word) {
        return std::ranges::equal(text, word,
                                  [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

bool is_seen(char32_t character) {
    return is_printable(character) && character >= ' ' && !is_invisible(character);
}

// A letter begins nothing but a string or one of the words; numbers, dates and indicators begin otherwise.
bool can_begin_plain(char c) {
    return is_letter(c) || c == '_' || c == '/' || c == '$' || c == '(' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Never plain there: what ends a plain scalar in a flow collection for one reader or another.
constexpr std::string_view kEndsInFlow = ",[]{}?";

bool can_continue_plain(std::string_view text, std::size_t at, std::string_view ends) {
    const char c = text[at];
    if (c == '#') return text[at - 1] != ' ';
    if (c != ':') return !ends.contains(c);
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    return is_letter(next) || (next >= '0' && next <= '9') || next == '/';
}

bool is_all_seen(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto [character, size] = first_character(text.substr(at));
        if (!is_seen(character)) return false;
        at += size;
    }
    return true;
}

bool is_plain(std::string_view text, std::string_view ends) {
    if (text.empty() || !can_begin_plain(text[0]) || text.ends_with(' ') || is_word(text)) return false;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (!can_continue_plain(text, at, ends)) return false;
    }
    return is_all_seen(text);
}

// A line of a block scalar that a reader sees whole.
bool is_block_line(std::string_view line) {
    return line.empty() || (!line.ends_with(' ') && is_all_seen(line));
}

// The lines as the content of a block scalar behind its header.
std::string below(std::string header, std::span<const std::string_view> lines, std::size_t indent) {
    for (const std::string_view line : lines) {
        header += '\n';
        if (!line.empty()) header.append(indent, ' ').append(line);
    }
    return header;
}

void append_escape(std::string& out, char32_t character) {
    switch (character) {
        case '\0':
            out += "\\0";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        default:
            break;
    }
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), static_cast<std::uint32_t>(character), 16);
    const auto count = static_cast<std::size_t>(end.ptr - digits.begin());
    const std::size_t width = character <= 0xff ? 2 : character <= 0xffff ? 4 : 8;
    out += width == 2 ? "\\x" : width == 4 ? "\\u" : "\\U";
    out.append(width - count, '0').append(digits.begin(), count);
}

}  // namespace

std::string spell(std::string_view text) {
    if (is_plain(text, kEndsInFlow)) return std::string(text);
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const auto [character, size] = first_character(text.substr(at));
        INVARIANT(size > 0);
        if (character == '"' || character == '\\') out += '\\';
        if (is_seen(character)) {
            out += text.substr(at, size);
        } else {
            append_escape(out, character);
        }
        at += size;
    }
    return out + '"';
}

std::string spell_in(Style collection, std::string_view text) {
    if (is_plain(text, collection == Style::flow ? kEndsInFlow : "")) return std::string(text);
    if (text.find_first_of("\"\\") == std::string_view::npos || !is_all_seen(text)) return spell(text);
    std::string out = "'";
    for (const char c : text)
        out.append(c == '\'' ? 2 : 1, c);
    return out + '\'';
}

std::optional<std::string> spell_literal(std::string_view text, std::size_t indent) {
    const bool clipped = text.ends_with('\n');
    if (clipped) text.remove_suffix(1);
    if (text.empty() || text.starts_with(' ') || text.starts_with('\n') || text.ends_with('\n'))
        return std::nullopt;
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    if (!std::ranges::all_of(lines, is_block_line)) return std::nullopt;
    return below(clipped ? "|" : "|-", lines, indent);
}

std::optional<std::string> spell_folded(std::span<const std::string_view> lines, bool ends_in_break,
                                        std::size_t indent) {
    const auto folds = [](std::string_view line) {
        return !line.empty() && !line.starts_with(' ') && is_block_line(line);
    };
    if (lines.empty() || !std::ranges::all_of(lines, folds)) return std::nullopt;
    return below(ends_in_break ? ">" : ">-", lines, indent);
}

}  // namespace parmana::yaml
