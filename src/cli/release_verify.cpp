// `parmana release verify`: each claim of a release as one named check.
#include <algorithm>
#include <filesystem>

#include "cli/asked_runtime.hpp"
#include "cli/cli.hpp"
#include "release/release.hpp"
#include "verify/verify.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

using verify::Outcome;

class ReleaseJudge {
  public:
    ReleaseJudge(const ReleaseVerifyArguments& arguments, const std::optional<trust::Root>& root)
        : arguments_(arguments), root_(root) {
        report_.kind = "release";
        if (root_) report_.trust_fingerprint = root_->fingerprint();
    }

    Result<verify::Report> judge(std::string_view text) {
        const auto release = release::parse(text);
        add("format", release,
            release ? "release " + release->manifest.version + ", counter " +
                          std::to_string(release->manifest.counter) + ", " +
                          to_wire(release::release_hash(*release))
                    : "");
        if (!release) return report_;
        signatures(release->envelope);
        if (!arguments_.previous.empty()) TRY(previous(*release));
        artifacts(release->manifest);
        materials(release->manifest);
        if (!arguments_.runtime.empty() || !arguments_.executable.empty()) TRY(runtime(release->manifest));
        return report_;
    }

  private:
    /// Passed with `good`, or failed with the detail of the error.
    template <class T>
    void add(const char* name, const Result<T>& judged, const std::string& good) {
        report_.checks.push_back(
            {name, judged ? Outcome::passed : Outcome::failed, judged ? good : judged.error().detail});
    }
    void skip(const char* name, const std::string& why) {
        report_.checks.push_back({name, Outcome::not_judged, why});
    }

    void signatures(const dsse::Signed& envelope) {
        constexpr auto name = "signatures";
        if (!root_) return skip(name, "no trust root was given");
        const Status checked = release::check_signatures(envelope, *root_);
        signed_ = checked.has_value();
        add(name, checked,
            "signed by " + std::to_string(envelope.signatures.size()) + " of " +
                std::to_string(root_->keys(trust::Role::release).size()) + " release keys, " +
                std::to_string(root_->threshold(trust::Role::release)) + " needed");
    }

    Status previous(const release::Release& release) {
        const auto before = TRY(release::parse(TRY(read_small_file(arguments_.previous))));
        add("previous", release::check_follows(before, release),
            "follows release " + before.manifest.version + ", counter " +
                std::to_string(before.manifest.counter));
        return {};
    }

    /// The file of this name in the directory has these bytes, and so many where that is said.
    Status compare(const std::string& name, const Digest& digest, std::optional<std::int64_t> size) const {
        const auto file = HashedFile::open((std::filesystem::path(arguments_.artifacts) / name).string());
        if (!file) return fail(Code::release_invalid, "`" + name + "` is not there");
        if (file->digest() == digest && file->size() == size.value_or(file->size())) return {};
        return fail(Code::release_invalid, "`" + name + "` is not the file of the release");
    }

    void artifacts(const release::Manifest& manifest) {
        constexpr auto name = "artifacts";
        if (arguments_.artifacts.empty()) return skip(name, "their directory was not given");
        Status all;
        for (const auto& [path, artifact] : manifest.artifacts) {
            if (all) all = compare(path, artifact.digest, artifact.size);
        }
        add(name, all, "all " + std::to_string(manifest.artifacts.size()) + " are those of the release");
    }

    void materials(const release::Manifest& manifest) {
        constexpr auto name = "sbom";
        if (!manifest.sbom) return add(name, Status(), "the release names none");
        if (arguments_.artifacts.empty()) return skip(name, "its directory was not given");
        add(name, compare(manifest.sbom->path, manifest.sbom->digest, std::nullopt),
            "`" + manifest.sbom->path + "` is that of the release");
    }

    Status runtime(const release::Manifest& manifest) {
        constexpr auto name = "runtime";
        if (!arguments_.runtime.empty()) {
            const auto hash = digest_from_wire(arguments_.runtime);
            if (!hash) return fail(Code::usage, "`" + arguments_.runtime + "` is no runtime hash");
            add(name, release::check_runtime(manifest, *hash), to_wire(*hash) + " is admitted");
            return {};
        }
        const auto executable = TRY(HashedFile::open(arguments_.executable));
        const auto is_it = [&executable](const auto& entry) {
            return entry.second.digest == executable.digest();
        };
        // Nothing is run that release keys did not sign for.
        if (!signed_) {
            skip(name, "an executable is not asked before its release is known to be signed");
        } else if (std::ranges::none_of(manifest.artifacts, is_it)) {
            add<void>(name,
                      fail(Code::runtime_unknown,
                           "`" + executable.path() + "` is no artifact of this release and was not run"),
                      "");
        } else {
            const auto hash = TRY(ask_runtime_hash(executable));
            add(name, release::check_runtime(manifest, hash), to_wire(hash) + " is admitted");
        }
        return {};
    }

    const ReleaseVerifyArguments& arguments_;
    const std::optional<trust::Root>& root_;
    bool signed_ = false;
    verify::Report report_;
};

}  // namespace

Result<int> release_verify(const ReleaseVerifyArguments& arguments) {
    std::optional<trust::Root> root;
    if (!arguments.trust.empty()) root = TRY(trust::Root::parse(TRY(read_small_file(arguments.trust))));
    const std::string text = TRY(read_small_file(arguments.file));
    const verify::Report report = TRY(ReleaseJudge(arguments, root).judge(text));
    print(arguments.json ? verify::json_report(report) + "\n" : verify::human_report(report));
    return report.exit_code();
}

}  // namespace parmana::cli
