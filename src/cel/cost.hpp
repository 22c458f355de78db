// A bound on the cost of an expression, found before it runs from the declared sizes of its input.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cel/cel.hpp"

namespace parmana::cel {

/// The most that a value can hold: bytes of a string or bytes, elements of a list, entries of a map; in
/// `parts` that of an element (list), of key and value (map), or of what is inside (optional).
struct Extent {
    std::uint64_t size = 0;
    std::vector<Extent> parts = {};
};

struct CostBound {
    std::uint64_t cost;  // saturates at kCostInfinite
    Extent result;
};
inline constexpr std::uint64_t kCostInfinite = std::uint64_t{1} << 60;

/// At least what any evaluation pays (Machine::cost), and with that about the time that it takes, whatever
/// the variables hold within their extents. A variable that is not named has no size.
CostBound cost_bound(const Checked& expression, const std::map<std::string, Extent>& variables);

}  // namespace parmana::cel
