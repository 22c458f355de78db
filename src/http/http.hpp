// An HTTP/1.1 server over Boost.Asio, with requests read by Boost.Beast's parser and responses written by us.
// It knows nothing of governance: limits, timeouts, pipelining, draining and the Host and Origin rules live
// here.
//
// Promise: answers of one connection leave in the order of its requests, however late each is completed; one
// slow or hostile connection costs its own limits and nothing more; stop() lets running requests finish.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"

namespace parmana::http {

struct Request {
    std::string method;  // as sent
    std::string path;    // percent-decoding is not applied; without the query
    std::string query;   // without the question mark
    std::string content_type;
    std::string authorization;
    std::string idempotency_key;
    bool has_idempotency_key = false;
    std::string body;
};

struct Response {
    int status = 200;
    std::string_view content_type = "application/json";  // a literal
    std::string body;
    std::string_view allow = {};  // for 405: the methods, a literal
};

/// Completes one request, exactly once, from any thread; a second call is a broken invariant. Cheap to move.
/// When the last copy goes without a call, the request is answered `internal`. A connection or a server that
/// is gone by then is no harm. Rendering runs on the connection's own thread: pass a function when making the
/// body costs something.
class Responder {
  public:
    using Render = std::function<Response()>;
    void operator()(Response response) const;
    void later(Render render) const;
    struct Slot;
    explicit Responder(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}

  private:
    std::shared_ptr<Slot> slot_;
};

struct Options {
    std::string address = "127.0.0.1";  // numeric; only loopback addresses are accepted (listen_refused)
    std::uint16_t port = 3000;          // 0: the system chooses
    unsigned threads = 2;
    std::size_t connections_max = limits::kConnectionsMax;      // beyond: not accepted until one closes
    std::size_t pipelined_max = limits::kPipelinedRequestsMax;  // of one connection: read, not answered
    int header_timeout_ms = 5'000;  // from the first byte of a request to the end of its headers
    int body_timeout_ms = 10'000;   // from there to its last byte
    int idle_timeout_ms = 75'000;   // between requests
    int write_timeout_ms = 10'000;  // for one write: a peer that does not read its answers
    int drain_timeout_ms = 5'000;   // reading away a refused body
};

/// Given a method and path, the largest body that will be read (bytes). Called before the body is read.
using BodyLimit = std::function<std::size_t(std::string_view method, std::string_view path)>;
/// Called on a connection's thread with a complete request; must not block. A target in absolute form is
/// accepted when it names us.
using Handler = std::function<void(Request, Responder)>;
/// Makes the answer of a failure that the transport itself finds (request_malformed, headers_too_large,
/// body_too_large, request_timeout, host_not_allowed, origin_not_allowed, internal). The connection's thread.
using Problem = std::function<Response(const Error&)>;

class Server {
  public:
    virtual ~Server() = default;
    virtual std::uint16_t port() const = 0;
    /// Runs the loops until stop(); returns when every connection is closed and every thread has ended.
    virtual void run() = 0;
    /// From any thread: no new connections or requests; running ones are answered with `Connection: close`;
    /// what is not done after `grace_ms` is cut off.
    virtual void stop(int grace_ms) = 0;
};

/// Binds at once (io_failed, listen_refused).
Result<std::unique_ptr<Server>> make_server(const Options& options, BodyLimit body_limit, Handler handler,
                                            Problem problem);

}  // namespace parmana::http
