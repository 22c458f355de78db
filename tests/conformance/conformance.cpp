// Runs a suite of @bufbuild/cel-spec (tests/conformance/dump.cjs writes it) and prints a table:
//
//   cel_conformance [--trees | --invert] [--excluded FILE] [--complete] [--least N] SUITE.json
//
// --trees judges the trees and types of cel-go only; --invert asks for the wrong results, so that nothing may
// pass.
// --excluded names tests that cannot pass: they are not counted, and one that passes is a failure. With
// --complete one that the suite does not have is a failure too; --least is the number that must pass.
//
// The last line is `N passed, M failed`; the exit status is 0 when M is 0.
#include <charconv>
#include <cstdio>

#include "conformance/exclusions.hpp"
#include "conformance/judge.hpp"

namespace parmana::conformance {
namespace {

struct Options {
    std::string suite = {};
    std::string excluded = {};
    Scope scope = Scope::whole;
    bool complete = false;
    std::size_t least = 0;
};

struct Row {
    std::size_t tests = 0, passed = 0, failed = 0, excluded = 0;
};

struct Report {
    std::vector<std::string> files;  // in the order of the suite
    std::map<std::string, Row> rows;
    std::vector<std::string> failures;  // a line each
    std::map<std::string, bool> met;    // exclusions
};

void run(const std::vector<Test>& tests, Scope scope, const std::map<std::string, std::string>& exclusions,
         Report& report) {
    for (const Test& test : tests) {
        if (!report.rows.contains(test.file)) report.files.push_back(test.file);
        Row& row = report.rows[test.file];
        ++row.tests;
        const std::string why = judge(test, scope);
        if (exclusions.contains(test.name)) {
            report.met[test.name] = true;
            if (!why.empty()) {
                ++row.excluded;
                continue;
            }
            ++row.failed;
            report.failures.push_back(test.name + ": passes, and is excluded");
        } else if (why.empty()) {
            ++row.passed;
        } else {
            ++row.failed;
            report.failures.push_back(test.name + ": " + why);
        }
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

int run(const Options& options) {
    const auto tests = read_suite(options.suite);
    if (!tests) return complain(tests.error());
    std::map<std::string, std::string> exclusions;
    if (!options.excluded.empty()) {
        auto read = read_exclusions(options.excluded);
        if (!read) return complain(read.error());
        exclusions = *std::move(read);
    }
    Report report;
    run(*tests, options.scope, exclusions, report);
    for (const auto& [name, reason] : exclusions) {
        if (options.complete && !report.met.contains(name))
            report.failures.push_back(name + ": is excluded, and the suite has no such test");
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
