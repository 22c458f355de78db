#include "http/connection.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <utility>

#include "http/answer.hpp"
#include "http/loop.hpp"

namespace parmana::http {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kWriteBytes = 256 * 1024;     // answers are coalesced up to here
constexpr std::size_t kKeptWriteBytes = 64 * 1024;  // capacity that an idle connection keeps
constexpr int kLingerMs = 1'000;

}  // namespace

Connection::Connection(Loop& loop, Socket socket, std::uint64_t id)
    : loop_(loop), socket_(std::move(socket)), id_(id) {}

void Connection::start() {
    ErrorCode ec;
    socket_.set_option(tcp::no_delay(true), ec);
    if (!ec) socket_.non_blocking(true, ec);
    if (ec) return close();
    pump();
}

std::int64_t Connection::deadline_in(int timeout_ms) const {
    // The loop's time is up to one tick old: one tick more, so that nobody is cut early.
    return loop_.now_ms() + timeout_ms + loop_.tick_ms();
}

bool Connection::complete(Completion completion) {
    if (completion.number < first_number_) return false;
    const std::size_t at = completion.number - first_number_;
    if (at >= answers_.size()) return false;  // closed: the answers are gone
    Answer& answer = answers_[at];
    answer.ready = true;
    if (completion.render) {
        answer.render = std::move(completion.render);
    } else {
        answer.response = *std::move(completion.response);
    }
    return !std::exchange(pump_due_, true);
}

void Connection::pump() {
    pump_due_ = false;
    do {
        take_requests();
    } while (flush() && begin_ < end_);
    if (closed_) return;
    finish();
    watch_idleness();
    arm_read();
}

/// Sends what is ready; returns whether places for further requests became free.
bool Connection::flush() {
    bool freed = false;
    while (!write_armed_ && !closed_) {
        if (append_ready()) freed = true;
        if (out_.empty()) break;
        send();
    }
    return freed && !closed_;
}

bool Connection::append_ready() {
    bool freed = false;
    while (!answers_.empty() && answers_.front().ready && out_.size() < kWriteBytes) {
        Answer answer = std::move(answers_.front());
        if (answer.render) answer.response = answer.render();
        // The last answer says so: a peer that read it earlier would drop the ones behind it.
        const bool last = answers_.size() == 1 && phase_ == Phase::ending;
        said_close_ = answer.close || last;
        append_answer(out_, answer.response, {answer.without_body, said_close_});
        if (answer.then_continue && answers_.size() == 1 && phase_ == Phase::body) out_ += kContinue;
        answers_.pop_front();
        ++first_number_;
        requests_bytes_ -= answer.request_bytes;
        freed = true;
    }
    return freed;
}

void Connection::send() {
    ErrorCode ec;
    const auto rest = boost::asio::buffer(out_.data() + sent_, out_.size() - sent_);
    const std::size_t size = socket_.send(rest, 0, ec);
    if (ec && ec != boost::asio::error::would_block && ec != boost::asio::error::interrupted) return close();
    sent_ += size;
    if (sent_ < out_.size()) {
        if (write_deadline_ == kNever)
            write_deadline_ = deadline_in(loop_.service().options.write_timeout_ms);
        return arm_write();
    }
    write_deadline_ = kNever;
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > kKeptWriteBytes) out_ = std::string();
}

void Connection::arm_write() {
    write_armed_ = true;
    socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const ErrorCode& ec) {
        self->write_armed_ = false;
        if (self->closed_) return;
        if (ec) {
            self->close();
        } else {
            self->send();
            self->pump();
        }
        self->loop_.settle();
    });
}

/// Whether the peer has every byte of ours, and we of it: then a close loses nothing.
bool Connection::is_settled() {
    int unsent = 0;
    ErrorCode ec;
    const bool unread = socket_.available(ec) > 0;
    return !unread && ::ioctl(socket_.native_handle(), SIOCOUTQ, &unsent) == 0 && unsent == 0;
}

/// When nothing is left to answer on an ending connection: says goodbye, or closes.
void Connection::finish() {
    if (phase_ != Phase::ending || !answers_.empty() || !out_.empty()) return;
    if (peer_finished_ || (!said_close_ && is_settled())) return close();
    // Closing with unread bytes in the socket would make the system reset the connection, and the peer could
    // lose the answer that is on its way: say that nothing more comes, and read on for a while.
    ErrorCode ec;
    socket_.shutdown(Socket::shutdown_send, ec);
    if (ec) return close();
    phase_ = Phase::lingering;
    discarded_ = 0;
    begin_ = end_ = 0;
    read_deadline_ = deadline_in(std::min(kLingerMs, loop_.service().options.drain_timeout_ms));
}

/// Between requests the idle deadline stands, unless an answer is still owed.
void Connection::watch_idleness() {
    if (closed_ || phase_ != Phase::head || begun_) return;
    const bool idle = answers_.empty() && out_.empty();
    read_deadline_ = idle ? deadline_in(loop_.service().options.idle_timeout_ms) : kNever;
}

void Connection::tick() {
    if (closed_) return;
    const std::int64_t now = loop_.now_ms();
    if (now > write_deadline_) return close();
    if (now <= read_deadline_) return;
    switch (phase_) {
        case Phase::head:
            if (!begun_) return close();
            refuse({Code::request_timeout, "the header section did not arrive in time"});
            break;
        case Phase::body:
            refuse({Code::request_timeout, "the body did not arrive in time"});
            break;
        case Phase::refused_body:
            refuse(*refusal_);
            break;
        case Phase::ending:
            return;
        case Phase::lingering:
            return close();
    }
    pump();
}

void Connection::stop() {
    if (closed_) return;
    if (phase_ == Phase::refused_body) refuse(*refusal_);
    if (phase_ != Phase::lingering) phase_ = Phase::ending;
    pump();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    first_number_ += answers_.size();  // completions still to come find nothing
    answers_.clear();
    ErrorCode ec;
    socket_.close(ec);
    loop_.remove(*this);
}

}  // namespace parmana::http
