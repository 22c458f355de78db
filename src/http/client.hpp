// A client for a few small HTTP/1.1 exchanges at a time, over plain TCP to numeric addresses: the programs
// are static and have no resolver, and TLS is the business of a proxy on the same machine.
//
// Promise: every exchange is over when its time is over, and no peer can make us hold more than it may
// answer. Redirections are not followed; each exchange has a connection of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace parmana::http {

/// `http://ADDRESS[:PORT][/PREFIX]`.
struct Url {
    std::string address;    // numeric
    std::uint16_t port;     // 80 when none is given
    std::string authority;  // as it was written, for the Host header
    std::string prefix;     // of paths, without a slash at the end; may be empty
    bool operator==(const Url&) const = default;
};
/// ADDRESS is an IPv4 address, an IPv6 address in brackets, or `localhost`, which is 127.0.0.1. Errors:
/// configuration_invalid, also for https and for names.
Result<Url> parse_url(std::string_view text);

struct Exchange {
    Url url;
    std::string method;
    std::string path;          // behind the prefix; begins with a slash
    std::string content_type;  // of the body; empty when there is none
    std::string body;
    std::size_t answer_bytes_max;
};

struct Fetched {
    int status;
    std::string content_type;
    std::string body;
};

/// Gets the answer to an exchange, and may give the next one to be made at once in its place.
using OnFetched = std::function<std::optional<Exchange>(std::size_t index, Result<Fetched> answer)>;
/// Makes all of them at the same time, on this thread, and returns when the last is over, at most
/// `timeout_ms` after the call. Errors of one: io_failed, in the words of the system or saying that the time
/// is over.
void exchange_all(const std::vector<Exchange>& exchanges, int timeout_ms, const OnFetched& on_fetched);
Result<Fetched> exchange(const Exchange& exchange, int timeout_ms);

}  // namespace parmana::http
