#include <algorithm>

#include "verify/verify.hpp"

namespace parmana::verify {

std::string_view wire_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed: return "passed";
        case Outcome::failed: return "failed";
        case Outcome::not_judged: return "not_judged";
    }
    return "";
}

bool Report::valid() const { return exit_code() == 0; }

int Report::exit_code() const {
    const auto any = [this](Outcome outcome) {
        return std::any_of(checks.begin(), checks.end(),
                           [outcome](const Check& check) { return check.outcome == outcome; });
    };
    if (any(Outcome::failed)) return 1;
    return any(Outcome::not_judged) ? 3 : 0;
}

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
        out += check.detail + "\n";
    }
    switch (report.exit_code()) {
        case 0: out += "valid"; break;
        case 1: out += "INVALID"; break;
        default: out += "not fully judged";
    }
    out += "\n";
    if (report.trust_fingerprint) {
        out += "compare the trust root out of band: " + to_wire(*report.trust_fingerprint) + "\n";
    }
    return out;
}

std::string json_report(const Report& report) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("checks").array();
    for (const Check& check : report.checks) {
        writer.object().name("detail").string(check.detail).name("name").string(check.name);
        writer.name("outcome").string(wire_name(check.outcome)).end();
    }
    writer.end().name("kind").string(report.kind);
    if (report.trust_fingerprint) writer.name("trustFingerprint").string(to_wire(*report.trust_fingerprint));
    writer.name("valid").boolean(report.valid());
    if (report.verdict) writer.name("verdict").string(policy::wire_name(*report.verdict));
    writer.end();
    return out;
}

}  // namespace parmana::verify
