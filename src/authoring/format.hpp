// One layout for what authors write: keys in one order, expressions in their one spelling, short things on
// one line, and every comment where it belongs. Formatting what is formatted changes nothing. Pure.
#pragma once

#include <string>
#include <string_view>

#include "authoring/finding.hpp"

namespace parmana::authoring {

/// A governance document anew; it builds to the same bytes. Findings: those of `build`.
Written<std::string> format_policy(std::string_view yaml);

/// A file of tests anew; it holds the same values. Findings: YAML, and a file that is no mapping.
Written<std::string> format_suite(std::string_view yaml);

}  // namespace parmana::authoring
