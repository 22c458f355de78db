// The reading half of a connection: from bytes to requests.
#include <cstring>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "http/answer.hpp"
#include "http/connection.hpp"
#include "http/loop.hpp"

namespace parmana::http {
namespace {

using ErrorCode = boost::system::error_code;

constexpr std::size_t kReadBytes = 16 * 1024;
// The reader leaves up to kHeaderBytesMax unconsumed, and one read must fit behind that.
constexpr std::size_t kBufferBytes = limits::kHeaderBytesMax + kReadBytes;

}  // namespace

/// Requests in flight are bounded in number and in the memory of their bodies.
bool Connection::may_begin() const {
    return answers_.size() < loop_.service().options.pipelined_max &&
           requests_bytes_ < limits::kVerifyBodyBytesMax;
}

void Connection::take_requests() {
    while (!closed_ && begin_ < end_) {
        const bool reading = phase_ == Phase::body || phase_ == Phase::refused_body;
        if (reading ? !take_body() : phase_ != Phase::head || !take_head()) break;
    }
    if (begin_ == end_ && !read_armed_) begin_ = end_ = 0;  // a read that waits knows its place
}

/// True when there may be more to do with the bytes that are left.
bool Connection::take_head() {
    if (!begun_) {
        if (!may_begin()) return false;
        if (!blank_skipped_ && unread().starts_with('\r')) {  // RFC 9112 §2.2
            if (unread().size() == 1) return false;
            blank_skipped_ = true;
            if (unread()[1] == '\n') begin_ += 2;
            return true;
        }
        begun_ = true;
        reader_.begin();
        read_deadline_ = deadline_in(loop_.service().options.header_timeout_ms);
    }
    const Result<Progress> progress = reader_.read_head(unread());
    if (!progress) {
        refuse(progress.error());
        return false;
    }
    if (!progress->complete) return false;
    begin_ += progress->consumed;
    judge_head();
    return true;
}

/// Decides what becomes of a request whose head is complete: nothing of its body has been read.
void Connection::judge_head() {
    const Head& head = reader_.head();
    const Result<std::size_t> limit = body_limit_of(head);
    if (!limit) {
        if (!head.has_body || head.expects_continue) return refuse(limit.error());
        return refuse_after_body(limit.error());
    }
    if (!head.has_body) return dispatch();
    reader_.keep_body(*limit);
    phase_ = Phase::body;
    read_deadline_ = deadline_in(loop_.service().options.body_timeout_ms);
    if (head.expects_continue && begin_ == end_) invite_body();
}

Result<std::size_t> Connection::body_limit_of(const Head& head) const {
    const Service& service = loop_.service();
    const HostRules& rules = *service.rules;
    if (!head.authority.empty() && !rules.names_us(head.authority))
        return fail(Code::host_not_allowed, "the request target names another server");
    if (head.host && !rules.names_us(*head.host))
        return fail(Code::host_not_allowed, "the Host header names another server");
    if (head.origin && !rules.is_our_origin(*head.origin))
        return fail(Code::origin_not_allowed, "the Origin header names another site");
    if (!head.has_body) return std::size_t{0};
    const std::size_t limit = service.body_limit(head.request.method, head.request.path);
    if (head.content_length.value_or(0) > limit)
        return fail(Code::body_too_large, "the body is over " + std::to_string(limit) + " bytes");
    return limit;
}

/// The body is read and thrown away first, so that a peer that sends before it reads gets its answer.
void Connection::refuse_after_body(Error error) {
    phase_ = Phase::refused_body;
    refusal_ = std::move(error);
    discarded_ = 0;
    read_deadline_ = deadline_in(loop_.service().options.drain_timeout_ms);
}

bool Connection::take_body() {
    const Result<Progress> progress = reader_.read_body(unread());
    if (!progress) {
        refuse(phase_ == Phase::refused_body ? *refusal_ : progress.error());
        return false;
    }
    begin_ += progress->consumed;
    if (phase_ == Phase::body && reader_.is_over_limit())
        refuse_after_body({Code::body_too_large, "the body is over the limit of this path"});
    if (phase_ == Phase::refused_body) {
        discarded_ += progress->consumed;
        if (progress->complete || discarded_ > limits::kDrainBytesMax) refuse(*refusal_);
    } else if (progress->complete) {
        dispatch();
    }
    return progress->consumed > 0;
}

/// `100 Continue` goes out behind the answers that are still owed.
void Connection::invite_body() {
    if (answers_.empty()) {
        out_ += kContinue;
    } else {
        answers_.back().then_continue = true;
    }
}

void Connection::dispatch() {
    const bool keep_alive = reader_.head().keep_alive;
    Request request = reader_.take();
    Answer& answer = answers_.emplace_back();
    answer.without_body = request.method == "HEAD";
    answer.close = !keep_alive;
    answer.request_bytes = request.body.size();
    requests_bytes_ += answer.request_bytes;
    phase_ = keep_alive ? Phase::head : Phase::ending;
    begun_ = false;
    blank_skipped_ = false;
    const std::uint64_t number = first_number_ + answers_.size() - 1;
    auto slot = std::make_shared<Responder::Slot>(loop_.inbox(), id_, number);
    loop_.service().handler(std::move(request), Responder(std::move(slot)));
}

void Connection::refuse(const Error& error) {
    Answer& answer = answers_.emplace_back();
    answer.ready = true;
    answer.without_body = reader_.is_head_method();
    answer.close = true;
    answer.response = loop_.service().problem(error);
    phase_ = Phase::ending;
    begun_ = false;
    read_deadline_ = kNever;
}

void Connection::arm_read() {
    if (closed_ || read_armed_ || peer_finished_ || phase_ == Phase::ending) return;
    if (phase_ == Phase::head && !begun_ && !may_begin()) return;
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kBufferBytes);
    if (kBufferBytes - end_ < kReadBytes) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    INVARIANT(end_ < kBufferBytes);
    read_armed_ = true;
    socket_.async_read_some(boost::asio::buffer(buffer_.get() + end_, kBufferBytes - end_),
                            [self = shared_from_this()](const ErrorCode& ec, std::size_t size) {
                                self->read_armed_ = false;
                                if (self->closed_) return;
                                self->on_read(ec, size);
                                self->loop_.settle();
                            });
}

void Connection::on_read(const ErrorCode& ec, std::size_t size) {
    if (ec == boost::asio::error::eof) return on_peer_finished();
    if (ec) return close();
    if (phase_ == Phase::lingering) {
        discarded_ += size;
        if (discarded_ > limits::kDrainBytesMax) return close();
        return arm_read();
    }
    end_ += size;
    pump();
}

/// The peer sends no more, and may still read: what is running is answered.
void Connection::on_peer_finished() {
    peer_finished_ = true;
    if (phase_ == Phase::lingering) return close();
    if (phase_ == Phase::refused_body) refuse(*refusal_);
    phase_ = Phase::ending;
    pump();
}

}  // namespace parmana::http
