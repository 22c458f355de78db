#include "server/server.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "http/http.hpp"
#include "http/process.hpp"
#include "server/control.hpp"
#include "server/routes.hpp"

namespace parmana::server {
namespace {

constexpr int kStopGraceMs = 4'000;
constexpr int kFailureGraceMs = 500;

http::Response to_response(runtime::Answer answer) {
    return {answer.status(), answer.media_type(), answer.body(), {}};
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
    if (!match.route->governs && !request.query.empty()) {
        return respond(problem_response({Code::query_invalid, "this path takes no query"}));
    }
    match.route->handle(runtime, {std::move(request), std::move(match.parameters)},
                        [respond = std::move(respond)](std::function<runtime::Answer()> make) {
                            respond.later([make = std::move(make)] { return to_response(make()); });
                        });
}

Result<http::Options> options_for(const std::string& listen, std::int64_t threads) {
    http::Options options = TRY(http::parse_listen(listen));
    options.threads =
        threads > 0 ? static_cast<unsigned>(threads) : std::max(1u, std::thread::hardware_concurrency());
    return options;
}

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
    const auto http_options = TRY(options_for(options.listen, data.config().threads));
    raise_descriptor_limit();
    const sigset_t signals =
        http::block_stop_signals();  // before any thread starts, so that all inherit the mask
    SystemClock clock;
    SystemEntropy entropy;
    std::atomic<http::Server*> running = nullptr;
    auto runtime = TRY(runtime::Runtime::open(
        std::move(data), clock, entropy,
        {.high_water = options.high_water, .witnesses = options.witnesses, .on_failure = [&running] {
             if (http::Server* server = running.load()) server->stop(kFailureGraceMs);
         }}));
    const auto server = TRY(http::make_server(
        http_options, body_limit,
        [&runtime](http::Request request, http::Responder respond) {
            dispatch(*runtime, std::move(request), std::move(respond));
        },
        problem_response));
    const auto control = TRY(ControlSocket::open(*runtime));
    running = server.get();
    std::optional<http::StopWatch> watch(std::in_place, signals, *server, kStopGraceMs);
    log::line(log::Level::info, "serving",
              {{"port", std::int64_t{server->port()}},
               {"origin", runtime->origin().value()},
               {"runtime_hash", to_wire(runtime->runtime_hash().value())}});
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
