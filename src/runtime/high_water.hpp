// A mark outside the data directory: the newest head that was published from it. Without one (and without
// witnesses) a wholesale restored older copy cannot be told from the newest.
#pragma once

#include <memory>
#include <string>

#include "disk/disk.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

/// One file, replaced as a whole. One thread.
class HighWater {
  public:
    /// The file need not exist yet, its directory must. Errors: configuration_invalid.
    static Result<HighWater> open(const std::string& path);

    /// The log extends what is remembered. Errors: rollback_detected; data_corrupt for a file that is not a
    /// head of this log; io_failed.
    Status check(const tlog::Log& log, const trust::History& trust) const;
    /// Durable on return. Errors: io_failed.
    Status remember(const tlog::Published& head);

  private:
    std::shared_ptr<disk::Disk> directory_;
    std::string name_;
};

}  // namespace parmana::runtime
