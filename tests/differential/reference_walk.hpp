// The walk over the tree. Internal to the reference; walk.cpp has the expressions, macros.cpp the macros.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reference.hpp"

namespace parmana::reference {

class Walker {
  public:
    Walker(const Variables& variables, Budget& budget) : variables_(variables), budget_(budget) {}
    Outcome walk(const cel::Expr& expr);

  private:
    /// A name that a macro gives to a value; or to an error, which shows where the name is used.
    struct Binding {
        std::string name;
        Outcome outcome;
    };
    /// One round of a macro: what its variables are called and stand for.
    using Round = std::vector<Binding>;
    using Rounds = std::expected<std::vector<Round>, Fault>;

    Outcome walk_kind(const cel::Expr& expr);
    Outcome name(const std::string& name) const;
    Outcome select(const cel::Expr& expr);
    Outcome list(const cel::Expr& expr);
    Outcome map(const cel::Expr& expr);
    Outcome call(const cel::Expr& expr);
    Outcome strict_call(const std::string& name, const cel::Expr* receiver, const cel::Expr& expr);
    Outcome conditional(const cel::Expr& expr);
    Outcome logical(const cel::Expr& expr, bool decisive);
    Outcome alternative(const cel::Expr& expr);
    Outcome within(const Round& round, const cel::Expr& body);

    /// The value of a call that is a macro; nothing when it is none.
    std::optional<Outcome> macro(const cel::Expr& expr);
    std::optional<Outcome> comprehension(const cel::Expr& expr);
    Outcome has(const cel::Expr& expr);
    Outcome bind(const cel::Expr& expr);
    Outcome map_optional(const cel::Expr& expr, bool flat);
    Outcome extreme(const cel::Expr& expr, bool greatest);
    Outcome aggregate(const cel::Expr& expr, std::size_t variables, bool decisive);
    Outcome exactly_one(const cel::Expr& expr, std::size_t variables);
    Outcome collect(const cel::Expr& expr, std::size_t variables);
    Outcome filter(const cel::Expr& expr);
    Outcome transform_map(const cel::Expr& expr, bool entries);
    Rounds rounds(const cel::Expr& expr, std::size_t variables);
    /// The truth of a body, which must be a bool.
    std::expected<bool, Fault> test(const Round& round, const cel::Expr& body);

    const Variables& variables_;
    Budget& budget_;
    std::vector<Binding> bindings_;
};

}  // namespace parmana::reference
