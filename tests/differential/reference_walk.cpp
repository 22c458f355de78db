#include "reference_walk.hpp"

#include <algorithm>
#include <array>
#include <ranges>

#include "base/invariant.hpp"
#include "reference_functions.hpp"

namespace parmana::reference {
namespace {

/// Elements, entries, code units: what a value is made of on its first level.
std::size_t size_of(const Value& value) {
    if (const auto* text = value.as<std::string>()) return text->size();
    if (const auto* bytes = value.as<Bytes>()) return bytes->octets.size();
    if (const auto* list = value.as<List>()) return list->items->size();
    if (const auto* map = value.as<Map>()) return map->entries->size();
    return 0;
}

Value constant_value(const cel::Constant& constant) {
    if (const auto* truth = std::get_if<bool>(&constant)) return value_of(*truth);
    if (const auto* integer = std::get_if<std::int64_t>(&constant)) return value_of(*integer);
    if (const auto* natural = std::get_if<std::uint64_t>(&constant)) return value_of(*natural);
    if (const auto* real = std::get_if<double>(&constant)) return value_of(*real);
    if (const auto* text = std::get_if<std::string>(&constant)) return value_of(*text);
    if (const auto* bytes = std::get_if<cel::Bytes>(&constant)) return value_of(Bytes{bytes->value});
    return value_of(Null{});
}

constexpr std::array<std::string_view, 11> kTypeNames = {
    "bool", "int", "uint", "double", "string", "bytes", "list", "map", "type", "null_type", "optional_type"};
constexpr std::array<std::string_view, 2> kQualifiedTypeNames = {"google.protobuf.Timestamp",
                                                                 "google.protobuf.Duration"};

/// `a.b.c` when the expression consists of names only, otherwise nothing.
std::string qualified_name(const cel::Expr& expr) {
    if (expr.kind == cel::ExprKind::identifier) return expr.name;
    if (expr.kind != cel::ExprKind::select || expr.test_only) return "";
    const std::string operand = qualified_name(*expr.target);
    return operand.empty() ? "" : operand + "." + expr.name;
}

constexpr std::array<std::string_view, 4> kNamespaces = {"math", "strings", "base64", "optional"};

}  // namespace

Outcome evaluate(const cel::Expr& root, const Variables& variables, Budget& budget) {
    return Walker(variables, budget).walk(root);
}

Outcome Walker::walk(const cel::Expr& expr) {
    if (budget_.steps == 0) budget_.exceeded = true;
    if (budget_.exceeded) return failed(Fault::invalid_argument);
    --budget_.steps;
    Outcome out = walk_kind(expr);
    if (out && size_of(*out) > budget_.size) budget_.exceeded = true;
    return out;
}

Outcome Walker::walk_kind(const cel::Expr& expr) {
    switch (expr.kind) {
        case cel::ExprKind::constant:
            return constant_value(expr.constant);
        case cel::ExprKind::identifier:
            return name(expr.name);
        case cel::ExprKind::select:
            return select(expr);
        case cel::ExprKind::list:
            return list(expr);
        case cel::ExprKind::map:
            return map(expr);
        case cel::ExprKind::call:
            return call(expr);
        case cel::ExprKind::message:
        case cel::ExprKind::comprehension:
            break;
    }
    INVARIANT(false);  // neither is made by a parser that expands no macros
}

Outcome Walker::name(const std::string& name) const {
    for (const Binding& binding : std::views::reverse(bindings_)) {
        if (binding.name == name) return binding.outcome;
    }
    const std::string_view global = name.starts_with('.') ? std::string_view(name).substr(1) : name;
    if (const auto found = variables_.find(global); found != variables_.end()) return found->second;
    if (std::ranges::find(kTypeNames, global) != kTypeNames.end())
        return value_of(TypeName{std::string(global)});
    return failed(Fault::unknown_variable);
}

Outcome Walker::select(const cel::Expr& expr) {
    const std::string qualified = qualified_name(expr);
    if (std::ranges::find(kQualifiedTypeNames, qualified) != kQualifiedTypeNames.end())
        return value_of(TypeName{qualified});
    const Outcome operand = walk(*expr.target);
    if (!operand) return operand;
    return select_field(*operand, expr.name);
}

/// Of `[?e]` and `{?k: e}`: what to put in, or null when nothing.
static std::expected<std::shared_ptr<const Value>, Fault> optional_part(const Value& value) {
    const auto* optional = value.as<Optional>();
    if (optional == nullptr) return failed(Fault::no_such_overload);
    return optional->inner;
}

Outcome Walker::list(const cel::Expr& expr) {
    Values items;
    for (const cel::Entry& element : expr.entries) {
        const Outcome item = walk(*element.value);
        if (!item) return item;
        if (!element.optional) {
            items.push_back(*item);
            continue;
        }
        const auto part = optional_part(*item);
        if (!part) return failed(part.error());
        if (*part != nullptr) items.push_back(**part);
    }
    return list_of(std::move(items));
}

Outcome Walker::map(const cel::Expr& expr) {
    Entries entries;
    for (const cel::Entry& entry : expr.entries) {
        const Outcome key = walk(*entry.key);
        if (!key) return key;
        const Outcome value = walk(*entry.value);
        if (!value) return value;
        if (!entry.optional) {
            entries.push_back({*key, *value});
            continue;
        }
        const auto part = optional_part(*value);
        if (!part) return failed(part.error());
        if (*part != nullptr) entries.push_back({*key, **part});
    }
    return map_of(std::move(entries));
}

Outcome Walker::call(const cel::Expr& expr) {
    if (auto expansion = macro(expr)) return *std::move(expansion);
    if (expr.target == nullptr) {
        if (expr.name == cel::op::kConditional) return conditional(expr);
        if (expr.name == cel::op::kAnd) return logical(expr, false);
        if (expr.name == cel::op::kOr) return logical(expr, true);
        return strict_call(expr.name, nullptr, expr);
    }
    const bool is_namespace = expr.target->kind == cel::ExprKind::identifier &&
                              std::ranges::find(kNamespaces, expr.target->name) != kNamespaces.end();
    if (is_namespace) return strict_call(expr.target->name + "." + expr.name, nullptr, expr);
    if ((expr.name == "or" || expr.name == "orValue") && expr.arguments.size() == 1) return alternative(expr);
    return strict_call("." + expr.name, expr.target.get(), expr);
}

Outcome Walker::strict_call(const std::string& name, const cel::Expr* receiver, const cel::Expr& expr) {
    Values arguments;
    if (receiver != nullptr) {
        const Outcome value = walk(*receiver);
        if (!value) return value;
        arguments.push_back(*value);
    }
    for (const cel::ExprPtr& argument : expr.arguments) {
        const Outcome value = walk(*argument);
        if (!value) return value;
        arguments.push_back(*value);
    }
    const Function function = find_function(name + "/" + std::to_string(arguments.size()));
    if (function == nullptr || budget_.exceeded) return failed(Fault::no_such_overload);
    return function(arguments);
}

Outcome Walker::conditional(const cel::Expr& expr) {
    const Outcome condition = walk(*expr.arguments[0]);
    if (!condition) return condition;
    const auto* truth = condition->as<bool>();
    if (truth == nullptr) return failed(Fault::no_such_overload);
    return walk(*expr.arguments[*truth ? 1 : 2]);
}

/// A value that is no bool is an error of `&&` and `||`, and may be absorbed like any other.
static Outcome as_truth(Outcome outcome) {
    if (outcome && !outcome->is<bool>()) return failed(Fault::no_such_overload);
    return outcome;
}

/// `decisive` on either side decides, whatever stands on the other: false for `&&`, true for `||`.
Outcome Walker::logical(const cel::Expr& expr, bool decisive) {
    const Outcome left = as_truth(walk(*expr.arguments[0]));
    if (left && *left->as<bool>() == decisive) return left;
    const Outcome right = as_truth(walk(*expr.arguments[1]));
    if (right && *right->as<bool>() == decisive) return right;
    if (!left) return left;
    return right;
}

/// `optional.or(other)` and `optional.orValue(other)`.
Outcome Walker::alternative(const cel::Expr& expr) {
    const Outcome receiver = walk(*expr.target);
    if (!receiver) return receiver;
    const auto* optional = receiver->as<Optional>();
    if (optional == nullptr) return failed(Fault::no_such_overload);
    const bool is_or = expr.name == "or";
    if (optional->inner != nullptr) return is_or ? receiver : Outcome(*optional->inner);
    Outcome other = walk(*expr.arguments[0]);
    if (is_or && other && !other->is<Optional>()) return failed(Fault::no_such_overload);
    return other;
}

Outcome Walker::within(const Round& round, const cel::Expr& body) {
    bindings_.insert(bindings_.end(), round.begin(), round.end());
    Outcome out = walk(body);
    bindings_.erase(bindings_.end() - static_cast<std::ptrdiff_t>(round.size()), bindings_.end());
    return out;
}

}  // namespace parmana::reference
