// Values, types and declarations of the suite, which are protocol buffers (cel/expr/value.proto,
// checked.proto) in JSON, as those of the library. What needs messages, enums or wrappers is refused in
// words.
#pragma once

#include "cel/cel.hpp"
#include "conformance/suite.hpp"

namespace parmana::conformance {

/// A cel.expr.Value. Texts live in the arena.
Read<cel::Value> read_value(const Json& json, cel::Arena& arena);

/// A cel.expr.Type.
Read<cel::Type> read_type(const Json& json);

/// The `typeEnv` and `container` of a test; variables that are bound but not declared are dyn.
Read<cel::Environment> read_environment(const Json& original);

/// The bindings, in the order of the environment's variables; absent where there is none.
Read<std::vector<cel::Value>> read_bindings(const Json& original, const cel::Environment& environment,
                                            cel::Arena& arena);

/// The same value: of the same kind throughout. NaN is NaN, and zero has no sign, for JSON does not keep it.
bool same(const cel::Value& a, const cel::Value& b);

}  // namespace parmana::conformance
