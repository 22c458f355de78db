// Conditions: jumps, and comparisons of slots with constants that are one instruction each.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

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

std::optional<Relation> relation_of(std::string_view function) {
    constexpr std::string_view kFunctions[] = {op::kEqual, op::kLess, op::kLessOrEqual, op::kGreater,
                                               op::kGreaterOrEqual};
    const auto* found = std::ranges::find(kFunctions, function);
    if (found == std::end(kFunctions)) return std::nullopt;
    return static_cast<Relation>(found - std::begin(kFunctions));
}

/// With the operands exchanged.
Relation mirrored(Relation relation) {
    constexpr Relation kMirrored[] = {Relation::equal, Relation::greater, Relation::greater_or_equal,
                                      Relation::less, Relation::less_or_equal};
    return kMirrored[static_cast<std::size_t>(relation)];
}

/// The least and the greatest value that are in a relation to an operand; without one the least is greater.
template <class T>
struct Interval {
    T least, greatest;
};

Interval<std::int64_t> interval_of(Relation relation, std::int64_t operand) {
    using Limits = std::numeric_limits<std::int64_t>;
    constexpr Interval<std::int64_t> kEmpty{1, 0};
    switch (relation) {
        case Relation::equal:
            return {operand, operand};
        case Relation::less:
            return operand == Limits::min() ? kEmpty : Interval{Limits::min(), operand - 1};
        case Relation::less_or_equal:
            return {Limits::min(), operand};
        case Relation::greater:
            return operand == Limits::max() ? kEmpty : Interval{operand + 1, Limits::max()};
        case Relation::greater_or_equal:
            return {operand, Limits::max()};
    }
    return kEmpty;
}

/// Requires a finite operand, as every literal is.
Interval<double> interval_of(Relation relation, double operand) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (relation) {
        case Relation::equal:
            return {operand, operand};
        case Relation::less:
            return {-kInfinity, std::nextafter(operand, -kInfinity)};
        case Relation::less_or_equal:
            return {-kInfinity, operand};
        case Relation::greater:
            return {std::nextafter(operand, kInfinity), kInfinity};
        case Relation::greater_or_equal:
            return {operand, kInfinity};
    }
    return {1, 0};
}

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
        const Value one = Value::from(std::int64_t{1});
        put_comparison(Op::within, *index, interval(one, one), if_true, if_false, condition.id);
        return true;
    }
    if (condition.kind != ExprKind::call || condition.target != nullptr || condition.arguments.size() != 2)
        return false;
    const Expr& left = *condition.arguments[0];
    const Expr& right = *condition.arguments[1];
    if (condition.name == op::kIn) return compare_set(condition, left, right, if_true, if_false);
    const bool differs = condition.name == op::kNotEqual;
    const auto relation = differs ? Relation::equal : relation_of(condition.name);
    if (!relation) return false;
    if (differs) std::swap(if_true, if_false);
    return left.kind == ExprKind::constant
               ? compare_constant(condition, mirrored(*relation), right, left, if_true, if_false)
               : compare_constant(condition, *relation, left, right, if_true, if_false);
}

bool Assembler::compare_constant(const Expr& at, Relation relation, const Expr& variable, const Expr& literal,
                                 Label if_true, Label if_false) {
    const auto index = simple_slot(variable);
    if (!index || literal.kind != ExprKind::constant) return false;
    const Value operand = value_of(literal.constant);
    if (operand.kind != *simple_kind(variables_[*index].type)) return false;
    const auto put = [&](Op op, std::uint32_t constant) {
        put_comparison(op, *index, constant, if_true, if_false, at.id);
        return true;
    };
    if (operand.is(Kind::real)) {
        const auto [least, greatest] = interval_of(relation, operand.real);
        return put(Op::real_within, interval(Value::from(least), Value::from(greatest)));
    }
    if (operand.is(Kind::integer) || (operand.is(Kind::boolean) && relation == Relation::equal)) {
        const std::int64_t number =
            operand.is(Kind::boolean) ? std::int64_t{operand.boolean} : operand.integer;
        const auto [least, greatest] = interval_of(relation, number);
        return put(Op::within, interval(Value::from(least), Value::from(greatest)));
    }
    return operand.is(Kind::string) && relation == Relation::equal &&
           put(Op::string_equal, constant(operand));
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

bool Assembler::always_has_value(const Expr& name) const {
    const auto index = find_local(name.name) ? std::nullopt : find_variable(name.name);
    return index && storage_[*index].kind == Storage::Kind::slot && !storage_[*index].may_be_absent;
}

bool Assembler::cannot_fail(const Expr& expr, const Checked& types) const {
    if (types.types[expr.id].is(TypeKind::dyn)) return false;
    switch (expr.kind) {
        case ExprKind::constant:
            return true;
        case ExprKind::identifier:
            return always_has_value(expr);
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
