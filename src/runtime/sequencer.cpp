#include "runtime/sequencer.hpp"

#include <chrono>

#include "base/log.hpp"

namespace parmana::runtime {
namespace {

/// However many entries come, a head is not published more often than this.
constexpr auto kPause = std::chrono::milliseconds(100);

}  // namespace

Sequencer::Sequencer(tlog::Log& log, store::Ledger& ledger, tlog::Log::LogKeys log_keys, const Clock& clock,
                     Options options)
    : log_(log),
      ledger_(ledger),
      log_keys_(std::move(log_keys)),
      clock_(clock),
      options_(std::move(options)),
      thread_([this] { run(); }) {}

Result<tlog::Published> Sequencer::publish() {
    // What was turned away becomes entries. If we stop here, those of this interval are not counted.
    if (options_.flush) {
        if (const Status flushed = options_.flush(); !flushed)
            log::line(log::Level::warning, "events_not_entered", {{"detail", flushed.error().detail}});
    }
    const auto before = log_.published_size();
    // Tiles, then the head, remembered outside before it is public: what it covers can be checked by anybody.
    // If we stop between, what is remembered is signed, and the entries under it are durable.
    const auto remember = [this](const tlog::Published& head) -> Status {
        if (!options_.high_water || remembered_ == head.head) return {};
        TRY(options_.high_water->remember(head));
        remembered_ = head.head;
        return {};
    };
    auto published = TRY(log_.publish(log_keys_, to_seconds(clock_.now()), remember));
    TRY(remember(published));  // of before this start
    // Refusals below the head may be entered anew.
    ledger_.checkpointed(published.head.size);
    if (options_.published && published.head.size != before) options_.published(published);
    return published;
}

Result<tlog::Published> Sequencer::round() {
    auto published = publish();
    failing_ = !published.has_value();
    // The log cannot vouch for itself any more. Decisions stay durable; evidence waits for a person.
    if (!published) log::line(log::Level::error, "checkpoint_failed", {{"detail", published.error().detail}});
    return published;
}

bool Sequencer::is_due() const {
    return !failing_ && log_.size().value() - log_.published_size().value() >= options_.entries_max;
}

void Sequencer::run() {
    std::unique_lock lock(mutex_);
    auto last_round = std::chrono::steady_clock::now();
    while (true) {
        wake_.wait_until(lock, last_round + std::chrono::milliseconds(options_.interval_ms),
                         [this] { return stopped_ || !waiting_.empty() || is_due(); });
        if (!stopped_ && waiting_.empty())
            wake_.wait_until(lock, last_round + kPause, [this] { return stopped_ || !waiting_.empty(); });
        const bool last = stopped_;
        std::vector<Done> waiting = std::exchange(waiting_, {});
        lock.unlock();
        last_round = std::chrono::steady_clock::now();
        const auto published = round();
        for (Done& done : waiting)
            done(published);
        lock.lock();
        if (last && waiting_.empty()) return;
    }
}

void Sequencer::entered() {
    if (!is_due()) return;
    // Not between the thread's look at what is due and its sleep: it would not hear.
    {
        const std::lock_guard lock(mutex_);
    }
    wake_.notify_one();
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
