// The order of member names (RFC 8785 §3.2.3). Inline, because every member of every object is
// compared. Private to the module.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "json/text.hpp"

namespace parmana::json {

template <class Word>
bool same_word(const char* a, const char* b) {
    Word left;
    Word right;
    std::memcpy(&left, a, sizeof left);
    std::memcpy(&right, b, sizeof right);
    return left == right;
}

/// Index of the first byte in which `a` and `b` differ, or `size` if the first `size` bytes are the
/// same.
inline std::size_t first_difference(const char* a, const char* b, std::size_t size) {
    std::size_t i = 0;
    while (i + 8 <= size && same_word<std::uint64_t>(a + i, b + i))
        i += 8;
    if (i + 4 <= size && same_word<std::uint32_t>(a + i, b + i)) i += 4;
    while (i < size && a[i] == b[i])
        ++i;
    return i;
}

/// UTF-8 bytes order characters by code point. UTF-16 order differs in one thing: surrogate pairs
/// stand before U+E000…U+FFFF. Only the lead bytes 0xEE and 0xEF begin those, so lifting them over
/// 0xF4 is enough.
inline int utf16_rank(char c) {
    const int byte = byte_of(c);
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

/// Negative, zero or positive, as `a` stands before, at or behind `b` in UTF-16 code unit order.
inline int jcs_compare(std::string_view a, std::string_view b) {
    const std::size_t shared = std::min(a.size(), b.size());
    const std::size_t i = first_difference(a.data(), b.data(), shared);
    if (i < shared) return utf16_rank(a.data()[i]) - utf16_rank(b.data()[i]);
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace parmana::json
