// Values for policies: what YAML means, and whether a value is of a type. For the module and for what tests
// policies.
#pragma once

#include "cel/value.hpp"
#include "yaml/yaml.hpp"

namespace parmana::authoring {

/// The value of a node, in the arena: null, bool, int, double, string, list, map. Where a double is wanted an
/// integer will do, where a uint is wanted one that is not negative. A value that there is not (a map with 1
/// and 0x1 as keys) is an error.
cel::Value value_of(yaml::Node node, const cel::Type& wanted, cel::Arena& arena);

/// True when the value, with all that is in it, is of the type. Errors and absent values are of none.
bool fits(const cel::Value& value, const cel::Type& type);

}  // namespace parmana::authoring
