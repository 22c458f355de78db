#include "authoring/check.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "authoring/governance.hpp"
#include "authoring/grid.hpp"
#include "authoring/parts.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {
namespace {

/// What is wrong with one rule, by its index.
struct RuleFinding {
    std::size_t rule;
    std::string message;
};

/// Tries a policy on the inputs of its grid.
class Trial {
  public:
    explicit Trial(const policy::Policy& policy)
        : policy_(policy),
          grid_(make_grid(policy)),
          held_(policy.rules().size()),
          failed_(policy.rules().size()),
          decided_(policy.rules().size()) {}

    const Grid& grid() const { return grid_; }

    void run() {
        policy::Slots slots;
        for (std::uint64_t index = 0; index < grid_.size; ++index) {
            const std::string input = input_of(policy_, grid_, index);
            const auto document = json::parse(input);
            if (!document || !policy_.bind(document->root(), slots)) continue;
            look(input, slots);
        }
    }

    std::vector<RuleFinding> findings() const {
        std::vector<RuleFinding> out = undecided_;
        for (std::size_t rule = 0; rule < policy_.rules().size(); ++rule) {
            if (policy_.condition(rule).empty()) continue;
            if (const auto twin = find_twin(rule)) {
                out.push_back({rule, "the condition is that of rule " + in_ticks(policy_.rules()[*twin].id)});
            } else if (grid_.complete) {
                add_constant(rule, out);
            }
        }
        return out;
    }

    /// An input that this rule decides.
    std::optional<std::string> decided_by(std::size_t rule) const { return decided_[rule]; }

  private:
    void look(const std::string& input, policy::Slots& slots) {
        policy_.examine(slots, trace_);
        for (std::size_t rule = 0; rule < trace_.size(); ++rule) {
            held_[rule] = held_[rule] || trace_[rule].holds;
            failed_[rule] = failed_[rule] || !trace_[rule].holds;
            for (const policy::ConditionTrace& condition : trace_[rule].conditions) {
                auto& seen = outcomes_[{rule, condition.text}];
                if (condition.outcome) seen[*condition.outcome ? 1 : 0] = true;
                if (!condition.outcome) seen[0] = seen[1] = true;
            }
        }
        const auto verdict = policy_.evaluate(slots);
        if (!verdict) {
            // One example says it; a policy that fails everywhere fails for one reason.
            if (undecided_.empty())
                undecided_.push_back(
                    {0, "some inputs cannot be decided: " + verdict.error().detail + ", for " + input});
            return;
        }
        auto& example = decided_[static_cast<std::size_t>(*verdict - policy_.rules().data())];
        if (!example) example = input;
    }

    std::optional<std::size_t> find_twin(std::size_t rule) const {
        for (std::size_t earlier = 0; earlier < rule; ++earlier) {
            if (policy_.condition(earlier) == policy_.condition(rule)) return earlier;
        }
        return std::nullopt;
    }

    void add_constant(std::size_t rule, std::vector<RuleFinding>& out) const {
        if (!held_[rule]) {
            out.push_back({rule, "the condition never holds"});
            return;
        }
        if (!failed_[rule]) {
            out.push_back({rule, "the condition always holds"});
            return;
        }
        if (!decided_[rule]) {
            out.push_back({rule, "the rule is unreachable: other rules take every input that it would"});
            return;
        }
        for (const auto& [key, seen] : outcomes_) {
            if (key.first != rule || seen[0] == seen[1]) continue;
            out.push_back({rule, "the condition " + in_ticks(key.second) +
                                     (seen[1] ? " always holds where it is looked at"
                                              : " never holds where it is looked at")});
        }
    }

    const policy::Policy& policy_;
    Grid grid_;
    std::vector<bool> held_, failed_;
    std::vector<std::optional<std::string>> decided_;
    std::map<std::pair<std::size_t, std::string>, std::array<bool, 2>> outcomes_;
    std::vector<RuleFinding> undecided_;
    std::vector<policy::RuleTrace> trace_;
};

Examination examine(const std::string& json, const std::function<yaml::Position(std::size_t)>& place_of) {
    Examination out;
    const auto policy = policy::compile(json);
    if (!policy) return out;
    Trial trial(*policy);
    trial.run();
    out.cost = policy->cost_bound();
    out.inputs = trial.grid().size;
    out.complete = trial.grid().complete;
    for (RuleFinding& found : trial.findings()) {
        const yaml::Position at = place_of(found.rule);
        out.findings.push_back({at.line, at.column, std::move(found.message)});
    }
    std::ranges::sort(out.findings);
    return out;
}

constexpr std::string_view kGapMessage = "the last rule must";

/// The document with one more rule at its end, whatever its profile.
std::string with_catch_all(const std::string& json, std::string_view id) {
    const auto document = json::parse(json);
    if (!document || !document->root().is(json::Type::object)) return {};
    const bool is_cel = document->root().find("languageProfile").has_value();
    std::string out;
    json::Writer writer(out);
    writer.object();
    for (const json::Value member : document->root().members()) {
        writer.name(member.name());
        if (member.name() != "rules" || !member.is(json::Type::array)) {
            writer.value(member);
            continue;
        }
        writer.array();
        for (const json::Value rule : member.elements())
            writer.value(rule);
        writer.object();
        if (!is_cel) writer.name("condition").object().name("all").array().end().end();
        writer.name("id").string(id).name("outcome").object().name("action").string("reject");
        writer.name("reason").string("none").name("requires_override").boolean(false).end().end().end();
    }
    writer.end();
    return out;
}

}  // namespace

std::optional<std::string> explain_gap(const std::string& json, std::string_view message) {
    if (!message.starts_with(kGapMessage)) return std::nullopt;
    const auto policy = policy::compile(with_catch_all(json, "no-rule-takes-it"));
    if (!policy) return std::nullopt;
    Trial trial(*policy);
    trial.run();
    const auto gap = trial.decided_by(policy->rules().size() - 1);
    if (gap) return std::string(message) + "; no rule takes " + *gap;
    if (!trial.grid().complete) return std::nullopt;
    return std::string(message) + "; the rules take every input, so the last condition can go";
}

Examination check_yaml(std::string_view source) {
    std::vector<yaml::Position> rules;
    auto built = build(source, rules);
    if (!built) {
        Examination out;
        out.findings = std::move(built).error();
        return out;
    }
    return examine(*built, [&rules](std::size_t rule) { return rules[rule]; });
}

Examination check_json(std::string_view source) {
    const auto found = policy::check(source);
    if (!found.empty()) {
        Examination out;
        for (const policy::Diagnostic& one : found)
            out.findings.push_back(
                {one.line, one.column, explain_gap(std::string(source), one.message).value_or(one.message)});
        return out;
    }
    const auto document = json::parse(source);
    std::vector<yaml::Position> rules;
    for (const json::Value rule : document->root().find("rules")->elements()) {
        const json::Position at = json::position_of(source, rule.offset());
        rules.push_back({at.line, at.column});
    }
    return examine(std::string(source), [&rules](std::size_t rule) { return rules[rule]; });
}

}  // namespace parmana::authoring
