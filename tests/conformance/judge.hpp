// One test: its judgement.
#pragma once

#include <string>

#include "conformance/suite.hpp"

namespace parmana::conformance {

/// Which parts of a test are judged.
enum class Scope : std::uint8_t {
    whole,     // the result, and the trees and the type of cel-go where the test has them
    trees,     // only those: for the tests of cel-go, which have no result
    inverted,  // only the result, and every expectation is replaced by a wrong one: nothing may pass
};

/// Why the test does not pass; empty when it does.
std::string judge(const Test& test, Scope scope);

}  // namespace parmana::conformance
