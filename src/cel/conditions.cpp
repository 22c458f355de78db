// Conditions: jumps, and comparisons of slots with constants that are one instruction each.
#include <algorithm>

#include "base/invariant.hpp"
#include "cel/assembler.hpp"

namespace parmana::cel {
namespace {

std::optional<Kind> simple_kind(const Type& type) {
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
constexpr Relation kRelations[] = {{op::kEqual, op::kEqual, 0},
                                   {op::kLess, op::kGreater, 1},
                                   {op::kLessOrEqual, op::kGreaterOrEqual, 2},
                                   {op::kGreater, op::kLess, 3},
                                   {op::kGreaterOrEqual, op::kLessOrEqual, 4}};

}  // namespace

void Assembler::branch(const Expr& condition, const Checked* types, Label if_true, Label if_false) {
    if (is_call(condition, op::kNot)) return branch(*condition.arguments[0], types, if_false, if_true);
    const bool is_and = is_call(condition, op::kAnd);
    if ((is_and || is_call(condition, op::kOr)) &&
        (types == nullptr ||
         (cannot_fail(*condition.arguments[0], *types) && cannot_fail(*condition.arguments[1], *types)))) {
        const Label second = label();
        branch(*condition.arguments[0], types, is_and ? second : if_true, is_and ? if_false : second);
        place(second);
        return branch(*condition.arguments[1], types, if_true, if_false);
    }
    if (is_boolean_constant(condition, true)) return go(if_true);
    if (is_boolean_constant(condition, false)) return go(if_false);
    if (compare_slot(condition, if_true, if_false)) return;
    INVARIANT(types != nullptr);
    begin();
    value(condition);
    put({.op = Op::test, .next = {if_false, if_true}}, condition.id);
    drop(1);
}

std::optional<std::uint32_t> Assembler::simple_slot(const Expr& expr) const {
    if (expr.kind != ExprKind::identifier || find_local(expr.name)) return std::nullopt;
    const auto index = find_variable(expr.name);
    if (!index || storage_[*index].kind != Storage::Kind::slot) return std::nullopt;
    return simple_kind(variables_[*index].type) ? index : std::nullopt;
}

bool Assembler::compare_slot(const Expr& condition, Label if_true, Label if_false) {
    if (const auto index = simple_slot(condition); index && variables_[*index].type.is(TypeKind::boolean)) {
        put_comparison(Op::boolean_is, *index, 1, if_true, if_false, condition.id);
        return true;
    }
    if (condition.kind != ExprKind::call || condition.target != nullptr || condition.arguments.size() != 2)
        return false;
    const Expr& left = *condition.arguments[0];
    const Expr& right = *condition.arguments[1];
    if (condition.name == op::kIn) return compare_set(condition, left, right, if_true, if_false);
    if (condition.name == op::kNotEqual)
        return compare_constant(condition, op::kEqual, left, right, if_false, if_true);
    return compare_constant(condition, condition.name, left, right, if_true, if_false);
}

bool Assembler::compare_constant(const Expr& at, std::string_view function, const Expr& left,
                                 const Expr& right, Label if_true, Label if_false) {
    const auto* row = std::ranges::find(kRelations, function, &Relation::function);
    if (row == std::end(kRelations)) return false;
    if (left.kind == ExprKind::constant && right.kind != ExprKind::constant)
        return compare_constant(at, row->mirrored, right, left, if_true, if_false);
    const auto index = simple_slot(left);
    if (!index || right.kind != ExprKind::constant) return false;
    const Value operand = value_of(right.constant);
    const Kind kind = *simple_kind(variables_[*index].type);
    if (operand.kind != kind) return false;
    const auto step = [row](Op equal) { return static_cast<Op>(static_cast<int>(equal) + row->step); };
    switch (kind) {
        case Kind::boolean:
            if (row->step != 0) return false;
            put_comparison(Op::boolean_is, *index, operand.boolean ? 1 : 0, if_true, if_false, at.id);
            return true;
        case Kind::integer:
            put_comparison(step(Op::integer_equal), *index, constant(operand), if_true, if_false, at.id);
            return true;
        case Kind::real:
            put_comparison(step(Op::real_equal), *index, constant(operand), if_true, if_false, at.id);
            return true;
        default:
            if (row->step != 0) return false;
            put_comparison(Op::string_equal, *index, constant(operand), if_true, if_false, at.id);
            return true;
    }
}

bool Assembler::compare_set(const Expr& at, const Expr& left, const Expr& right, Label if_true,
                            Label if_false) {
    const auto index = simple_slot(left);
    if (!index || right.kind != ExprKind::list) return false;
    std::vector<Value> values;
    for (const Entry& entry : right.entries) {
        if (entry.optional || entry.value->kind != ExprKind::constant) return false;
        values.push_back(value_of(entry.value->constant));
        if (values.back().kind != *simple_kind(variables_[*index].type)) return false;
    }
    std::ranges::sort(values, [](const Value& a, const Value& b) { return compare(a, b) == Order::less; });
    code_->sets.push_back(
        {static_cast<std::uint32_t>(code_->constants.size()), static_cast<std::uint32_t>(values.size())});
    for (const Value& value : values)
        constant(value);
    put_comparison(Op::in_set, *index, static_cast<std::uint32_t>(code_->sets.size() - 1), if_true, if_false,
                   at.id);
    return true;
}

void Assembler::put_comparison(Op op, std::uint32_t variable, std::uint32_t constant, Label if_true,
                               Label if_false, std::uint32_t expression) {
    put({.op = op,
         .kind = *simple_kind(variables_[variable].type),
         .slot = static_cast<std::uint16_t>(storage_[variable].index),
         .constant = constant,
         .next = {if_false, if_true}},
        expression);
}

bool Assembler::cannot_fail(const Expr& expr, const Checked& types) const {
    if (types.types[expr.id].is(TypeKind::dyn)) return false;
    switch (expr.kind) {
        case ExprKind::constant:
            return true;
        case ExprKind::identifier:
            return !find_local(expr.name) && find_variable(expr.name) &&
                   storage_[*find_variable(expr.name)].kind == Storage::Kind::slot;
        case ExprKind::list:
            return std::ranges::all_of(expr.entries, [&](const Entry& entry) {
                return !entry.optional && cannot_fail(*entry.value, types);
            });
        case ExprKind::call:
            break;
        default:
            return false;
    }
    constexpr std::string_view kSafe[] = {
        op::kAnd,  op::kOr,          op::kNot,     op::kEqual,          op::kNotEqual,
        op::kLess, op::kLessOrEqual, op::kGreater, op::kGreaterOrEqual, op::kIn,
        "size",    "contains",       "startsWith", "endsWith",          "hasValue"};
    if (std::ranges::find(kSafe, expr.name) == std::end(kSafe)) return false;
    if (expr.target != nullptr && !cannot_fail(*expr.target, types)) return false;
    return std::ranges::all_of(expr.arguments,
                               [&](const ExprPtr& argument) { return cannot_fail(*argument, types); });
}

}  // namespace parmana::cel
