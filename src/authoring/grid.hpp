// Inputs to try a policy on: for each signal the values around the constants that the policy compares it
// with. When every condition compares one signal with constants, a policy cannot tell any other input from
// one of these, and what is true of all of them is true of all inputs. No solver is needed. Internal to the
// module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace parmana::authoring {

struct Grid {
    /// By signal: values as JSON; an empty one leaves an optional signal out.
    std::vector<std::vector<std::string>> values;
    /// True when the inputs stand for all that there are.
    bool complete = false;
    /// How many there are; at most `kGridMax`, or a choice of that many.
    std::uint64_t size = 0;
};
inline constexpr std::uint64_t kGridMax = 20'000;

Grid make_grid(const policy::Policy& policy);

/// The i-th input as the JSON of `signals`.
std::string input_of(const policy::Policy& policy, const Grid& grid, std::uint64_t index);

}  // namespace parmana::authoring
