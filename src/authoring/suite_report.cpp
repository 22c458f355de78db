#include "authoring/suite_report.hpp"

#include <algorithm>

#include "authoring/parts.hpp"
#include "authoring/suite_words.hpp"

namespace parmana::authoring {
namespace {

std::string fraction(Share share) {
    return std::to_string(share.covered) + "/" + std::to_string(share.total);
}

std::string percent(Share share) {
    return std::to_string(share.total == 0 ? 100 : share.covered * 100 / share.total) + " %";
}

std::string in_words(const Totals& totals) {
    return std::to_string(totals.passed) + " passed, " + std::to_string(totals.failed) + " failed; rules " +
           fraction(totals.rules) + ", outcomes " + fraction(totals.outcomes) +
           (totals.all().total == 0 ? "" : " (" + percent(totals.all()) + ")");
}

std::string policy_text(const PolicyReport& report, Demand demand) {
    std::string out;
    for (const auto& [file, finding] : report.findings)
        out += place_text(file, finding.line, finding.column) + ": " + finding.message + "\n";
    if (!report.findings.empty()) return out + report.policy_file + ": not tested\n";
    for (std::size_t i = 0; i < report.suite.size(); ++i) {
        const Test& test = report.suite[i];
        if (report.result.tests[i].passed) continue;
        out += place_text(report.suite_file, test.line, test.column) + ": " + on_one_line(test.name) + "\n" +
               failure_text(test, report.result.tests[i]);
    }
    out += report.policy_file + ": " + (report.suite_file.empty() ? "no tests; " : "") +
           in_words(totals(report)) + "\n";
    for (const Uncovered& part : uncovered(report.result))
        out += "  " + in_words(part) + "\n";
    if (!meets(report, demand)) out += "  " + in_words(report, demand) + "\n";
    return out;
}

}  // namespace

std::vector<Uncovered> uncovered(const SuiteResult& result) {
    std::vector<Uncovered> out;
    for (const RuleCoverage& rule : result.coverage) {
        if (!rule.held) out.push_back({rule.rule});
        for (const ConditionCoverage& condition : rule.conditions) {
            if (!condition.was_true) out.push_back({rule.rule, condition.text, true});
            if (!condition.was_false) out.push_back({rule.rule, condition.text, false});
        }
    }
    return out;
}

std::string in_words(const Uncovered& part) {
    const std::string rule = "rule `" + std::string(part.rule) + "`";
    if (!part.condition) return rule + " held in no test";
    return rule + ": never " + (part.outcome ? "true" : "false") + ": " + std::string(*part.condition);
}

Totals totals(const PolicyReport& report) {
    const std::size_t passed = report.result.passed();
    return {passed, report.result.tests.size() - passed, report.result.rules(), report.result.outcomes()};
}

Totals totals(std::span<const PolicyReport> reports) {
    const auto add = [](Share& sum, Share part) {
        sum = {sum.covered + part.covered, sum.total + part.total};
    };
    Totals out;
    for (const PolicyReport& report : reports) {
        const Totals part = totals(report);
        out.passed += part.passed;
        out.failed += part.failed;
        add(out.rules, part.rules);
        add(out.outcomes, part.outcomes);
    }
    return out;
}

bool meets(const PolicyReport& report, Demand demand) {
    const Share share = totals(report).all();
    return share.covered * 100 >= share.total * demand.coverage_percent;
}

std::string in_words(const PolicyReport& report, Demand demand) {
    return percent(totals(report).all()) + " covered, " + std::to_string(demand.coverage_percent) +
           " % required";
}

std::string in_words(const Expectation& expected) {
    if (expected.refused) return "refused: " + std::string(wire_name(*expected.refused));
    const std::string decision(wire_name(expected.decision.value()));
    return expected.rule.empty() ? decision : decision + " by rule `" + expected.rule + "`";
}

std::string in_words(const Result<const policy::Rule*>& got) {
    if (!got) return "refused: " + std::string(wire_name(got.error().code)) + ": " + got.error().detail;
    const policy::Rule& rule = **got;
    return std::string(wire_name(rule.outcome.verdict)) + " by rule `" + rule.id +
           "`: " + rule.outcome.reason;
}

std::string failure_text(const Test& test, const TestResult& result) {
    std::string out =
        "  expected: " + in_words(test.expected) + "\n  got: " + on_one_line(in_words(result.got)) + "\n";
    for (const policy::RuleTrace& step : result.trace) {
        out += "  rule `" + step.rule + (step.holds ? "` holds\n" : "` does not hold\n");
        for (const policy::ConditionTrace& condition : step.conditions) {
            const char* outcome = !condition.outcome ? "error" : *condition.outcome ? "true" : "false";
            out += std::string("    ") + outcome + ": " + condition.text + "\n";
        }
    }
    return out;
}

std::string place_text(std::string_view file, std::size_t line, std::size_t column) {
    return std::string(file) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool is_good(const PolicyReport& report, Demand demand) {
    return report.findings.empty() && totals(report).failed == 0 && meets(report, demand);
}

bool are_good(std::span<const PolicyReport> reports, Demand demand) {
    const auto good = [&](const PolicyReport& report) { return is_good(report, demand); };
    return std::ranges::all_of(reports, good) && totals(reports).passed > 0;
}

std::string text_report(std::span<const PolicyReport> reports, Demand demand) {
    std::string out;
    for (const PolicyReport& report : reports)
        out += policy_text(report, demand);
    return out + std::to_string(reports.size()) + (reports.size() == 1 ? " policy: " : " policies: ") +
           in_words(totals(reports)) + "\n";
}

}  // namespace parmana::authoring
