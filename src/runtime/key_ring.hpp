// The signing keys at hand: each is opened when a trust root first asks for it, and kept.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "crypto/key_file.hpp"
#include "dsse/dsse.hpp"
#include "trust/trust.hpp"

namespace parmana::runtime {

/// Any thread.
class KeyRing {
  public:
    KeyRing(std::string directory, crypto::PassphraseSource passphrases)
        : directory_(std::move(directory)), passphrases_(std::move(passphrases)) {}

    /// A key that the root has in this role, from `ROLE-<first 16 digits of its id>.key` or `ROLE.key`. It
    /// signs what its public half accepts, and nothing else: that is tried before it is given out. Errors:
    /// key_*, data_missing.
    Result<std::shared_ptr<const dsse::SigningKey>> find(trust::Role role, const trust::Root& root);

  private:
    Result<std::shared_ptr<const dsse::SigningKey>> open(trust::Role role, const std::string& file);

    const std::string directory_;
    const crypto::PassphraseSource passphrases_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const dsse::SigningKey>> keys_;  // by key id; guarded by mutex_
};

/// `ROLE-<first 16 digits of the id>.key`.
std::string key_file_name(std::string_view role, std::string_view key_id);

}  // namespace parmana::runtime
