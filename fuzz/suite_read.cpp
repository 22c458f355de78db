// Any bytes as the tests of one policy. What is read runs, and is the same when it is formatted, which
// changes nothing when it is done again; reports on it are JSON.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "authoring/format.hpp"
#include "authoring/governance.hpp"
#include "authoring/suite_report.hpp"
#include "base/invariant.hpp"

namespace parmana::authoring {
namespace {

constexpr std::string_view kPolicy = R"(
policyId: p
policyVersion: 1.0.0
signals:
  a: {type: integer, minimum: 0}
  b: {type: boolean, required: false}
  c: {type: map, required: false, elements: {type: string}}
boundSignals: {a: action.parameters.a, b: action.parameters.x.b}
rule:
  match:
    - id: r
      condition: signals.a > 10 && !(signals.b.orValue(false) || signals.a == 12)
      outcome: {decision: rejected, reason: r}
    - id: rest
      outcome: {decision: approved, reason: r}
)";

policy::Policy the_policy() {
    return policy::compile(build(kPolicy).value()).value();
}

/// A suite without its places.
std::vector<std::array<std::string, 4>> contents(const Suite& suite) {
    std::vector<std::array<std::string, 4>> out;
    for (const Test& test : suite) {
        const auto& [decision, rule, refused] = test.expected;
        out.push_back({test.name, json::canonical(test.signals.root()),
                       test.action ? json::canonical(test.action->root()) : "",
                       std::string(decision ? wire_name(*decision) : wire_name(*refused)) + rule});
    }
    return out;
}

void try_suite(std::string_view source) {
    static const policy::Policy policy = the_policy();
    auto suite = read_suite(source, policy);
    const auto formatted = format_suite(source);
    if (formatted) INVARIANT(format_suite(*formatted) == formatted);
    if (!suite) {
        INVARIANT(!suite.error().empty() && std::ranges::is_sorted(suite.error()));
        for (const Finding& finding : suite.error())
            INVARIANT(!finding.message.empty() && json::is_utf8(finding.message));
        return;
    }
    if (formatted) {
        const auto again = read_suite(*formatted, policy);
        INVARIANT(again && contents(*again) == contents(*suite));
    }
    std::vector<PolicyReport> reports;
    reports.push_back({.policy_file = "policy.yaml", .suite_file = "tests.yaml", .policy = the_policy()});
    PolicyReport& report = reports.front();
    report.suite = *std::move(suite);
    report.result = run_suite(*report.policy, report.suite);
    INVARIANT(report.result.tests.size() == report.suite.size());
    INVARIANT(json::parse(json_report(reports, {50})).has_value());
    INVARIANT(json::is_utf8(text_report(reports, {50})) && json::is_utf8(junit_report(reports, {50})));
}

}  // namespace
}  // namespace parmana::authoring

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parmana::authoring::try_suite({reinterpret_cast<const char*>(data), size});
    return 0;
}
