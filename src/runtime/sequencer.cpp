#include "runtime/sequencer.hpp"

#include <chrono>

#include "base/log.hpp"

namespace parmana::runtime {

Result<tlog::Published> Sequencer::round() {
    auto published = log_.publish(log_key_);
    failing_ = !published.has_value();
    if (!published) {
        // The log cannot vouch for itself any more. Decisions stay durable; evidence waits for a person.
        log::line(log::Level::error, "checkpoint_failed", {{"detail", published.error().detail}});
        return published;
    }
    ledger_.checkpointed(published->head.size);
    return published;
}

void Sequencer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait_for(lock, std::chrono::milliseconds(kCadenceMs),
                       [this] { return stopped_ || !waiting_.empty(); });
        const bool last = stopped_;
        std::vector<Done> waiting = std::exchange(waiting_, {});
        lock.unlock();
        const auto published = round();
        for (Done& done : waiting)
            done(published);
        lock.lock();
        if (last && waiting_.empty()) return;
    }
}

void Sequencer::request(Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            waiting_.push_back(std::move(done));
            wake_.notify_one();
            return;
        }
    }
    done(fail(Code::not_included, "the sequencer has stopped"));
}

void Sequencer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

}  // namespace parmana::runtime
