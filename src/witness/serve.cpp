// The witness behind HTTP: one thread answers, so that no connection waits on a disk that another one uses.
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "http/http.hpp"
#include "http/process.hpp"
#include "witness/request.hpp"
#include "witness/state.hpp"
#include "witness/witness.hpp"

namespace parmana::witness {
namespace {

constexpr int kStopGraceMs = 4'000;
constexpr std::size_t kWaitingMax = 256;
constexpr std::string_view kAddPath = "/add-checkpoint";
constexpr std::string_view kCheckpointSuffix = "/checkpoint";
constexpr std::size_t kNameBytes = 64;

http::Response to_response(Answer answer) {
    return {answer.status, answer.content_type, std::move(answer.body), {}};
}

http::Response problem_response(const Error& error) {
    return to_response(refusal(error));
}

std::size_t body_limit(std::string_view, std::string_view path) {
    return path == kAddPath ? kRequestBytesMax : 0;
}

bool is_checkpoint_path(std::string_view path) {
    return path.size() == 1 + kNameBytes + kCheckpointSuffix.size() && path.ends_with(kCheckpointSuffix);
}

http::Response answer(State& state, const http::Request& request) {
    const bool is_add = request.path == kAddPath;
    if (!is_add && !is_checkpoint_path(request.path))
        return problem_response({Code::route_unknown, "`" + request.path + "` is not a path of this server"});
    const std::string_view method = is_add ? "POST" : "GET";
    if (request.method != method) {
        http::Response response = problem_response(
            {Code::method_not_allowed, "`" + request.path + "` does not take `" + request.method + "`"});
        response.allow = method;
        return response;
    }
    if (!request.query.empty()) return problem_response({Code::query_invalid, "this path takes no query"});
    if (is_add) return to_response(state.add_checkpoint(request.body));
    return to_response(state.checkpoint(std::string_view(request.path).substr(1, kNameBytes)));
}

/// Answers requests in their order on a thread of its own.
class Desk {
  public:
    explicit Desk(State& state) : state_(state), thread_([this] { run(); }) {}
    ~Desk() {
        {
            const std::lock_guard lock(mutex_);
            stopped_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void take(http::Request request, http::Responder respond) {
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.size() < kWaitingMax) {
                waiting_.emplace_back(std::move(request), std::move(respond));
                wake_.notify_one();
                return;
            }
        }
        respond(problem_response({Code::overloaded, "too many requests are waiting"}));
    }

  private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            auto [request, respond] = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            respond(answer(state_, request));
            lock.lock();
        }
    }

    State& state_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::pair<http::Request, http::Responder>> waiting_;  // guarded by mutex_
    bool stopped_ = false;                                           // guarded by mutex_
    std::thread thread_;
};

void print_ready_line(std::uint16_t port) {
    const std::string line = "Parmana witness listening on port " + std::to_string(port) + "\n";
    // Whoever waits for this line must not wait for a buffer; a closed stdout is no reason not to serve.
    std::ignore = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace

Status serve(Directory directory, const std::string& listen) {
    http::Options options = TRY(http::parse_listen(listen));
    options.threads = 1;
    TRY(directory.lock());
    const auto signer = TRY(directory.signer());
    const sigset_t signals = http::block_stop_signals();  // before any thread starts
    SystemClock clock;
    const auto state = TRY(State::open(directory.disk(), directory.key().name, *signer, clock));
    Desk desk(*state);
    const auto server = TRY(http::make_server(
        options, body_limit,
        [&desk](http::Request request, http::Responder respond) {
            desk.take(std::move(request), std::move(respond));
        },
        problem_response));
    std::optional<http::StopWatch> watch(std::in_place, signals, *server, kStopGraceMs);
    log::line(log::Level::info, "witness_serving",
              {{"port", std::int64_t{server->port()}},
               {"name", directory.key().name},
               {"logs", static_cast<std::int64_t>(state->logs())}});
    print_ready_line(server->port());
    server->run();
    watch.reset();
    log::line(log::Level::info, "stopped");
    return {};
}

}  // namespace parmana::witness
