#include "authoring/cel_policy_reader.hpp"

#include "base/limits.hpp"
#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {
namespace {

using policy::in_backticks;

constexpr Purpose kCondition{"`condition`", cel::TypeKind::boolean};
constexpr Purpose kOutput{"`output`"};
constexpr Purpose kExplanation{"`explanation`", cel::TypeKind::string};
constexpr Purpose kVariable{"`expression`"};
constexpr Purpose kClaim{"a claim", cel::TypeKind::boolean};

}  // namespace

Draft Reader::read(yaml::Node root) {
    if (!findings_.expect(root, yaml::Type::mapping, "a policy")) return {};
    root.find("kind") ? read_admission(root) : read_policy(root);
    return std::move(draft_);
}

void Reader::read_policy(yaml::Node root) {
    findings_.check_keys(root,
                         {{"name", true}, {"description"}, {"imports"}, {"rule", true}, {"verification"}});
    draft_.name = findings_.text(root, "name");
    if (const auto name = root.find("name"); name && name->is(yaml::Type::string) && draft_.name.empty())
        findings_.at(*name, "`name` is empty");
    draft_.description = findings_.text(root, "description");
    if (const auto imports = findings_.member(root, "imports", yaml::Type::sequence)) read_imports(*imports);
    if (const auto rule = findings_.member(root, "rule", yaml::Type::mapping))
        draft_.rule = read_rule(*rule, false);
    if (const auto verification = findings_.member(root, "verification", yaml::Type::mapping))
        read_verification(*verification);
}

void Reader::read_imports(yaml::Node imports) {
    for (const yaml::Node import : imports.elements()) {
        if (!findings_.expect(import, yaml::Type::mapping, "an import")) continue;
        findings_.check_keys(import, {{"name", true}});
        if (const auto name = import.find("name")) scope_.import_name(*name);
    }
}

/// The variables of the rule stay visible.
std::unique_ptr<Rule> Reader::read_rule(yaml::Node node, bool within_aggregate) {
    auto rule = std::make_unique<Rule>(Rule{.node = node});
    findings_.check_keys(node, {{"id"}, {"description"}, {"variables"}, {"match"}, {"aggregate"}});
    findings_.text(node, "id");
    findings_.text(node, "description");
    if (const auto variables = findings_.member(node, "variables", yaml::Type::sequence))
        read_variables(*variables);
    rule->is_aggregate = node.find("aggregate").has_value();
    if (rule->is_aggregate == node.find("match").has_value())
        findings_.at(node, "a rule has one of `match` and `aggregate`");
    for (const yaml::Member& member : node.members()) {
        if (within_aggregate && member.key.text() == "aggregate")
            findings_.at(member.key, "an aggregate within an aggregate");
    }
    for (const std::string_view key : {"match", "aggregate"}) {
        if (const auto choices = findings_.member(node, key, yaml::Type::sequence))
            read_choices(*choices, *rule, within_aggregate || rule->is_aggregate);
    }
    settle(*rule, findings_);
    return rule;
}

void Reader::read_variables(yaml::Node variables) {
    std::set<std::string, std::less<>> taken;
    for (const yaml::Node variable : variables.elements()) {
        if (draft_.variables.size() == limits::kVariablesMax) {
            findings_.at(variable, "more than " + std::to_string(limits::kVariablesMax) + " variables");
            return;
        }
        if (findings_.expect(variable, yaml::Type::mapping, "a variable")) read_variable(variable, taken);
    }
}

void Reader::read_variable(yaml::Node variable, std::set<std::string, std::less<>>& taken) {
    findings_.check_keys(variable, {{"name", true}, {"expression", true}});
    const auto name = findings_.member(variable, "name", yaml::Type::string);
    std::optional<Expression> expression;
    if (const auto text = variable.find("expression")) expression = scope_.read(*text, kVariable);
    if (!name) return;
    if (!is_identifier(name->text()))
        return findings_.in(*name, "variable name " + in_backticks(name->text()) + " is not an identifier");
    if (!taken.emplace(name->text()).second) {
        return findings_.in(*name,
                            "overlapping declaration of " +
                                in_backticks(std::string(kVariablePrefix) + std::string(name->text())) +
                                ": a variable of this rule has the name");
    }
    // One with a finding fits everything, so that the finding stands alone.
    const cel::Type type = expression ? expression->checked.type() : cel::Type{cel::TypeKind::error, {}, {}};
    draft_.variables.push_back({scope_.declare(name->text(), type), std::move(expression)});
}

void Reader::read_choices(yaml::Node choices, Rule& rule, bool within_aggregate) {
    if (choices.elements().empty()) findings_.at(choices, "a rule has at least one choice");
    for (const yaml::Node choice : choices.elements()) {
        if (!findings_.expect(choice, yaml::Type::mapping, "a choice")) continue;
        Choice& added = rule.choices.emplace_back(read_choice(choice, within_aggregate));
        if (rule.is_aggregate && added.condition && !added.constant &&
            scope_.is_always_false(added.condition->text))
            added.constant = false;
    }
}

std::optional<bool> literal_of(const Expression& condition) {
    const cel::Expr& root = *condition.checked.ast.root;
    const bool* truth = root.kind == cel::ExprKind::constant ? std::get_if<bool>(&root.constant) : nullptr;
    return truth != nullptr ? std::optional(*truth) : std::nullopt;
}

Choice Reader::read_choice(yaml::Node node, bool within_aggregate) {
    Choice out{.node = node};
    findings_.check_keys(node, {{"condition"}, {"output"}, {"rule"}, {"explanation"}});
    const auto condition = node.find("condition"), output = node.find("output"), rule = node.find("rule");
    if (condition) out.condition = scope_.read(*condition, kCondition);
    if (!condition) out.constant = true;
    if (out.condition) out.constant = literal_of(*out.condition);
    if (output.has_value() == rule.has_value()) findings_.at(node, "a choice has one of `output` and `rule`");
    if (output) out.output = scope_.read(*output, kOutput);
    if (const auto explanation = node.find("explanation")) {
        out.explanation = scope_.read(*explanation, kExplanation);
        if (rule) findings_.at(*explanation, "an explanation belongs to an output, not to a rule");
    }
    if (rule && findings_.expect(*rule, yaml::Type::mapping, "`rule`")) {
        auto outer = scope_.visible();
        out.rule = read_rule(*rule, within_aggregate);
        scope_.restore(std::move(outer));
    }
    return out;
}

void Reader::read_verification(yaml::Node verification) {
    findings_.check_keys(verification, {{"invariants", true}});
    const auto invariants = findings_.member(verification, "invariants", yaml::Type::sequence);
    if (!invariants) return;
    std::set<std::string, std::less<>> taken;
    for (const yaml::Node invariant : invariants->elements()) {
        if (findings_.expect(invariant, yaml::Type::mapping, "an invariant"))
            read_invariant(invariant, taken);
    }
}

void Reader::read_invariant(yaml::Node invariant, std::set<std::string, std::less<>>& taken) {
    findings_.check_keys(invariant, {{"id", true}, {"description"}, {"assume"}, {"assert", true}});
    findings_.text(invariant, "description");
    Invariant out{.id = findings_.text(invariant, "id")};
    if (const auto id = invariant.find("id"); id && id->is(yaml::Type::string)) {
        if (!taken.insert(out.id).second)
            findings_.at(*id, "invariant " + in_backticks(out.id) + " stands twice");
        if (out.id.empty()) findings_.at(*id, "`id` is empty");
    }
    out.assumptions = read_claims(invariant, "assume");
    const cel::Type unknown{cel::TypeKind::error, {}, {}};
    const Rule* rule = draft_.rule.get();
    const cel::Type type = rule == nullptr || rule->type.is(cel::TypeKind::error) ? unknown
                           : rule->may_miss ? cel::optional_of(rule->type)
                                            : rule->type;
    scope_.bind(kResultName, type);
    out.assertions = read_claims(invariant, "assert");
    scope_.forget();
    draft_.invariants.push_back(std::move(out));
}

std::vector<Expression> Reader::read_claims(yaml::Node invariant, std::string_view key) {
    std::vector<Expression> out;
    const auto claims = findings_.member(invariant, key, yaml::Type::sequence);
    if (!claims) return out;
    if (key == "assert" && claims->elements().empty())
        findings_.at(*claims, "an invariant asserts something");
    for (const yaml::Node claim : claims->elements()) {
        if (auto expression = scope_.read(claim, kClaim)) out.push_back(*std::move(expression));
    }
    return out;
}

}  // namespace parmana::authoring::cel_policy
