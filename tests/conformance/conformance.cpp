// Runs a suite of @bufbuild/cel-spec (tests/conformance/dump.cjs writes it) and prints a table:
//
//   cel_conformance [--trees | --invert] [--excluded FILE] [--differing FILE] [--complete] [--least N]
//   SUITE.json
//
// --trees judges the trees and types of cel-go only; --invert asks for the wrong results, so that nothing may
// pass.
// --excluded names tests that cannot pass: they are not counted. --differing names tests whose trees are
// others than cel-go's on purpose. A listed test that does pass, or does not differ, is a failure; with
// --complete one that the suite does not have, too. --least is the number that must pass.
//
// The last line is `N passed, M failed`; the exit status is 0 when M is 0.
#include <algorithm>
#include <charconv>
#include <cstdio>

#include "conformance/exclusions.hpp"
#include "conformance/judge.hpp"

namespace parmana::conformance {
namespace {

enum class Scope : std::uint8_t { whole, trees, inverted };

struct Options {
    std::string suite = {};
    std::string excluded = {};
    std::string differing = {};
    Scope scope = Scope::whole;
    bool complete = false;
    std::size_t least = 0;
};

struct Row {
    std::size_t tests = 0, passed = 0, failed = 0, excluded = 0;
};

struct Report {
    std::vector<std::string> files = {};  // in the order of the suite
    std::map<std::string, Row> rows = {};
    std::vector<std::string> failures = {};  // a line each
};

std::string judge(const Test& test, Scope scope, bool differs) {
    if (scope == Scope::inverted) return judge_inverted(test);
    std::string why = scope == Scope::whole ? judge_result(test) : judge_refusal(test);
    if (!why.empty()) return why;
    why = judge_trees(test);
    if (!differs) return why;
    return why.empty() ? "has the trees of cel-go, and is listed as one that differs" : "";
}

void run(const std::vector<Test>& tests, Scope scope, const Exclusions& excluded, const Exclusions& differing,
         Report& report) {
    for (const Test& test : tests) {
        if (!report.rows.contains(test.file)) report.files.push_back(test.file);
        Row& row = report.rows[test.file];
        ++row.tests;
        std::string why = judge(test, scope, differing.contains(test.name));
        if (excluded.contains(test.name)) {
            if (!why.empty()) {
                ++row.excluded;
                continue;
            }
            why = "passes, and is excluded";
        }
        ++(why.empty() ? row.passed : row.failed);
        if (!why.empty()) report.failures.push_back(test.name + ": " + why);
    }
}

/// Failures for what is listed and not in the suite.
void look_for(const Exclusions& listed, const std::vector<Test>& tests, Report& report) {
    for (const auto& [name, reason] : listed) {
        if (std::ranges::find(tests, name, &Test::name) == tests.end())
            report.failures.push_back(name + ": is listed, and the suite has no such test");
    }
}

int print(const Report& report, std::size_t least) {
    Row sum;
    std::vector<std::string> failures = report.failures;
    std::printf("%-28s %8s %8s %8s %8s\n", "file", "tests", "passed", "failed", "excluded");
    for (const std::string& file : report.files) {
        const Row& row = report.rows.at(file);
        std::printf("%-28s %8zu %8zu %8zu %8zu\n", file.c_str(), row.tests, row.passed, row.failed,
                    row.excluded);
        sum = {sum.tests + row.tests, sum.passed + row.passed, sum.failed + row.failed,
               sum.excluded + row.excluded};
    }
    if (report.files.size() > 1)
        std::printf("%-28s %8zu %8zu %8zu %8zu\n", "all", sum.tests, sum.passed, sum.failed, sum.excluded);
    sum.failed = failures.size();
    if (sum.passed < least) {
        ++sum.failed;
        failures.push_back("at least " + std::to_string(least) + " tests must pass");
    }
    for (const std::string& line : failures)
        std::printf("FAILED %s\n", line.c_str());
    std::printf("%zu passed, %zu failed\n", sum.passed, sum.failed);
    return sum.failed == 0 ? 0 : 1;
}

int complain(const std::string& why) {
    std::fprintf(stderr, "cel_conformance: %s\n", why.c_str());
    return 2;
}

Read<Options> read_options(std::vector<std::string> arguments) {
    Options out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const std::string next = i + 1 < arguments.size() ? arguments[i + 1] : "";
        if (argument == "--trees") {
            out.scope = Scope::trees;
        } else if (argument == "--invert") {
            out.scope = Scope::inverted;
        } else if (argument == "--complete") {
            out.complete = true;
        } else if (argument == "--excluded" && !next.empty()) {
            out.excluded = next;
            ++i;
        } else if (argument == "--differing" && !next.empty()) {
            out.differing = next;
            ++i;
        } else if (argument == "--least" && !next.empty()) {
            std::from_chars(next.data(), next.data() + next.size(), out.least);
            ++i;
        } else if (!argument.starts_with('-') && out.suite.empty()) {
            out.suite = argument;
        } else {
            return std::unexpected("unknown argument `" + argument + "`");
        }
    }
    if (out.suite.empty()) return std::unexpected("which suite?");
    return out;
}

Read<Exclusions> read_list(const std::string& path) {
    return path.empty() ? Read<Exclusions>() : read_exclusions(path);
}

int run(const Options& options) {
    const auto tests = read_suite(options.suite);
    if (!tests) return complain(tests.error());
    const auto excluded = read_list(options.excluded);
    if (!excluded) return complain(excluded.error());
    const auto differing = read_list(options.differing);
    if (!differing) return complain(differing.error());
    Report report;
    run(*tests, options.scope, *excluded, *differing, report);
    if (options.complete) {
        look_for(*excluded, *tests, report);
        look_for(*differing, *tests, report);
    }
    return print(report, options.least);
}

}  // namespace
}  // namespace parmana::conformance

int main(int count, char** arguments) {
    using namespace parmana::conformance;
    const auto options = read_options({arguments + 1, arguments + count});
    return options ? run(*options) : complain(options.error());
}
