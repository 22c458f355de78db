// What reports on tests say, in whichever form. Internal to the module.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/suite_report.hpp"

namespace parmana::authoring {

/// A rule that held in no test, or an outcome that a condition had in none.
struct Uncovered {
    std::string_view rule;
    std::optional<std::string_view> condition = {};
    bool outcome = false;
};
std::vector<Uncovered> uncovered(const SuiteResult& result);
std::string in_words(const Uncovered& part);

struct Totals {
    std::size_t passed = 0, failed = 0;
    Share rules, outcomes;

    Share all() const { return {rules.covered + outcomes.covered, rules.total + outcomes.total}; }
};
Totals totals(const PolicyReport& report);
Totals totals(std::span<const PolicyReport> reports);

bool meets(const PolicyReport& report, Demand demand);
std::string in_words(const PolicyReport& report, Demand demand);

std::string in_words(const Expectation& expected);
std::string in_words(const Result<const policy::Rule*>& got);
/// Expected, got and the rules that were looked at, in lines.
std::string failure_text(const Test& test, const TestResult& result);
/// `FILE:LINE:COLUMN`
std::string place_text(std::string_view file, std::size_t line, std::size_t column);

}  // namespace parmana::authoring
