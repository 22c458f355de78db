#include "runtime/data_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "json/fields.hpp"
#include "runtime/abilities.hpp"

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

}  // namespace

Result<decide::GovernedPolicy> open_policy(bundle::Bundle bundle) {
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    TRY(bundle::check_compatible(manifest, abilities()));
    auto policy = TRY(bundle::open_files(bundle));
    const bundle::PolicyHash hash = bundle::policy_hash(bundle);
    return decide::GovernedPolicy{std::move(policy), std::move(bundle), hash};
}

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

Result<ServingKeys> DataDirectory::load_serving_keys() const {
    const auto read = [this](std::string_view purpose) {
        return crypto::read_key_file(keys_path() + "/" + std::string(purpose) + ".key", purpose);
    };
    const auto attestation_seed = TRY(read("attestation"));
    const auto log_seed = TRY(read("log"));
    auto blind = TRY(read("blind"));
    ServingKeys keys{dsse::SigningKey(crypto::make_ed25519_signer(attestation_seed)),
                     crypto::make_ed25519_signer(log_seed), std::move(blind)};
    if (!root_.find(trust::Role::attestation, keys.attestation.id())) {
        return fail(Code::key_invalid, "the attestation key is not one of the trust root");
    }
    if (!root_.find(trust::Role::log, dsse::key_id(keys.log->public_key()))) {
        return fail(Code::key_invalid, "the log key is not one of the trust root");
    }
    return keys;
}

Result<bundle::Bundle> DataDirectory::installed_policy(std::string_view id, std::string_view version) const {
    const std::string directory = policy_directory(id, version);
    const auto envelope_text = disk_->read(directory + "/bundle.json", kSmallFileBytesMax);
    if (!envelope_text) return fail(Code::policy_unsigned, "the policy has no readable `bundle.json`");
    const auto document = json::parse(*envelope_text);
    auto envelope = document ? dsse::parse_signed(document->root(), "")
                             : Result<dsse::Signed>(std::unexpected(document.error()));
    if (!envelope)
        return fail(Code::policy_unsigned, "`bundle.json` is not an envelope: " + envelope.error().detail);
    bundle::Bundle bundle{*std::move(envelope), {}};
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    for (const auto& [path, digest] : manifest.files) {
        auto bytes = disk_->read(directory + "/" + path, limits::kPolicyBytesMax);
        if (!bytes) return fail(Code::policy_altered, "`" + path + "` cannot be read");
        bundle.files.emplace(path, *std::move(bytes));
    }
    return bundle;
}

Result<decide::GovernedPolicy> DataDirectory::load_policy(const std::string& id,
                                                          const std::string& version) const {
    auto bundle = TRY(installed_policy(id, version));
    TRY(bundle::check_signature(bundle, root_));
    auto policy = TRY(open_policy(std::move(bundle)));
    if (policy.policy.id().value() != id || policy.policy.version().value() != version)
        return fail(Code::policy_altered, "the policy does not stand under its own identity");
    return policy;
}

Result<decide::PolicySet> DataDirectory::load_policies() const {
    decide::PolicySet set;
    for (const std::string& id : TRY(disk_->list("policies"))) {
        for (const std::string& version : TRY(disk_->list("policies/" + id))) {
            auto policy = load_policy(id, version);
            if (policy) {
                set.add(*std::move(policy));
            } else {
                set.add_fault(id, version, policy.error());
            }
        }
    }
    return set;
}

/// Only what policy keys signed counts: nobody else can use the numbers up.
std::int64_t DataDirectory::next_counter(const std::string& id) const {
    std::int64_t highest = 0;
    for (const std::string& version : disk_->list("policies/" + id).value_or(std::vector<std::string>())) {
        const auto bundle = installed_policy(id, version);
        if (!bundle || !bundle::check_signature(*bundle, root_)) continue;
        highest = std::max(highest, bundle::parse_manifest(bundle->envelope.payload)->counter);
    }
    return highest + 1;
}

Result<bundle::PolicyHash> DataDirectory::sign_policy(const bundle::Files& files,
                                                      const SigningTerms& terms) const {
    const auto seed = TRY(crypto::read_key_file(keys_path() + "/policy.key", "policy"));
    const dsse::SigningKey key(crypto::make_ed25519_signer(seed));
    const auto first = TRY(bundle::draft(files, {terms.counter.value_or(1), terms.requirements}));
    const auto wanted = TRY(bundle::parse_manifest(first.envelope.payload));
    std::optional<std::int64_t> counter = terms.counter;
    if (const auto there = installed_policy(wanted.policy_id.value(), wanted.policy_version.value())) {
        const auto manifest = TRY(bundle::parse_manifest(there->envelope.payload));
        if (manifest.files == wanted.files && manifest.requirements == wanted.requirements &&
            manifest.counter == counter.value_or(manifest.counter)) {
            if (bundle::check_signature(*there, root_)) return bundle::policy_hash(*there);
            counter = manifest.counter;
        }
    }
    if (!counter) counter = next_counter(wanted.policy_id.value());
    const auto bundle = TRY(bundle::make(files, key, {*counter, terms.requirements}));
    TRY(install(bundle));
    return bundle::policy_hash(bundle);
}

Status DataDirectory::install(const bundle::Bundle& bundle) const {
    TRY(bundle::check_signature(bundle, root_));
    TRY(open_policy(bundle));
    const auto manifest = TRY(bundle::parse_manifest(bundle.envelope.payload));
    const std::string directory =
        policy_directory(manifest.policy_id.value(), manifest.policy_version.value());
    if (manifest.files.contains(std::string(bundle::kEnvelopeFile)))
        return fail(Code::member_invalid, "a bundle with a file `bundle.json` cannot be installed");
    const auto exists = [&] {
        return fail(Code::data_exists, "`" + manifest.policy_id.value() + "` " +
                                           manifest.policy_version.value() +
                                           " is installed with other bytes; versions never change");
    };
    const auto text = disk_->read(directory + "/bundle.json", kSmallFileBytesMax);
    const auto document = json::parse(text.value_or(""));
    const auto there = document ? dsse::parse_signed(document->root(), "")
                                : Result<dsse::Signed>(std::unexpected(document.error()));
    if (text && (!there || there->payload != bundle.envelope.payload)) return exists();
    const auto decides = disk_->read(directory + "/policy.json", limits::kPolicyBytesMax);
    if (decides && *decides != bundle.files.at(std::string(bundle::kPolicyFile))) return exists();

    TRY(disk_->make_directory("policies/" + manifest.policy_id.value()));
    TRY(disk_->make_directory(directory));
    for (const auto& [path, bytes] : bundle.files) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos;
             slash = path.find('/', slash + 1))
            TRY(disk_->make_directory(directory + "/" + path.substr(0, slash)));
        TRY(disk_->replace(directory + "/" + path, bytes));
    }
    // The envelope comes last: where it is, everything is.
    std::string envelope;
    dsse::append_json(envelope, bundle.envelope);
    return disk_->replace(directory + "/bundle.json", envelope);
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
