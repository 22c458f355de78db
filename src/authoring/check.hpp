// What a policy's author should know before it is signed: everything that does not compile, and what compiles but is
// hardly meant. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "authoring/finding.hpp"

namespace parmana::authoring {

struct Examination {
    Findings findings;
    std::uint64_t cost = 0;    // the worst case of an evaluation; 0 when the policy does not compile
    std::uint64_t inputs = 0;  // that the policy was tried on
    bool complete = false;     // those stand for all inputs
};

/// Findings of authoring::build or policy::check, with an input that no rule takes where the last rule has a condition.
/// When there are none: rules with the condition of an earlier one; conditions that always or never hold and rules that
/// no input reaches, where the inputs tried stand for all; inputs that cannot be decided because an evaluation fails or
/// two rules of a table hold.
Examination check_yaml(std::string_view source);
Examination check_json(std::string_view source);

}  // namespace parmana::authoring
