#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "runtime/runtime.hpp"
#include "store/embedded/embedded.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKeyPurposes[] = {"attestation", "blind", "log", "policy", "root"};
constexpr std::size_t kTrustBytesMax = 1024 * 1024;

std::string key_path(const std::string& directory, std::string_view purpose) {
    return directory + "/" + std::string(purpose) + ".key";
}

Status make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return {};
    return fail(errno == EEXIST ? Code::data_exists : Code::io_failed,
                "`" + path + "` cannot be made: " + std::strerror(errno));
}

/// Ten years from now: expiry gates updates and activation only, never the judgement of evidence.
std::string expiry(UnixMillis now) {
    constexpr std::int64_t kTenYearsMs = std::int64_t{3653} * 24 * 3600 * 1000;
    const auto seconds = static_cast<std::time_t>((now.value() + kTenYearsMs) / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT00:00:00Z", &parts);
    return std::string(text, size);
}

Status make_key(const std::string& directory, std::string_view purpose, const InitOptions& options,
                Entropy& entropy) {
    const std::string path = key_path(directory, purpose);
    if (fs::exists(path)) return {};
    const auto key = crypto::generate_secret(entropy);
    if (!options.encrypt) return crypto::write_key_file(path, purpose, key);
    return crypto::write_encrypted_key_file(path, purpose, key, TRY(options.passphrases.read()), entropy);
}

/// A key for every purpose, and the trust root that names them. Keys that are there already are used, so that
/// they can be made with care before: in a token, for instance.
Status make_key_set(const std::string& directory, const InitOptions& options, Clock& clock,
                    Entropy& entropy) {
    for (const std::string_view purpose : kKeyPurposes)
        TRY(make_key(directory, purpose, options, entropy));
    const auto open = [&](std::string_view purpose) {
        return crypto::open_signer(key_path(directory, purpose), purpose, options.passphrases);
    };
    const auto attestation = TRY(open("attestation"));
    const auto log = TRY(open("log"));
    const auto policy = TRY(open("policy"));
    auto root = TRY(open("root"));
    const auto only = [](const crypto::Signer& signer) {
        return trust::Members{{{dsse::key_id(signer.public_key()), signer.public_key()}}, 1};
    };
    trust::RootDocument first = trust::draft({trust::Tenant("default"),
                                              trust::default_origin(log->public_key()),
                                              expiry(clock.now()),
                                              {{trust::Role::attestation, only(*attestation)},
                                               {trust::Role::log, only(*log)},
                                               {trust::Role::policy, only(*policy)},
                                               {trust::Role::root, only(*root)}}});
    TRY(trust::add_signature(first, dsse::SigningKey(std::move(root))));
    const auto disk = TRY(disk::open_disk(directory));
    return disk->replace("trust.json", trust::render(first));
}

/// The key set of a new data directory: made, or taken as it is when it has a trust root.
Status provide_keys(const std::string& directory, const InitOptions& options, Clock& clock,
                    Entropy& entropy) {
    if (!fs::exists(directory)) TRY(make_directory(directory));
    if (!fs::exists(directory + "/trust.json")) return make_key_set(directory, options, clock, entropy);
    for (const std::string_view purpose : {"attestation", "blind", "log"}) {
        if (!fs::exists(key_path(directory, purpose))) {
            return fail(Code::data_missing,
                        "`" + key_path(directory, purpose) + "` is missing from the key set");
        }
    }
    return {};
}

/// The sample policies are signed, installed and made to govern, as an operator would.
Status install_samples(const std::string& path, Clock& clock, Entropy& entropy) {
    auto data = TRY(DataDirectory::open(path));
    std::map<std::string, std::vector<std::string>> versions;  // by policy id
    for (const bundle::Files& sample : sample_policies()) {
        const auto compiled = TRY(policy::compile(sample.at(std::string(bundle::kPolicyFile))));
        TRY(data.sign_policy(sample));
        versions[compiled.id().value()].push_back(compiled.version().value());
    }
    const auto runtime = TRY(Runtime::open(std::move(data), clock, entropy, {}));
    for (const auto& [id, all] : versions) {
        ChangeRequest request{.what = ChangeRequest::What::policy_activate, .policy_id = id};
        for (const std::string& version : all) {
            request.policy_version = version;
            TRY(runtime->governance().change(request));
            // The samples are there to be tried, the older ones too.
            request.keep.push_back(version);
        }
    }
    return {};
}

}  // namespace

Status init_data_directory(const std::string& path, const InitOptions& options, Clock& clock,
                           Entropy& entropy) {
    if (options.encrypt)
        TRY(options.passphrases.read());  // before anything is made that would stay half done
    TRY(make_directory(path));
    const auto disk = TRY(disk::open_disk(path));
    Config config;
    config.allow_derived_ids = options.demo;
    if (options.keys_directory) {
        std::error_code error;
        const fs::path absolute = fs::absolute(*options.keys_directory, error);
        if (error) return fail(Code::io_failed, "`" + *options.keys_directory + "` has no absolute path");
        config.keys_directory = absolute.lexically_normal().string();
    }
    const std::string keys = options.keys_directory ? config.keys_directory : path + "/keys";
    TRY(provide_keys(keys, options, clock, entropy));
    const std::string trust_root = TRY(TRY(disk::open_disk(keys))->read("trust.json", kTrustBytesMax));

    TRY(disk->replace("trust.json", trust_root));
    TRY(disk->replace("config.json", render_config(config)));
    for (const char* directory : {"policies", "provenance", "provenance/policies", "provenance/runtimes"}) {
        TRY(disk->make_directory(directory));
    }
    TRY(store::create_embedded_store(*disk));
    TRY(tlog::create_log(*disk));
    // The first checkpoint is over nothing: from here on one is always there, and its absence is damage.
    const auto log_key = TRY(crypto::open_signer(key_path(keys, "log"), "log", options.passphrases));
    const trust::History trust(TRY(trust::Root::parse(trust_root)));
    const auto log = TRY(tlog::Log::open(*disk, trust, tlog::Log::Side::writer));
    TRY(log->publish([&](const trust::Root&) -> Result<const crypto::Signer*> { return log_key.get(); },
                     to_seconds(clock.now())));
    // The mark of a finished directory comes last: without it nothing opens what an interrupted init left.
    TRY(disk->replace("format", "parmana-data 1\n"));
    if (!options.demo) return {};
    return install_samples(path, clock, entropy);
}

}  // namespace parmana::runtime
