#include "http/slot.hpp"

#include "base/invariant.hpp"

namespace parmana::http {
namespace {

thread_local const Inbox* inbox_of_this_thread = nullptr;

}  // namespace

void Inbox::put(Completion completion) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        arrived_.push_back(std::move(completion));
        if (woken_ || inbox_of_this_thread == this) return;
        woken_ = true;
    }
    // Outside the lock: the loop may run before this returns, and would wait for us.
    wake_();
}

bool Inbox::take(std::vector<Completion>& out) {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    if (arrived_.empty()) return false;
    arrived_.swap(out);
    return true;
}

void Inbox::belong_here() {
    inbox_of_this_thread = this;
}

void Inbox::close() {
    if (inbox_of_this_thread == this) inbox_of_this_thread = nullptr;
    std::vector<Completion> unread;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    arrived_.swap(unread);
}

Responder::Slot::~Slot() {
    if (!completed.load(std::memory_order_relaxed)) inbox->put({connection, number});
}

void Responder::operator()(Response response) const {
    INVARIANT(slot_ != nullptr && !slot_->completed.exchange(true));
    slot_->inbox->put({slot_->connection, slot_->number, std::move(response)});
}

void Responder::later(Render render) const {
    INVARIANT(slot_ != nullptr && !slot_->completed.exchange(true) && render != nullptr);
    slot_->inbox->put({slot_->connection, slot_->number, std::nullopt, std::move(render)});
}

}  // namespace parmana::http
