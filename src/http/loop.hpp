// One thread's event loop with its connections, its tick and its inbox; and what all loops share.
#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "http/connection.hpp"
#include "http/http.hpp"
#include "http/rules.hpp"
#include "http/slot.hpp"

namespace parmana::http {

using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>,
                                                boost::asio::io_context::executor_type>;

/// Fixed before the loops run, but for the two counters.
struct Service {
    Options options;
    BodyLimit body_limit;
    Handler handler;
    Problem problem;
    std::optional<HostRules> rules = {};  // known when the port is
    std::function<void()> room = {};      // called when a connection closes while accepting is paused
    std::atomic<std::size_t> connections = 0;
    std::atomic<bool> is_full = false;
};

class Loop {
  public:
    /// Throws boost::system::system_error when the system has no more descriptors.
    explicit Loop(Service& service);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Runs on the calling thread until `stop` has closed the last connection.
    void run() noexcept;
    boost::asio::io_context& context() { return *context_; }

    // All below on the thread of the loop.
    void add(Socket socket);
    void stop(int grace_ms);
    void remove(Connection& connection);
    /// After every event: hands out the answers that have arrived, until there are none.
    void settle();
    Service& service() { return service_; }
    const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
    /// The time of the last tick.
    std::int64_t now_ms() const { return now_ms_; }
    int tick_ms() const { return tick_ms_; }

  private:
    void arm_tick();
    void on_tick();
    void for_each(void (Connection::*act)());
    void deliver(Completion completion);
    void end_if_empty();

    Service& service_;
    const int tick_ms_;
    // Shared with the wake of the inbox, which outlives the loop as long as an unanswered request does.
    const std::shared_ptr<boost::asio::io_context> context_;
    Timer tick_;
    Timer cut_;
    const std::shared_ptr<Inbox> inbox_;
    std::int64_t now_ms_ = 0;
    std::uint64_t next_id_ = 0;
    bool stopping_ = false;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::vector<Completion> arrived_;
    std::vector<std::shared_ptr<Connection>> touched_;
};

}  // namespace parmana::http
