// The thread that takes heads to the witnesses and brings their cosignatures back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tlog/tlog.hpp"
#include "witness/client.hpp"

namespace parmana::runtime {

/// What the witnesses remember of this log is a beginning of its tree: asked before anything is signed.
/// Errors: rollback_detected; witness_unavailable when too few answer to be a quorum, since an older copy of
/// the data directory could not be told from the newest then.
Status check_witnesses(witness::Witnesses& witnesses, const tlog::Log& log, const trust::History& trust);

class Witnessing {
  public:
    using Done = std::move_only_function<void(Status)>;

    Witnessing(tlog::Log& log, witness::Witnesses witnesses)
        : log_(log), witnesses_(std::move(witnesses)), thread_([this] { run(); }) {}
    ~Witnessing() { stop(); }

    /// Any thread: a new head was published.
    void published();
    /// Called back when a head that covers the entry has the quorum's cosignatures; with not_included when
    /// that takes longer than ten seconds. Any thread; returns at once.
    void request(merkle::LeafIndex index, Done done);
    void stop();
    /// The last head did not get its quorum.
    bool failing() const { return failing_; }

  private:
    struct Waiting {
        merkle::LeafIndex index;
        std::chrono::steady_clock::time_point deadline;
        Done done;
    };
    void run();
    /// The size that the quorum has cosigned.
    merkle::TreeSize round();
    void answer(merkle::TreeSize cosigned, bool last);

    tlog::Log& log_;
    witness::Witnesses witnesses_;  // the thread's own
    merkle::TreeSize cosigned_{0};  // the thread's own
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Waiting> waiting_;  // guarded by mutex_
    bool due_ = true;               // guarded by mutex_
    bool stopped_ = false;          // guarded by mutex_
    std::atomic<bool> failing_ = false;
    std::thread thread_;
};

}  // namespace parmana::runtime
