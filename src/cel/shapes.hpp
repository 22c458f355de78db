// Questions about trees and types that the compiler asks. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "cel/ast.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"

namespace parmana::cel {

inline bool is_call(const Expr& expr, std::string_view function) {
    return expr.kind == ExprKind::call && expr.target == nullptr && expr.name == function;
}

inline bool is_boolean_constant(const Expr& expr, bool value) {
    const auto* truth = expr.kind == ExprKind::constant ? std::get_if<bool>(&expr.constant) : nullptr;
    return truth != nullptr && *truth == value;
}

inline std::optional<Kind> simple_kind(const Type& type) {
    switch (type.kind) {
        case TypeKind::boolean:
            return Kind::boolean;
        case TypeKind::integer:
            return Kind::integer;
        case TypeKind::real:
            return Kind::real;
        case TypeKind::string:
            return Kind::string;
        default:
            return std::nullopt;
    }
}

struct Relation {
    std::string_view function;
    std::string_view mirrored;  // with the operands exchanged
    std::uint8_t step;          // from the `equal` of a kind to the instruction
};
inline constexpr Relation kRelations[] = {{op::kEqual, op::kEqual, 0},
                                          {op::kLess, op::kGreater, 1},
                                          {op::kLessOrEqual, op::kGreaterOrEqual, 2},
                                          {op::kGreater, op::kLess, 3},
                                          {op::kGreaterOrEqual, op::kLessOrEqual, 4}};

}  // namespace parmana::cel
