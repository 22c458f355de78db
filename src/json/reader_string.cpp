// The strings of the reader: UTF-8 checked, escapes undone. A string without escapes stays where it
// is in the text; one with escapes is written to a side buffer, made once and large enough for all
// that can follow.
#include <algorithm>

#include "json/reader.hpp"
#include "json/text.hpp"

namespace parmana::json {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The character behind the backslash of a two-character escape, or 0.
char simple_escape(char c) {
    switch (c) {
        case '"':
        case '\\':
        case '/':
            return c;
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return 0;
    }
}

char* put_utf8(char* to, std::uint32_t code_point) {
    const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0 | code_point >> 6);
        put(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        put(0xe0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3f));
        put(0x80 | (code_point & 0x3f));
    } else {
        put(0xf0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3f));
        put(0x80 | (code_point >> 6 & 0x3f));
        put(0x80 | (code_point & 0x3f));
    }
    return to;
}

}  // namespace

bool Reader::read_string(Text& out) {
    const char* const start = at_ + 1;
    at_ = pass_plain(start);
    if (*at_ != '"') [[unlikely]]
        return read_marked_string(start, out);
    out = {start, static_cast<std::uint32_t>(at_ - start), true};
    ++at_;
    return true;
}

// `run` is the first byte that is not yet in the side buffer; `at_` stands on the first that is not
// ordinary.
bool Reader::read_marked_string(const char* run, Text& out) {
    char* start = nullptr;  // the string in the side buffer, if it has an escape
    char* to = nullptr;
    for (;;) {
        at_ = pass_plain(at_);
        const std::uint8_t byte = byte_of(*at_);
        if (byte == '"') break;
        if (byte >= 0x80) {
            if (!pass_multibyte(at_, end_)) return refuse("expected well-formed UTF-8");
            continue;
        }
        if (byte != '\\') return refuse(at_ == end_ ? "expected `\"`" : "expected no control character");
        if (start == nullptr) start = to = room_for_unescaped();
        to = std::copy(run, at_, to);
        ++at_;
        if (!read_escape(to)) return false;
        run = at_;
    }
    if (start == nullptr) {
        out = {run, static_cast<std::uint32_t>(at_ - run), true};
    } else {
        to = std::copy(run, at_, to);
        unescaped_end_ = to;
        out = {start, static_cast<std::uint32_t>(to - start), false};
    }
    ++at_;
    return true;
}

// Unescaping never makes longer, so what is left of the text bounds all strings from here on.
char* Reader::room_for_unescaped() {
    if (unescaped_end_ == nullptr) {
        parts_->unescaped = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(end_ - begin_));
        unescaped_end_ = parts_->unescaped.get();
    }
    return unescaped_end_;
}

bool Reader::read_escape(char*& to) {
    if (*at_ == 'u') {
        ++at_;
        return read_code_point(to);
    }
    const char meant = simple_escape(*at_);
    if (meant == 0) return refuse("expected an escape");
    *to++ = meant;
    ++at_;
    return true;
}

bool Reader::read_code_point(char*& to) {
    std::uint32_t unit = 0;
    if (!read_unit(false, unit)) return false;
    if (unit >= 0xd800 && unit <= 0xdbff) {
        std::uint32_t low = 0;
        for (const char c : {'\\', 'u'}) {
            if (*at_ != c) return refuse("expected the second half of a surrogate pair");
            ++at_;
        }
        if (!read_unit(true, low)) return false;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    to = put_utf8(to, unit);
    return true;
}

// Four hexadecimal digits: a low surrogate if `low`, and none otherwise. The digit that decides is
// the one that is refused.
bool Reader::read_unit(bool low, std::uint32_t& unit) {
    for (int i = 0; i < 4; ++i) {
        const int digit = hex_digit(*at_);
        if (digit < 0) return refuse("expected a hexadecimal digit");
        unit = unit << 4 | static_cast<std::uint32_t>(digit);
        if (i == 0 && low && unit != 0xd) return refuse("expected the second half of a surrogate pair");
        if (i == 1 && low != (unit >= 0xdc && unit <= 0xdf)) {
            return refuse(low ? "expected the second half of a surrogate pair"
                              : "expected the first half of a surrogate pair");
        }
        ++at_;
    }
    return true;
}

}  // namespace parmana::json
