// Shapes of policies that are as expensive as they can be.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parmana::bench {

/// Conditions that never hold over signals of their worst values. A policy has as many as are admissible.
struct Shape {
    std::string_view name;
    std::string signals;                                // JSON of `signalsSchema`
    std::function<std::string(std::size_t)> condition;  // the i-th, no two the same
    std::vector<std::string> inputs;                    // JSON of signals, each about as bad
    std::string variables = "[]";                       // JSON of `variables`
};

std::vector<Shape> worst_shapes();

}  // namespace parmana::bench
