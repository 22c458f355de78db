#include "http/client.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <memory>

#include "base/limits.hpp"

namespace parmana::http {
namespace {

namespace beast = boost::beast;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

std::unexpected<Error> invalid(std::string_view text, std::string_view what) {
    return fail(Code::configuration_invalid, "the URL `" + std::string(text) + "` " + std::string(what));
}

std::optional<std::uint16_t> port_from(std::string_view text) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, port);
    return error == std::errc() && at == end && port != 0 ? std::optional(port) : std::nullopt;
}

bool is_path_byte(char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#';
}

/// One exchange, and what follows it, until nothing more does. It lives as long as an operation of it.
class Conversation : public std::enable_shared_from_this<Conversation> {
  public:
    Conversation(boost::asio::io_context& context, std::size_t index, Deadline deadline,
                 const OnFetched& done)
        : context_(context), stream_(context), index_(index), deadline_(deadline), done_(done) {}

    void begin(const Exchange& exchange) {
        where_ = exchange.url.authority;
        request_ = {beast::http::string_to_verb(exchange.method), exchange.url.prefix + exchange.path, 11};
        request_.set(beast::http::field::host, exchange.url.authority);
        request_.keep_alive(false);
        if (!exchange.content_type.empty())
            request_.set(beast::http::field::content_type, exchange.content_type);
        request_.body() = exchange.body;
        request_.prepare_payload();
        parser_.body_limit(exchange.answer_bytes_max);
        parser_.header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
        ErrorCode ec;
        const auto address = boost::asio::ip::make_address(exchange.url.address, ec);
        if (ec) return finish(ec);
        stream_.expires_at(deadline_);
        stream_.async_connect(tcp::endpoint(address, exchange.url.port),
                              [self = shared_from_this()](ErrorCode failure) { self->on_connect(failure); });
    }

  private:
    void on_connect(ErrorCode ec) {
        if (ec) return finish(ec);
        beast::http::async_write(
            stream_, request_,
            [self = shared_from_this()](ErrorCode failure, std::size_t) { self->on_write(failure); });
    }

    void on_write(ErrorCode ec) {
        if (ec) return finish(ec);
        beast::http::async_read(
            stream_, buffer_, parser_,
            [self = shared_from_this()](ErrorCode failure, std::size_t) { self->finish(failure); });
    }

    void finish(ErrorCode ec) {
        auto next = done_(index_, ec ? failed(ec) : Result<Fetched>(fetched()));
        if (next) std::make_shared<Conversation>(context_, index_, deadline_, done_)->begin(*next);
    }

    Result<Fetched> failed(ErrorCode ec) const {
        const std::string what = ec == beast::error::timeout ? "no answer in time" : ec.message();
        return fail(Code::io_failed, "`" + where_ + "`: " + what);
    }

    Fetched fetched() {
        auto message = parser_.release();
        return {static_cast<int>(message.result_int()),
                std::string(message[beast::http::field::content_type]), std::move(message.body())};
    }

    boost::asio::io_context& context_;
    beast::tcp_stream stream_;
    const std::size_t index_;
    const Deadline deadline_;
    const OnFetched& done_;
    std::string where_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response_parser<beast::http::string_body> parser_;
    beast::flat_buffer buffer_{limits::kHeaderBytesMax * 2};
};

}  // namespace

Result<Url> parse_url(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (text.starts_with("https://"))
        return invalid(text, "needs TLS, which this program does not speak; name a proxy on this machine");
    if (!text.starts_with(kScheme)) return invalid(text, "does not begin with `http://`");
    const std::string_view rest = text.substr(kScheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    Url url{"", 80, std::string(rest.substr(0, slash)), std::string(rest.substr(slash))};
    while (url.prefix.ends_with('/'))
        url.prefix.pop_back();
    if (!std::ranges::all_of(url.prefix, is_path_byte)) return invalid(text, "has a path that is none");

    std::string_view host = url.authority;
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        const auto port = port_from(host.substr(colon + 1));
        if (!port) return invalid(text, "has a port that is none");
        url.port = *port;
        host = host.substr(0, colon);
    }
    const bool is_v6 = host.starts_with('[') && host.ends_with(']');
    url.address = host == "localhost" ? "127.0.0.1" : is_v6 ? host.substr(1, host.size() - 2) : host;
    ErrorCode ec;
    const auto address = boost::asio::ip::make_address(url.address, ec);
    if (ec || address.is_v6() != is_v6)
        return invalid(text, "names neither an IP address nor `localhost`; there is no name resolution");
    return url;
}

void exchange_all(const std::vector<Exchange>& exchanges, int timeout_ms, const OnFetched& on_fetched) {
    const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    std::optional<boost::asio::io_context> context;
    try {
        context.emplace(1);
    } catch (const boost::system::system_error& error) {
        for (std::size_t i = 0; i < exchanges.size(); ++i)
            on_fetched(i, fail(Code::io_failed, "cannot make an event loop: " + error.code().message()));
        return;
    }
    for (std::size_t i = 0; i < exchanges.size(); ++i)
        std::make_shared<Conversation>(*context, i, deadline, on_fetched)->begin(exchanges[i]);
    context->run();
}

Result<Fetched> exchange(const Exchange& exchange, int timeout_ms) {
    Result<Fetched> out = fail(Code::io_failed, "there was no answer");
    exchange_all({exchange}, timeout_ms, [&out](std::size_t, Result<Fetched> answer) {
        out = std::move(answer);
        return std::optional<Exchange>();
    });
    return out;
}

}  // namespace parmana::http
