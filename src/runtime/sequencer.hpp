// The sequencer's thread: publishes a head over new entries at least once an interval, sooner when many have
// come or somebody waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "crypto/crypto.hpp"
#include "runtime/high_water.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

class Sequencer {
  public:
    /// Called on the sequencer's thread after a round that covers everything committed before the request.
    using Done = std::move_only_function<void(Result<tlog::Published>)>;

    struct Options {
        std::int64_t interval_ms = 1000;
        std::uint64_t entries_max = 256;
        /// Enters what was counted since the last round; before the head, so that it is under it.
        std::function<Status()> flush = {};
        /// Remembers the head outside, before anybody is told of it.
        std::optional<HighWater> high_water = {};
        /// Told of each new head, on the sequencer's thread.
        std::function<void(const tlog::Published&)> published = {};
    };
    Sequencer(tlog::Log& log, store::Ledger& ledger, tlog::Log::LogKeys log_keys, const Clock& clock,
              Options options);
    ~Sequencer() { stop(); }

    /// Any thread; returns at once.
    void request(Done done);
    /// Any thread: entries were committed.
    void entered();
    /// A last round, then the thread ends.
    void stop();
    /// The last round could not publish: the log cannot vouch for its newest entries.
    bool failing() const { return failing_; }

  private:
    void run();
    Result<tlog::Published> round();
    Result<tlog::Published> publish();
    bool is_due() const;

    tlog::Log& log_;
    store::Ledger& ledger_;
    const tlog::Log::LogKeys log_keys_;
    const Clock& clock_;
    Options options_;
    std::optional<note::Checkpoint> remembered_;  // the sequencer's own
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Done> waiting_;  // guarded by mutex_
    bool stopped_ = false;       // guarded by mutex_
    std::atomic<bool> failing_ = false;
    std::thread thread_;
};

}  // namespace parmana::runtime
