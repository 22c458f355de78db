// Trees in the debug format of cel-go (github.com/google/cel-go/common/debug), for a comparison with what
// cel-go made of the same expression.
//
// A node is its text and then a mark. A call is `function(`, each argument on a line of its own, indented by
// two blanks and separated by commas, `)`; a call with a receiver has `receiver.` in front; lists and maps
// are alike, with
// `[`…`]` and `{`…`}`, and `key:value` for an entry. A field selection is `operand.field`, in has() with
// `~test-only~` behind. A comprehension names each of its parts in a line of comment.
#pragma once

#include <string>

#include "cel/cel.hpp"

namespace parmana::conformance {

/// Each node is marked `^#kind#` with the name of its message in cel-go.
std::string parsed_tree_text(const cel::Ast& ast);

/// cel-go compares across types of numbers only when it is asked to, which it was for some of the suite:
/// where a type is dyn those overloads stand beside the others. We always have them.
enum class Overloads : std::uint8_t { all, of_one_type };

/// Each node is marked `~type`, and `^name` or `^overload|overload` where it refers to a declaration.
std::string checked_tree_text(const cel::Checked& checked, Overloads which);

}  // namespace parmana::conformance
