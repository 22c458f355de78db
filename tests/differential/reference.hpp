// A second evaluator of CEL, slow and obvious: it walks the syntax tree as it was parsed, with macros
// unexpanded, and does what the language definition and the pages of the extensions say. Tests only; the
// evaluator in src/cel is compared with it on generated programs (differential.cpp).
//
// Where those texts leave a choice, this is the one made here:
//
//   evaluation order     strict, from left to right; the first error is the value of a call or literal
//   `a && b`, both fail  the error of `a`
//   cel.bind             an error is bound like a value: it shows where the name is used
//   or, orValue          the argument is evaluated only when the receiver is empty (cel-go, cel-cpp)
//   greatest, least      the first of equals; NaN is neither greater nor less than anything
//   indexOf, lastIndexOf an offset below 0 or above the length is an error, as the conformance tests have it
//   uint(-0.5)           is 0u: rounded first, then checked
//   ofNonZeroValue       the zero timestamp is 1970-01-01T00:00:00Z, the zero optional has no value (as in
//                        cel-cpp), no type is zero
//   index, `[?_]`, in    a value that cannot be a key is a missing one; a double is looked up as a number
//   empty separators     of split and replace stand between all characters, as in Go
//   "%f" and "%e"        an int or uint is converted to double first
//   base64.decode        bits that belong to no byte must be zero
//   transformMapEntry    keys are looked at when all rounds are through, as in a literal
//   fixed time zones     with or without a sign, to 23:59
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cel/ast.hpp"
#include "reference_value.hpp"

namespace parmana::reference {

using Variables = std::map<std::string, Value, std::less<>>;

/// Counts what an evaluation uses, so that a generated program cannot run away.
struct Budget {
    std::size_t steps = 100'000;
    std::size_t size = 2'000;  // code points, octets or elements of one value
    bool exceeded = false;
};

/// `root` is a tree without expanded macros (cel::Macros::none). When the budget was exceeded the result
/// means nothing.
Outcome evaluate(const cel::Expr& root, const Variables& variables, Budget& budget);

/// A function of which all arguments are evaluated first. The receiver of a method is its first argument.
using Function = Outcome (*)(const Values& arguments);
/// By name and number of arguments, a receiver among them: `size/1`, `.size/1`, `math.ceil/1`, `_+_/2`. Null
/// when there is none.
Function find_function(std::string_view key);

/// `e.field` and `has(e.field)`.
Outcome select_field(const Value& operand, const std::string& field);
Outcome has_field(const Value& operand, const std::string& field);

}  // namespace parmana::reference
