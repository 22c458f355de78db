#include <atomic>

#include "base/limits.hpp"
#include "http/peer_test.hpp"

namespace parmana::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Options hasty_options() {
    Options options = test_options();
    options.header_timeout_ms = 200;
    options.body_timeout_ms = 300;
    options.idle_timeout_ms = 400;
    options.write_timeout_ms = 300;
    options.drain_timeout_ms = 300;
    return options;
}

TEST(Limits, a_refused_body_is_read_to_its_end_before_the_answer) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + server.post("/p", std::string(3'000'000, 'x'))));
    EXPECT_EQ(peer.read().body, "GET /1  ");
    const Reply reply = peer.read();
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.body, "body_too_large");
    EXPECT_NE(reply.head.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Limits, a_chunked_body_has_the_same_limit) {
    RunningServer server(answer_echo);
    const std::string start = "POST /c HTTP/1.1\r\n" + server.host() + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string chunk = "3e8\r\n" + std::string(1000, 'x') + "\r\n";
    for (const int chunks : {100, 101, 3000}) {
        Peer peer(server.port());
        ASSERT_TRUE(peer.send(start));
        for (int i = 0; i < chunks; ++i)
            ASSERT_TRUE(peer.send(chunk));
        ASSERT_TRUE(peer.send("0\r\n\r\n"));
        EXPECT_EQ(peer.read().status, chunks == 100 ? 200 : 413) << chunks;
        if (chunks > 100) {
            EXPECT_TRUE(peer.is_at_end());
        }
    }
}

TEST(Limits, a_refused_body_without_end_is_cut_off) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    ASSERT_TRUE(peer.send("POST /p HTTP/1.1\r\n" + server.host() + "Content-Length: 9000000000\r\n\r\n"));
    const std::string block(1'000'000, 'x');
    std::size_t sent = 0;
    while (sent < 100 * block.size() && peer.send(block))
        sent += block.size();
    EXPECT_LT(sent, 50 * block.size()) << "the server stops reading";
}

TEST(Limits, a_refused_body_that_stalls_is_answered_after_the_drain_time) {
    RunningServer server(answer_echo, hasty_options());
    Peer peer(server.port());
    ASSERT_TRUE(peer.send("POST /p HTTP/1.1\r\n" + server.host() + "Content-Length: 200000\r\n\r\nabc"));
    EXPECT_EQ(peer.read().status, 413);
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Limits, a_body_that_waits_for_its_invitation_gets_one_or_a_refusal) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    const auto expecting = [&](int size) {
        return "POST /p HTTP/1.1\r\n" + server.host() +
               "Expect: 100-continue\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    ASSERT_TRUE(peer.send(expecting(3)));
    EXPECT_EQ(peer.read().head, "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_EQ(peer.read().body, "POST /p  abc");
    ASSERT_TRUE(peer.send(expecting(3) + "abc"));
    EXPECT_EQ(peer.read().body, "POST /p  abc") << "who sends at once needs no invitation";
    ASSERT_TRUE(peer.send(server.get("/before") + expecting(3)));
    EXPECT_EQ(peer.read().body, "GET /before  ");
    EXPECT_EQ(peer.read().status, 100) << "in its turn";
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_EQ(peer.read().body, "POST /p  abc");
    const auto before = Clock::now();
    ASSERT_TRUE(peer.send(expecting(200'000)));
    EXPECT_EQ(peer.read().status, 413) << "at once: nothing of the body was sent";
    EXPECT_LT(Clock::now() - before, 1s);
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Limits, an_oversized_header_section_is_refused) {
    RunningServer server(answer_echo);
    for (const std::size_t size : {limits::kHeaderBytesMax, std::size_t{200'000}}) {
        Peer peer(server.port());
        ASSERT_TRUE(peer.send(server.get("/", "A: " + std::string(size, 'a') + "\r\n")));
        EXPECT_EQ(peer.read().body, "headers_too_large");
        EXPECT_TRUE(peer.is_at_end());
    }
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/" + std::string(10'000, 'a'))));
    EXPECT_EQ(peer.read().status, 200);
}

TEST(Limits, slow_peers_are_answered_408_and_the_honest_one_is_not_disturbed) {
    RunningServer server(answer_echo, hasty_options());
    std::vector<Peer> slow;
    for (int i = 0; i < 20; ++i) {
        slow.emplace_back(server.port());
        ASSERT_TRUE(slow.back().send(i % 2 == 0 ? "GET / HT"
                                                : "POST / HTTP/1.1\r\n" + server.host() +
                                                      "Content-Length: 10000\r\n\r\nabc"));
    }
    Peer honest(server.port());
    for (const auto end = Clock::now() + 600ms; Clock::now() < end;) {
        ASSERT_TRUE(honest.send(server.get("/h")));
        ASSERT_EQ(honest.read().status, 200);
        std::this_thread::sleep_for(5ms);
        for (Peer& peer : slow)
            peer.send("x");  // a byte now and then buys no time
    }
    for (Peer& peer : slow) {
        const Reply reply = peer.read();
        EXPECT_EQ(reply.status, 408);
        EXPECT_EQ(reply.body, "request_timeout");
    }
}

TEST(Limits, an_idle_connection_is_closed_without_a_word) {
    RunningServer server(answer_echo, hasty_options());
    Peer fresh(server.port());
    Peer used(server.port());
    ASSERT_TRUE(used.send(server.get("/")));
    EXPECT_EQ(used.read().status, 200);
    const auto before = Clock::now();
    EXPECT_TRUE(fresh.is_at_end());
    EXPECT_TRUE(used.is_at_end());
    EXPECT_GE(Clock::now() - before, 300ms);
    EXPECT_LT(Clock::now() - before, 2s);
}

TEST(Limits, a_request_that_is_being_answered_has_no_deadline) {
    std::thread answering;
    RunningServer server(
        [&answering](Request request, Responder respond) {
            answering = std::thread([request = std::move(request), respond = std::move(respond)] {
                std::this_thread::sleep_for(900ms);
                respond(echo_of(request));
            });
        },
        hasty_options());
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/late")));
    EXPECT_EQ(peer.read().body, "GET /late  ");
    answering.join();
}

TEST(Limits, a_peer_that_never_reads_is_cut_off) {
    RunningServer server(
        [](Request, Responder respond) { respond({200, "text/plain", std::string(1'000'000, 'x')}); },
        hasty_options());
    Peer peer(server.port(), 4096);
    std::string wire;
    for (int i = 0; i < 64; ++i)
        wire += server.get("/");
    ASSERT_TRUE(peer.send(wire));
    std::this_thread::sleep_for(1s);
    int whole = 0;
    while (peer.read().status == 200)
        ++whole;
    EXPECT_LT(whole, 64);
    EXPECT_TRUE(Peer(server.port()).is_connected());
}

TEST(Limits, connections_beyond_the_maximum_wait_for_one_to_close) {
    Options options = test_options();
    options.connections_max = 3;
    RunningServer server(answer_echo, options);
    std::vector<Peer> peers;
    for (int i = 0; i < 3; ++i) {
        peers.emplace_back(server.port());
        ASSERT_TRUE(peers.back().send(server.get("/")));
        EXPECT_EQ(peers.back().read().status, 200);
    }
    Peer waiting(server.port());
    ASSERT_TRUE(waiting.send(server.get("/waiting")));
    EXPECT_TRUE(waiting.is_silent_for(100ms));
    peers.pop_back();
    EXPECT_EQ(waiting.read().body, "GET /waiting  ");
}

}  // namespace
}  // namespace parmana::http
