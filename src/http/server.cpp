// The server: binds, accepts, hands connections round to the loops, and stops them in order.
#include <boost/asio/post.hpp>
#include <string>
#include <thread>
#include <utility>

#include "base/invariant.hpp"
#include "base/log.hpp"
#include "http/loop.hpp"

namespace parmana::http {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

using Acceptor = boost::asio::basic_socket_acceptor<tcp, boost::asio::io_context::executor_type>;

constexpr int kBacklog = 1024;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

class LoopServer final : public Server {
  public:
    LoopServer(const Options& options, BodyLimit body_limit, Handler handler, Problem problem)
        : service_{options, std::move(body_limit), std::move(handler), std::move(problem)} {
        for (unsigned i = 0; i < options.threads; ++i)
            loops_.push_back(std::make_unique<Loop>(service_));
        acceptor_.emplace(first().context());
        pause_.emplace(first().context());
        service_.room = [this] { boost::asio::post(first().context(), [this] { arm_accept(); }); };
    }

    Status listen(const boost::asio::ip::address& address);
    std::uint16_t port() const override { return port_; }
    void run() override;
    void stop(int grace_ms) override;

  private:
    Loop& first() { return *loops_.front(); }
    void arm_accept();
    void on_accept(const ErrorCode& ec, Socket socket);
    void hand_over(Socket socket);
    void pause_accept(const ErrorCode& ec);

    Service service_;
    std::vector<std::unique_ptr<Loop>> loops_;  // the acceptor lives on the first
    std::optional<Acceptor> acceptor_;
    std::optional<Timer> pause_;
    std::uint16_t port_ = 0;
    std::size_t running_ = 1;  // loops that have a thread
    std::size_t next_ = 0;     // the loop of the next connection
    bool accepting_ = false;
    bool paused_ = false;
    bool short_of_room_ = false;  // since the last connection that was accepted
    bool stopping_ = false;
};

Status LoopServer::listen(const boost::asio::ip::address& address) {
    const tcp::endpoint endpoint(address, service_.options.port);
    ErrorCode ec;
    acceptor_->open(endpoint.protocol(), ec);
    // Reuse of the address only spares us the wait after a restart; two listeners on one port still exclude
    // each other.
    if (!ec) acceptor_->set_option(Acceptor::reuse_address(true), ec);
    if (!ec) acceptor_->bind(endpoint, ec);
    if (!ec) acceptor_->listen(kBacklog, ec);
    tcp::endpoint bound;
    if (!ec) bound = acceptor_->local_endpoint(ec);
    if (ec) {
        const std::string where =
            "cannot listen on `" + service_.options.address + "` port " + std::to_string(endpoint.port());
        if (ec == boost::asio::error::address_in_use)
            return fail(Code::io_failed, where + ": another program listens there");
        return fail(Code::io_failed, where + ": " + ec.message());
    }
    port_ = bound.port();
    service_.rules.emplace(address.to_string(), port_);
    return {};
}

void LoopServer::run() {
    boost::asio::post(first().context(), [this] { arm_accept(); });
    std::vector<std::thread> threads;
    try {
        for (std::size_t i = 1; i < loops_.size(); ++i) {
            threads.emplace_back([loop = loops_[i].get()] { loop->run(); });
            running_ = i + 1;
        }
    } catch (const std::system_error& error) {
        // Fewer threads serve slower, and as correctly.
        log::line(log::Level::warning, "thread_refused", {{"detail", std::string_view(error.what())}});
    }
    first().run();
    for (std::thread& thread : threads)
        thread.join();
}

void LoopServer::arm_accept() {
    if (accepting_ || paused_ || stopping_) return;
    if (service_.connections.load() >= service_.options.connections_max) {
        service_.is_full = true;
        // The last connection may have closed between the two lines above: then nobody else would call us.
        if (service_.connections.load() >= service_.options.connections_max) return;
        if (!service_.is_full.exchange(false)) return;
    }
    accepting_ = true;
    auto& context = loops_[next_]->context();
    acceptor_->async_accept(context, [this](const ErrorCode& ec, Socket socket) {
        accepting_ = false;
        on_accept(ec, std::move(socket));
    });
}

void LoopServer::on_accept(const ErrorCode& ec, Socket socket) {
    if (stopping_) return;  // the socket closes here
    if (!ec) {
        short_of_room_ = false;
        hand_over(std::move(socket));
    } else if (ec != boost::asio::error::connection_aborted && ec != boost::asio::error::interrupted) {
        return pause_accept(ec);
    }
    arm_accept();
}

void LoopServer::hand_over(Socket socket) {
    Loop& loop = *loops_[next_];
    next_ = (next_ + 1) % running_;
    service_.connections.fetch_add(1);
    boost::asio::post(loop.context(),
                      [&loop, socket = std::move(socket)]() mutable { loop.add(std::move(socket)); });
}

/// No descriptors or no memory: asking again at once would spin, so wait for others to close theirs.
void LoopServer::pause_accept(const ErrorCode& ec) {
    if (!std::exchange(short_of_room_, true)) {
        const std::string detail = ec.message();
        log::line(log::Level::warning, "accept_paused", {{"detail", std::string_view(detail)}});
    }
    paused_ = true;
    pause_->expires_after(kAcceptPause);
    pause_->async_wait([this](const ErrorCode&) {
        paused_ = false;
        arm_accept();
    });
}

void LoopServer::stop(int grace_ms) {
    boost::asio::post(first().context(), [this, grace_ms] {
        stopping_ = true;
        ErrorCode ec;
        acceptor_->close(ec);
        pause_->cancel();
        // Connections that were handed over stand before this in the queue of their loop: none is forgotten.
        for (std::size_t i = 1; i < running_; ++i)
            boost::asio::post(loops_[i]->context(),
                              [loop = loops_[i].get(), grace_ms] { loop->stop(grace_ms); });
        first().stop(grace_ms);
    });
}

}  // namespace

Result<std::unique_ptr<Server>> make_server(const Options& options, BodyLimit body_limit, Handler handler,
                                            Problem problem) {
    INVARIANT(options.threads > 0 && options.connections_max > 0 && options.pipelined_max > 0);
    ErrorCode ec;
    const auto address = boost::asio::ip::make_address(options.address, ec);
    if (ec) return fail(Code::listen_refused, "`" + options.address + "` is not a numeric address");
    if (!address.is_loopback())
        return fail(Code::listen_refused, "`" + options.address + "` is not a loopback address");
    try {
        auto server = std::make_unique<LoopServer>(options, std::move(body_limit), std::move(handler),
                                                   std::move(problem));
        TRY(server->listen(address));
        return server;
    } catch (const boost::system::system_error& error) {
        return fail(Code::io_failed, "cannot make an event loop: " + error.code().message());
    }
}

}  // namespace parmana::http
