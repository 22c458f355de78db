// A small witness: a directory with a key and what it remembers of the logs that it witnesses, behind HTTP on
// loopback. `state.hpp` says what it promises, `client.hpp` is the side of the logs.
#pragma once

#include <memory>
#include <string>

#include "base/entropy.hpp"
#include "crypto/crypto.hpp"
#include "disk/disk.hpp"
#include "disk/lock.hpp"
#include "note/note.hpp"

namespace parmana::witness {

/// Makes a directory with a fresh key and no log. Gives the verifier key (type 0x04) for the policies of
/// logs. Errors: data_exists, usage for a name that is none of a key, io_failed.
Result<std::string> init(const std::string& path, const std::string& name, Entropy& entropy);

class Directory {
  public:
    /// Errors: data_missing, data_newer, data_corrupt, io_failed.
    static Result<Directory> open(const std::string& path);
    /// For as long as this lives, or a copy of it: one process alone changes the directory, or cosigns from
    /// it. Errors: data_locked, io_failed.
    Status lock();

    const std::string& path() const { return path_; }
    disk::Disk& disk() const { return *disk_; }
    const note::VerifierKey& key() const { return key_; }
    /// Errors: those of crypto::open_signer; key_invalid when it is not the key of the directory.
    Result<std::unique_ptr<crypto::Signer>> signer() const;

  private:
    std::string path_;
    std::shared_ptr<disk::Disk> disk_;
    note::VerifierKey key_;
    std::shared_ptr<disk::DirectoryLock> lock_;
};

/// Witnesses a log from the next start on. Errors: data_locked beside a running witness; member_invalid and
/// key_invalid for a text that is no verifier key of a log; io_failed.
Status add_log(Directory directory, const std::string& verifier_key);

/// Serves until SIGTERM or SIGINT. Prints a ready line on stdout when it listens. `listen`: ADDRESS:PORT, of
/// loopback. Errors: data_locked, those of State::open and signer(), usage, listen_refused, io_failed.
Status serve(Directory directory, const std::string& listen);

}  // namespace parmana::witness
