// Stepping through UTF-8 text. Private to the module.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace parmana::json {

inline std::uint8_t byte_of(char c) {
    return static_cast<std::uint8_t>(c);
}

inline std::uint64_t load_word(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Passes one character of two or more bytes. False leaves `at` on the first byte that no
/// well-formed character can have there (RFC 3629 §4), or at `end`.
inline bool pass_multibyte(const char*& at, const char* end) {
    const std::uint8_t lead = byte_of(*at);
    if (lead < 0xc2 || lead > 0xf4) return false;
    // Overlong forms, surrogates and code points above U+10FFFF are all visible in the second byte.
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (++at == end || byte_of(*at) < low || byte_of(*at) > high) return false;
    for (int more = lead >= 0xf0 ? 2 : lead >= 0xe0 ? 1 : 0; more > 0; --more) {
        if (++at == end || (byte_of(*at) & 0xc0) != 0x80) return false;
    }
    ++at;
    return true;
}

/// The first byte from `at` on that ends a run of ordinary ASCII: a quote, a backslash, a control
/// character or a byte of a longer character. Reads up to seven bytes behind it.
inline const char* pass_plain(const char* at) {
    static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    for (;; at += 8) {
        const std::uint64_t word = load_word(at);
        const std::uint64_t quote = word ^ kOnes * '"';
        const std::uint64_t backslash = word ^ kOnes * '\\';
        // A borrow can only mark bytes above one that is marked rightly, and only the lowest mark
        // is used.
        const std::uint64_t marks = (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) |
                                     ((backslash - kOnes) & ~backslash) | word) &
                                    kOnes * 0x80;
        if (marks != 0) return at + std::countr_zero(marks) / 8;
    }
}

}  // namespace parmana::json
