// Who may talk to this server: the Host and Origin rules, and the forms of a request target. Pure.
//
// Promise: a page that a browser loaded from elsewhere cannot reach the server under a name that was rebound
// to a loopback address, because only names that are ours in advance are accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parmana::http {

/// Equality of ASCII text without regard to case.
bool same_word(std::string_view left, std::string_view right);

class HostRules {
  public:
    /// `address` is the numeric bind address, without brackets.
    HostRules(std::string_view address, std::uint16_t port);

    /// Whether `authority` is `localhost`, `127.0.0.1`, `[::1]` or the bind address, with our port. The port
    /// may be left out only when it is 80 (RFC 9110 §4.2.1). User information, a final dot and an empty port
    /// are refused.
    bool names_us(std::string_view authority) const;
    /// Whether `origin` is `http://` and an authority that names us (RFC 6454 §7); `null` is not.
    bool is_our_origin(std::string_view origin) const;

  private:
    std::string address_;  // in brackets when it is IPv6
    std::string port_;
};

/// A request target (RFC 9112 §3.2), not percent-decoded. `authority` is empty but for the absolute form.
struct Target {
    std::string_view authority;
    std::string_view path;
    std::string_view query;  // without the question mark
};

/// Accepts the origin form, the absolute form of scheme `http`, and `*` for OPTIONS; refuses the authority
/// form of CONNECT, fragments, and bytes outside visible ASCII. The parts are views into `text`.
std::optional<Target> target_from(std::string_view method, std::string_view text);

}  // namespace parmana::http
