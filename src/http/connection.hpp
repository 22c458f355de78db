// One connection: its bytes in, its requests in flight, its answers out, its deadlines. Every function runs
// on the thread of its loop.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/reader.hpp"
#include "http/slot.hpp"

namespace parmana::http {

class Loop;

/// A socket on a plain io_context: no executor behind a pointer.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Connection final : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Loop& loop, Socket socket, std::uint64_t id);

    std::uint64_t id() const { return id_; }
    /// Once, before everything else.
    void start();
    /// Stores the answer of a request. True when a pump is due that no earlier answer has asked for.
    bool complete(Completion completion);
    /// Goes as far as the bytes and answers at hand allow: requests in, answers out, then waits for more.
    void pump();
    /// Closes what is past its deadline, or answers that it is.
    void tick();
    /// Takes no further request; closes when the running ones are answered, at once when there are none.
    void stop();
    /// Closes at once.
    void close();

  private:
    // What is being read: the head of a request or the wait for one, its body, the rest of a body that was
    // refused, nothing because the connection ends, whatever the peer still sends after its last answer.
    enum class Phase { head, body, refused_body, ending, lingering };

    struct Answer {
        bool ready = false;
        bool without_body = false;
        bool close = false;
        bool then_continue = false;  // the request after this one waits for `100 Continue`
        std::size_t request_bytes = 0;
        Response response = {};
        Responder::Render render = {};
    };

    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    // Reading (connection_read.cpp).
    std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
    bool may_begin() const;
    void take_requests();
    bool take_head();
    bool take_body();
    void judge_head();
    Result<std::size_t> body_limit_of(const Head& head) const;
    void dispatch();
    /// Answers the request at hand with a problem, in its turn, and takes no further one.
    void refuse(const Error& error);
    void refuse_after_body(Error error);
    void invite_body();
    void arm_read();
    void on_read(const boost::system::error_code& ec, std::size_t size);
    void on_peer_finished();

    // Writing (connection.cpp).
    bool flush();
    bool append_ready();
    void send();
    void arm_write();
    bool is_settled();
    void finish();
    void watch_idleness();
    std::int64_t deadline_in(int timeout_ms) const;

    Loop& loop_;
    Socket socket_;
    const std::uint64_t id_;
    Phase phase_ = Phase::head;
    bool begun_ = false;          // a byte of the request has been looked at
    bool blank_skipped_ = false;  // the one empty line that may stand before a request
    bool peer_finished_ = false;
    bool said_close_ = false;
    bool pump_due_ = false;
    bool closed_ = false;
    bool read_armed_ = false;
    bool write_armed_ = false;
    std::int64_t read_deadline_ = kNever;
    std::int64_t write_deadline_ = kNever;

    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    Reader reader_;
    std::optional<Error> refusal_;    // in refused_body: what will be answered
    std::size_t discarded_ = 0;       // in refused_body and lingering
    std::size_t requests_bytes_ = 0;  // bodies of the requests in flight
    std::uint64_t first_number_ = 0;  // of answers_.front()
    std::deque<Answer> answers_;
    std::string out_;
    std::size_t sent_ = 0;
};

}  // namespace parmana::http
