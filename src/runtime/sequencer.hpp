// The sequencer's thread: publishes a checkpoint over new entries once a second, and at once for whoever
// waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "crypto/crypto.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

class Sequencer {
  public:
    /// Called on the sequencer's thread after a round that covers everything committed before the request.
    using Done = std::move_only_function<void(Result<tlog::Published>)>;

    Sequencer(tlog::Log& log, store::Ledger& ledger, const crypto::Signer& log_key)
        : log_(log), ledger_(ledger), log_key_(log_key), thread_([this] { run(); }) {}
    ~Sequencer() { stop(); }

    /// Any thread; returns at once.
    void request(Done done);
    /// A last round, then the thread ends.
    void stop();
    /// The last round could not publish: the log cannot vouch for its newest entries.
    bool failing() const { return failing_; }

  private:
    static constexpr int kCadenceMs = 1000;
    void run();
    Result<tlog::Published> round();

    tlog::Log& log_;
    store::Ledger& ledger_;
    const crypto::Signer& log_key_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Done> waiting_;  // guarded by mutex_
    bool stopped_ = false;       // guarded by mutex_
    std::atomic<bool> failing_ = false;
    std::thread thread_;
};

}  // namespace parmana::runtime
