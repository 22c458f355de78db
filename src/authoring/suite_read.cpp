// Reading `tests.yaml`: tests that are written out, and rows of a table, into requests and expectations.
#include <algorithm>
#include <array>
#include <map>

#include "authoring/request.hpp"
#include "authoring/suite.hpp"

namespace parmana::authoring {
namespace {

/// What a judgement can refuse with; all other codes come before it.
constexpr std::array kRefusals = {Code::signal_missing, Code::signal_type,    Code::signal_range,
                                  Code::signal_unknown, Code::signal_unbound, Code::evaluation_error,
                                  Code::cost_exceeded};

/// A test before it is one.
struct Draft {
    yaml::Node node;
    std::optional<yaml::Node> name, decision, rule, refused;
    std::vector<GivenSignal> signals = {};
    std::optional<std::string> action = std::nullopt;  // as JSON
};

std::optional<yaml::Node> unless_null(const yaml::Node& node) {
    return node.is(yaml::Type::null) ? std::nullopt : std::optional(node);
}

class SuiteReader {
  public:
    SuiteReader(const policy::Policy& policy, Report& report) : policy_(policy), report_(report) {}

    Suite read(const yaml::Node& root) {
        report_.check_keys(root, {{"description", false}, {"tests", false}, {"table", false}});
        const auto tests = root.find("tests"), table = root.find("table");
        if (tests && report_.expect(*tests, yaml::Kind::sequence, "`tests`")) {
            for (const yaml::Node& test : tests->elements())
                read_test(test);
        }
        if (table && report_.expect(*table, yaml::Kind::mapping, "`table`")) read_table(*table);
        if (report_.empty() && suite_.empty()) report_.at(root, "there are no tests");
        return std::move(suite_);
    }

  private:
    // ---- tests that are written out

    void read_test(const yaml::Node& node) {
        if (!report_.expect(node, yaml::Kind::mapping, "a test")) return;
        report_.check_keys(
            node,
            {{"name", true}, {"description", false}, {"signals", true}, {"action", false}, {"expect", true}});
        Draft draft{node, node.find("name"), std::nullopt, std::nullopt, std::nullopt};
        const auto signals = node.find("signals"), action = node.find("action"),
                   expected = node.find("expect");
        if (!signals || !report_.expect(*signals, yaml::Kind::mapping, "`signals`")) return;
        if (!expected || !report_.expect(*expected, yaml::Kind::mapping, "`expect`")) return;
        report_.check_keys(*expected, {{"decision", false}, {"rule", false}, {"refused", false}});
        draft.decision = expected->find("decision");
        draft.rule = expected->find("rule");
        draft.refused = expected->find("refused");
        for (const yaml::Member& signal : signals->members())
            draft.signals.push_back({std::string(signal.key.text()), signal.key, signal.value});
        if (!action) {
            draft.action = agreeing_action(policy_, draft.signals, {}, report_);
        } else if (!action->is(yaml::Type::null)) {
            draft.action = written_action(*action, report_);
        }
        add(draft, *expected);
    }

    // ---- the table

    struct Column {
        yaml::Node node;
        std::vector<std::string> path;  // `signals.amount` has two parts
    };

    void read_table(const yaml::Node& table) {
        report_.check_keys(table, {{"columns", true}, {"rows", true}, {"description", false}});
        const auto columns = table.find("columns"), rows = table.find("rows");
        if (!columns || !report_.expect(*columns, yaml::Kind::sequence, "`columns`")) return;
        if (!rows || !report_.expect(*rows, yaml::Kind::sequence, "`rows`")) return;
        std::vector<Column> known;
        for (const yaml::Node& column : columns->elements()) {
            if (report_.expect(column, yaml::Kind::scalar, "a column")) read_column(column, known);
        }
        const auto has = [&](std::string_view name) {
            return std::ranges::any_of(known,
                                       [&](const Column& column) { return column.node.text() == name; });
        };
        if (!has("name")) report_.at(*columns, "a table has a column `name`");
        if (!has("decision") && !has("refused"))
            report_.at(*columns, "a table has a column `decision` or `refused`");
        if (known.size() != columns->elements().size()) return;
        for (const yaml::Node& row : rows->elements())
            read_row(row, known);
    }

    void read_column(const yaml::Node& node, std::vector<Column>& known) {
        Column column{node, parts_of(node.text())};
        const auto& path = column.path;
        const bool whole = path.size() == 1 ? path[0] == "name" || path[0] == "decision" ||
                                                  path[0] == "rule" || path[0] == "refused"
                           : path[0] == "signals" ? path.size() == 2
                                                  : is_action_path(path);
        if (!whole) {
            return report_.at(node,
                              "a column is `name`, `signals.NAME`, `action.type`, `action.target`, "
                              "`action.parameters.NAME`, `decision`, `rule` or `refused`");
        }
        if (path[0] == "signals" && !is_declared(path[1]))
            return report_.at(node, "signal " + in_ticks(path[1]) + " is not declared");
        for (const Column& other : known) {
            const auto [end, other_end] = std::ranges::mismatch(path, other.path);
            if (end == path.end() && other_end == other.path.end())
                return report_.at(node, "column " + in_ticks(node.text()) + " stands twice");
            if (end == path.end() || other_end == other.path.end()) {
                return report_.at(node, "column " + in_ticks(node.text()) + " and column " +
                                            in_ticks(other.node.text()) + " stand for the same member");
            }
        }
        known.push_back(std::move(column));
    }

    void read_row(const yaml::Node& row, const std::vector<Column>& columns) {
        if (!report_.expect(row, yaml::Kind::sequence, "a row")) return;
        if (row.elements().size() != columns.size())
            return report_.at(row, "a row has one cell for each column: " + std::to_string(columns.size()));
        Draft draft{row, std::nullopt, std::nullopt, std::nullopt, std::nullopt};
        std::vector<ActionMember> members;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Column& column = columns[i];
            const auto cell = unless_null(row.elements()[i]);
            if (!cell) continue;
            if (column.path[0] == "signals") {
                draft.signals.push_back({column.path[1], *cell, *cell});
            } else if (column.path[0] == "action") {
                members.push_back(action_cell(*cell, column.path, report_));
            } else {
                auto& place = column.path[0] == "name"       ? draft.name
                              : column.path[0] == "decision" ? draft.decision
                              : column.path[0] == "rule"     ? draft.rule
                                                             : draft.refused;
                place = cell;
            }
        }
        if (!draft.name) report_.at(row, "the row has no name");
        draft.action = agreeing_action(policy_, draft.signals, members, report_);
        add(draft, row);
    }

    // ---- both

    bool is_declared(std::string_view name) const {
        return std::ranges::find(policy_.signals(), name, &policy::SignalDeclaration::name) !=
               policy_.signals().end();
    }

    /// `place` is where the expectation stands.
    void add(const Draft& draft, const yaml::Node& place) {
        const Expectation expected = read_expectation(draft, place);
        if (expected.refused != Code::signal_unknown) {
            for (const GivenSignal& signal : draft.signals) {
                if (!is_declared(signal.name))
                    report_.at(signal.place, "signal " + in_ticks(signal.name) + " is not declared");
            }
        }
        auto signals = parsed(json_of(draft.signals, report_), draft.node);
        auto action = draft.action ? parsed(*draft.action, draft.node) : std::nullopt;
        const std::string name = read_name(draft);
        if (!signals) return;
        const auto [line, column] = draft.node.position();
        suite_.push_back({line, column, name, *std::move(signals), std::move(action), expected});
    }

    /// What a server reads from the JSON, which is less than YAML can say.
    std::optional<json::Document> parsed(const std::string& text, const yaml::Node& place) {
        auto document = json::parse(text);
        if (document) return *std::move(document);
        const std::string& detail = document.error().detail;
        report_.at(place, "no request can say this: " + detail.substr(0, detail.find(" at offset")));
        return std::nullopt;
    }

    std::string read_name(const Draft& draft) {
        if (!draft.name || !report_.expect(*draft.name, yaml::Kind::scalar, "`name`")) return {};
        const std::string name(draft.name->text());
        if (name.empty()) {
            report_.at(*draft.name, "the name is empty");
            return name;
        }
        const auto [first, is_new] = names_.emplace(name, draft.name->position().line);
        if (!is_new) {
            report_.at(*draft.name,
                       "the name " + in_ticks(name) + " is taken on line " + std::to_string(first->second));
        }
        return name;
    }

    Expectation read_expectation(const Draft& draft, const yaml::Node& place) {
        Expectation out;
        if (draft.decision.has_value() == draft.refused.has_value()) {
            report_.at(place, "a test expects either a `decision` or to be `refused`");
            return out;
        }
        if (draft.refused) {
            out.refused = read_refusal(*draft.refused);
            if (draft.rule) report_.at(*draft.rule, "a refusal has no rule");
            return out;
        }
        if (report_.expect(*draft.decision, yaml::Kind::scalar, "`decision`")) {
            out.decision = policy::verdict_from_wire(draft.decision->text());
            if (!out.decision)
                report_.at(*draft.decision, "a decision is approved, rejected or override_required");
        }
        if (!draft.rule || !report_.expect(*draft.rule, yaml::Kind::scalar, "`rule`")) return out;
        out.rule = draft.rule->text();
        const auto rule = std::ranges::find(policy_.rules(), out.rule, &policy::Rule::id);
        if (rule == policy_.rules().end()) {
            report_.at(*draft.rule, "there is no rule " + in_ticks(out.rule));
        } else if (out.decision && out.decision != rule->outcome.verdict) {
            report_.at(*draft.rule, "the decision of rule " + in_ticks(out.rule) + " is " +
                                        std::string(wire_name(rule->outcome.verdict)));
        }
        return out;
    }

    std::optional<Code> read_refusal(const yaml::Node& node) {
        if (!report_.expect(node, yaml::Kind::scalar, "`refused`")) return std::nullopt;
        const auto code = code_from_wire(node.text());
        if (code && std::ranges::find(kRefusals, *code) != kRefusals.end()) return code;
        std::string words;
        for (const Code known : kRefusals) {
            words += words.empty() ? "" : known == kRefusals.back() ? " or " : ", ";
            words += wire_name(known);
        }
        report_.at(node, "a refusal is " + words);
        return std::nullopt;
    }

    const policy::Policy& policy_;
    Report& report_;
    Suite suite_;
    std::map<std::string, std::size_t> names_;  // and their lines
};

}  // namespace

Written<Suite> read_suite(std::string_view source, const policy::Policy& policy) {
    const auto document = yaml::parse(source);
    if (!document) {
        const auto& [position, message] = document.error();
        return std::unexpected(Findings{{position.line, position.column, message}});
    }
    Report report;
    if (!report.expect(document->root(), yaml::Kind::mapping, "a file of tests"))
        return std::unexpected(report.take());
    Suite suite = SuiteReader(policy, report).read(document->root());
    if (!report.empty()) return std::unexpected(report.take());
    return suite;
}

}  // namespace parmana::authoring
