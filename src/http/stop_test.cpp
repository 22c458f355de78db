#include <atomic>
#include <mutex>

#include "http/peer_test.hpp"

namespace parmana::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Stop, closes_idle_connections_at_once) {
    RunningServer server(answer_echo);
    Peer fresh(server.port());
    Peer used(server.port());
    Peer begun(server.port());
    ASSERT_TRUE(used.send(server.get("/")));
    EXPECT_EQ(used.read().status, 200);
    ASSERT_TRUE(begun.send("GET / HTTP"));
    std::this_thread::sleep_for(50ms);
    const auto before = Clock::now();
    server.stop(10'000);
    EXPECT_LT(Clock::now() - before, 1s);
    EXPECT_TRUE(fresh.is_at_end());
    EXPECT_TRUE(used.is_at_end());
    EXPECT_TRUE(begun.is_at_end());
    EXPECT_FALSE(Peer(server.port()).is_connected());
}

TEST(Stop, lets_running_requests_finish_and_says_close_on_the_last) {
    std::mutex mutex;
    std::vector<std::pair<Request, Responder>> held;
    RunningServer server([&](Request request, Responder respond) {
        const std::lock_guard lock(mutex);
        held.emplace_back(std::move(request), std::move(respond));
    });
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/1") + server.get("/2")));
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return held.size();
    };
    while (count() < 2)
        std::this_thread::sleep_for(1ms);
    server.server().stop(5'000);
    std::this_thread::sleep_for(50ms);
    peer.send(server.get("/3"));
    for (auto& [request, respond] : held)
        respond(echo_of(request));
    const Reply first = peer.read();
    EXPECT_EQ(first.body, "GET /1  ");
    EXPECT_EQ(first.head.find("Connection: close"), std::string::npos);
    const Reply last = peer.read();
    EXPECT_EQ(last.body, "GET /2  ");
    EXPECT_NE(last.head.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(peer.is_at_end());
    peer.close();
    server.join();
    EXPECT_EQ(held.size(), 2U) << "a request behind the stop does not run";
}

TEST(Stop, cuts_off_what_is_not_done_after_the_grace) {
    std::mutex mutex;
    std::vector<Responder> held;
    RunningServer server([&](Request, Responder respond) {
        const std::lock_guard lock(mutex);
        held.push_back(std::move(respond));
    });
    Peer peer(server.port());
    ASSERT_TRUE(peer.send(server.get("/")));
    std::this_thread::sleep_for(50ms);
    const auto before = Clock::now();
    server.stop(300);
    const auto took = Clock::now() - before;
    EXPECT_GE(took, 250ms);
    EXPECT_LT(took, 2s);
    EXPECT_TRUE(peer.is_at_end());
}

TEST(Stop, before_run_makes_run_return) {
    auto server = make_server(
        test_options(), [](std::string_view, std::string_view) { return std::size_t{0}; }, answer_echo,
        problem_of);
    ASSERT_TRUE(server.has_value());
    (*server)->stop(1'000);
    (*server)->stop(1'000);
    (*server)->run();
}

TEST(Stop, under_load_leaves_no_answer_half_given) {
    for (int round = 0; round < 5; ++round) {
        std::atomic<int> accepted = 0;
        RunningServer server([&accepted](Request request, Responder respond) {
            ++accepted;
            respond(echo_of(request));
        });
        std::atomic<int> answered = 0;
        std::atomic<int> broken = 0;
        std::vector<std::thread> clients;
        for (int c = 0; c < 8; ++c)
            clients.emplace_back([&] {
                for (;;) {
                    Peer peer(server.port());
                    if (!peer.is_connected()) return;
                    for (int i = 0; i < 100; ++i) {
                        if (!peer.send(server.get("/load"))) break;
                        const Reply reply = peer.read();
                        if (reply.status == 0) break;
                        if (reply.body != "GET /load  ") ++broken;
                        ++answered;
                        if (reply.head.find("Connection: close") != std::string::npos) break;
                    }
                }
            });
        std::this_thread::sleep_for(60ms);
        server.stop(3'000);
        for (std::thread& client : clients)
            client.join();
        EXPECT_EQ(broken, 0);
        EXPECT_EQ(accepted, answered) << "what was accepted was answered";
        EXPECT_GT(answered, 0);
    }
}

}  // namespace
}  // namespace parmana::http
