// Reports on tests that programs read: JSON and JUnit XML.
#include <algorithm>

#include "authoring/parts.hpp"
#include "authoring/suite_words.hpp"

namespace parmana::authoring {
namespace {

// ---- JSON; members in JCS order

void put(json::Writer& writer, std::string_view name, Share share) {
    writer.name(name).object();
    writer.name("covered").integer(static_cast<std::int64_t>(share.covered));
    writer.name("total").integer(static_cast<std::int64_t>(share.total)).end();
}

void put_expected(json::Writer& writer, const Expectation& expected) {
    writer.object();
    if (expected.decision) writer.name("decision").string(wire_name(*expected.decision));
    if (expected.refused) writer.name("refused").string(wire_name(*expected.refused));
    if (!expected.rule.empty()) writer.name("rule").string(expected.rule);
    writer.end();
}

void put_got(json::Writer& writer, const Result<const policy::Rule*>& got) {
    writer.object();
    if (got) {
        const policy::Rule& rule = **got;
        writer.name("decision").string(wire_name(rule.outcome.verdict));
        writer.name("reason").string(rule.outcome.reason);
        writer.name("rule").string(rule.id);
    } else {
        writer.name("detail").string(got.error().detail);
        writer.name("pointer").string(got.error().pointer);
        writer.name("refused").string(wire_name(got.error().code));
    }
    writer.end();
}

void put_trace(json::Writer& writer, const std::vector<policy::RuleTrace>& trace) {
    writer.array();
    for (const policy::RuleTrace& step : trace) {
        writer.object().name("conditions").array();
        for (const policy::ConditionTrace& condition : step.conditions) {
            writer.object().name("outcome");
            condition.outcome ? writer.boolean(*condition.outcome) : writer.null();
            writer.name("text").string(condition.text).end();
        }
        writer.end();
        writer.name("holds").boolean(step.holds);
        writer.name("rule").string(step.rule).end();
    }
    writer.end();
}

/// The trace of a test that failed.
void put_test(json::Writer& writer, const Test& test, const TestResult& result) {
    writer.object();
    writer.name("column").integer(static_cast<std::int64_t>(test.column));
    put_expected(writer.name("expected"), test.expected);
    put_got(writer.name("got"), result.got);
    writer.name("line").integer(static_cast<std::int64_t>(test.line));
    writer.name("name").string(test.name);
    writer.name("passed").boolean(result.passed);
    if (!result.passed) put_trace(writer.name("trace"), result.trace);
    writer.end();
}

void put_coverage(json::Writer& writer, const PolicyReport& report) {
    const Totals sum = totals(report);
    writer.object();
    put(writer, "outcomes", sum.outcomes);
    put(writer, "rules", sum.rules);
    writer.name("uncovered").array();
    for (const Uncovered& part : uncovered(report.result)) {
        writer.object();
        if (part.condition)
            writer.name("condition").string(*part.condition).name("outcome").boolean(part.outcome);
        writer.name("rule").string(part.rule).end();
    }
    writer.end().end();
}

void put_policy(json::Writer& writer, const PolicyReport& report, Demand demand) {
    writer.object();
    put_coverage(writer.name("coverage"), report);
    writer.name("file").string(as_utf8(report.policy_file));
    writer.name("findings").array();
    for (const auto& [file, finding] : report.findings) {
        writer.object();
        writer.name("column").integer(static_cast<std::int64_t>(finding.column));
        writer.name("file").string(as_utf8(file));
        writer.name("line").integer(static_cast<std::int64_t>(finding.line));
        writer.name("message").string(as_utf8(finding.message)).end();
    }
    writer.end();
    writer.name("passed").boolean(is_good(report, demand));
    if (report.policy) {
        writer.name("policyId").string(report.policy->id().value());
        writer.name("policyVersion").string(report.policy->version().value());
    }
    writer.name("tests").array();
    for (std::size_t i = 0; i < report.result.tests.size(); ++i)
        put_test(writer, report.suite[i], report.result.tests[i]);
    writer.end();
    if (!report.suite_file.empty()) writer.name("testsFile").string(as_utf8(report.suite_file));
    writer.end();
}

// ---- XML

/// Text that can stand in an attribute or an element. What XML has no place for becomes U+FFFD.
std::string escaped(std::string_view given) {
    const std::string text = as_utf8(given);
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const auto code = static_cast<unsigned char>(c);
        const std::string_view rest = std::string_view(text).substr(at);
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '\n' || c == '\t' || c == '\r') {
            out += "&#" + std::to_string(code) + ";";
        } else if (code < 0x20) {
            out += "\uFFFD";
        } else if (rest.starts_with("\uFFFE") || rest.starts_with("\uFFFF")) {
            out += "\uFFFD";
            at += 2;
        } else {
            out += c;
        }
    }
    return out;
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}
std::string attribute(std::string_view name, std::size_t value) {
    return attribute(name, std::to_string(value));
}

std::string suite_name(const PolicyReport& report) {
    return report.policy ? report.policy->id().value() + "@" + report.policy->version().value()
                         : report.policy_file;
}

/// `inner` is empty for a test that passed.
std::string test_case(const PolicyReport& report, std::string_view name, const std::string& place,
                      const std::string& inner) {
    return "    <testcase" + attribute("classname", suite_name(report)) + attribute("name", name) + place +
           (inner.empty() ? "/>\n" : ">\n" + inner + "    </testcase>\n");
}

std::string fault(std::string_view kind, std::string_view message, std::string_view text) {
    const std::string tag(kind);
    return "      <" + tag + attribute("message", message) + ">" + escaped(text) + "</" + tag + ">\n";
}

std::string test_cases(const PolicyReport& report, Demand demand) {
    std::string out;
    for (const auto& [file, finding] : report.findings) {
        const std::string place = place_text(as_utf8(file), finding.line, finding.column);
        out += test_case(report, place, "", fault("error", finding.message, place + ": " + finding.message));
    }
    if (!report.findings.empty()) return out;
    for (std::size_t i = 0; i < report.suite.size(); ++i) {
        const Test& test = report.suite[i];
        const TestResult& result = report.result.tests[i];
        const std::string place = attribute("file", report.suite_file) + attribute("line", test.line);
        const std::string message = "expected " + in_words(test.expected) + ", got " + in_words(result.got);
        out += test_case(report, test.name, place,
                         result.passed ? "" : fault("failure", message, failure_text(test, result)));
    }
    if (meets(report, demand)) return out;
    std::string text;
    for (const Uncovered& part : uncovered(report.result))
        text += in_words(part) + "\n";
    return out + test_case(report, "coverage", "", fault("failure", in_words(report, demand), text));
}

struct Counts {
    std::size_t tests, failures, errors;
};

Counts counts(const PolicyReport& report, Demand demand) {
    if (!report.findings.empty()) return {report.findings.size(), 0, report.findings.size()};
    const std::size_t missed = meets(report, demand) ? 0 : 1;
    return {report.result.tests.size() + missed, totals(report).failed + missed, 0};
}

std::string attributes(Counts counts) {
    return attribute("tests", counts.tests) + attribute("failures", counts.failures) +
           attribute("errors", counts.errors);
}

}  // namespace

std::string json_report(std::span<const PolicyReport> reports, Demand demand) {
    const Totals sum = totals(reports);
    std::string out;
    json::Writer writer(out);
    writer.object().name("passed").boolean(are_good(reports, demand)).name("policies").array();
    for (const PolicyReport& report : reports)
        put_policy(writer, report, demand);
    writer.end().name("summary").object();
    writer.name("failed").integer(static_cast<std::int64_t>(sum.failed));
    put(writer, "outcomes", sum.outcomes);
    writer.name("passed").integer(static_cast<std::int64_t>(sum.passed));
    put(writer, "rules", sum.rules);
    writer.end().end();
    return out + "\n";
}

std::string junit_report(std::span<const PolicyReport> reports, Demand demand) {
    Counts sum{};
    std::string suites;
    for (const PolicyReport& report : reports) {
        const Counts part = counts(report, demand);
        sum = {sum.tests + part.tests, sum.failures + part.failures, sum.errors + part.errors};
        suites += "  <testsuite" + attribute("name", suite_name(report)) +
                  attribute("file", report.policy_file) + attributes(part) + ">\n" +
                  test_cases(report, demand) + "  </testsuite>\n";
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attributes(sum) + ">\n" + suites +
           "</testsuites>\n";
}

}  // namespace parmana::authoring
