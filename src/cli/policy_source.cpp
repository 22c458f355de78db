#include "cli/policy_source.hpp"

#include <algorithm>
#include <filesystem>

#include "authoring/governance.hpp"
#include "policy/policy.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kYamlFile = "policy.yaml";
constexpr const char* kJsonFile = "policy.json";
constexpr const char* kTestsFile = "tests.yaml";

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

/// The file beside a source.
std::string beside(const std::string& path, const char* name) {
    return (fs::path(path).parent_path() / name).string();
}

}  // namespace

bool is_yaml(const std::string& path) {
    return path.ends_with(".yaml") || path.ends_with(".yml");
}

Result<std::vector<std::string>> find_policies(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            files.push_back(path);
            continue;
        }
        for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
             it.increment(error)) {
            const fs::path& found = it->path();
            const bool source = found.filename() == kYamlFile ||
                                (found.filename() == kJsonFile && !is_there(found.parent_path() / kYamlFile));
            if (source) files.push_back(found.string());
        }
        if (error) return fail(Code::io_failed, "`" + path + "` cannot be read");
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) return fail(Code::usage, "there is no policy below the given paths");
    return files;
}

Result<std::string> build_policy(const std::string& path, const std::string& source) {
    if (!is_yaml(path)) {
        const auto policy = TRY(policy::compile(source));
        return source;
    }
    auto built = authoring::build(source);
    if (built) return *std::move(built);
    const authoring::Finding& first = built.error().front();
    return fail(Code::policy_invalid, path + ":" + std::to_string(first.line) + ":" +
                                          std::to_string(first.column) + ": " + first.message);
}

Result<PolicySource> read_policy(const std::string& given) {
    PolicySource out;
    std::error_code error;
    const std::string path = fs::is_directory(given, error) ? (fs::path(given) / kJsonFile).string() : given;
    // Whichever of the two is named, the YAML is the source where it is.
    const bool named_json = fs::path(path).filename() == kJsonFile && is_there(beside(path, kYamlFile));
    out.path = named_json ? beside(path, kYamlFile) : path;
    const std::string source = TRY(read_small_file(out.path));
    out.json = TRY(build_policy(out.path, source));
    if (is_yaml(out.path)) {
        out.files.emplace(kYamlFile, source);
        const std::string json = beside(out.path, kJsonFile);
        if (is_there(json) && TRY(read_small_file(json)) != out.json) {
            return fail(Code::policy_altered,
                        "`" + json + "` is not what `" + out.path +
                            "` builds to; run `parmana policy build` and look at the difference");
        }
    }
    out.files.emplace(kJsonFile, out.json);
    // A file of another name is a policy by itself.
    const std::string tests = beside(out.path, kTestsFile);
    if (fs::path(out.path).stem() == "policy" && is_there(tests))
        out.files.emplace(kTestsFile, TRY(read_small_file(tests)));
    return out;
}

}  // namespace parmana::cli
