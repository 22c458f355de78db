// What a witness remembers of each log, and the two requests it answers (C2SP tlog-witness). Knows no HTTP.
//
// Promise: of one log, no two cosignatures that were ever handed out are over trees that contradict each
// other, whatever the log asks for and wherever power, process or disk fail: the checkpoint is durable before
// its cosignature is given away.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "disk/disk.hpp"
#include "note/note.hpp"

namespace parmana::witness {

struct Answer {
    int status;
    std::string_view content_type;  // a literal
    std::string body;
};
/// The answer of a failure: its status, code and detail as one line of text.
Answer refusal(const Error& error);

/// Makes the directory of an empty state.
Status create_state(disk::Disk& disk);
/// From now on the log is witnessed, at first without a checkpoint. A log may have several keys, one
/// `add_log` each; a key that is there changes nothing. Errors: key_invalid for a key that is not a log's,
/// io_failed.
Status add_log(disk::Disk& disk, const note::VerifierKey& key);

class State {
  public:
    /// Reads and checks all that is there and writes it anew: after a crash, what can be read need not be
    /// durable. `name` is that of the cosignatures. Errors: data_corrupt, io_failed.
    static Result<std::unique_ptr<State>> open(disk::Disk& disk, std::string name,
                                               const crypto::Signer& signer, const Clock& clock);

    /// 200 with a cosignature line; 409 with the size that the witness holds; else a refusal: member_invalid,
    /// log_unknown, checkpoint_unsigned, consistency_unproven, store_unavailable. Any thread; one at a time.
    Answer add_checkpoint(std::string_view body);
    /// 200 with the newest checkpoint that was cosigned, signed by the log and by the witness; or
    /// log_unknown. `name` is the SHA-256 of the origin in hexadecimal digits. Any thread.
    Answer checkpoint(std::string_view name) const;

    std::size_t logs() const { return logs_.size(); }
    /// For `open`.
    struct Key {
      private:
        friend class State;
        Key() = default;
    };
    State(Key, disk::Disk& disk, std::string name, const crypto::Signer& signer, const Clock& clock)
        : disk_(disk), name_(std::move(name)), signer_(signer), clock_(clock) {}

  private:
    struct Log {
        std::vector<note::VerifierKey> keys;
        std::string note;       // empty: nothing was cosigned yet
        merkle::TreeSize size;  // of the newest cosigned checkpoint; 0 before
        merkle::Root root;
        UnixSeconds time;  // of its cosignature
    };
    Result<Log> read_log(const std::string& name) const;
    Status read_cosigned(const std::string& name, Log& log) const;
    void keep_fork(const std::string& name, const std::string& note) const;
    Result<Answer> add(std::string_view body);

    disk::Disk& disk_;
    const std::string name_;
    const crypto::Signer& signer_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Log, std::less<>> logs_;  // by the SHA-256 of the origin; guarded by mutex_
};

}  // namespace parmana::witness
