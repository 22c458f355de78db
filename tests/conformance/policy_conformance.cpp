// Runs the suite of CEL Policy and prints a table of its directories:
//
//   policy_conformance DIR
//   policy_conformance --shared     of cel-policy in $PARMANA_SHARED, else in ../shared beside the source
//   tree;
//                                   77 when there is none
//
// A case is a directory with policy.yaml, at any depth. Those in policy_excluded.txt cannot pass: they are
// not counted, and one that passes in part is a failure, as is one that is not there. policy_errors.txt says
// where the findings of faulty policies stand. The last line is `N passed, M failed`; the exit status is 0
// when M is 0.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "conformance/policy_case.hpp"

namespace parmana::conformance {
namespace {

constexpr int kSkipped = 77;

struct Sum {
    std::size_t passed = 0, failed = 0;
};

int complain(const std::string& why) {
    std::fprintf(stderr, "policy_conformance: %s\n", why.c_str());
    return 2;
}

std::vector<std::string> find_cases(const std::filesystem::path& root) {
    std::vector<std::string> out;
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(root, error);
    for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
        if (at->path().filename() == "policy.yaml")
            out.push_back(std::filesystem::relative(at->path().parent_path(), root, error).generic_string());
    }
    std::ranges::sort(out);
    return out;
}

class Report {
  public:
    Report(const std::string& root, const PolicyTables& tables) : root_(root), tables_(tables) {
        std::printf("%-56s %8s %8s %8s %8s\n", "directory", "tests", "passed", "failed", "excluded");
    }

    void run(const std::string& name) {
        const auto row = tables_.positions.find(name);
        const std::vector<std::string> none;
        const auto verdicts =
            run_case(root_ + "/" + name, row == tables_.positions.end() ? none : row->second);
        const bool is_excluded = tables_.excluded.contains(name);
        Sum sum;
        for (const PolicyVerdict& verdict : verdicts) {
            if (is_excluded != verdict.why.empty()) {
                ++sum.passed;
                continue;
            }
            ++sum.failed;
            fail(name + "/" + verdict.test, is_excluded ? "passes, and is excluded" : verdict.why);
        }
        const std::size_t excluded = is_excluded ? sum.passed : 0;
        sum.passed -= excluded;
        std::printf("%-56s %8zu %8zu %8zu %8zu\n", name.c_str(), verdicts.size(), sum.passed, sum.failed,
                    excluded);
        passed_ += sum.passed;
    }

    void fail(const std::string& name, const std::string& why) { failures_.push_back(name + ": " + why); }

    int finish() const {
        for (const std::string& line : failures_)
            std::printf("FAILED %s\n", line.c_str());
        std::printf("%zu passed, %zu failed\n", passed_, failures_.size());
        return failures_.empty() ? 0 : 1;
    }

  private:
    const std::string& root_;
    const PolicyTables& tables_;
    std::size_t passed_ = 0;
    std::vector<std::string> failures_;
};

int run(const std::string& root) {
    const auto tables = read_tables(PARMANA_SOURCE_DIR "/tests/conformance");
    if (!tables) return complain(tables.error());
    const std::vector<std::string> cases = find_cases(root);
    if (cases.empty()) return complain("there are no cases in `" + root + "`");
    Report report(root, *tables);
    for (const std::string& name : cases)
        report.run(name);
    const auto must_be_there = [&](const std::string& name) {
        if (!std::ranges::binary_search(cases, name))
            report.fail(name, "is in our tables, and not in the suite");
    };
    for (const auto& [name, reason] : tables->excluded)
        must_be_there(name);
    for (const auto& [name, places] : tables->positions)
        must_be_there(name);
    return report.finish();
}

int run_shared() {
    const char* shared = std::getenv("PARMANA_SHARED");
    const std::string root =
        std::string(shared != nullptr ? shared : PARMANA_SOURCE_DIR "/../shared") + "/cel-policy";
    if (std::filesystem::is_directory(root)) return run(root);
    std::fprintf(stderr, "NOT CHECKED: there is no suite of CEL Policy at %s\n", root.c_str());
    return kSkipped;
}

}  // namespace
}  // namespace parmana::conformance

int main(int count, char** arguments) {
    using namespace parmana::conformance;
    if (count != 2) return complain("which directory?");
    const std::string argument = arguments[1];
    return argument == "--shared" ? run_shared() : run(argument);
}
