// Reading of signed notes: text, blank line, signature lines. Whatever is accepted has one
// spelling.
#include <algorithm>
#include <optional>

#include "note/key_name.hpp"
#include "note/note.hpp"

namespace parmana::note {
namespace {

constexpr std::size_t kNoteBytesMax = 64 * 1024;
constexpr std::size_t kSignatureLinesMax = 16;
constexpr std::size_t kKeyHintBytes = 4;

std::unexpected<Error> malformed(std::string detail) {
    return fail(Code::member_invalid, "the note is not well formed: " + std::move(detail));
}

// Takes one code point from the front (RFC 3629 §4: shortest form, no surrogates); nothing if there
// is none.
std::optional<char32_t> take_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
    if (size == 0 || text.size() < size) return std::nullopt;
    char32_t point = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | (next & 0x3fu);
    }
    const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    if (overlong || surrogate || point > 0x10ffff) return std::nullopt;
    text.remove_prefix(size);
    return point;
}

// The characters with the property White_Space.
bool white_space(char32_t point) {
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 ||
           point == 0x202f || point == 0x205f || point == 0x3000;
}

// `line` without its newline.
Result<SignatureLine> parse_signature_line(std::string_view line) {
    if (!line.starts_with(kSignaturePrefix)) return malformed("a signature line does not begin with a dash");
    line.remove_prefix(kSignaturePrefix.size());
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return malformed("a signature line has no signature");
    const std::string_view name = line.substr(0, space);
    if (!valid_key_name(name)) return malformed("a signature line has no valid key name");
    const auto bytes = from_base64(line.substr(space + 1));
    if (!bytes || bytes->size() <= kKeyHintBytes) return malformed("a signature is not canonical base64");
    return SignatureLine{std::string(name), read_u32(*bytes), bytes->substr(kKeyHintBytes)};
}

}  // namespace

bool valid_text(std::string_view text) {
    while (!text.empty()) {
        const auto point = take_code_point(text);
        if (!point || (*point < 0x20 && *point != '\n')) return false;
    }
    return true;
}

bool valid_key_name(std::string_view name) {
    if (name.empty()) return false;
    while (!name.empty()) {
        const auto point = take_code_point(name);
        if (!point || *point < 0x20 || *point == '+' || white_space(*point)) return false;
    }
    return true;
}

Result<Note> parse_note(std::string_view note) {
    if (note.size() > kNoteBytesMax) return malformed("it is longer than 64 KiB");
    if (!valid_text(note)) return malformed("it is not UTF-8 or has control characters");
    const std::size_t blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return malformed("there is no blank line");
    std::string_view lines = note.substr(blank + 2);
    if (lines.empty() || !lines.ends_with('\n')) return malformed("it does not end with a signature line");

    Note out{std::string(note.substr(0, blank + 1)), {}};
    while (!lines.empty()) {
        if (out.signatures.size() == kSignatureLinesMax)
            return malformed("there are more than 16 signature lines");
        const std::size_t end = lines.find('\n');
        out.signatures.push_back(TRY(parse_signature_line(lines.substr(0, end))));
        lines.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace parmana::note
