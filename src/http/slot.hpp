// The way of an answer back to its connection: a Slot is one request waiting for its answer, an Inbox is
// where the answers for one loop arrive from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "http/http.hpp"

namespace parmana::http {

/// An answer on its way. Without `response` and `render` the request was dropped, which is answered
/// `internal`.
struct Completion {
    std::uint64_t connection = 0;
    std::uint64_t number = 0;  // of the request on its connection
    std::optional<Response> response = {};
    Responder::Render render = {};
};

class Inbox {
  public:
    /// `wake` makes the loop call `take` soon; it is called from any thread and must stay callable as long as
    /// the inbox lives.
    explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}

    /// Any thread. One wake stands for everything that is put before the loop takes it. After `close`:
    /// nothing.
    void put(Completion completion);
    /// The loop's thread: swaps what has arrived into `out`, which must be empty. False when there was
    /// nothing.
    bool take(std::vector<Completion>& out);
    /// The loop's thread, before it enters its loop: what it puts itself needs no wake, it takes after each
    /// event.
    void belong_here();
    /// The loop's thread, after its loop: what arrives from now on is dropped.
    void close();

  private:
    const std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<Completion> arrived_;
    bool woken_ = false;
    bool closed_ = false;
};

struct Responder::Slot {
    Slot(std::shared_ptr<Inbox> to, std::uint64_t on_connection, std::uint64_t request_number)
        : inbox(std::move(to)), connection(on_connection), number(request_number) {}
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    const std::shared_ptr<Inbox> inbox;
    const std::uint64_t connection;
    const std::uint64_t number;
    std::atomic<bool> completed = false;
};

}  // namespace parmana::http
