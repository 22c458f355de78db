// Reading a governance document: its members, its variables, and its rule flattened to a list of choices.
#include "authoring/parts.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace parmana::authoring {
namespace {

std::optional<yaml::Node> member(const yaml::Node& mapping, std::string_view name, yaml::Kind kind, Report& report) {
    const auto node = mapping.find(name);
    if (!node || !report.expect(*node, kind, in_ticks(name))) return std::nullopt;
    return node;
}

/// A condition or expression as it stands there.
Text text_of(const yaml::Node& node) {
    Text out;
    out.append(node, node.text());
    return out;
}

class RuleReader {
  public:
    RuleReader(Parts& parts, Report& report) : parts_(parts), report_(report) {}

    void read(const yaml::Node& rule) {
        if (!report_.expect(rule, yaml::Kind::mapping, "`rule`")) return;
        report_.check_keys(rule, {{"description", false}, {"variables", false}, {"match", true}});
        if (const auto variables = member(rule, "variables", yaml::Kind::sequence, report_)) {
            for (const yaml::Node& variable : variables->elements())
                read_variable(variable);
        }
        if (const auto match = member(rule, "match", yaml::Kind::sequence, report_)) read_match(*match, {}, 1);
    }

  private:
    void read_variable(const yaml::Node& node) {
        if (!report_.expect(node, yaml::Kind::mapping, "a variable")) return;
        report_.check_keys(node, {{"name", true}, {"expression", true}, {"description", false}});
        parts_.variables.push_back({node, member(node, "name", yaml::Kind::scalar, report_),
                                    member(node, "expression", yaml::Kind::scalar, report_)});
    }

    /// `outer` holds the conditions around these choices. True when one of the choices has no condition.
    bool read_match(const yaml::Node& match, const std::vector<Text>& outer, std::size_t depth) {
        if (depth > limits::kConditionDepthMax) {
            report_.at(match, "rules are nested deeper than " + std::to_string(limits::kConditionDepthMax));
            return true;
        }
        bool complete = false;
        for (const yaml::Node& choice : match.elements()) {
            if (complete) report_.at(choice, "the choice is unreachable: the one before it has no condition");
            if (!report_.expect(choice, yaml::Kind::mapping, "a choice")) continue;
            complete = read_choice(choice, outer, depth) || complete;
        }
        return complete;
    }

    /// True when the choice has no condition and always decides.
    bool read_choice(const yaml::Node& choice, const std::vector<Text>& outer, std::size_t depth) {
        const auto condition = member(choice, "condition", yaml::Kind::scalar, report_);
        std::vector<Text> conditions = outer;
        if (condition) {
            stands_alone(*condition, condition->text(), report_);
            conditions.push_back(text_of(*condition));
        }
        const bool conditional = choice.find("condition").has_value();
        if (const auto nested = choice.find("rule")) {
            report_.check_keys(choice, {{"condition", false}, {"description", false}, {"rule", true}});
            if (!report_.expect(*nested, yaml::Kind::mapping, "`rule`")) return !conditional;
            report_.check_keys(*nested, {{"description", false}, {"match", true}});
            const auto match = member(*nested, "match", yaml::Kind::sequence, report_);
            if (!match) return !conditional;
            const bool complete = read_match(*match, conditions, depth + 1);
            // Once its condition holds a nested rule decides: it may not fall through.
            if (conditional && !complete)
                report_.at(*nested, "the last choice of a rule with a condition must have none: every input that "
                                    "comes here ends in a decision");
            return complete && !conditional;
        }
        report_.check_keys(choice, {{"id", true}, {"condition", false}, {"description", false}, {"outcome", true}});
        parts_.choices.push_back({choice, member(choice, "id", yaml::Kind::scalar, report_), joined(conditions),
                                  member(choice, "outcome", yaml::Kind::mapping, report_)});
        return !conditional;
    }

    static std::optional<Text> joined(const std::vector<Text>& conditions) {
        if (conditions.empty()) return std::nullopt;
        if (conditions.size() == 1) return conditions.front();
        Text out;
        const char* separator = "(";
        for (const Text& condition : conditions) {
            out.append(separator);
            out.append(condition);
            separator = "\n) && (";  // a comment at the end of a condition ends with its line
        }
        out.append("\n)");
        return out;
    }

    Parts& parts_;
    Report& report_;
};

}  // namespace

Parts read_parts(const yaml::Node& root, Report& report) {
    Parts parts;
    report.check_keys(root, {{"policyId", true},
                             {"policyVersion", true},
                             {"description", false},
                             {"signals", true},
                             {"boundSignals", false},
                             {"rule", false},
                             {"table", false}});
    parts.id = member(root, "policyId", yaml::Kind::scalar, report);
    parts.version = member(root, "policyVersion", yaml::Kind::scalar, report);
    parts.description = member(root, "description", yaml::Kind::scalar, report);
    parts.signals = member(root, "signals", yaml::Kind::mapping, report);
    parts.bound = member(root, "boundSignals", yaml::Kind::mapping, report);
    const auto rule = root.find("rule"), table = root.find("table");
    if (rule.has_value() == table.has_value()) {
        report.at(root, "a policy has either a `rule` or a `table`");
    } else if (rule) {
        RuleReader(parts, report).read(*rule);
    } else if (report.expect(*table, yaml::Kind::mapping, "`table`")) {
        read_table(*table, parts, report);
    }
    return parts;
}

}  // namespace parmana::authoring
