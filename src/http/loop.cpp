#include "http/loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "base/log.hpp"

namespace parmana::http {
namespace {

using ErrorCode = boost::system::error_code;
using std::chrono::milliseconds;

constexpr int kTickMs = 250;

/// A quarter of the shortest timeout, so that short ones are kept too.
int tick_for(const Options& options) {
    const int shortest =
        std::min({options.header_timeout_ms, options.body_timeout_ms, options.idle_timeout_ms,
                  options.write_timeout_ms, options.drain_timeout_ms});
    return std::clamp(shortest / 4, 10, kTickMs);
}

std::int64_t steady_ms() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(since).count();
}

}  // namespace

Loop::Loop(Service& service)
    : service_(service),
      tick_ms_(tick_for(service.options)),
      context_(std::make_shared<boost::asio::io_context>(1)),
      tick_(*context_),
      cut_(*context_),
      inbox_(std::make_shared<Inbox>([this, context = context_] {
          // Runs only while the loop does: a context that has ended keeps the function and never calls it.
          boost::asio::post(*context, [this] { settle(); });
      })),
      now_ms_(steady_ms()) {
    arm_tick();  // the tick is what keeps the context running until `stop`
}

Loop::~Loop() {
    inbox_->close();
}

void Loop::run() noexcept {
    inbox_->belong_here();
    now_ms_ = steady_ms();
    context_->run();
    inbox_->close();
}

void Loop::add(Socket socket) {
    const auto connection = std::make_shared<Connection>(*this, std::move(socket), next_id_++);
    connections_.emplace(connection->id(), connection);
    connection->start();
    settle();
}

void Loop::remove(Connection& connection) {
    connections_.erase(connection.id());
    service_.connections.fetch_sub(1);
    if (service_.is_full.exchange(false)) service_.room();
    end_if_empty();
}

void Loop::settle() {
    while (inbox_->take(arrived_)) {
        for (Completion& completion : arrived_)
            deliver(std::move(completion));
        arrived_.clear();
        // One pump for all answers of a connection: they leave in one write.
        std::vector<std::shared_ptr<Connection>> touched;
        touched.swap(touched_);
        for (const auto& connection : touched)
            connection->pump();
        touched.clear();
        if (touched_.empty()) touched_.swap(touched);  // keeps its memory
    }
}

void Loop::deliver(Completion completion) {
    const auto found = connections_.find(completion.connection);
    if (found == connections_.end()) return;
    if (!completion.response && !completion.render) {
        log::line(log::Level::error, "request_dropped");
        completion.response =
            service_.problem({Code::internal, "the request was given up without an answer"});
    }
    if (found->second->complete(std::move(completion))) touched_.push_back(found->second);
}

void Loop::arm_tick() {
    tick_.expires_after(milliseconds(tick_ms_));
    tick_.async_wait([this](const ErrorCode& ec) {
        if (!ec) on_tick();
    });
}

void Loop::on_tick() {
    now_ms_ = steady_ms();
    for_each(&Connection::tick);
    if (!stopping_ || !connections_.empty()) arm_tick();
    settle();
}

void Loop::for_each(void (Connection::*act)()) {
    std::vector<std::shared_ptr<Connection>> all;  // acting may remove
    all.reserve(connections_.size());
    for (const auto& [id, connection] : connections_)
        all.push_back(connection);
    for (const auto& connection : all)
        ((*connection).*act)();
}

void Loop::stop(int grace_ms) {
    stopping_ = true;
    for_each(&Connection::stop);
    settle();
    cut_.expires_after(milliseconds(std::max(grace_ms, 0)));
    cut_.async_wait([this](const ErrorCode& ec) {
        if (!ec) for_each(&Connection::close);
    });
    end_if_empty();
}

/// Without its timers the context has no work left, and run() returns.
void Loop::end_if_empty() {
    if (!stopping_ || !connections_.empty()) return;
    tick_.cancel();
    cut_.cancel();
}

}  // namespace parmana::http
