// Judgements of one test. Each says why the test does not pass; empty when it does.
#pragma once

#include <string>

#include "conformance/suite.hpp"

namespace parmana::conformance {

/// Its result: a value, an error or a type, evaluated as a value and as a condition.
std::string judge_result(const Test& test);

/// Its result against wrong expectations: nothing may pass.
std::string judge_inverted(const Test& test);

/// The trees and the type that cel-go has, where the test has them: parsed with the standard macros, checked
/// with all.
std::string judge_trees(const Test& test);

/// For a test of cel-go's parser or checker. With an error and without a tree it must not parse, with a tree
/// and without a checked one it must not check.
std::string judge_refusal(const Test& test);

}  // namespace parmana::conformance
