#include "runtime/data_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "json/fields.hpp"

namespace parmana::runtime {
namespace {

constexpr std::size_t kSmallFileBytesMax = 1024 * 1024;
constexpr std::size_t kBundleBytesMax = 8 * 1024 * 1024;

std::string policy_directory(std::string_view id, std::string_view version) {
    return "policies/" + std::string(id) + "/" + std::string(version);
}

Status check_format(disk::Disk& disk) {
    const auto text = disk.read("format", 64);
    if (!text) {
        return fail(Code::data_missing, "there is no data directory here: `format` cannot be read");
    }
    if (*text == "parmana-data 1\n") return {};
    if (text->starts_with("parmana-data ")) {
        return fail(Code::data_newer, "the data directory has format `" +
                                          text->substr(13, text->size() - 14) +
                                          "`; this program writes format 1");
    }
    return fail(Code::data_corrupt, "`format` is not the format of a data directory");
}

/// Reads, checks and compiles one installed policy. Its bytes are read once; what is hashed is what is
/// parsed.
Result<decide::GovernedPolicy> load_policy(disk::Disk& disk, const std::string& directory,
                                           const trust::Root& root) {
    const auto envelope_text = disk.read(directory + "/bundle.json", kSmallFileBytesMax);
    if (!envelope_text) return fail(Code::policy_unsigned, "the policy has no readable `bundle.json`");
    const auto document = json::parse(*envelope_text);
    auto envelope = document ? dsse::parse(document->root(), "")
                             : Result<dsse::Envelope>(std::unexpected(document.error()));
    if (!envelope)
        return fail(Code::policy_unsigned, "`bundle.json` is not an envelope: " + envelope.error().detail);
    bundle::Bundle bundle{*std::move(envelope), {}};
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    for (const auto& [path, digest] : manifest.files) {
        auto bytes = disk.read(directory + "/" + path, limits::kPolicyBytesMax);
        if (!bytes) return fail(Code::policy_altered, "`" + path + "` cannot be read");
        bundle.files.emplace(path, *std::move(bytes));
    }
    TRY(bundle::check_signature(bundle, root));
    auto policy = TRY(bundle::open_files(bundle));
    const bundle::PolicyHash hash = bundle::policy_hash(bundle);
    return decide::GovernedPolicy{std::move(policy), std::move(bundle), hash};
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
    DataDirectory data;
    data.path_ = path;
    auto disk = disk::open_disk(path);
    if (!disk) return fail(Code::data_missing, "`" + path + "` is not a data directory");
    data.disk_ = *std::move(disk);
    TRY(check_format(*data.disk_));
    data.config_ =
        TRY(with_environment(TRY(parse_config(TRY(data.disk_->read("config.json", kSmallFileBytesMax))))));
    data.root_ = TRY(trust::Root::parse(TRY(data.disk_->read("trust.json", kSmallFileBytesMax))));
    return data;
}

Status DataDirectory::lock() {
    lock_ = TRY(disk::lock_directory(path_));
    return {};
}

std::string DataDirectory::keys_path() const {
    return config_.keys_directory.starts_with('/') ? config_.keys_directory
                                                   : path_ + "/" + config_.keys_directory;
}

crypto::PassphraseSource DataDirectory::passphrases() const {
    return crypto::PassphraseSource(config_.key_passphrase_file);
}

Result<ServingKeys> DataDirectory::load_serving_keys() const {
    auto attestation =
        TRY(crypto::open_signer(keys_path() + "/attestation.key", "attestation", passphrases()));
    auto log = TRY(crypto::open_signer(keys_path() + "/log.key", "log", passphrases()));
    auto blind = TRY(crypto::read_key_file(keys_path() + "/blind.key", crypto::kBlindPurpose, passphrases()));
    ServingKeys keys{dsse::SigningKey(std::move(attestation)), std::move(log), std::move(blind)};
    if (!root_.find(trust::Role::attestation, keys.attestation.id())) {
        return fail(Code::key_invalid, "the attestation key is not one of the trust root");
    }
    if (!root_.find(trust::Role::log, dsse::key_id(keys.log->public_key()))) {
        return fail(Code::key_invalid, "the log key is not one of the trust root");
    }
    return keys;
}

Result<decide::PolicySet> DataDirectory::load_policies() const {
    decide::PolicySet set;
    for (const std::string& id : TRY(disk_->list("policies"))) {
        for (const std::string& version : TRY(disk_->list("policies/" + id))) {
            auto policy = load_policy(*disk_, policy_directory(id, version), root_);
            if (policy &&
                (policy->policy.id().value() != id || policy->policy.version().value() != version)) {
                policy = fail(Code::policy_altered, "the policy does not stand under its own identity");
            }
            if (policy) {
                set.add(*std::move(policy));
            } else {
                set.add_fault(id, version, policy.error());
            }
        }
    }
    return set;
}

Result<bundle::PolicyHash> DataDirectory::sign_policy(const bundle::Files& files) const {
    const dsse::SigningKey key(
        TRY(crypto::open_signer(keys_path() + "/policy.key", "policy", passphrases())));
    const auto bundle = TRY(bundle::make(files, key));
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    const std::string directory =
        policy_directory(manifest.policy_id.value(), manifest.policy_version.value());
    // The envelope comes last: where it is, everything is.
    std::string envelope;
    dsse::append_json(envelope, bundle.envelope);
    const auto installed = disk_->read(directory + "/bundle.json", kSmallFileBytesMax);
    const auto decides = disk_->read(directory + "/policy.json", limits::kPolicyBytesMax);
    if ((installed && *installed != envelope) ||
        (decides && *decides != files.at(std::string(bundle::kPolicyFile)))) {
        return fail(Code::data_exists, "`" + manifest.policy_id.value() + "` " +
                                           manifest.policy_version.value() +
                                           " is installed with other bytes; versions never change");
    }
    TRY(disk_->make_directory("policies/" + manifest.policy_id.value()));
    TRY(disk_->make_directory(directory));
    for (const auto& [path, bytes] : files)
        TRY(disk_->replace(directory + "/" + path, bytes));
    TRY(disk_->replace(directory + "/bundle.json", envelope));
    return bundle::policy_hash(bundle);
}

Status DataDirectory::keep_policy(const bundle::Bundle& bundle) const {
    const std::string hex = to_hex(view_of(bundle::policy_hash(bundle).value()));
    if (kept_policy(hex)) return {};
    return disk_->replace("provenance/policies/" + hex + ".json", bundle::render(bundle));
}

Status DataDirectory::keep_runtime_manifest(const std::string& manifest) const {
    const std::string hex = to_hex(view_of(attest::runtime_hash(manifest).value()));
    if (kept_runtime_manifest(hex)) return {};
    return disk_->replace("provenance/runtimes/" + hex + ".json", manifest);
}

Result<bundle::Bundle> DataDirectory::kept_policy(std::string_view policy_hash_hex) const {
    const std::string file = "provenance/policies/" + std::string(policy_hash_hex) + ".json";
    const auto text = disk_->read(file, kBundleBytesMax);
    if (!text) return fail(Code::data_corrupt, "`" + file + "` cannot be read");
    const auto document = json::parse(*text);
    auto bundle = document ? bundle::parse(document->root(), "")
                           : Result<bundle::Bundle>(std::unexpected(document.error()));
    if (!bundle || to_hex(view_of(bundle::policy_hash(*bundle).value())) != policy_hash_hex) {
        return fail(Code::data_corrupt, "`" + file + "` is not the bundle of its name");
    }
    return bundle;
}

Result<std::string> DataDirectory::kept_runtime_manifest(std::string_view runtime_hash_hex) const {
    const std::string file = "provenance/runtimes/" + std::string(runtime_hash_hex) + ".json";
    auto text = disk_->read(file, kSmallFileBytesMax);
    if (!text || to_hex(view_of(attest::runtime_hash(*text).value())) != runtime_hash_hex) {
        return fail(Code::data_corrupt, "`" + file + "` is not the manifest of its name");
    }
    return text;
}

}  // namespace parmana::runtime
