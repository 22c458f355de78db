// The tests that cannot pass by design: a text file with a line for each, `name  # reason`. Lines that begin
// with `#` are comments.
#pragma once

#include <map>
#include <string>

#include "conformance/suite.hpp"

namespace parmana::conformance {

/// Reasons by name of the test. A line without a reason and a name twice are refused.
Read<std::map<std::string, std::string>> read_exclusions(const std::string& path);

}  // namespace parmana::conformance
