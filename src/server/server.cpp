#include "server/server.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "http/http.hpp"
#include "server/control.hpp"
#include "server/routes.hpp"

namespace parmana::server {
namespace {

constexpr int kStopGraceMs = 4'000;
constexpr int kFailureGraceMs = 500;

http::Response to_response(runtime::Answer answer) {
    return {answer.status(),
            answer.is_problem() ? "application/problem+json" : "application/json",
            answer.body(),
            {}};
}

http::Response problem_response(const Error& error) {
    return to_response(runtime::Answer::problem(error));
}

std::size_t body_limit(std::string_view method, std::string_view path) {
    const Match match = match_route(method, path);
    return match.route != nullptr ? match.route->body_bytes_max : limits::kEvaluateBodyBytesMax;
}

bool is_json(std::string_view content_type) {
    std::string type;
    for (const char c : content_type.substr(0, content_type.find(';'))) {
        if (c != ' ' && c != '\t')
            type.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return type == "application/json";
}

/// From a request to the handler of its route. The responder is completed exactly once on every path.
void dispatch(runtime::Runtime& runtime, http::Request request, http::Responder respond) {
    Match match = match_route(request.method, request.path);
    if (match.route == nullptr) {
        const bool known = !match.allow.empty();
        http::Response response = problem_response(
            {known ? Code::method_not_allowed : Code::route_unknown,
             "`" + request.path + "` " +
                 (known ? "does not take `" + request.method + "`" : "is not a path of this server")});
        response.allow = match.allow;
        return respond(std::move(response));
    }
    if (!match.route->request_schema.empty() && !is_json(request.content_type)) {
        return respond(
            problem_response({Code::media_type_unsupported, "the body must be `application/json`"}));
    }
    if (match.route->path != "/evaluate" && !request.query.empty()) {
        return respond(problem_response({Code::query_invalid, "this path takes no query"}));
    }
    match.route->handle(runtime, {std::move(request), std::move(match.parameters)},
                        [respond = std::move(respond)](std::function<runtime::Answer()> make) {
                            respond.later([make = std::move(make)] { return to_response(make()); });
                        });
}

Result<http::Options> parse_listen(const std::string& listen, std::int64_t threads) {
    const std::size_t colon = listen.rfind(':');
    http::Options options;
    std::uint16_t port = 0;
    const char* end = listen.data() + listen.size();
    const auto parsed = colon == std::string::npos ? std::from_chars(end, end, port)
                                                   : std::from_chars(listen.data() + colon + 1, end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return fail(Code::usage, "`" + listen + "` is not ADDRESS:PORT");
    }
    options.address = listen.substr(0, colon);
    if (options.address.starts_with('[') && options.address.ends_with(']')) {
        options.address = options.address.substr(1, options.address.size() - 2);
    }
    options.port = port;
    options.threads =
        threads > 0 ? static_cast<unsigned>(threads) : std::max(1u, std::thread::hardware_concurrency());
    return options;
}

/// The signals that stop the server, blocked in every thread that starts afterwards.
sigset_t block_stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGUSR1);  // our own, to end the waiting; from anyone else it means nothing
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// Waits for a stop signal on a thread of its own, as long as it lives: shorter than the server.
class StopWatch {
  public:
    StopWatch(const sigset_t& signals, http::Server& server)
        : thread_([this, signals, &server] {
              int signal = SIGUSR1;
              while (signal == SIGUSR1 && !done_)
                  ::sigwait(&signals, &signal);
              if (done_) return;
              log::line(log::Level::info, "stopping", {{"signal", std::int64_t{signal}}});
              server.stop(kStopGraceMs);
          }) {}
    ~StopWatch() {
        done_ = true;
        ::pthread_kill(thread_.native_handle(), SIGUSR1);
        thread_.join();
    }
    StopWatch(const StopWatch&) = delete;
    StopWatch& operator=(const StopWatch&) = delete;

  private:
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

/// Connections and segments each hold a descriptor: take as many as the system gives.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    std::ignore = ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_ready_line(std::uint16_t port) {
    const std::string line = "Parmana governance runtime listening on port " + std::to_string(port) + "\n";
    // Whoever waits for this line must not wait for a buffer; a closed stdout is no reason not to serve.
    std::ignore = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace

Status serve(runtime::DataDirectory data, const ServeOptions& options) {
    const auto http_options = TRY(parse_listen(options.listen, data.config().threads));
    raise_descriptor_limit();
    const sigset_t signals = block_stop_signals();  // before any thread starts, so that all inherit the mask
    SystemClock clock;
    SystemEntropy entropy;
    std::atomic<http::Server*> running = nullptr;
    auto runtime = TRY(runtime::Runtime::open(std::move(data), clock, entropy, {.on_failure = [&running] {
                                                  if (http::Server* server = running.load())
                                                      server->stop(kFailureGraceMs);
                                              }}));
    const auto server = TRY(http::make_server(
        http_options, body_limit,
        [&runtime](http::Request request, http::Responder respond) {
            dispatch(*runtime, std::move(request), std::move(respond));
        },
        problem_response));
    const auto control = TRY(ControlSocket::open(*runtime));
    running = server.get();
    std::optional<StopWatch> watch(std::in_place, signals, *server);
    log::line(log::Level::info, "serving",
              {{"port", std::int64_t{server->port()}},
               {"origin", runtime->snapshot().origin.value()},
               {"runtime_hash", to_wire(runtime->snapshot().runtime_hash.value())}});
    print_ready_line(server->port());
    server->run();
    watch.reset();
    runtime->close();
    running = nullptr;
    if (runtime->failed())
        return fail(Code::store_unavailable, "a durable write failed; the server has stopped");
    if (runtime->checkpoint_failing()) {
        return fail(Code::not_included, "the server has stopped without a checkpoint over its last entries");
    }
    log::line(log::Level::info, "stopped");
    return {};
}

}  // namespace parmana::server
