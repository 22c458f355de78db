// The variables of generated programs, and values for them: boundaries more often than not.
#pragma once

#include <span>
#include <string>

#include "cel/type.hpp"
#include "random.hpp"
#include "reference.hpp"

namespace parmana::differential {

struct Variable {
    std::string name;
    cel::Type type;
};

/// The declarations of every program, in the order of their slots.
std::span<const Variable> variables();

/// A value for each variable.
reference::Variables random_inputs(Random& random);

/// A value of a simple type, of a list, map or optional of such, or of any for dyn.
reference::Value random_value(Random& random, const cel::Type& type);

/// `int`, `list(map(string, A))`, `optional(dyn)`: one capital letter is a type parameter, a word that is no
/// type is an opaque type.
cel::Type parse_type(std::string_view text);

}  // namespace parmana::differential
