// The functions of the standard library and of the extensions, as the checker sees them. Internal to the
// module.
#pragma once

#include <string_view>

#include "cel/cel.hpp"

namespace parmana::cel {

/// The declaration of a function, or null. Names of namespaced functions are qualified: `math.abs`.
const FunctionDeclaration* find_standard_function(std::string_view name);

/// The type that a standard identifier denotes (`int`, `google.protobuf.Timestamp`); TypeKind::error for
/// others.
Type find_standard_type(std::string_view name);

}  // namespace parmana::cel
