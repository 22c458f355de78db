#include "policy/environment.hpp"

#include "base/limits.hpp"
#include "cel/regex.hpp"
#include "civil/civil.hpp"

namespace parmana::policy {
namespace {

cel::Type bare_type(const SignalDeclaration& signal) {
    switch (signal.type) {
        case SignalType::integer:
            return {cel::TypeKind::integer, {}, {}};
        case SignalType::number:
            return {cel::TypeKind::real, {}, {}};
        case SignalType::boolean:
            return {cel::TypeKind::boolean, {}, {}};
        case SignalType::string:
        case SignalType::enumeration:
            return {cel::TypeKind::string, {}, {}};
        case SignalType::timestamp:
            return {cel::TypeKind::timestamp, {}, {}};
        case SignalType::duration:
            return {cel::TypeKind::duration, {}, {}};
        case SignalType::list:
            return cel::list_of(bare_type(signal.elements.front()));
        case SignalType::map:
            return cel::map_of({cel::TypeKind::string, {}, {}}, bare_type(signal.elements.front()));
    }
    return {};
}

std::size_t bytes_of(const SignalDeclaration& signal) {
    if (signal.type == SignalType::string)
        return std::min(signal.length_maximum * 4, limits::kStringSignalBytesMax);
    std::size_t longest = 0;
    for (const std::string& value : signal.values)
        longest = std::max(longest, value.size());
    return longest;
}

cel::Extent bare_extent(const SignalDeclaration& signal) {
    if (signal.elements.empty()) return {bytes_of(signal)};
    cel::Extent element = bare_extent(signal.elements.front());
    if (signal.type == SignalType::list) return {signal.length_maximum, {std::move(element)}};
    return {signal.length_maximum, {{limits::kMapKeyBytesMax}, std::move(element)}};
}

class ProfileWalk {
  public:
    explicit ProfileWalk(std::size_t& patterns) : patterns_(patterns) {}
    cel::Issues take() { return std::move(issues_); }

    void visit(const cel::Expr& expr) {
        if (expr.kind == cel::ExprKind::call) look_at(expr);
        if (expr.target != nullptr) visit(*expr.target);
        for (const cel::ExprPtr& argument : expr.arguments)
            visit(*argument);
        for (const cel::Entry& entry : expr.entries) {
            if (entry.key != nullptr) visit(*entry.key);
            visit(*entry.value);
        }
        if (expr.comprehension == nullptr) return;
        const cel::Comprehension& loop = *expr.comprehension;
        for (const cel::ExprPtr* part : {&loop.range, &loop.initial, &loop.condition, &loop.step, &loop.result})
            visit(**part);
    }

  private:
    static const std::string* literal(const cel::Expr& expr) {
        return expr.kind == cel::ExprKind::constant ? std::get_if<std::string>(&expr.constant) : nullptr;
    }

    void look_at(const cel::Expr& expr) {
        if (expr.name == "matches") {
            const std::string* pattern = literal(*expr.arguments.back());
            if (pattern == nullptr) {
                issue(*expr.arguments.back(), "the pattern of `matches` must be a literal");
            } else if (++patterns_ > limits::kPolicyPatternsMax) {
                issue(*expr.arguments.back(), "more than " + std::to_string(limits::kPolicyPatternsMax) +
                                                  " regular expressions in the policy");
            } else if (!cel::Regex::make(*pattern)) {
                issue(*expr.arguments.back(), "the pattern of `matches` is not valid, or too large");
            }
        }
        if (!expr.name.starts_with("get") || expr.target == nullptr || expr.arguments.size() != 1) return;
        const std::string* zone = literal(*expr.arguments.front());
        if (zone == nullptr) {
            issue(*expr.arguments.front(), "a time zone must be a literal");
        } else if (!civil::find_zone(*zone)) {
            issue(*expr.arguments.front(), "there is no time zone of this name");
        }
    }

    void issue(const cel::Expr& at, std::string message) { issues_.push_back({at.offset, std::move(message)}); }

    std::size_t& patterns_;
    cel::Issues issues_;
};

}  // namespace

cel::Type cel_type(const SignalDeclaration& signal) {
    cel::Type type = bare_type(signal);
    return signal.required ? type : cel::optional_of(std::move(type));
}

cel::Extent extent_of(const SignalDeclaration& signal) {
    cel::Extent extent = bare_extent(signal);
    return signal.required ? extent : cel::Extent{1, {std::move(extent)}};
}

cel::Environment environment_of(std::span<const SignalDeclaration> signals, bool optionals) {
    cel::Environment out;
    for (const SignalDeclaration& signal : signals)
        out.variables.push_back(
            {std::string(kSignalPrefix) + signal.name, optionals ? cel_type(signal) : bare_type(signal)});
    return out;
}

std::map<std::string, cel::Extent> extents_of(std::span<const SignalDeclaration> signals) {
    std::map<std::string, cel::Extent> out;
    for (const SignalDeclaration& signal : signals)
        out.emplace(std::string(kSignalPrefix) + signal.name, extent_of(signal));
    return out;
}

cel::Issues profile_issues(const cel::Checked& expression, std::size_t& patterns) {
    ProfileWalk walk(patterns);
    walk.visit(*expression.ast.root);
    return walk.take();
}

}  // namespace parmana::policy
