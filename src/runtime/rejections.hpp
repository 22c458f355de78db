// Requests that were turned away because their identity was used already, or refused already for the same reason.
// Each is counted; at the next head the counts become entries of the ledger, one for each identity and code: a flood
// of replays costs the log little, and leaves a trace all the same.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "attest/attest.hpp"

namespace parmana::runtime {

/// Any thread.
class Rejections {
  public:
    /// False when there are too many to be kept: then the request must not be answered as turned away.
    [[nodiscard]] bool count(const decide::ExecutionId& id, Code code);
    /// Everything counted since the last call, in order of identity.
    std::vector<attest::Replays> take();

  private:
    static constexpr std::size_t kDifferentMax = 65'536;
    std::mutex mutex_;
    std::map<std::pair<std::string, Code>, std::int64_t> counts_;  // guarded by mutex_
};

}  // namespace parmana::runtime
