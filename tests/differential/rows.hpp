// The table of what the comparison must reach: every operator, overload and macro, as a pattern of source
// text.
#pragma once

#include <string>
#include <vector>

#include "cel/type.hpp"

namespace parmana::differential {

/// A row as it is written. In `pattern`, `$(T)` is an expression of type T, `$x:(T)` declares a variable of
/// type T and `$x` names it, and `$+(T)` is an expression that may use the variables declared before it. A
/// capital letter is a type parameter, the same throughout the row. Words that are no types are kinds of text
/// (generate.cpp).
struct Row {
    std::string result;
    std::string pattern;
    bool can_fail = true;
};

const std::vector<Row>& rows();

/// A part of a pattern.
struct Piece {
    enum class Kind { text, hole, declaration, variable };
    Kind kind;
    std::string text;  // as it stands; or the name of a variable
    cel::Type type;    // of a hole or variable
    bool sees_variables = false;
};
std::vector<Piece> pieces_of(const std::string& pattern);

}  // namespace parmana::differential
