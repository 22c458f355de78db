// Name resolution (langdef.md, "Name Resolution"), for the checker and for expressions that are not checked.
// Internal to the module.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/cel.hpp"

namespace parmana::cel {

/// `a.b.c` when the tree is a chain of field selections on an identifier, else nothing.
std::optional<std::string> qualified_name(const Expr& expr);

/// A checked name may have a leading dot: it means no variable of a macro then (checker.cpp).
inline std::string_view without_dot(std::string_view name) {
    return name.starts_with('.') ? name.substr(1) : name;
}

/// What a name was found to mean.
struct Meaning {
    std::string name;
    Type type;
};

class Names {
  public:
    explicit Names(const Environment& environment) : environment_(environment) {}

    /// A variable or type of the environment.
    std::optional<Meaning> find_identifier(std::string_view name) const;
    const FunctionDeclaration* find_function(std::string_view name) const;

  private:
    std::vector<std::string> candidates(std::string_view name) const;
    const Environment& environment_;
};

}  // namespace parmana::cel
