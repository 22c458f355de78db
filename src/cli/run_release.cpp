// The commands about releases, as CLI11 sees them.
#include "cli/chosen.hpp"

namespace parmana::cli {
namespace {

void add_manifest(CLI::App& release, Command& run) {
    auto* manifest =
        release.add_subcommand("manifest", "write the manifest of a release, without signatures");
    const auto arguments = std::make_shared<ReleaseManifestArguments>();
    manifest
        ->add_option("--executable", arguments->executable,
                     "the parmana of the release; it is run, to ask it for its runtime hash")
        ->required();
    manifest->add_option("--version", arguments->version, "what the release is called: 0.2.0")->required();
    manifest->add_option("--counter", arguments->counter, "higher than that of any release before")
        ->required();
    auto* previous = manifest->add_option("--previous", arguments->previous, "the release before this one");
    manifest
        ->add_flag("--keep-previous", arguments->keep_previous,
                   "the runtimes that it admits may still decide")
        ->needs(previous);
    manifest->add_option("--artifact", arguments->artifacts, "a further file of the release; again for each");
    manifest->add_option("--admit", arguments->admitted,
                         "the hash of a further runtime that may decide; again for each");
    manifest->add_option("--sbom", arguments->sbom, "the bill of materials (tools/sbom.py)");
    manifest->add_option("--out", arguments->out, "write to this file")->required();
    on_chosen(manifest, run, arguments, release_manifest);
}

void add_verify(CLI::App& release, Command& run) {
    auto* verify = release.add_subcommand(
        "verify", "check a release offline: 0 valid, 1 invalid, 2 unreadable, 3 not fully judged");
    const auto arguments = std::make_shared<ReleaseVerifyArguments>();
    verify->add_option("FILE", arguments->file)->required();
    verify->add_option("--trust", arguments->trust, "the trust root that you pinned");
    verify->add_option("--previous", arguments->previous, "the release that it must follow");
    verify->add_option("--artifacts", arguments->artifacts,
                       "the directory with its artifacts and its bill of materials");
    auto* runtime =
        verify->add_option("--runtime", arguments->runtime, "a runtime hash that the release must admit");
    verify
        ->add_option("--executable", arguments->executable,
                     "an artifact that is run, to ask it for its runtime hash, once the release is signed")
        ->excludes(runtime);
    verify->add_flag("--json", arguments->json, "the report as JSON");
    on_chosen(verify, run, arguments, release_verify);
}

}  // namespace

void add_release_commands(CLI::App& release, Command& run) {
    add_manifest(release, run);
    auto* sign = release.add_subcommand("sign", "add the signature of one release key");
    const auto arguments = std::make_shared<ReleaseSignArguments>();
    sign->add_option("FILE", arguments->file)->required();
    sign->add_option("--key", arguments->key, "a key file of role `release`")->required();
    sign->add_option("--out", arguments->out, "write to this file instead of FILE");
    on_chosen(sign, run, arguments, release_sign);
    add_verify(release, run);

    auto* activate =
        release.add_subcommand("activate", "let the next release come into force; also while a server works");
    auto activating = std::make_shared<ReleaseActivateArguments>();
    activate->add_option("RELEASE", activating->release)->required();
    activate->add_option("--data", activating->data, "the data directory")->required();
    on_chosen(activate, run, activating, release_activate);
}

}  // namespace parmana::cli
