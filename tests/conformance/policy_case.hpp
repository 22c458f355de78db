// One case of the suite of CEL Policy: a directory with policy.yaml, perhaps config.yaml, and tests.yaml.
#pragma once

#include <string>
#include <vector>

#include "conformance/policy_tables.hpp"

namespace parmana::conformance {

struct PolicyVerdict {
    std::string test;  // section/test
    std::string why;   // empty when it passes
};

/// Runs every test of the case in the directory. One without tests.yaml is a single test: its policy must not
/// compile. `positions` are those that the findings of a faulty policy must have.
std::vector<PolicyVerdict> run_case(const std::string& directory, const std::vector<std::string>& positions);

}  // namespace parmana::conformance
