#include "cel/names.hpp"

#include <algorithm>

#include "cel/declarations.hpp"

namespace parmana::cel {

std::optional<std::string> qualified_name(const Expr& expr) {
    if (expr.kind == ExprKind::identifier) return expr.name;
    if (expr.kind != ExprKind::select || expr.test_only) return std::nullopt;
    auto prefix = qualified_name(*expr.target);
    if (!prefix) return std::nullopt;
    return *prefix + "." + expr.name;
}

/// The most qualified first: in container a.b the name c is a.b.c, a.c or c. A leading dot leaves only the
/// last.
std::vector<std::string> Names::candidates(std::string_view name) const {
    if (name.starts_with('.')) return {std::string(name.substr(1))};
    const std::string_view first = name.substr(0, name.find('.'));
    for (const std::string& alias : environment_.aliases) {
        const std::size_t dot = alias.rfind('.');
        if (dot != std::string::npos && std::string_view(alias).substr(dot + 1) == first)
            return {alias + std::string(name.substr(first.size()))};
    }
    std::vector<std::string> out;
    std::string_view container = environment_.container;
    while (!container.empty()) {
        out.push_back(std::string(container) + "." + std::string(name));
        const std::size_t dot = container.rfind('.');
        container = dot == std::string_view::npos ? std::string_view() : container.substr(0, dot);
    }
    out.emplace_back(name);
    return out;
}

std::optional<Meaning> Names::find_identifier(std::string_view name) const {
    for (const std::string& candidate : candidates(name)) {
        const auto variable =
            std::ranges::find(environment_.variables, candidate, &VariableDeclaration::name);
        if (variable != environment_.variables.end()) return Meaning{candidate, variable->type};
        if (Type type = find_standard_type(candidate); !type.is(TypeKind::error))
            return Meaning{candidate, type_of(std::move(type))};
        if (std::ranges::find(environment_.opaque_types, candidate) != environment_.opaque_types.end())
            return Meaning{candidate, type_of({TypeKind::opaque, candidate, {}})};
    }
    return std::nullopt;
}

const FunctionDeclaration* Names::find_function(std::string_view name) const {
    for (const std::string& candidate : candidates(name)) {
        const auto own = std::ranges::find(environment_.functions, candidate, &FunctionDeclaration::name);
        if (own != environment_.functions.end()) return &*own;
        if (const FunctionDeclaration* standard = find_standard_function(candidate)) return standard;
    }
    return nullptr;
}

bool is_declared(std::string_view qualified_name, const Environment& environment) {
    const std::string absolute = "." + std::string(qualified_name);
    const Names names(environment);
    if (names.find_identifier(absolute) || names.find_function(absolute) != nullptr) return true;
    const std::string prefix = std::string(qualified_name) + ".";
    return std::ranges::any_of(environment.variables, [&](const VariableDeclaration& variable) {
        return variable.name.starts_with(prefix);
    });
}

}  // namespace parmana::cel
