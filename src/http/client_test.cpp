#include "http/client.hpp"

#include "http/peer_test.hpp"

namespace parmana::http {
namespace {

/// Accepts connections one after another and answers each with the same bytes; keeps them open until its end.
class RawServer {
  public:
    explicit RawServer(std::string answer) : answer_(std::move(answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~RawServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        for (const int peer : peers_)
            ::close(peer);
        ::close(listener_);
    }
    std::uint16_t port() const { return port_; }

  private:
    void run() {
        for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;) {
            peers_.push_back(peer);
            std::ignore = ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
            if (!answer_.empty()) ::shutdown(peer, SHUT_WR);
        }
    }
    const std::string answer_;
    const int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    std::uint16_t port_ = 0;
    std::vector<int> peers_;
    std::thread thread_;
};

Exchange to(std::uint16_t port, std::string method = "GET", std::string path = "/x", std::string body = "") {
    return {parse_url("http://127.0.0.1:" + std::to_string(port)).value(),
            std::move(method),
            std::move(path),
            body.empty() ? "" : "text/plain",
            std::move(body),
            1000};
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

TEST(Url, NamesAnAddressAPortAndAPrefix) {
    const std::pair<const char*, Url> rows[] = {
        {"http://127.0.0.1", {"127.0.0.1", 80, "127.0.0.1", ""}},
        {"http://127.0.0.1:3100/", {"127.0.0.1", 3100, "127.0.0.1:3100", ""}},
        {"http://localhost:3100/witness/w1/", {"127.0.0.1", 3100, "localhost:3100", "/witness/w1"}},
        {"http://[::1]:9", {"::1", 9, "[::1]:9", ""}},
        {"http://[::1]/a", {"::1", 80, "[::1]", "/a"}},
    };
    for (const auto& [text, expected] : rows) {
        const auto url = parse_url(text);
        ASSERT_TRUE(url) << text << url.error().detail;
        EXPECT_EQ(*url, expected) << text;
    }
}

TEST(Url, OfAnotherKindIsRefusedWithItsReason) {
    const std::pair<const char*, const char*> rows[] = {
        {"https://127.0.0.1/", "TLS"},
        {"ftp://127.0.0.1", "`http://`"},
        {"127.0.0.1:80", "`http://`"},
        {"http://", "name resolution"},
        {"http://witness.example", "name resolution"},
        {"http://::1/", "port"},
        {"http://[127.0.0.1]/", "name resolution"},
        {"http://u@127.0.0.1/", "name resolution"},
        {"http://127.0.0.1:0/", "port"},
        {"http://127.0.0.1:65536/", "port"},
        {"http://127.0.0.1:/", "port"},
        {"http://127.0.0.1/a?b", "path"},
        {"http://127.0.0.1/a#b", "path"},
        {"http://127.0.0.1/a b", "path"},
        {"http://127.0.0.1/a\r\nX: y", "path"},
    };
    for (const auto& [text, reason] : rows) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Code::configuration_invalid);
        EXPECT_NE(url.error().detail.find(reason), std::string::npos) << url.error().detail;
    }
}

TEST(Client, SendsAndReceives) {
    const RunningServer server(answer_echo);
    const auto got = exchange(to(server.port()), 5'000);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->content_type, "text/plain");
    EXPECT_EQ(got->body, "GET /x  ");
    EXPECT_EQ(exchange(to(server.port(), "POST", "/y", "body"), 5'000)->body, "POST /y  body");
    Exchange below = to(server.port());
    below.url = parse_url("http://localhost:" + std::to_string(server.port()) + "/prefix/").value();
    EXPECT_EQ(exchange(below, 5'000)->body, "GET /prefix/x  ");
}

TEST(Client, AnErrorIsAnAnswerToo) {
    const RunningServer server([](Request, Responder respond) { respond({409, "text/x.tlog.size", "7\n"}); });
    const auto got = exchange(to(server.port()), 5'000);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 409);
    EXPECT_EQ(got->content_type, "text/x.tlog.size");
    EXPECT_EQ(got->body, "7\n");
}

TEST(Client, DoesNotHoldMoreThanItAskedFor) {
    const RunningServer server(
        [](Request, Responder respond) { respond({200, "text/plain", std::string(1001, 'x')}); });
    const auto got = exchange(to(server.port()), 5'000);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::io_failed);
    const RawServer endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" +
                            std::string(5'000, 'x'));
    EXPECT_FALSE(exchange(to(endless.port()), 5'000));
    const RawServer headers("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'));
    EXPECT_FALSE(exchange(to(headers.port()), 5'000));
}

TEST(Client, AnAnswerThatIsNoneIsAnError) {
    for (const char* answer :
         {"nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1"}) {
        const RawServer server(answer);
        const auto got = exchange(to(server.port()), 5'000);
        ASSERT_FALSE(got) << answer;
        EXPECT_EQ(got.error().code, Code::io_failed);
    }
}

TEST(Client, NobodyListens) {
    std::uint16_t port = 0;
    {
        port = RawServer("x").port();
    }
    const auto got = exchange(to(port), 5'000);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().detail.find("refused"), std::string::npos) << got.error().detail;
}

TEST(Client, SilenceEndsWithTheTime) {
    const RawServer silent("");
    const auto begin = std::chrono::steady_clock::now();
    const auto got = exchange(to(silent.port()), 100);
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().detail.find("in time"), std::string::npos) << got.error().detail;
    EXPECT_LT(since(begin).count(), 3'000);
}

TEST(Client, OneThatIsSilentDoesNotKeepTheOthersWaiting) {
    const RawServer silent("");
    const RunningServer server(answer_echo);
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::size_t> order;
    std::chrono::milliseconds first{};
    exchange_all({to(silent.port()), to(server.port()), to(silent.port())}, 600,
                 [&](std::size_t index, Result<Fetched> answer) -> std::optional<Exchange> {
                     if (order.empty()) first = since(begin);
                     order.push_back(index);
                     EXPECT_EQ(answer.has_value(), index == 1);
                     return std::nullopt;
                 });
    ASSERT_EQ(order.size(), 3u);
    EXPECT_EQ(order[0], 1u);
    EXPECT_LT(first.count(), 500);
    EXPECT_LT(since(begin).count(), 3'000);
}

TEST(Client, AnAnswerMayLeadToTheNextQuestion) {
    const RunningServer server(answer_echo);
    std::vector<std::string> bodies;
    exchange_all({to(server.port(), "GET", "/1")}, 5'000,
                 [&](std::size_t index, Result<Fetched> answer) -> std::optional<Exchange> {
                     EXPECT_EQ(index, 0u);
                     bodies.push_back(answer.value().body);
                     if (bodies.size() == 3) return std::nullopt;
                     return to(server.port(), "GET", "/" + std::to_string(bodies.size() + 1));
                 });
    EXPECT_EQ(bodies, (std::vector<std::string>{"GET /1  ", "GET /2  ", "GET /3  "}));
    exchange_all({}, 5'000, [](std::size_t, Result<Fetched>) { return std::optional<Exchange>(); });
}

}  // namespace
}  // namespace parmana::http
