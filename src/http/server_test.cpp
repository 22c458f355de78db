#include <condition_variable>
#include <mutex>

#include "base/limits.hpp"
#include "http/peer_test.hpp"

namespace parmana::http {
namespace {

using namespace std::chrono_literals;

/// Holds requests back until the test, or its own thread in batches, answers them.
class Held {
  public:
    Handler handler() {
        return [this](Request request, Responder respond) {
            const std::lock_guard lock(mutex_);
            held_.emplace_back(std::move(request), std::move(respond));
            changed_.notify_all();
        };
    }
    using Pairs = std::vector<std::pair<Request, Responder>>;
    Pairs wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 10s, [&] { return held_.size() >= count; });
        return std::exchange(held_, {});
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return held_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    Pairs held_;
};

TEST(Server, keeps_a_connection_for_many_requests) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(peer.send(server.post("/p", std::to_string(i))));
        EXPECT_EQ(peer.read().body, "POST /p  " + std::to_string(i));
    }
}

TEST(Server, answers_pipelined_requests_in_their_order_however_they_are_completed) {
    Held held;
    RunningServer server(held.handler());
    Peer peer(server.port());
    std::string wire;
    for (int i = 0; i < 20; ++i)
        wire += server.get("/" + std::to_string(i));
    ASSERT_TRUE(peer.send(wire));
    auto pairs = held.wait_for(20);
    ASSERT_EQ(pairs.size(), 20U);
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < 4; ++first)
        threads.emplace_back([&pairs, first] {
            for (std::size_t i = 20 - first; i-- > 0;)
                if (i % 4 == (20 - first - 1) % 4) {
                    if (i % 2 == 0) {
                        pairs[i].second(echo_of(pairs[i].first));
                    } else {
                        pairs[i].second.later([&pairs, i] { return echo_of(pairs[i].first); });
                    }
                }
        });
    for (std::thread& thread : threads)
        thread.join();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(peer.read().body, "GET /" + std::to_string(i) + "  ");
}

TEST(Server, reads_no_further_than_the_pipeline_is_deep) {
    Held held;
    Options options = test_options();
    options.pipelined_max = 4;
    RunningServer server(held.handler(), options);
    Peer peer(server.port());
    std::string wire;
    for (int i = 0; i < 10; ++i)
        wire += server.get("/" + std::to_string(i));
    ASSERT_TRUE(peer.send(wire));
    int answered = 0;
    while (answered < 10) {
        auto pairs = held.wait_for(answered < 8 ? 4 : 2);
        std::this_thread::sleep_for(20ms);
        EXPECT_EQ(held.count(), 0U) << "the fifth request waits for the first answer";
        ASSERT_EQ(pairs.size(), answered < 8 ? 4U : 2U);
        for (std::size_t i = pairs.size(); i-- > 0;)
            pairs[i].second(echo_of(pairs[i].first));
        for (std::size_t i = 0; i < pairs.size(); ++i)
            EXPECT_EQ(peer.read().body, "GET /" + std::to_string(answered++) + "  ");
    }
}

TEST(Server, serves_many_connections_whose_requests_another_thread_completes_in_batches) {
    constexpr std::size_t kConnections = 64;
    constexpr std::size_t kRequests = 200;
    Held held;
    RunningServer server(held.handler());
    std::thread committer([&held] {
        for (std::size_t done = 0; done < kConnections * kRequests;) {
            auto pairs = held.wait_for(1);
            if (pairs.empty()) return;
            done += pairs.size();
            for (auto& [request, respond] : pairs)
                respond.later([request = std::move(request)] { return echo_of(request); });
        }
    });
    std::vector<Peer> peers;
    for (std::size_t c = 0; c < kConnections; ++c)
        peers.emplace_back(server.port());
    for (std::size_t i = 0; i < kRequests; ++i) {
        for (std::size_t c = 0; c < kConnections; ++c)
            ASSERT_TRUE(peers[c].send(server.get("/" + std::to_string(c) + "/" + std::to_string(i))));
        for (std::size_t c = 0; c < kConnections; ++c)
            ASSERT_EQ(peers[c].read().body, "GET /" + std::to_string(c) + "/" + std::to_string(i) + "  ");
    }
    committer.join();
}

TEST(Server, reads_requests_that_arrive_byte_by_byte) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    const std::string chunked = "POST /c HTTP/1.1\r\n" + server.host() +
                                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    for (const std::string& wire : {server.post("/p", "abcde"), chunked, "\r\n" + server.get("/g")})
        for (const char byte : wire) {
            ASSERT_TRUE(peer.send(std::string_view(&byte, 1)));
            std::this_thread::sleep_for(200us);
        }
    EXPECT_EQ(peer.read().body, "POST /p  abcde");
    EXPECT_EQ(peer.read().body, "POST /c  abcde");
    EXPECT_EQ(peer.read().body, "GET /g  ");
}

TEST(Server, answers_HEAD_with_the_headers_of_GET_and_no_body) {
    RunningServer server(answer_echo);
    Peer peer(server.port());
    ASSERT_TRUE(peer.send("HEAD /h HTTP/1.1\r\n" + server.host() + "\r\n" + server.get("/g")));
    EXPECT_NE(peer.read(false).head.find("Content-Length: 9\r\n"), std::string::npos);
    EXPECT_EQ(peer.read().body, "GET /g  ");
    ASSERT_TRUE(peer.send("HEAD /h HTTP/1.1\r\nHost: evil\r\n\r\n"));
    EXPECT_EQ(peer.read(false).status, 403);
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Server, closes_after_its_answer_when_the_peer_asks_or_speaks_HTTP_1_0) {
    RunningServer server(answer_echo);
    for (const std::string& wire :
         {server.get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n"),
          "GET / HTTP/1.0\r\n" + server.host() + "Connection: keep-alive\r\n\r\n"}) {
        Peer peer(server.port());
        ASSERT_TRUE(peer.send(wire + server.get("/ignored")));
        const Reply reply = peer.read();
        EXPECT_EQ(reply.body, "GET /  ");
        EXPECT_NE(reply.head.find("Connection: close\r\n"), std::string::npos);
        EXPECT_TRUE(peer.is_at_end());
    }
}

TEST(Server, answers_a_peer_that_has_finished_sending) {
    Held held;
    RunningServer server(held.handler());
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + server.get("/2") + "GET /unfinished"));
    peer.finish();
    auto pairs = held.wait_for(2);
    ASSERT_EQ(pairs.size(), 2U);
    std::this_thread::sleep_for(20ms);
    for (auto& [request, respond] : pairs)
        respond(echo_of(request));
    EXPECT_EQ(peer.read().body, "GET /1  ");
    EXPECT_EQ(peer.read().body, "GET /2  ");
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Server, answers_internal_for_a_request_that_its_handler_gives_up) {
    Held held;
    RunningServer server(held.handler());
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + server.get("/2")));
    {
        auto pairs = held.wait_for(2);
        ASSERT_EQ(pairs.size(), 2U);
        pairs[1].second(echo_of(pairs[1].first));
    }
    const Reply reply = peer.read();
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, "internal");
    EXPECT_EQ(peer.read().body, "GET /2  ");
}

TEST(Server, takes_an_answer_for_a_connection_that_has_died_without_harm) {
    Held held;
    RunningServer server(held.handler());
    {
        Peer peer(server.port());
        ASSERT_TRUE(peer.send(server.get("/1")));
        auto pairs = held.wait_for(1);
        ASSERT_EQ(pairs.size(), 1U);
        peer.close();
        std::this_thread::sleep_for(20ms);
        pairs[0].second(echo_of(pairs[0].first));
    }
    Peer other(server.port());
    ASSERT_TRUE(other.send(server.get("/2")));
    EXPECT_EQ(held.wait_for(1).size(), 1U) << "and dropped again, unanswered";
    EXPECT_EQ(other.read().status, 500);
}

TEST(Server, takes_an_answer_after_its_own_end_without_harm) {
    Held held;
    Held::Pairs pairs;
    {
        RunningServer server(held.handler());
        Peer peer(server.port());
        ASSERT_TRUE(peer.send(server.get("/1") + server.get("/2")));
        pairs = held.wait_for(2);
        ASSERT_EQ(pairs.size(), 2U);
        server.stop(10);
    }
    pairs[0].second(echo_of(pairs[0].first));
}

TEST(Server, completed_twice_is_a_broken_invariant) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            RunningServer server([](Request request, Responder respond) {
                respond(echo_of(request));
                respond(echo_of(request));
            });
            Peer peer(server.port());
            peer.send(server.get("/"));
            peer.read();
        },
        "completed");
}

TEST(Server, sends_a_large_answer_whole) {
    const std::string large(20'000'000, 'x');
    RunningServer server([&large](Request, Responder respond) { respond({200, "text/plain", large}); });
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + server.get("/2")));
    EXPECT_TRUE(peer.read().body == large);
    EXPECT_TRUE(peer.read().body == large);
}

TEST(Server, names_the_paths_of_other_hosts_and_origins_forbidden) {
    RunningServer server(answer_echo);
    const std::string port = std::to_string(server.port());
    const std::string ours = "Host: localhost:" + port + "\r\n";
    struct Row {
        std::string target;
        std::string headers;
        int status;
        std::string body;
    };
    const Row rows[] = {
        {"/", ours, 200, "GET /  "},
        {"/", "Host: [::1]:" + port + "\r\nOrigin: http://127.0.0.1:" + port + "\r\n", 200, "GET /  "},
        {"http://localhost:" + port + "/a?b", ours, 200, "GET /a b "},
        {"/", "Host: evil.example:" + port + "\r\n", 403, "host_not_allowed"},
        {"/", "Host: localhost\r\n", 403, "host_not_allowed"},
        {"http://evil.example/", ours, 403, "host_not_allowed"},
        {"http://localhost:" + port + "/", "Host: evil.example\r\n", 403, "host_not_allowed"},
        {"/", ours + "Origin: http://evil.example\r\n", 403, "origin_not_allowed"},
        {"/", ours + "Origin: null\r\n", 403, "origin_not_allowed"},
        {"/", "", 400, "request_malformed"},
        {"/", ours + ours, 400, "request_malformed"},
    };
    for (const Row& row : rows) {
        Peer peer(server.port());
        ASSERT_TRUE(peer.send("GET " + row.target + " HTTP/1.1\r\n" + row.headers + "\r\n"));
        const Reply reply = peer.read();
        EXPECT_EQ(reply.status, row.status) << row.target << "\n" << row.headers;
        EXPECT_EQ(reply.body, row.body);
        if (row.status == 200) continue;
        EXPECT_NE(reply.head.find("Connection: close"), std::string::npos);
        EXPECT_TRUE(peer.is_at_end());
    }
}

TEST(Server, closes_behind_a_malformed_request_and_after_the_answers_before_it) {
    Held held;
    RunningServer server(held.handler());
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + "POST / HTTP/1.1\r\n" + server.host() +
                          "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                          server.get("/smuggled")));
    auto pairs = held.wait_for(1);
    ASSERT_EQ(pairs.size(), 1U);
    pairs[0].second(echo_of(pairs[0].first));
    EXPECT_EQ(peer.read().body, "GET /1  ");
    const Reply reply = peer.read();
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.body, "request_malformed");
    EXPECT_TRUE(peer.is_at_end());
    EXPECT_EQ(held.count(), 0U);
}

TEST(Server, does_not_share_its_port) {
    RunningServer server(answer_echo);
    Options options = test_options();
    options.port = server.port();
    const auto second = make_server(options, {}, {}, {});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Code::io_failed);
    EXPECT_NE(second.error().detail.find("another program listens there"), std::string::npos);
}

TEST(Server, listens_on_loopback_addresses_only) {
    for (const char* address :
         {"0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "::ffff:127.0.0.1", "localhost", ""}) {
        Options options = test_options();
        options.address = address;
        const auto server = make_server(options, {}, {}, {});
        ASSERT_FALSE(server.has_value()) << address;
        EXPECT_EQ(server.error().code, Code::listen_refused) << address;
    }
    Options options = test_options();
    options.address = "127.9.9.9";
    EXPECT_TRUE(make_server(options, {}, {}, {}).has_value());
}

}  // namespace
}  // namespace parmana::http
