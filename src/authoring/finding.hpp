// What is wrong with a text that an author wrote, and where.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace parmana::authoring {

/// One-based line and column (in code points) of a YAML source.
struct Finding {
    std::size_t line;
    std::size_t column;
    std::string message;
    auto operator<=>(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

/// A value, or everything that is wrong, in the order of the source (never empty).
template <class T>
using Written = std::expected<T, Findings>;

}  // namespace parmana::authoring
