// Commands that sign and judge bundles.
#include "cli/policy_bundle.hpp"

#include <algorithm>

#include "cli/cli.hpp"
#include "cli/policy_source.hpp"
#include "runtime/abilities.hpp"
#include "runtime/data_directory.hpp"
#include "verify/verify.hpp"
#include "verify_command/verify_command.hpp"

namespace parmana::cli {
namespace {

constexpr const char* kYamlFile = "policy.yaml";

/// What was signed, in words: nobody should have to trust that it is what they meant.
void print_signed(const bundle::Bundle& bundle, const bundle::Manifest& manifest) {
    const Digest hash = bundle::policy_hash(bundle).value();
    print("policy hash: " + to_wire(hash) + "\n");
    std::string line = manifest.policy_id.value() + "@" + manifest.policy_version.value() + ", counter " +
                       std::to_string(manifest.counter) + ", signed by " + bundle::signers(bundle) + "\n";
    if (manifest.requirements.runtime_version)
        line += "requires version " + *manifest.requirements.runtime_version + " or a newer one\n";
    for (const std::string& name : manifest.requirements.capabilities)
        line += "requires " + name + "\n";
    print(line);
}

bundle::Requirements requirements_of(const PolicySignArguments& arguments) {
    bundle::Requirements out{arguments.capabilities, std::nullopt};
    std::sort(out.capabilities.begin(), out.capabilities.end());
    if (!arguments.runtime_version.empty()) out.runtime_version = arguments.runtime_version;
    return out;
}

/// A new bundle of a policy, on a machine that need not have a data directory.
Result<int> sign_source(const PolicySignArguments& arguments, const dsse::SigningKey& key) {
    if (!arguments.counter || arguments.out.empty())
        return fail(Code::usage, "to sign a policy with `--key`, say its `--counter` and a file, `--out`");
    PolicySource source = TRY(read_policy(arguments.file));
    const auto bundle =
        TRY(bundle::make(std::move(source.files), key, {*arguments.counter, requirements_of(arguments)}));
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    TRY(write_output(arguments.out, bundle::render(bundle) + "\n"));
    print_signed(bundle, manifest);
    return 0;
}

/// One more signature under what others signed.
Result<int> sign_bundle(const PolicySignArguments& arguments, const dsse::SigningKey& key) {
    if (arguments.counter || !arguments.runtime_version.empty() || !arguments.capabilities.empty())
        return fail(Code::usage, "a bundle states its counter and requirements already");
    auto bundle = TRY(read_bundle_for_activation(arguments.file));
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    TRY(dsse::add_signature(bundle.envelope, key));
    TRY(write_output(arguments.out.empty() ? arguments.file : arguments.out, bundle::render(bundle) + "\n"));
    print_signed(bundle, manifest);
    return 0;
}

/// The checks of a bundle, in their order. Each stands on its own feet.
class BundleJudge {
  public:
    BundleJudge(verify::Report& report, const bundle::Bundle& bundle, const trust::Root& root)
        : report_(report), bundle_(bundle), root_(root) {}

    void run() {
        const auto manifest = bundle::parse_manifest(bundle_.envelope.payload);
        add("format", manifest ? Status() : std::unexpected(manifest.error()),
            "a bundle of one policy, counter " + std::to_string(manifest ? manifest->counter : 0));
        signatures();
        if (!manifest) return;
        add("policy", Status(), manifest->policy_id.value() + " " + manifest->policy_version.value());
        add("files", bundle::check_files(bundle_, *manifest),
            "all " + std::to_string(manifest->files.size()) + " are those that were signed");
        source();
        language(*manifest);
        requirements(*manifest);
    }

  private:
    void add(std::string name, const Status& status, std::string passed) {
        const auto outcome = status ? verify::Outcome::passed : verify::Outcome::failed;
        report_.checks.push_back(
            {std::move(name), outcome, status ? std::move(passed) : status.error().detail});
    }
    void skip(std::string name, std::string detail) {
        report_.checks.push_back({std::move(name), verify::Outcome::not_judged, std::move(detail)});
    }

    void signatures() {
        const auto threshold = std::to_string(root_.threshold(trust::Role::policy));
        add("signatures", bundle::check_signature(bundle_, root_),
            std::to_string(bundle_.envelope.signatures.size()) + " of at least " + threshold + ": " +
                bundle::signers(bundle_));
    }

    void source() {
        const bool has_source = bundle_.files.contains(kYamlFile);
        add("source", check_source(bundle_.files),
            has_source ? "`policy.yaml` builds to `policy.json`, byte for byte"
                       : "`policy.json` was written as it is");
    }

    /// Profile, schema, and that the policy compiles to what the manifest names.
    void language(const bundle::Manifest& manifest) {
        const Status known = bundle::check_language(manifest);
        const bool profile_is_known = known || known.error().code != Code::profile_unknown;
        profile_is_known ? add("language_profile", {}, manifest.language_profile)
                         : skip("language_profile", known.error().detail);
        known ? add("schema_version", {}, manifest.schema_version)
              : skip("schema_version", profile_is_known ? known.error().detail : "the language is not known");
        if (!known) return skip("rules", "what they mean is not known");
        const auto policy = bundle::open_files(bundle_);
        add("rules", policy ? Status() : std::unexpected(policy.error()),
            "they compile" + (policy ? ", " + std::to_string(policy->rules().size()) + " of them" : ""));
    }

    void requirements(const bundle::Manifest& manifest) {
        if (!bundle::check_language(manifest)) return skip("requirements", "the language is not known");
        add("requirements", bundle::check_compatible(manifest, runtime::abilities()),
            "version " + runtime::abilities().version + " of this program has them");
    }

    verify::Report& report_;
    const bundle::Bundle& bundle_;
    const trust::Root& root_;
};

}  // namespace

bool is_bundle(std::string_view text) {
    const auto document = json::parse(text);
    return document && document->root().is(json::Type::object) &&
           document->root().find("envelope").has_value();
}

Result<bundle::Bundle> read_bundle(const std::string& path) {
    std::string text = TRY(read_small_file(path));
    if (text.ends_with('\n')) text.pop_back();
    if (!is_bundle(text)) {
        return fail(Code::policy_unsigned,
                    "`" + path + "` is not a signed bundle; `parmana policy sign` makes one of a policy");
    }
    const auto document = TRY(json::parse(text));
    auto bundle = bundle::parse(document.root(), "");
    if (!bundle)
        return fail(Code::policy_unsigned, "`" + path + "` is not a bundle: " + bundle.error().detail);
    return bundle;
}

Status check_source(const bundle::Files& files) {
    const auto source = files.find(kYamlFile);
    if (source == files.end()) return {};
    const auto json = files.find(std::string(bundle::kPolicyFile));
    if (json != files.end() && TRY(build_policy(kYamlFile, source->second)) == json->second) return {};
    return fail(Code::policy_altered, "`policy.json` is not what `policy.yaml` builds to");
}

Result<bundle::Bundle> read_bundle_for_activation(const std::string& path) {
    auto bundle = TRY(read_bundle(path));
    const auto policy = TRY(bundle::open_files(bundle));
    TRY(check_source(bundle.files));
    return bundle;
}

Result<int> policy_sign(const PolicySignArguments& arguments) {
    if (arguments.data.empty() == arguments.key.empty())
        return fail(Code::usage, "say either `--data` or `--key`");
    if (!arguments.key.empty()) {
        const auto key = TRY(open_key(arguments.key, "policy"));
        const auto text = read_small_file(arguments.file);
        return text && is_bundle(*text) ? sign_bundle(arguments, *key) : sign_source(arguments, *key);
    }
    if (!arguments.out.empty()) return fail(Code::usage, "`--out` goes with `--key`");
    if (const auto text = read_small_file(arguments.file); text && is_bundle(*text))
        return fail(Code::usage, "a bundle is signed once more with `--key`");
    const auto data = TRY(runtime::DataDirectory::open(arguments.data));
    const PolicySource source = TRY(read_policy(arguments.file));
    const auto hash = TRY(data.sign_policy(source.files, {arguments.counter, requirements_of(arguments)}));
    print("policy hash: " + to_wire(hash.value()) + "\n");
    return 0;
}

Result<int> policy_verify(const PolicyVerifyArguments& arguments) {
    const auto root = TRY(trust::Root::parse(TRY(read_small_file(arguments.trust))));
    const auto bundle = TRY(read_bundle(arguments.file));
    verify::Report report;
    report.kind = "policy";
    report.trust_fingerprint = root.fingerprint();
    BundleJudge(report, bundle, root).run();
    print(arguments.json ? verify::json_report(report) + "\n" : verify::human_report(report));
    return report.exit_code();
}

}  // namespace parmana::cli
