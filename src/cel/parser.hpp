// Building the tree. Internal to the module; parser.cpp and macros.cpp share it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cel/lexer.hpp"

namespace parmana::cel {

/// Makes nodes with dense ids and keeps their number and height under the limits.
class TreeMaker {
  public:
    ExprPtr make(ExprKind kind, std::uint32_t offset);
    ExprPtr constant(Constant value, std::uint32_t offset);
    ExprPtr identifier(std::string name, std::uint32_t offset);
    ExprPtr call(std::string_view function, std::vector<ExprPtr> arguments, std::uint32_t offset);
    ExprPtr method(std::string_view function, ExprPtr target, std::vector<ExprPtr> arguments,
                   std::uint32_t offset);
    ExprPtr select(ExprPtr operand, std::string field, std::uint32_t offset);
    ExprPtr list(std::vector<ExprPtr> elements, std::uint32_t offset);
    Entry entry(std::uint32_t offset);
    /// Sets the height of a node whose children are in place.
    void settle(Expr& expr);

    std::uint32_t id_count() const { return ids_; }
    bool over_limits() const { return over_nodes_ || over_height_; }
    std::string limit_message() const;

  private:
    std::uint32_t ids_ = 0;
    bool over_nodes_ = false;
    bool over_height_ = false;
};

template <class... Parts>
std::vector<ExprPtr> exprs(Parts... parts) {
    std::vector<ExprPtr> out;
    (out.push_back(std::move(parts)), ...);
    return out;
}

/// A macro that was called; `target` is null for a global one.
struct MacroCall {
    std::string_view name;
    ExprPtr target;
    std::vector<ExprPtr> arguments;
    std::uint32_t offset;
};

/// Expands the call in place: the expansion, or null when no macro of this form exists and the call is as it
/// was.
Checkable<ExprPtr> expand_macro(TreeMaker& maker, MacroCall& call, Macros macros);

}  // namespace parmana::cel
