// Reading what is particular to a document of parmana-cel/1: variables, rules with conditions in CEL,
// bindings.
#include <algorithm>

#include "base/limits.hpp"
#include "policy/document.hpp"
#include "policy/environment.hpp"
#include "policy/names.hpp"

namespace parmana::policy {
namespace {

constexpr std::pair<std::string_view, HitPolicy> kHitPolicies[] = {{"first", HitPolicy::first},
                                                                   {"unique", HitPolicy::unique},
                                                                   {"any", HitPolicy::any},
                                                                   {"priority", HitPolicy::priority},
                                                                   {"collect", HitPolicy::collect}};

class CelReader {
  public:
    CelReader(Draft& draft, Findings& findings)
        : draft_(draft),
          findings_(findings),
          environment_(environment_of(draft.signals, true)),
          extents_(extents_of(draft.signals)) {}

    void read(json::Value root) {
        read_hit_policy(root);
        if (const auto bound = findings_.member(root, "", "boundSignals", json::Type::object))
            read_bindings(*bound);
        if (const auto variables = findings_.member(root, "", "variables", json::Type::array))
            read_variables(*variables);
        if (const auto rules = findings_.member(root, "", "rules", json::Type::array)) read_rules(*rules);
        if (draft_.cost > limits::kPolicyCostMax) {
            const bool endless = draft_.cost >= cel::kCostInfinite;
            findings_.at_value(root,
                               "the worst case costs " +
                                   (endless ? "without bound" : std::to_string(draft_.cost)) +
                                   ", over the limit of " + std::to_string(limits::kPolicyCostMax),
                               "/rules");
        }
    }

  private:
    void read_hit_policy(json::Value root) {
        if (const auto given = findings_.member(root, "", "hitPolicy", json::Type::string)) {
            const auto* row = std::ranges::find(kHitPolicies, given->string(),
                                                &std::pair<std::string_view, HitPolicy>::first);
            if (row != std::end(kHitPolicies)) {
                draft_.hit_policy = row->second;
            } else {
                findings_.at_value(*given, "`hitPolicy` is not first, unique, any, priority or collect",
                                   "/hitPolicy");
            }
        }
        const auto given = findings_.member(root, "", "priorities", json::Type::array);
        if (given.has_value() != (draft_.hit_policy == HitPolicy::priority)) {
            findings_.at_value(root, "`priorities` belongs to the hit policy `priority`", "/priorities");
            return;
        }
        if (!given) return;
        std::size_t index = 0;
        for (const json::Value action : given->elements()) {
            const std::string at = "/priorities/" + std::to_string(index++);
            if (!findings_.expect(action, json::Type::string, "a priority", at)) continue;
            if (std::ranges::find(draft_.priorities, action.string()) != draft_.priorities.end())
                findings_.at_value(action, "action " + in_backticks(action.string()) + " stands twice", at);
            draft_.priorities.emplace_back(action.string());
        }
    }

    void read_bindings(json::Value bound) {
        for (const json::Value member : bound.members()) {
            const std::string at = "/boundSignals" + pointer_token(member.name());
            if (std::ranges::find(draft_.signals, member.name(), &SignalDeclaration::name) ==
                draft_.signals.end()) {
                findings_.at_name(member, "signal " + in_backticks(member.name()) + " is not declared", at);
                continue;
            }
            if (!findings_.expect(member, json::Type::string, "a binding", at)) continue;
            Binding binding{std::string(member.name()), {}};
            std::string_view rest = member.string();
            while (true) {
                const std::size_t dot = rest.find('.');
                binding.path.emplace_back(rest.substr(0, dot));
                if (dot == std::string_view::npos) break;
                rest.remove_prefix(dot + 1);
            }
            const bool whole =
                binding.path.size() >= 2 && binding.path[0] == "action" &&
                (binding.path.size() == 2 ? binding.path[1] == "type" || binding.path[1] == "target"
                                          : binding.path[1] == "parameters") &&
                std::ranges::none_of(binding.path, &std::string::empty);
            if (!whole) {
                findings_.at_value(
                    member, "a binding is `action.type`, `action.target` or `action.parameters.NAME`", at);
                continue;
            }
            draft_.bindings.push_back(std::move(binding));
        }
    }

    /// The expression that a string holds, when it checks and has the type.
    std::optional<cel::Checked> read_expression(json::Value text, const std::string& at, bool is_condition) {
        if (!findings_.expect(text, json::Type::string, is_condition ? "a condition" : "an expression", at))
            return std::nullopt;
        const auto report = [&](const cel::Issues& issues) {
            for (const cel::Issue& issue : issues)
                findings_.at_text(text, issue.offset, issue.message, at);
        };
        auto ast = cel::parse(text.string(), cel::Macros::extended);
        if (!ast) return report(ast.error()), std::nullopt;
        nodes_ += ast->id_count;
        if (nodes_ > limits::kPolicyNodesMax) {
            findings_.at_value(
                text, "more than " + std::to_string(limits::kPolicyNodesMax) + " parts in the policy", at);
            return std::nullopt;
        }
        auto checked = cel::check(*std::move(ast), environment_);
        if (!checked) return report(checked.error()), std::nullopt;
        if (is_condition && !checked->type().is(cel::TypeKind::boolean) &&
            !checked->type().is(cel::TypeKind::error)) {
            findings_.at_text(text, 0,
                              "a condition must be a bool, this is " + cel::to_string(checked->type()), at);
            return std::nullopt;
        }
        if (const cel::Issues issues = profile_issues(*checked, patterns_); !issues.empty())
            return report(issues), std::nullopt;
        return *std::move(checked);
    }

    cel::CostBound bound(const cel::Checked& expression) {
        cel::CostBound out = cel::cost_bound(expression, extents_);
        draft_.cost = std::min(draft_.cost + out.cost, cel::kCostInfinite);
        return out;
    }

    void read_variables(json::Value variables) {
        if (variables.size() > limits::kVariablesMax) {
            findings_.at_value(variables, "more than " + std::to_string(limits::kVariablesMax) + " variables",
                               "/variables");
            return;
        }
        std::size_t index = 0;
        for (const json::Value variable : variables.elements()) {
            const std::string at = "/variables/" + std::to_string(index++);
            if (!findings_.expect(variable, json::Type::object, "a variable", at)) continue;
            findings_.check_keys(variable, at, {{"name", true}, {"expression", true}});
            const auto name = findings_.member(variable, at, "name", json::Type::string);
            const auto text = findings_.member(variable, at, "expression", json::Type::string);
            if (!name || !text) continue;
            if (!is_signal_name(name->string())) {
                findings_.at_value(*name,
                                   "variable name " + in_backticks(name->string()) +
                                       " is not a letter or `_` "
                                       "and at most 63 letters, digits or `_`",
                                   at + "/name");
                continue;
            }
            auto expression = read_expression(*text, at + "/expression", false);
            const std::string qualified = std::string(kVariablePrefix) + std::string(name->string());
            if (extents_.contains(qualified)) {
                findings_.at_value(*name, "variable " + in_backticks(name->string()) + " stands twice",
                                   at + "/name");
                continue;
            }
            // One that does not check is declared all the same, so that its uses are no findings.
            const cel::Type unknown{cel::TypeKind::error, {}, {}};
            environment_.variables.push_back({qualified, expression ? expression->type() : unknown});
            extents_.emplace(qualified, expression ? bound(*expression).result : cel::Extent{});
            if (!expression) continue;
            draft_.variables.push_back(
                {std::string(name->string()), std::string(text->string()), *std::move(expression)});
        }
    }

    void read_rules(json::Value rules) {
        if (rules.size() == 0 || rules.size() > limits::kRulesMax) {
            findings_.at_value(rules, "the rules are not 1 to " + std::to_string(limits::kRulesMax),
                               "/rules");
            return;
        }
        RuleIds ids(findings_);
        bool complete = false;
        std::size_t index = 0;
        json::Value last = rules;
        for (const json::Value rule : rules.elements()) {
            const std::string at = "/rules/" + std::to_string(index++);
            if (complete) {
                findings_.at_value(rule, "the rule is unreachable: the one before it has no condition", at);
                complete = false;
            }
            last = rule;
            if (!findings_.expect(rule, json::Type::object, "a rule", at)) continue;
            complete = read_rule(rule, at, ids);
        }
        if (!complete)
            findings_.at_value(last, "the last rule must have no condition: every input ends in a decision",
                               "/rules/" + std::to_string(index - 1));
    }

    /// True when the rule has no condition.
    bool read_rule(json::Value rule, const std::string& at, RuleIds& ids) {
        findings_.check_keys(rule, at, {{"id", true}, {"condition", false}, {"outcome", true}});
        const auto id = ids.read(rule, at);
        std::optional<Outcome> outcome;
        if (const auto given = rule.find("outcome"))
            outcome = read_outcome(*given, at + "/outcome", findings_);
        if (outcome && !draft_.priorities.empty() &&
            std::ranges::find(draft_.priorities, outcome->action) == draft_.priorities.end()) {
            findings_.at_value(*rule.find("outcome"),
                               "action " + in_backticks(outcome->action) + " has no priority",
                               at + "/outcome/action");
        }
        const auto condition = rule.find("condition");
        std::optional<cel::Checked> expression;
        if (condition) expression = read_expression(*condition, at + "/condition", true);
        if (expression) bound(*expression);
        if (id && outcome && (!condition || expression)) {
            draft_.rules.push_back({*id, *std::move(outcome)});
            draft_.expressions.push_back(std::move(expression));
            draft_.texts.emplace_back(condition ? condition->string() : "");
        }
        return !condition;
    }

    Draft& draft_;
    Findings& findings_;
    cel::Environment environment_;
    std::map<std::string, cel::Extent> extents_;
    std::size_t nodes_ = 0;
    std::size_t patterns_ = 0;
};

}  // namespace

std::string_view wire_name(HitPolicy policy) {
    for (const auto& [name, value] : kHitPolicies) {
        if (value == policy) return name;
    }
    return {};
}

void read_cel_parts(json::Value root, Draft& draft, Findings& findings) {
    CelReader(draft, findings).read(root);
}

}  // namespace parmana::policy
