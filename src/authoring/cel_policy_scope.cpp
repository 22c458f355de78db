#include "authoring/cel_policy_scope.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {

using policy::in_backticks;

Scope::Scope(const Config& config, FindingList& findings) : findings_(findings) {
    visible_.environment.container = config.container;
    visible_.environment.variables = config.variables;
}

void Scope::import_name(yaml::Node name) {
    if (!findings_.expect(name, yaml::Type::string, "`name`")) return;
    const std::string_view text = without_blanks(name.text());
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos || !is_qualified_name(text))
        return findings_.in(name,
                            "invalid qualified name " + in_backticks(text) + ", wanted `qualified.name`");
    cel::Environment& environment = visible_.environment;
    if (!cel::is_declared(text, environment))
        return findings_.in(name, "unknown import " + in_backticks(text) + ": nothing has this name");
    const std::string_view last = text.substr(dot + 1);
    const auto same = [&](const std::string& alias) { return alias.substr(alias.rfind('.') + 1) == last; };
    if (last == "variables" || last == "rule" || std::ranges::any_of(environment.aliases, same))
        return findings_.in(name, "overlapping import: " + in_backticks(last) + " has a meaning already");
    environment.aliases.emplace_back(text);
}

void Scope::report(yaml::Node text, const cel::Issues& issues) {
    for (const cel::Issue& issue : issues)
        findings_.in(text, issue.offset, issue.message);
}

std::optional<Expression> Scope::read(yaml::Node text, const Purpose& purpose) {
    if (!findings_.expect(text, yaml::Type::string, purpose.name)) return std::nullopt;
    auto ast = cel::parse(text.text(), cel::Macros::extended);
    if (!ast) return report(text, ast.error()), std::nullopt;
    const bool had_room = nodes_ <= limits::kPolicyNodesMax;
    nodes_ += ast->id_count;
    if (nodes_ > limits::kPolicyNodesMax) {
        if (had_room)
            findings_.in(text,
                         "more than " + std::to_string(limits::kPolicyNodesMax) + " parts in the policy");
        return std::nullopt;
    }
    auto checked = cel::check(*std::move(ast), visible_.environment);
    if (!checked) return report(text, checked.error()), std::nullopt;
    const cel::TypeKind kind = checked->type().kind;
    const bool is_unknown = kind == cel::TypeKind::dyn || kind == cel::TypeKind::error;
    if (purpose.type && kind != *purpose.type && !is_unknown) {
        findings_.in(text, std::string(purpose.name) + " must be a " +
                               std::string(cel::type_identifier(*purpose.type)) + ", this is " +
                               cel::to_string(checked->type()));
        return std::nullopt;
    }
    give_storage_names(*checked->ast.root);
    return Expression{text, *std::move(checked)};
}

/// Variables of macros have no dot in their names: what is called like a variable of policies is one.
void Scope::give_storage_names(cel::Expr& expr) const {
    if (expr.kind == cel::ExprKind::identifier) {
        const auto found = visible_.storage.find(expr.name);
        if (found != visible_.storage.end()) expr.name = found->second;
    }
    const auto inner = [this](const cel::ExprPtr& part) {
        if (part != nullptr) give_storage_names(*part);
    };
    inner(expr.target);
    for (const cel::ExprPtr& argument : expr.arguments)
        inner(argument);
    for (const cel::Entry& entry : expr.entries) {
        inner(entry.key);
        inner(entry.value);
    }
    if (expr.comprehension == nullptr) return;
    const cel::Comprehension& loop = *expr.comprehension;
    for (const cel::ExprPtr* part : {&loop.range, &loop.initial, &loop.condition, &loop.step, &loop.result})
        inner(*part);
}

bool Scope::is_always_false(yaml::Node text) const {
    const cel::Environment bare{.container = visible_.environment.container,
                                .aliases = visible_.environment.aliases};
    auto ast = cel::parse(text.text(), cel::Macros::extended);
    if (!ast) return false;
    const auto checked = cel::check(*std::move(ast), bare);
    if (!checked) return false;
    cel::Machine machine;
    const cel::Value value = machine.run(cel::compile(*checked, bare), 0, {});
    return value.is(cel::Kind::boolean) && !value.boolean;
}

std::string Scope::declare(std::string_view name, cel::Type type) {
    const std::string qualified = std::string(kVariablePrefix) + std::string(name);
    auto& variables = visible_.environment.variables;
    const auto hidden = std::ranges::find(variables, qualified, &cel::VariableDeclaration::name);
    if (hidden != variables.end()) variables.erase(hidden);
    variables.push_back({qualified, std::move(type)});
    std::string unique = qualified;
    for (std::size_t i = 2; !taken_.insert(unique).second; ++i)
        unique = qualified + "#" + std::to_string(i);
    visible_.storage.insert_or_assign(qualified, unique);
    return unique;
}

void Scope::bind(std::string_view name, cel::Type type) {
    visible_.environment.variables.push_back({std::string(name), std::move(type)});
}

}  // namespace parmana::authoring::cel_policy
