// What the tests of policies came to: for people, for programs (JSON), and for CI (JUnit). Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "authoring/suite.hpp"

namespace parmana::authoring {

struct FileFinding {
    std::string file;
    Finding finding;
};

/// One policy with its tests; with findings nothing ran.
struct PolicyReport {
    std::string policy_file;
    std::string suite_file;  // empty: it has no tests
    std::vector<FileFinding> findings = {};
    std::optional<policy::Policy> policy = {};  // `result` views it
    Suite suite = {};
    SuiteResult result = {};
};

/// The share of rules and outcomes, in percent, that the tests of each policy must cover.
struct Demand {
    unsigned coverage_percent = 0;
};

/// No findings, no test failed, and as much is covered as is demanded.
bool is_good(const PolicyReport& report, Demand demand);
/// All are good, and there were tests.
bool are_good(std::span<const PolicyReport> reports, Demand demand);

std::string text_report(std::span<const PolicyReport> reports, Demand demand);
/// One JSON document, canonical (JCS), with a line break.
std::string json_report(std::span<const PolicyReport> reports, Demand demand);
/// XML: a testsuite for each policy. A demand that is not met is a failure of a test case `coverage`.
std::string junit_report(std::span<const PolicyReport> reports, Demand demand);

}  // namespace parmana::authoring
