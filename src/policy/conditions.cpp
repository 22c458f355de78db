// Reading conditions: comparisons of one signal, and `all`, `any`, `not` over conditions.
#include <algorithm>

#include "base/limits.hpp"
#include "policy/document.hpp"
#include "policy/fit.hpp"
#include "policy/names.hpp"

namespace parmana::policy {
namespace {

struct OperatorName {
    std::string_view name;
    Operator relation;
};
constexpr OperatorName kOperators[] = {
    {"equals", Operator::equals},
    {"greater_than", Operator::greater_than},
    {"less_than", Operator::less_than},
    {"greater_than_or_equal", Operator::greater_than_or_equal},
    {"less_than_or_equal", Operator::less_than_or_equal},
    {"in", Operator::in},
};
constexpr std::string_view kOperatorList =
    "`equals`, `greater_than`, `less_than`, `greater_than_or_equal`, `less_than_or_equal` or `in`";

const OperatorName* find_operator(std::string_view name) {
    const auto* row = std::ranges::find(kOperators, name, &OperatorName::name);
    return row == std::end(kOperators) ? nullptr : row;
}

struct Combinator {
    std::string_view name;
    Condition::Kind kind;
};
constexpr Combinator kCombinators[] = {
    {"all", Condition::Kind::all},
    {"any", Condition::Kind::any},
    {"not", Condition::Kind::negation},
};

bool earlier(const std::optional<json::Value>& a, const std::optional<json::Value>& b) {
    return a && (!b || a->name_offset() < b->name_offset());
}

}  // namespace

std::optional<Condition> ConditionReader::read(json::Value value, const std::string& pointer,
                                               std::size_t depth) {
    if (nodes_ > limits::kConditionNodesMax) return std::nullopt;  // said already
    if (++nodes_ > limits::kConditionNodesMax) {
        findings_.at_value(
            value, "more than " + std::to_string(limits::kConditionNodesMax) + " conditions in the policy",
            pointer);
        return std::nullopt;
    }
    if (depth > limits::kConditionDepthMax) {
        findings_.at_value(
            value,
            "conditions are nested deeper than " + std::to_string(limits::kConditionDepthMax) + " levels",
            pointer);
        return std::nullopt;
    }
    if (!findings_.expect(value, json::Type::object, "a condition", pointer)) return std::nullopt;
    if (value.find("signal")) return read_comparison(value, pointer);

    const Combinator* combinator = nullptr;
    std::optional<json::Value> first;
    for (const Combinator& row : kCombinators) {
        if (const auto member = value.find(row.name); earlier(member, first)) {
            combinator = &row;
            first = member;
        }
    }
    if (combinator == nullptr) {
        findings_.at_value(value, "a condition needs `signal`, `all`, `any` or `not`", pointer);
        return std::nullopt;
    }
    for (const json::Value member : value.members()) {
        if (member.name() == combinator->name) continue;
        findings_.at_name(
            member, in_backticks(member.name()) + " cannot stand beside " + in_backticks(combinator->name),
            pointer + pointer_token(member.name()));
    }
    return read_parts(value, pointer, combinator->kind, combinator->name, depth);
}

std::optional<Condition> ConditionReader::read_parts(json::Value value, const std::string& pointer,
                                                     Condition::Kind kind, std::string_view key,
                                                     std::size_t depth) {
    Condition out{.kind = kind, .pointer = pointer};
    const std::string inner = pointer + pointer_token(key);
    if (kind == Condition::Kind::negation) {
        auto part = read(*value.find(key), inner, depth + 1);
        if (!part) return std::nullopt;
        out.parts.push_back(*std::move(part));
        return out;
    }
    const auto list = findings_.member(value, pointer, key, json::Type::array);
    if (!list) return std::nullopt;
    if (kind == Condition::Kind::any && list->size() == 0) {
        findings_.at_value(*list, "`any` is empty: it never holds", inner);
        return std::nullopt;
    }
    bool whole = true;
    std::size_t index = 0;
    for (const json::Value element : list->elements()) {
        auto part = read(element, inner + '/' + std::to_string(index++), depth + 1);
        if (part) {
            out.parts.push_back(*std::move(part));
        } else {
            whole = false;
        }
    }
    return whole ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Condition> ConditionReader::read_comparison(json::Value value, const std::string& pointer) {
    const std::optional<std::uint16_t> slot = read_signal(value, pointer);
    const std::optional<json::Value> operand = read_operator(value, pointer);
    if (!slot || !operand) return std::nullopt;
    const Operator relation = find_operator(operand->name())->relation;
    const std::string operand_pointer = pointer + pointer_token(operand->name());
    const SignalDeclaration& signal = draft_.signals[*slot];
    const bool ordered = signal.type == SignalType::integer || signal.type == SignalType::number;
    if (!ordered && relation != Operator::equals && relation != Operator::in) {
        findings_.at_name(*operand,
                          in_backticks(operand->name()) + " needs an integer or number signal, and " +
                              in_backticks(signal.name) + " is none",
                          operand_pointer);
        return std::nullopt;
    }
    if (relation != Operator::in) {
        if (!operand_fits(*operand, signal, relation, operand_pointer)) return std::nullopt;
    } else {
        if (!findings_.expect(*operand, json::Type::array, "`in`", operand_pointer)) return std::nullopt;
        if (operand->size() == 0) {
            findings_.at_value(*operand, "`in` is empty: it never holds", operand_pointer);
            return std::nullopt;
        }
        bool whole = true;
        std::size_t index = 0;
        for (const json::Value element : operand->elements()) {
            const std::string at = operand_pointer + '/' + std::to_string(index++);
            whole &= operand_fits(element, signal, relation, at);
        }
        if (!whole) return std::nullopt;
    }
    return Condition{.kind = Condition::Kind::comparison,
                     .pointer = pointer,
                     .slot = *slot,
                     .relation = relation,
                     .operand = operand};
}

std::optional<std::uint16_t> ConditionReader::read_signal(json::Value leaf, const std::string& pointer) {
    const auto name = findings_.member(leaf, pointer, "signal", json::Type::string);
    if (!name) return std::nullopt;
    const auto& signals = draft_.signals;
    const auto found = std::ranges::lower_bound(signals, name->string(), {}, &SignalDeclaration::name);
    if (found != signals.end() && found->name == name->string()) {
        return static_cast<std::uint16_t>(found - signals.begin());
    }
    // A declaration with a finding of its own is not reported again at each use.
    if (!draft_.schema || !draft_.schema->find(name->string())) {
        findings_.at_value(*name, "signal " + in_backticks(name->string()) + " is not declared",
                           pointer + "/signal");
    }
    return std::nullopt;
}

/// The operand of the leaf's one operator, as a member: its name is the operator.
std::optional<json::Value> ConditionReader::read_operator(json::Value leaf, const std::string& pointer) {
    std::optional<json::Value> first;
    for (const json::Value member : leaf.members()) {
        if (find_operator(member.name()) && earlier(member, first)) first = member;
    }
    bool whole = true;
    for (const json::Value member : leaf.members()) {
        const std::string_view name = member.name();
        if (name == "signal" || (first && name == first->name())) continue;
        whole = false;
        findings_.at_name(member,
                          find_operator(name) ? in_backticks(name) + " is a second operator"
                                              : "unknown key " + in_backticks(name),
                          pointer + pointer_token(name));
    }
    if (!first) {
        findings_.at_value(leaf, "missing operator: " + std::string(kOperatorList), pointer);
    }
    return whole ? first : std::nullopt;
}

bool ConditionReader::operand_fits(json::Value operand, const SignalDeclaration& signal, Operator relation,
                                   const std::string& pointer) {
    const Misfit fault = misfit(signal, operand);
    if (fault == Misfit::none) return true;
    if (fault == Misfit::type) {
        findings_.at_value(
            operand,
            "the operand for " + in_backticks(signal.name) + " " + std::string(type_demand(signal.type)),
            pointer);
        return false;
    }
    // A bound beyond the declared range is idle, not wrong; equality with a value beyond it never
    // holds.
    if (relation != Operator::equals && relation != Operator::in) return true;
    findings_.at_value(operand,
                       "the operand for " + in_backticks(signal.name) + " " +
                           std::string(range_fault(fault)) + ": it never holds",
                       pointer);
    return false;
}

}  // namespace parmana::policy
