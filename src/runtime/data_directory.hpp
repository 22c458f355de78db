// A data directory: what `init` makes, and what every command opens.
//
//   format            `parmana-data 1`; a newer number is refused
//   config.json       configuration (config.hpp)
//   trust.json        the first trust root, that goes with the keys
//   release.json      the release in force, where the trust root asks for one
//   trust/N.json      root N behind it, and the entry that put it in force
//   lock              held by the one process that may write
//   control.sock      of a running server
//   keys/             key files, 0600, unless `init --keys` put them elsewhere
//   policies/ID/VERSION/{policy.json, bundle.json}
//   provenance/       every policy bundle, runtime manifest and release that ever decided here, by its hash
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
#include "crypto/key_file.hpp"
#include "decide/decide.hpp"
#include "disk/disk.hpp"
#include "disk/lock.hpp"
#include "release/release.hpp"
#include "runtime/config.hpp"
#include "trust/history.hpp"

namespace parmana::runtime {

struct InitOptions {
    /// Derived identities are allowed, and the sample policies are signed and installed.
    bool demo = false;
    /// Keys live here instead of DIR/keys. With a `trust.json` they are used as they are; without one those
    /// that are missing are made, and the trust root over all.
    std::optional<std::string> keys_directory;
    /// Keys that are made are encrypted, and keys that are used are opened, with the passphrase from here.
    crypto::PassphraseSource passphrases;
    bool encrypt = false;
};

/// Makes a data directory. Errors: data_exists, key_*, io_failed. A directory that was not finished has no
/// `format`.
Status init_data_directory(const std::string& path, const InitOptions& options, Clock& clock,
                           Entropy& entropy);

/// What is installed, whether it governs or not.
struct Installed {
    using Key = std::pair<std::string, std::string>;  // policy id, version
    std::map<Key, std::shared_ptr<const decide::GovernedPolicy>> policies;
    std::map<Key, Error> faults;

    /// All of it, as if it governed: for a dry run before anything is activated.
    decide::PolicySet as_set() const;
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
    /// The chain of trust roots, and where each came into force. The newest may be one whose entry was never
    /// committed, until settle_roots (governance.hpp) has asked the ledger.
    trust::History& trust() const { return *trust_; }
    std::string keys_path() const;
    /// Of encrypted key files, as configured.
    crypto::PassphraseSource passphrases() const;

    /// Errors: key_*, data_missing.
    Result<attest::BlindKey> load_blind_key() const;
    /// Every policy below policies/, or the reason why it cannot govern.
    Result<Installed> load_policies() const;
    /// One of them; its files are read once. Errors: policy_unknown, policy_unsigned, and those of
    /// open_policy.
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

    /// Keeps a root that comes into force with the entry at `from`. Durable on return.
    Status keep_root(const trust::Root& root, std::uint64_t from) const;
    /// Of a root whose entry was not committed.
    void forget_root(std::int64_t version) const;

    /// The release in `release.json`; nothing when there is none. Errors: release_invalid, io_failed.
    Result<std::optional<release::Release>> release() const;
    Status keep_release(const release::Release& release) const;
    /// As it was kept when it came into force. Errors: data_corrupt.
    Result<release::Release> kept_release(std::string_view release_hash_hex) const;

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
    std::shared_ptr<trust::History> trust_;
    std::shared_ptr<disk::DirectoryLock> lock_;
};

/// A policy that the program carries with it for `init --demo`.
std::vector<bundle::Files> sample_policies();

}  // namespace parmana::runtime
