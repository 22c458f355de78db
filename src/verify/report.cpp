#include <algorithm>

#include "verify/verify.hpp"

namespace parmana::verify {

std::string_view wire_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "passed";
        case Outcome::failed:
            return "failed";
        case Outcome::not_judged:
            return "not_judged";
    }
    return "";
}

bool Report::valid() const {
    return exit_code() == 0;
}

int Report::exit_code() const {
    const auto any = [this](Outcome outcome) {
        return std::any_of(checks.begin(), checks.end(),
                           [outcome](const Check& check) { return check.outcome == outcome; });
    };
    if (any(Outcome::failed)) return 1;
    return any(Outcome::not_judged) || checks.empty() ? 3 : 0;
}

namespace {

/// Bytes of the character at the front of `text` that moves the cursor or the direction of writing: a
/// control, a line or paragraph separator, a bidirectional mark. Zero when it is another one.
std::size_t control_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x20 || lead == 0x7f) return 1;
    const auto follows = [text](std::string_view start, char first, char last) {
        return text.size() > start.size() && text.starts_with(start) && text[start.size()] >= first &&
               text[start.size()] <= last;
    };
    if (follows("\xc2", '\x80', '\x9f') || follows("\xd8", '\x9c', '\x9c')) return 2;
    const bool separator = follows("\xe2\x80", '\x8e', '\x8f') || follows("\xe2\x80", '\xa8', '\xae') ||
                           follows("\xe2\x81", '\xa6', '\xa9');
    return separator ? 3 : 0;
}

/// Details quote what a stranger may have written: it must not be able to add or hide a line.
void append_printable(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t control = control_size(text);
        out.push_back(control == 0 ? text.front() : '?');
        text.remove_prefix(std::max<std::size_t>(control, 1));
    }
}

}  // namespace

std::string human_report(const Report& report) {
    constexpr std::size_t kNameColumns = 23;
    std::string out;
    for (const Check& check : report.checks) {
        const std::string_view mark = check.outcome == Outcome::passed   ? "ok    "
                                      : check.outcome == Outcome::failed ? "FAIL  "
                                                                         : "--    ";
        out += mark;
        out += check.name;
        out.append(kNameColumns - std::min(kNameColumns - 1, check.name.size()), ' ');
        append_printable(out, check.detail);
        out += "\n";
    }
    switch (report.exit_code()) {
        case 0:
            out += "valid";
            break;
        case 1:
            out += "INVALID";
            break;
        default:
            out += "not fully judged";
    }
    out += "\n";
    if (report.trust_fingerprint) {
        out += "compare the trust root out of band: " + to_wire(*report.trust_fingerprint) + "\n";
    }
    return out;
}

namespace {

void append_results(json::Writer& writer, const Report& report) {
    std::vector<Finding> results = results_of(report);
    std::sort(results.begin(), results.end(),
              [](const Finding& a, const Finding& b) { return a.name < b.name; });
    writer.name("results").object();
    for (const Finding& result : results) {
        writer.name(result.name).object().name("passed").boolean(result.passed);
        writer.name("reason").string(result.reason).end();
    }
    writer.end();
}

}  // namespace

std::string json_report(const Report& report, std::string_view verification_id) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("checks").array();
    for (const Check& check : report.checks) {
        writer.object().name("detail").string(check.detail).name("name").string(check.name);
        writer.name("outcome").string(wire_name(check.outcome)).end();
    }
    writer.end();
    if (report.execution_id) writer.name("executionId").string(*report.execution_id);
    writer.name("kind").string(report.kind);
    append_results(writer, report);
    if (report.trust_fingerprint) writer.name("trustFingerprint").string(to_wire(*report.trust_fingerprint));
    writer.name("valid").boolean(report.valid());
    if (report.verdict) writer.name("verdict").string(policy::wire_name(*report.verdict));
    if (!verification_id.empty()) writer.name("verificationId").string(verification_id);
    writer.end();
    return out;
}

}  // namespace parmana::verify
