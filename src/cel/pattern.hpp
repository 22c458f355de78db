// Regular expressions as trees; a part of RE2's syntax. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace parmana::cel {

/// Code points from `first` to `last`.
struct Range {
    std::uint32_t first;
    std::uint32_t last;
    bool operator==(const Range&) const = default;
};
/// In ascending order, none touching another.
using Ranges = std::vector<Range>;
inline constexpr std::uint32_t kCodePointMax = 0x10ffff;

struct Pattern {
    enum class Kind : std::uint8_t { characters, sequence, choice, repetition, begin, end };
    Kind kind = Kind::sequence;
    Ranges ranges = {};               // characters
    std::vector<Pattern> parts = {};  // of a repetition one
    std::uint32_t least = 0;          // repetition
    std::optional<std::uint32_t> most = {};
};

/// Requires a pattern that RE2 takes. Nothing when it has something beyond literals, classes, groups, `|`,
/// repetition and anchors.
std::optional<Pattern> read_pattern(std::string_view text);

}  // namespace parmana::cel
