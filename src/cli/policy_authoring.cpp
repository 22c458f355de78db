// Commands of the policy author that read and write the sources of policies.
#include <algorithm>
#include <filesystem>
#include <set>

#include "authoring/format.hpp"
#include "authoring/governance.hpp"
#include "authoring/suite_report.hpp"
#include "cli/cli.hpp"
#include "cli/policy_source.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuiteFile = "tests.yaml";

/// The sources of policies and their tests: below the paths, or the paths themselves. Each once, sorted.
Result<std::set<fs::path>> find_sources(const std::vector<std::string>& paths) {
    std::set<fs::path> files;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            files.insert(path);
            continue;
        }
        for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
             it.increment(error)) {
            const fs::path name = it->path().filename();
            if (name == "policy.yaml" || name == kSuiteFile) files.insert(it->path());
        }
        if (error) return fail(Code::io_failed, "`" + path + "` cannot be read");
    }
    if (files.empty())
        return fail(Code::usage, "there is no `policy.yaml` or `tests.yaml` below the given paths");
    return files;
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

/// The policy beside a file of tests.
fs::path policy_of(const fs::path& suite) {
    const fs::path source = fs::path(suite).replace_filename("policy.yaml");
    return is_file(source) ? source : fs::path(suite).replace_filename("policy.json");
}

authoring::Findings findings_of(const std::vector<policy::Diagnostic>& found) {
    authoring::Findings out;
    for (const policy::Diagnostic& finding : found)
        out.push_back({finding.line, finding.column, finding.message});
    return out;
}

Result<authoring::Written<policy::Policy>> load(const fs::path& file) {
    std::string document = TRY(read_small_file(file.string()));
    if (is_yaml(file.string())) {
        auto built = authoring::build(document);
        if (!built) return authoring::Written<policy::Policy>(std::unexpected(std::move(built).error()));
        document = *std::move(built);
    }
    auto compiled = policy::compile(document);
    if (compiled) return authoring::Written<policy::Policy>(*std::move(compiled));
    return authoring::Written<policy::Policy>(std::unexpected(findings_of(policy::check(document))));
}

Result<authoring::PolicyReport> tested(const fs::path& file) {
    authoring::PolicyReport report{file.string(), ""};
    const auto add = [&report](const std::string& name, const authoring::Findings& findings) {
        for (const authoring::Finding& finding : findings)
            report.findings.push_back({name, finding});
    };
    auto policy = TRY(load(file));
    if (!policy) {
        add(report.policy_file, policy.error());
        return report;
    }
    report.policy = *std::move(policy);
    const fs::path suite_file = fs::path(file).replace_filename(kSuiteFile);
    if (file.stem() == "policy" && is_file(suite_file)) {  // a policy of another name is by itself
        report.suite_file = suite_file.string();
        auto suite = authoring::read_suite(TRY(read_small_file(report.suite_file)), *report.policy);
        if (!suite) {
            add(report.suite_file, suite.error());
            return report;
        }
        report.suite = *std::move(suite);
    }
    report.result = authoring::run_suite(*report.policy, report.suite);
    return report;
}

/// Replaced at once: who reads it meanwhile, or whatever happens, finds the old or the new text.
Status replace_file(const fs::path& path, const std::string& content) {
    std::error_code error;
    const fs::path file = fs::canonical(path, error);  // a symbolic link stays one
    if (error) return fail(Code::io_failed, "`" + path.string() + "` cannot be written");
    const fs::path fresh = file.string() + ".new";
    TRY(write_output(fresh.string(), content));
    fs::permissions(fresh, fs::status(file, error).permissions(), error);
    if (!error) fs::rename(fresh, file, error);
    if (!error) return {};
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return fail(Code::io_failed, "`" + path.string() + "` cannot be written");
}

}  // namespace

Result<int> policy_test(const PolicyTestArguments& arguments) {
    std::set<fs::path> files;
    for (const fs::path file : TRY(find_policies(arguments.paths)))
        files.insert(file.filename() == kSuiteFile ? policy_of(file) : file);
    std::vector<authoring::PolicyReport> reports;
    for (const fs::path& file : files)
        reports.push_back(TRY(tested(file)));
    const authoring::Demand demand{arguments.coverage_percent};
    print(arguments.json ? authoring::json_report(reports, demand) : authoring::text_report(reports, demand));
    if (!arguments.junit.empty())
        TRY(write_output(arguments.junit, authoring::junit_report(reports, demand)));
    return authoring::are_good(reports, demand) ? 0 : 1;
}

Result<int> policy_fmt(const PolicyFmtArguments& arguments) {
    const auto files = TRY(find_sources(arguments.paths));
    bool good = true;
    for (const fs::path& file : files) {
        const std::string source = TRY(read_small_file(file.string()));
        const auto formatted = file.filename() == kSuiteFile ? authoring::format_suite(source)
                                                             : authoring::format_policy(source);
        if (!formatted) {
            good = false;
            for (const authoring::Finding& finding : formatted.error()) {
                print(file.string() + ":" + std::to_string(finding.line) + ":" +
                      std::to_string(finding.column) + ": " + finding.message + "\n");
            }
        } else if (*formatted != source) {
            good = good && !arguments.check;
            if (!arguments.check) TRY(replace_file(file, *formatted));
            print((arguments.check ? "not formatted: " : "formatted: ") + file.string() + "\n");
        }
    }
    return good ? 0 : 1;
}

}  // namespace parmana::cli
