#include "cli/policy_source.hpp"

#include <algorithm>
#include <filesystem>

#include "authoring/governance.hpp"
#include "disk/disk.hpp"
#include "policy/policy.hpp"

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

/// The files of one directory, each read once and never through a symbolic link: what is signed is what lies
/// here.
class SourceDirectory {
  public:
    static Result<SourceDirectory> open(const fs::path& path) {
        auto disk = disk::open_disk(path.empty() ? "." : path.string());
        if (!disk) return fail(Code::io_failed, "`" + path.string() + "` cannot be read");
        return SourceDirectory(path, *std::move(disk));
    }

    std::string path_of(const std::string& name) const { return (path_ / name).string(); }
    /// Nothing when there is no such file. Errors: io_failed.
    Result<std::optional<std::string>> find(const std::string& name) const {
        auto text = disk_->read(name, limits::kVerifyBodyBytesMax);
        if (text) return *std::move(text);
        if (text.error().code == Code::data_missing) return std::nullopt;
        return fail(Code::io_failed, "`" + path_of(name) + "` cannot be read: " + text.error().detail);
    }

  private:
    SourceDirectory(fs::path path, std::unique_ptr<disk::Disk> disk)
        : path_(std::move(path)), disk_(std::move(disk)) {}

    fs::path path_;
    std::unique_ptr<disk::Disk> disk_;
};

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
    std::error_code error;
    const bool is_directory = fs::is_directory(given, error);
    const auto directory =
        TRY(SourceDirectory::open(is_directory ? fs::path(given) : fs::path(given).parent_path()));
    const std::string named = is_directory ? kJsonFile : fs::path(given).filename().string();
    // Whichever of the two is named, the YAML is the source where it is.
    std::string name = named == kJsonFile ? kYamlFile : named;
    auto source = TRY(directory.find(name));
    if (!source && named == kJsonFile) {
        name = kJsonFile;
        source = TRY(directory.find(name));
    }
    PolicySource out;
    out.path = directory.path_of(name);
    if (!source) return fail(Code::io_failed, "`" + out.path + "` cannot be read: there is no such file");
    out.json = TRY(build_policy(out.path, *source));
    if (is_yaml(name)) {
        out.files.emplace(kYamlFile, *source);
        const auto json = TRY(directory.find(kJsonFile));
        if (json && *json != out.json) {
            return fail(Code::policy_altered,
                        "`" + directory.path_of(kJsonFile) + "` is not what `" + out.path +
                            "` builds to; run `parmana policy build` and look at the difference");
        }
    }
    out.files.emplace(kJsonFile, out.json);
    // A file of another name is a policy by itself.
    if (fs::path(name).stem() != "policy") return out;
    if (auto tests = TRY(directory.find(kTestsFile))) out.files.emplace(kTestsFile, *std::move(tests));
    return out;
}

}  // namespace parmana::cli
