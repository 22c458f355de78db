// What the choices of a rule are together: one type, all of use, perhaps without a match.
#include "authoring/cel_policy_reader.hpp"

namespace parmana::authoring::cel_policy {
namespace {

bool is_known(const cel::Type& type) {
    return !type.is(cel::TypeKind::error);
}

/// The type that a choice gives; an error when nothing is known.
cel::Type type_of_choice(const Choice& choice) {
    if (choice.output) return choice.output->checked.type();
    return choice.rule != nullptr ? choice.rule->type : cel::Type{cel::TypeKind::error, {}, {}};
}

/// The one type of all choices. Each is held against those before it, so that one odd output is told once or
/// twice.
cel::Type agree(const Rule& rule, FindingList& findings) {
    cel::Type agreed{cel::TypeKind::error, {}, {}};
    bool is_one = true;
    for (const Choice& choice : rule.choices) {
        const cel::Type type = type_of_choice(choice);
        if (!is_known(type)) continue;
        if (!is_known(agreed)) {
            agreed = type;
            continue;
        }
        if (auto common = cel::common_type(agreed, type)) {
            agreed = *std::move(common);
            continue;
        }
        std::string message = "incompatible output types: block has output type " + cel::to_string(type) +
                              ", but previous outputs have type " + cel::to_string(agreed);
        if (choice.output) {
            findings.in(choice.output->text, std::move(message));
        } else {
            findings.at(choice.rule->node, std::move(message));
        }
        agreed = type;
        is_one = false;
    }
    return is_one ? agreed : cel::Type{cel::TypeKind::error, {}, {}};
}

bool always_has_value(const Choice& choice) {
    return choice.is_unconditional() && (choice.rule == nullptr || !choice.rule->may_miss);
}

/// A nested rule without a match ends its rule without one when it has a condition.
bool may_miss(const Rule& rule) {
    for (const Choice& choice : rule.choices) {
        if (always_has_value(choice)) return false;
        if (!choice.is_unconditional() && choice.rule != nullptr && choice.rule->may_miss) return true;
    }
    return true;
}

}  // namespace

void settle(Rule& rule, FindingList& findings) {
    for (const Choice& choice : rule.choices) {
        if (choice.constant == false) findings.in(choice.condition->text, "condition is always false");
        if (rule.is_aggregate || !always_has_value(choice) || &choice == &rule.choices.back()) continue;
        if (choice.rule != nullptr) {
            findings.at(choice.rule->node, "rule creates unreachable outputs");
        } else {
            findings.at(choice.node, "match creates unreachable outputs");
        }
    }
    rule.type = agree(rule, findings);
    if (rule.is_aggregate && is_known(rule.type)) rule.type = cel::list_of(rule.type);
    rule.may_miss = !rule.is_aggregate && may_miss(rule);
}

}  // namespace parmana::authoring::cel_policy
