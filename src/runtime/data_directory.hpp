// A data directory: what `init` makes, and what every command opens.
//
//   format            `parmana-data 1`; a newer number is refused
//   config.json       configuration (config.hpp)
//   trust.json        the trust root that goes with the keys
//   lock              held by the one process that may write
//   control.sock      of a running server
//   keys/             key files, 0600, unless `init --keys` put them elsewhere
//   policies/ID/VERSION/{policy.json, bundle.json}
//   provenance/       every policy bundle and runtime manifest that ever decided here, by its hash
//   log/ records/     the ledger (store)       tlog/  the published checkpoint
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attest/attest.hpp"
#include "base/clock.hpp"
#include "base/entropy.hpp"
#include "bundle/bundle.hpp"
#include "decide/decide.hpp"
#include "disk/disk.hpp"
#include "disk/lock.hpp"
#include "runtime/config.hpp"
#include "trust/trust.hpp"

namespace parmana::runtime {

struct InitOptions {
    /// Derived identities are allowed, and the sample policies are signed and installed.
    bool demo = false;
    /// Keys live here instead of DIR/keys: made when the directory is not there, used as they are when it is.
    std::optional<std::string> keys_directory;
};

/// Makes a data directory. Errors: data_exists, key_*, io_failed. A directory that was not finished has no
/// `format`.
Status init_data_directory(const std::string& path, const InitOptions& options, Clock& clock,
                           Entropy& entropy);

/// What the server signs with.
struct ServingKeys {
    dsse::SigningKey attestation;
    std::unique_ptr<crypto::Signer> log;
    attest::BlindKey blind;
};

/// What `policy sign` states beyond the files.
struct SigningTerms {
    /// One more than the highest of the installed bundles of this policy id when nothing is said, or that of
    /// the installed bundle of the same files.
    std::optional<std::int64_t> counter = std::nullopt;
    bundle::Requirements requirements = {};
};

/// A policy of which the signatures were judged: this program has all that it requires, and its files are
/// those that were signed. Errors: policy_altered, policy_invalid, profile_unknown, schema_unknown,
/// runtime_incompatible.
Result<decide::GovernedPolicy> open_policy(bundle::Bundle bundle);

class DataDirectory {
  public:
    /// Checks the format and reads configuration and trust root. Errors: data_missing, data_newer,
    /// data_corrupt, configuration_invalid, trust_invalid.
    static Result<DataDirectory> open(const std::string& path);

    /// Becomes the one writer until this object goes. Errors: data_locked.
    Status lock();

    const std::string& path() const { return path_; }
    disk::Disk& disk() const { return *disk_; }
    const Config& config() const { return config_; }
    const trust::Root& trust_root() const { return root_; }
    std::string keys_path() const;

    /// Errors: key_* (also when a key is not the trust root's for its role).
    Result<ServingKeys> load_serving_keys() const;
    /// Every policy below policies/: each governs, or is in the set with the reason why it does not.
    Result<decide::PolicySet> load_policies() const;
    /// One of them; its files are read once. Errors: policy_unsigned, and those of open_policy.
    Result<decide::GovernedPolicy> load_policy(const std::string& id, const std::string& version) const;
    /// Compiles, signs with the policy key and installs one policy with the files that it was made from. The
    /// same once more changes nothing. Errors: policy_invalid, member_invalid, key_*, and of install.
    Result<bundle::PolicyHash> sign_policy(const bundle::Files& files, const SigningTerms& terms = {}) const;
    /// Puts a bundle at its place, if it may govern here. One that is there already takes the signatures of
    /// this one. Errors: policy_unsigned, those of open_policy, and data_exists for a version that is there
    /// with other bytes (versions never change).
    Status install(const bundle::Bundle& bundle) const;
    /// An installed bundle as it lies on disk, each file read once, nothing judged. Errors: policy_unsigned,
    /// policy_altered.
    Result<bundle::Bundle> installed_policy(std::string_view id, std::string_view version) const;

    /// Keeps what decided, by its hash, for the evidence of later years. Durable on return; idempotent.
    Status keep_policy(const bundle::Bundle& bundle) const;
    Status keep_runtime_manifest(const std::string& manifest) const;
    /// Errors: data_corrupt when it is not there or not what its name says.
    Result<bundle::Bundle> kept_policy(std::string_view policy_hash_hex) const;
    Result<std::string> kept_runtime_manifest(std::string_view runtime_hash_hex) const;

  private:
    std::int64_t next_counter(const std::string& id) const;

    std::string path_;
    std::shared_ptr<disk::Disk> disk_;
    Config config_;
    trust::Root root_;
    std::shared_ptr<disk::DirectoryLock> lock_;
};

/// A policy that the program carries with it for `init --demo`.
std::vector<bundle::Files> sample_policies();

}  // namespace parmana::runtime
