// Lists of tests with reasons: a text file with a line for each, `name  # reason`. Lines that begin with `#`
// are comments.
#pragma once

#include <map>
#include <string>

#include "conformance/suite.hpp"

namespace parmana::conformance {

/// Reasons by name of the test.
using Exclusions = std::map<std::string, std::string>;

/// Refused: a line without a reason, a name twice.
Read<Exclusions> read_exclusions(const std::string& path);

}  // namespace parmana::conformance
