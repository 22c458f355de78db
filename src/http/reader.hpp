// One request after another out of a stream of bytes: the framing and the syntax of RFC 9112, read by
// Boost.Beast's parser behind rules that are stricter than it. No socket, no clock.
//
// Promise: a message that two implementations could frame differently is refused (request_malformed), and no
// peer can make the reader hold more than limits::kHeaderBytesMax beside the body that it may keep.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/http.hpp"

namespace parmana::http {

/// What stands before the body. The views point into the bytes given to `read_head` and live as long as
/// those.
struct Head {
    Request request;  // the body comes with Reader::take
    std::optional<std::string_view> host;
    std::optional<std::string_view> origin;
    std::string_view authority;  // of a target in absolute form, or empty
    bool version_1_0 = false;
    bool keep_alive = true;  // what the peer asks for; never with HTTP/1.0
    bool expects_continue = false;
    bool has_body = false;
    std::optional<std::uint64_t> content_length;  // nothing when the body is chunked or absent
};

struct Progress {
    std::size_t consumed = 0;  // bytes that the reader is done with
    bool complete = false;
};

class Reader {
  public:
    Reader();
    ~Reader();
    Reader(Reader&&) = delete;

    /// The next byte is the first of a request. Before the first request too.
    void begin();
    /// `bytes` is everything since the first byte of the request; nothing is consumed until the empty line is
    /// there. Errors: request_malformed, headers_too_large.
    Result<Progress> read_head(std::string_view bytes);
    /// After a complete head: what it says.
    Head& head();
    /// After a head that announces a body: how much of it to keep. Beyond that the body is read and thrown
    /// away.
    void keep_body(std::size_t bytes_max);
    /// `bytes` is everything not yet consumed, and not empty. Errors: request_malformed.
    Result<Progress> read_body(std::string_view bytes);
    bool is_over_limit() const;
    /// Whether the request at hand, as far as it was read, has the method HEAD.
    bool is_head_method() const;
    /// The request with its body; then `begin` again.
    Request take();

  private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace parmana::http
