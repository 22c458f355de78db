// What a test expects of its expression.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cel/cel.hpp"
#include "conformance/suite.hpp"

namespace parmana::conformance {

/// A value or an error, and a type; what is not there is not looked at.
struct Expectation {
    std::optional<cel::Value> value = {};
    std::optional<std::string> error = {};  // its message
    std::optional<cel::Type> type = {};
};

struct Outcome {
    cel::Type type;
    cel::Value value;
};

/// The expectation of a SimpleTest; without any it is `true`.
Read<Expectation> read_expectation(const Json& original, cel::Arena& arena);

/// How the outcome differs from what is wanted; empty when it does not.
std::string disappointment(const Expectation& wanted, const Outcome& outcome);

/// Wrong expectations in the place of a right one: a value of the same kind that is unequal to the value, an
/// error for a value, a value for an error, another type.
std::vector<Expectation> inversions(const Expectation& right, cel::Arena& arena);

}  // namespace parmana::conformance
