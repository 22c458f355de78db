// The history of verifications that this server was asked for: what was judged, when, and how it came out.
// Bounded: the oldest go. It proves nothing to anybody; it tells an operator who has looked at what.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "disk/disk.hpp"
#include "verify/verify.hpp"

namespace parmana::runtime {

/// Any thread.
class Verifications {
  public:
    /// Reads what was kept before. A torn last line, as a crash leaves it, is dropped. Errors: io_failed.
    static Result<std::unique_ptr<Verifications>> open(disk::Disk& disk, const Clock& clock);

    /// Gives the id of the verification, `v_` and 26 characters. What cannot be written is kept in memory
    /// only.
    std::string keep(std::string_view file, const verify::Report& report);
    /// Of a verification or of an execution: `{"id":…,"verifications":[…]}`, newest first; nothing when none
    /// is known.
    std::optional<std::string> find(std::string_view id) const;

  private:
    static constexpr std::size_t kKeptMax = 10'000;

    struct Row {
        std::string id;
        std::string execution_id;  // empty when the file does not say
        std::string json;
    };
    struct Key {};  // only open() makes one

  public:
    Verifications(Key, disk::Disk& disk, const Clock& clock) : disk_(disk), clock_(clock) {}

  private:
    Status load();
    Status write(const Row& row);

    disk::Disk& disk_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::deque<Row> rows_;              // guarded by mutex_; oldest first
    std::unique_ptr<disk::File> file_;  // guarded by mutex_
    std::uint64_t file_bytes_ = 0;      // guarded by mutex_
    std::size_t file_rows_ = 0;         // guarded by mutex_
};

}  // namespace parmana::runtime
