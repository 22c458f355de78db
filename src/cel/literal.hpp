// Literals as text. Internal to the module.
#pragma once

#include <string>

#include "cel/ast.hpp"

namespace parmana::cel {

/// The one spelling of a literal. Numbers that no literal can denote are spelled `NaN`, `Infinity`.
std::string literal_text(const Constant& constant);

}  // namespace parmana::cel
