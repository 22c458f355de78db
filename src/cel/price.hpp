// What things cost, in units of limits::kCelCostMax; a unit is at least what ten nanoseconds of a slow core
// buy. The functions pay by these for what they look at, and the bound of an expression (cost.hpp) applies
// them to the largest that it can be: so each grows with the sizes. `./dev bench evaluate/worst-admissible`
// says whether they are right. Internal to the module.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace parmana::cel::price {

/// What is more is as good as this.
inline constexpr std::uint64_t kInfinite = std::uint64_t{1} << 60;

constexpr std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    return std::min(a + b, kInfinite);
}
template <class... Rest>
constexpr std::uint64_t sum(std::uint64_t a, std::uint64_t b, Rest... rest) {
    return sum(sum(a, b), rest...);
}
constexpr std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t out = 0;
    return __builtin_mul_overflow(a, b, &out) ? kInfinite : std::min(out, kInfinite);
}

/// Steps of the machine.
constexpr std::uint64_t run(std::uint64_t instructions) {
    return (instructions + 1) / 2;
}

// Of bytes.
constexpr std::uint64_t compared(std::uint64_t bytes) {
    return bytes / 128;
}
constexpr std::uint64_t copied(std::uint64_t bytes) {
    return bytes / 64;
}
/// Code points are counted or passed over.
constexpr std::uint64_t counted(std::uint64_t bytes) {
    return bytes / 32;
}
/// Each byte becomes another.
constexpr std::uint64_t changed(std::uint64_t bytes) {
    return bytes / 16;
}
/// Each byte is looked at by itself.
constexpr std::uint64_t read(std::uint64_t bytes) {
    return bytes / 4;
}
/// A text is looked for in another; of both together.
constexpr std::uint64_t searched(std::uint64_t bytes) {
    return product(bytes, 3) / 8;
}

// Of elements and entries.
constexpr std::uint64_t gathered(std::uint64_t elements) {
    return 1 + elements / 8;
}
constexpr std::uint64_t looked_up(std::uint64_t entries, std::uint64_t key_bytes) {
    return product(static_cast<std::uint64_t>(std::bit_width(entries)), 1 + key_bytes / 256);
}
constexpr std::uint64_t sorted(std::uint64_t entries, std::uint64_t key_bytes) {
    return product(entries, looked_up(entries, key_bytes));
}

/// Bytes of a value for `compared`: those of its texts, and of what is around each element and entry.
inline constexpr std::uint64_t kElementWeight = 96;
inline constexpr std::uint64_t kEntryWeight = 192;

// Of single values.
inline constexpr std::uint64_t kNumberWritten = 10;  // as text
inline constexpr std::uint64_t kRealWritten = 60;    // with up to a hundred decimals
inline constexpr std::uint64_t kMapTextEntry = 8;    // of a map as text, beside its parts
inline constexpr std::uint64_t kTimeWritten = 15;
inline constexpr std::uint64_t kTimeRead = 10;  // and what its text costs
inline constexpr std::uint64_t kTimeField = 8;
inline constexpr std::uint64_t kZoneField = 30;
inline constexpr std::uint64_t kPartCut = 2;   // a part of a text that is split or joined
inline constexpr std::uint64_t kReplaced = 1;  // an occurrence

}  // namespace parmana::cel::price
