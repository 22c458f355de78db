#include "base/bytes.hpp"

#include <cstring>

#include "base/invariant.hpp"

namespace parmana {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

constexpr std::array<std::int8_t, 256> make_decode_table() {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < kBase64.size(); ++i) {
        table[static_cast<std::uint8_t>(kBase64[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}
constexpr auto kBase64Decode = make_decode_table();

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<std::uint8_t>(bytes[i]);
}

/// True when none of eight bytes needs an escape in JSON: none below 0x20, no quote, no backslash. A byte of
/// a word is zero exactly when the usual subtraction borrows into its top bit.
bool needs_no_escape(const char* bytes) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kTops = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, 8);
    const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w & kTops; };
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kTops;
    return (below_space | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) == 0;
}

std::uint64_t read_big_endian(std::string_view bytes, std::size_t count) {
    INVARIANT(bytes.size() >= count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 8 | byte_at(bytes, i);
    return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(value >> shift & 0xff));
    }
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string out(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out[2 * i] = kHex[byte_at(bytes, i) >> 4];
        out[2 * i + 1] = kHex[byte_at(bytes, i) & 15];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high << 4 | low));
    }
    return out;
}

void append_base64(std::string& out, std::string_view bytes) {
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() + 2) / 3 * 4);
    char* to = out.data() + start;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        *to++ = kBase64[group >> 18];
        *to++ = kBase64[group >> 12 & 63];
        *to++ = kBase64[group >> 6 & 63];
        *to++ = kBase64[group & 63];
    }
    const std::size_t rest = bytes.size() - i;
    if (rest == 0) return;
    const std::uint32_t group = byte_at(bytes, i) << 16 | (rest == 2 ? byte_at(bytes, i + 1) << 8 : 0u);
    *to++ = kBase64[group >> 18];
    *to++ = kBase64[group >> 12 & 63];
    *to++ = rest == 2 ? kBase64[group >> 6 & 63] : '=';
    *to++ = '=';
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        const int padding = !last ? 0 : text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const bool padded = static_cast<int>(j) >= 4 - padding;
            const int value = padded ? 0 : kBase64Decode[byte_at(text, i + j)];
            if (value < 0) return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        // Unused bits must be zero: otherwise two spellings would decode to the same bytes.
        if (padding == 1 && (group & 0xff) != 0) return std::nullopt;
        if (padding == 2 && (group & 0xffff) != 0) return std::nullopt;
        out.push_back(static_cast<char>(group >> 16));
        if (padding < 2) out.push_back(static_cast<char>(group >> 8 & 0xff));
        if (padding < 1) out.push_back(static_cast<char>(group & 0xff));
    }
    return out;
}

std::string to_base32(std::string_view bytes) {
    std::string out;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        buffer = (buffer << 8 | byte_at(bytes, i)) & 0xffff;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out.push_back(kBase32[buffer >> bits & 31]);
        }
    }
    if (bits > 0) out.push_back(kBase32[buffer << (5 - bits) & 31]);
    return out;
}

std::string to_wire(const Digest& digest) {
    return "sha256:" + to_hex(view_of(digest));
}

std::optional<Digest> digest_from_wire(std::string_view text) {
    if (!text.starts_with("sha256:")) return std::nullopt;
    const auto bytes = from_hex(text.substr(7));
    return bytes ? array_from<32>(*bytes) : std::nullopt;
}

void append_u16(std::string& out, std::uint16_t value) {
    append_big_endian(out, value, 2);
}
void append_u32(std::string& out, std::uint32_t value) {
    append_big_endian(out, value, 4);
}
void append_u64(std::string& out, std::uint64_t value) {
    append_big_endian(out, value, 8);
}

std::uint16_t read_u16(std::string_view bytes) {
    return static_cast<std::uint16_t>(read_big_endian(bytes, 2));
}
std::uint32_t read_u32(std::string_view bytes) {
    return static_cast<std::uint32_t>(read_big_endian(bytes, 4));
}
std::uint64_t read_u64(std::string_view bytes) {
    return read_big_endian(bytes, 8);
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (i + 8 <= text.size() && needs_no_escape(text.data() + i))
            i += 8;
        if (i == text.size()) break;
        const auto c = static_cast<std::uint8_t>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, clean_from, i - clean_from);
        clean_from = i + 1;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                out += "\\u00";
                out.push_back(kHex[c >> 4]);
                out.push_back(kHex[c & 15]);
        }
    }
    out.append(text, clean_from);
    out.push_back('"');
}

std::string pointer_token(std::string_view name) {
    std::string out = "/";
    for (const char c : name) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace parmana
