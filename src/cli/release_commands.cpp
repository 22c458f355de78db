// Commands of those who make releases.
#include <filesystem>

#include "cli/asked_runtime.hpp"
#include "cli/cli.hpp"
#include "release/release.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

std::string name_of(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

Status add_artifact(release::Manifest& manifest, const HashedFile& file) {
    const std::string name = name_of(file.path());
    if (manifest.artifacts.emplace(name, release::Artifact{file.digest(), file.size()}).second) return {};
    return fail(Code::usage, "two artifacts are called `" + name + "`");
}

/// What the arguments say of the release, apart from the one before it.
Result<release::Manifest> describe(const ReleaseManifestArguments& arguments) {
    release::Manifest out;
    out.version = arguments.version;
    out.counter = arguments.counter;
    const auto executable = TRY(HashedFile::open(arguments.executable));
    TRY(add_artifact(out, executable));
    for (const std::string& path : arguments.artifacts)
        TRY(add_artifact(out, TRY(HashedFile::open(path))));
    if (!arguments.sbom.empty()) {
        const auto sbom = TRY(HashedFile::open(arguments.sbom));
        out.sbom = release::Materials{name_of(sbom.path()), sbom.digest()};
    }
    for (const std::string& text : arguments.admitted) {
        const auto hash = digest_from_wire(text);
        if (!hash) return fail(Code::usage, "`" + text + "` is no runtime hash");
        out.runtime_hashes.insert(*hash);
    }
    out.runtime_hashes.insert(TRY(ask_runtime_hash(executable)));
    return out;
}

void print_state(const release::Release& release) {
    print("release hash: " + to_wire(release::release_hash(release)) +
          "\nsignatures:   " + std::to_string(release.envelope.signatures.size()) + "\n");
}

}  // namespace

Result<int> release_manifest(const ReleaseManifestArguments& arguments) {
    release::Manifest manifest = TRY(describe(arguments));
    std::optional<release::Release> before;
    if (!arguments.previous.empty()) {
        before = TRY(release::parse(TRY(read_small_file(arguments.previous))));
        manifest.previous = release::release_hash(*before);
        const auto& admitted = before->manifest.runtime_hashes;
        if (arguments.keep_previous) manifest.runtime_hashes.insert(admitted.begin(), admitted.end());
    }
    const auto made = TRY(release::draft(manifest));
    if (before) TRY(release::check_follows(*before, made));
    TRY(write_output(arguments.out, release::render(made)));
    for (const Digest& hash : made.manifest.runtime_hashes)
        print("admits:       " + to_wire(hash) + "\n");
    print_state(made);
    return 0;
}

Result<int> release_sign(const ReleaseSignArguments& arguments) {
    auto release = TRY(release::parse(TRY(read_small_file(arguments.file))));
    const auto key = TRY(open_key(arguments.key, "release"));
    TRY(dsse::add_signature(release.envelope, *key));
    TRY(write_output(arguments.out.empty() ? arguments.file : arguments.out, release::render(release)));
    print_state(release);
    return 0;
}

}  // namespace parmana::cli
