#include "runtime/witnessing.hpp"

#include <chrono>

#include "base/log.hpp"

namespace parmana::runtime {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);
/// Between rounds that brought no quorum, and before looking who has waited too long.
constexpr auto kPause = std::chrono::milliseconds(500);

}  // namespace

Status check_witnesses(witness::Witnesses& witnesses, const tlog::Log& log, const trust::History& trust) {
    std::set<std::string> answered;
    // What was held of the log before its key was rotated counts as well.
    for (const auto& [id, key] : trust.keys_ever(trust::Role::log)) {
        const witness::Known known = witnesses.newest_known(trust.origin().value(), key);
        for (const auto& held : known.held)
            TRY(log.check_remembers(held.checkpoint));
        std::set<std::string> silent;
        for (const auto& failure : known.failures) {
            silent.insert(failure.witness);
            log::line(log::Level::warning, "witness_silent",
                      {{"witness", failure.witness}, {"detail", failure.error.detail}});
        }
        for (const auto& each : witnesses.policy().witnesses()) {
            if (!silent.contains(each.name) && !each.url.empty()) answered.insert(each.name);
        }
    }
    if (witnesses.policy().quorum(answered)) return {};
    return fail(Code::witness_unavailable,
                "too few witnesses say what they hold: this could be an older copy of the data directory");
}

merkle::TreeSize Witnessing::round() {
    const auto head = log_.published();
    if (!head) return cosigned_;
    auto collected = witnesses_.collect(head->note, [this](merkle::TreeSize from, merkle::TreeSize to) {
        return log_.prove_consistency(from, to);
    });
    if (!collected) {
        log::line(log::Level::error, "witnesses_not_asked", {{"detail", collected.error().detail}});
        return cosigned_;
    }
    for (const auto& failure : collected->failures) {
        log::line(log::Level::warning, "witness_failed",
                  {{"witness", failure.witness}, {"detail", failure.error.detail}});
    }
    // What came goes into the published head, also when it is not enough: if we stop before, the witnesses
    // cosign again.
    const auto added = log_.add_cosignatures(*head, collected->lines, collected->quorum);
    if (!added) {
        log::line(log::Level::error, "cosignatures_not_published", {{"detail", added.error().detail}});
        return cosigned_;
    }
    return collected->quorum ? head->head.size : cosigned_;
}

void Witnessing::answer(merkle::TreeSize cosigned, bool last) {
    std::vector<std::pair<Done, Status>> ready;
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(waiting_, [&](Waiting& each) {
            const bool covered = each.index.value() < cosigned.value();
            if (!covered && !last && now < each.deadline) return false;
            ready.emplace_back(
                std::move(each.done),
                covered ? Status() : fail(Code::not_included, "the quorum of witnesses is not met"));
            return true;
        });
    }
    for (auto& [done, status] : ready)
        done(status);
}

void Witnessing::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait_for(lock, kPause, [this] { return stopped_ || due_; });
        const bool last = stopped_;
        const bool due = std::exchange(due_, false) || failing_;
        lock.unlock();
        if (due && !last) {
            cosigned_ = round();
            failing_ = cosigned_ < log_.published_size();
        }
        answer(cosigned_, last);
        lock.lock();
        if (last && waiting_.empty()) return;
    }
}

void Witnessing::published() {
    const std::lock_guard lock(mutex_);
    due_ = true;
    wake_.notify_one();
}

void Witnessing::request(merkle::LeafIndex index, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            waiting_.push_back({index, std::chrono::steady_clock::now() + kPatience, std::move(done)});
            due_ = true;
            wake_.notify_one();
            return;
        }
    }
    done(fail(Code::not_included, "the server is stopping"));
}

void Witnessing::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

}  // namespace parmana::runtime
