// `parmana policy explain`: a policy in words and CEL, out of the JSON that runs, and why it decides what it
// does.
#include <cstdio>

#include "cli/cli.hpp"
#include "cli/policy_source.hpp"
#include "policy/environment.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

std::string number(double value) {
    std::string out;
    json::append_number(out, value);
    return out;
}

std::string bounds(const policy::SignalDeclaration& signal) {
    const auto range = [](const std::optional<std::string>& low, const std::optional<std::string>& high) {
        if (low && high) return ", " + *low + " to " + *high;
        if (low) return ", at least " + *low;
        return high ? ", at most " + *high : std::string();
    };
    const auto text = [](const auto& bound, auto spell) {
        return bound ? std::optional<std::string>(spell(*bound)) : std::nullopt;
    };
    switch (signal.type) {
        case policy::SignalType::integer: {
            const auto spell = [](std::int64_t value) { return std::to_string(value); };
            return range(text(signal.integer_minimum, spell), text(signal.integer_maximum, spell));
        }
        case policy::SignalType::number:
            return range(text(signal.number_minimum, number), text(signal.number_maximum, number));
        case policy::SignalType::string:
            return ", " + std::to_string(signal.length_minimum) + " to " +
                   std::to_string(signal.length_maximum) + " code points";
        case policy::SignalType::list:
        case policy::SignalType::map:
            return ", " + std::to_string(signal.length_minimum) + " to " +
                   std::to_string(signal.length_maximum) + " elements" + bounds(signal.elements.front());
        case policy::SignalType::enumeration: {
            std::string out;
            for (const std::string& value : signal.values)
                out += (out.empty() ? ", one of " : ", ") + value;
            return out;
        }
        default:
            return {};
    }
}

std::string describe(const policy::Policy& policy) {
    std::string out = policy.id().value() + " " + policy.version().value() + ", " +
                      policy.language_profile() + ", hit policy " +
                      std::string(wire_name(policy.hit_policy())) + "\nsignals\n";
    for (const policy::SignalDeclaration& signal : policy.signals()) {
        out += "  " + signal.name + ": " + cel::to_string(policy::cel_type(signal)) + bounds(signal);
        for (const auto& binding : policy.bindings()) {
            if (binding.name == signal.name) out += "; must equal " + binding.text;
        }
        out += "\n";
    }
    if (!policy.variables().empty()) out += "variables\n";
    for (const auto& variable : policy.variables())
        out += "  " + variable.name + " = " + variable.text + "\n";
    out += "rules\n";
    std::size_t index = 0;
    for (const policy::Rule& rule : policy.rules()) {
        const std::string& condition = policy.condition(index++);
        out += "  " + rule.id + ": " + std::string(policy::wire_name(rule.outcome.verdict)) + " (" +
               rule.outcome.action + "), " + rule.outcome.reason + "\n    " +
               (condition.empty() ? "otherwise" : "when " + condition) + "\n";
    }
    return out;
}

/// The rules looked at, and what settled each.
std::string describe(const std::vector<policy::RuleTrace>& trace) {
    std::string out;
    for (const policy::RuleTrace& step : trace) {
        out += "  " + step.rule + (step.holds ? " holds" : " does not hold");
        if (!step.conditions.empty()) {
            const policy::ConditionTrace& last = step.conditions.back();
            out += ": " + last.text + " is " +
                   (!last.outcome   ? "an error"
                    : *last.outcome ? "true"
                                    : "false");
        }
        out += "\n";
    }
    return out;
}

Result<int> explain_input(const policy::Policy& policy, const PolicyExplainArguments& arguments) {
    const auto signals = TRY(json::parse(TRY(read_small_file(arguments.signals))));
    std::optional<json::Document> action;
    if (!arguments.action.empty()) action = TRY(json::parse(TRY(read_small_file(arguments.action))));
    print("for " + json::canonical(signals.root()) + "\n");
    policy::Slots slots;
    std::vector<policy::RuleTrace> trace;
    const auto rule = policy::judge_traced(
        policy, signals.root(), action ? std::optional(action->root()) : std::nullopt, slots, trace);
    print(describe(trace));
    if (!rule) {
        print("refused: " + std::string(wire_name(rule.error().code)) + ": " + rule.error().detail + "\n");
        return 1;
    }
    print(std::string(policy::wire_name((*rule)->outcome.verdict)) + " by rule `" + (*rule)->id +
          "`: " + (*rule)->outcome.reason + "\n");
    return 0;
}

}  // namespace

Result<int> policy_explain(const PolicyExplainArguments& arguments) {
    const PolicySource source = TRY(read_policy(arguments.file));
    const auto policy = TRY(policy::compile(source.json));
    print(describe(policy));
    if (policy.cost_bound() > 0) {
        print("at worst " + std::to_string(policy.cost_bound()) + " of " +
              std::to_string(limits::kPolicyCostMax) + " units of cost\n");
    }
    return arguments.signals.empty() ? Result<int>(0) : explain_input(policy, arguments);
}

}  // namespace parmana::cli
