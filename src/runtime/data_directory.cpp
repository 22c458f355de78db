#include "runtime/data_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "json/fields.hpp"
#include "runtime/abilities.hpp"
#include "runtime/key_ring.hpp"

namespace parmana::runtime {
namespace {

constexpr std::size_t kSmallFileBytesMax = 1024 * 1024;
/// Behind whatever came into force so far.
constexpr std::uint64_t kEver = std::numeric_limits<std::uint64_t>::max();
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

std::string root_file(std::int64_t version) {
    return "trust/" + std::to_string(version) + ".json";
}

/// The roots behind the first, as far as there are any.
Status read_roots(disk::Disk& disk, trust::History& trust) {
    for (std::int64_t version = 2;; ++version) {
        const std::string file = root_file(version);
        const auto text = disk.read(file, kSmallFileBytesMax);
        if (!text && text.error().code == Code::data_missing) return {};
        const auto corrupt = [&](const Error& why) {
            return fail(Code::data_corrupt, "`" + file + "`: " + why.detail);
        };
        const auto document = json::parse(TRY(text));
        if (!document) return corrupt(document.error());
        const auto fields = json::Fields::open(document->root(), "", {"from", "root"});
        if (!fields) return corrupt(fields.error());
        const auto from = fields->integer("from");
        auto root = trust::Root::parse(json::canonical(fields->any("root")));
        if (!from || *from < 0 || !root) return corrupt(from ? root.error() : from.error());
        const Status added = trust.add(*std::move(root), static_cast<std::uint64_t>(*from));
        if (!added) return corrupt(added.error());
    }
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
    data.trust_ = std::make_shared<trust::History>(
        TRY(trust::Root::parse(TRY(data.disk_->read("trust.json", kSmallFileBytesMax)))));
    TRY(read_roots(*data.disk_, *data.trust_));
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

Result<attest::BlindKey> DataDirectory::load_blind_key() const {
    return crypto::read_key_file(keys_path() + "/blind.key", crypto::kBlindPurpose, passphrases());
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
    if (!policy::make_policy_id(id) || !policy::make_policy_version(version) ||
        !disk_->list(policy_directory(id, version)))
        return fail(Code::policy_unknown, "`" + id + "` `" + version + "` is not installed", "/policyId");
    auto bundle = TRY(installed_policy(id, version));
    TRY(bundle::check_history(bundle, *trust_, kEver));
    auto policy = TRY(open_policy(std::move(bundle)));
    if (policy.policy.id().value() != id || policy.policy.version().value() != version)
        return fail(Code::policy_altered, "the policy does not stand under its own identity");
    // Evidence encloses the signatures under which it governed first. Others under the same manifest do not
    // cure them.
    const auto kept = kept_policy(to_hex(view_of(policy.hash.value())));
    if (kept && !bundle::check_history(*kept, *trust_, kEver)) {
        return fail(Code::policy_unsigned,
                    "a key that signed `" + id + "` `" + version +
                        "` before is compromised: what others sign now needs a version of its own");
    }
    return policy;
}

Result<Installed> DataDirectory::load_policies() const {
    Installed out;
    for (const std::string& id : TRY(disk_->list("policies"))) {
        for (const std::string& version : TRY(disk_->list("policies/" + id))) {
            auto policy = load_policy(id, version);
            if (policy) {
                out.policies.emplace(Installed::Key(id, version),
                                     std::make_shared<const decide::GovernedPolicy>(*std::move(policy)));
            } else {
                out.faults.emplace(Installed::Key(id, version), policy.error());
            }
        }
    }
    return out;
}

decide::PolicySet Installed::as_set() const {
    decide::PolicySet set;
    for (const auto& [key, policy] : policies)
        set.add(policy);
    for (const auto& [key, why] : faults)
        set.add_fault(key.first, key.second, why);
    return set;
}

Status DataDirectory::keep_root(const trust::Root& root, std::uint64_t from) const {
    std::string text;
    json::Writer(text)
        .object()
        .name("from")
        .integer(static_cast<std::int64_t>(from))
        .name("root")
        .raw(root.text())
        .end();
    TRY(disk_->make_directory("trust"));
    return disk_->replace(root_file(root.version()), text);
}

void DataDirectory::forget_root(std::int64_t version) const {
    // What cannot be removed is found at the next start not to be in the ledger.
    std::ignore = disk_->remove(root_file(version));
}

/// Only what policy keys signed counts: nobody else can use the numbers up.
std::int64_t DataDirectory::next_counter(const std::string& id) const {
    std::int64_t highest = 0;
    for (const std::string& version : disk_->list("policies/" + id).value_or(std::vector<std::string>())) {
        const auto bundle = installed_policy(id, version);
        if (!bundle || !bundle::check_signature(*bundle, trust_->newest())) continue;
        highest = std::max(highest, bundle::parse_manifest(bundle->envelope.payload)->counter);
    }
    return highest + 1;
}

Result<bundle::PolicyHash> DataDirectory::sign_policy(const bundle::Files& files,
                                                      const SigningTerms& terms) const {
    const auto key = TRY(KeyRing(keys_path(), passphrases()).find(trust::Role::policy, trust_->newest()));
    const auto first = TRY(bundle::draft(files, {terms.counter.value_or(1), terms.requirements}));
    const auto wanted = TRY(bundle::parse_manifest(first.envelope.payload));
    std::optional<std::int64_t> counter = terms.counter;
    if (const auto there = installed_policy(wanted.policy_id.value(), wanted.policy_version.value())) {
        const auto manifest = TRY(bundle::parse_manifest(there->envelope.payload));
        if (manifest.files == wanted.files && manifest.requirements == wanted.requirements &&
            manifest.counter == counter.value_or(manifest.counter)) {
            if (bundle::check_signature(*there, trust_->newest())) return bundle::policy_hash(*there);
            counter = manifest.counter;
        }
    }
    if (!counter) counter = next_counter(wanted.policy_id.value());
    const auto bundle = TRY(bundle::make(files, *key, {*counter, terms.requirements}));
    TRY(install(bundle));
    return bundle::policy_hash(bundle);
}

Status DataDirectory::install(const bundle::Bundle& bundle) const {
    TRY(bundle::check_signature(bundle, trust_->newest()));
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

Result<std::optional<release::Release>> DataDirectory::release() const {
    const auto text = disk_->read("release.json", kSmallFileBytesMax);
    if (!text && text.error().code == Code::data_missing) return std::nullopt;
    return TRY(release::parse(TRY(text)));
}

Status DataDirectory::keep_release(const release::Release& release) const {
    // By its hash first: whoever finds it in force finds it kept.
    TRY(disk_->make_directory("provenance/releases"));
    const std::string text = release::render(release);
    TRY(disk_->replace("provenance/releases/" + to_hex(view_of(release::release_hash(release))) + ".json",
                       text));
    return disk_->replace("release.json", text);
}

Result<release::Release> DataDirectory::kept_release(std::string_view release_hash_hex) const {
    const std::string file = "provenance/releases/" + std::string(release_hash_hex) + ".json";
    const auto text = disk_->read(file, kSmallFileBytesMax);
    auto release = text ? release::parse(*text) : Result<release::Release>(std::unexpected(text.error()));
    if (!release || to_hex(view_of(release::release_hash(*release))) != release_hash_hex)
        return fail(Code::data_corrupt, "`" + file + "` is not the release of its name");
    return release;
}

}  // namespace parmana::runtime
