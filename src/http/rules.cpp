#include "http/rules.hpp"

#include <algorithm>

namespace parmana::http {
namespace {

constexpr std::string_view kScheme = "http://";

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_target_byte(char c) {
    return c > ' ' && c < '\x7f' && c != '#';
}

void split_path(Target& target, std::string_view text) {
    const std::size_t mark = text.find('?');
    target.path = text.substr(0, mark);
    if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
}

}  // namespace

bool same_word(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

HostRules::HostRules(std::string_view address, std::uint16_t port) : port_(std::to_string(port)) {
    const bool is_v6 = address.find(':') != std::string_view::npos;
    address_ = is_v6 ? "[" + std::string(address) + "]" : std::string(address);
}

bool HostRules::names_us(std::string_view authority) const {
    // The colon of a port stands after the bracket of an IPv6 literal.
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = authority.substr(0, colon);
    const std::string_view port = colon == std::string_view::npos ? "80" : authority.substr(colon + 1);
    if (port != port_) return false;
    return same_word(host, "localhost") || host == "127.0.0.1" || host == "[::1]" ||
           same_word(host, address_);
}

bool HostRules::is_our_origin(std::string_view origin) const {
    return origin.starts_with(kScheme) && names_us(origin.substr(kScheme.size()));
}

std::optional<Target> target_from(std::string_view method, std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, is_target_byte)) return std::nullopt;
    Target target;
    if (text.front() == '/') {
        split_path(target, text);
        return target;
    }
    if (text == "*") {
        target.path = text;
        return method == "OPTIONS" ? std::optional(target) : std::nullopt;
    }
    if (!same_word(text.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    text.remove_prefix(kScheme.size());
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    target.authority = text.substr(0, end);
    if (target.authority.empty()) return std::nullopt;
    split_path(target, text.substr(end));
    if (target.path.empty()) target.path = "/";
    return target;
}

}  // namespace parmana::http
