// serve/group-commit and serve/one-sync-each: durable, individually signed decisions a second over
// HTTP, 64 connections, with the load generator on the same machine; serve/ratio compares with what
// one core signs.
//
// Two servers stand side by side on fresh data directories, the second allowed one decision a sync.
// Rounds of signing, first server and second server follow each other, so that a slow minute of the
// machine hits all three.
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "bench.hpp"
#include "json/json.hpp"
#include "process.hpp"
#include "workplace.hpp"

namespace parmana::bench {
namespace {

constexpr int kStepMs = 30'000;
constexpr std::string_view kReady = "Parmana governance runtime listening on port ";

struct Server {
    Process process;
    std::string port;
};

Result<Server> start_server(const std::string& binary, const std::string& data,
                            std::vector<std::string> environment) {
    auto init = TRY(Process::start({binary, "init", "--data", data, "--demo"}, {}));
    if (TRY(init.wait(kStepMs)) != 0) return fail(Code::io_failed, "`parmana init` failed");
    auto process =
        TRY(Process::start({binary, "serve", "--data", data, "--listen", "127.0.0.1:0"}, environment));
    const std::string line = TRY(process.read_line(kStepMs));
    if (!line.starts_with(kReady)) return fail(Code::io_failed, "the server said `" + line + "`");
    return Server{std::move(process), line.substr(kReady.size())};
}

struct Measured {
    std::vector<double> per_second, p50_us, p99_us, server_cpu_us, load_cpu_us;
};

Status run_round(const std::string& load, const Server& server, const std::string& ids, double seconds,
                 Measured& measured) {
    const double cpu_before = TRY(server.process.cpu_seconds());
    const std::string line = TRY(run_program({load, "--port", server.port, "--connections", "64", "--seconds",
                                              std::to_string(seconds), "--ids", ids},
                                             kStepMs + static_cast<int>(seconds * 1000)));
    const auto document = TRY(json::parse(line));
    const auto root = document.root();
    const auto answers = root.find("answers");
    if (!answers || answers->size() != 1 || !answers->find("200"))
        return fail(Code::io_failed, "not every answer was a decision: " + line);
    measured.per_second.push_back(root.find("per_second")->number());
    measured.p50_us.push_back(root.find("p50_us")->number());
    measured.p99_us.push_back(root.find("p99_us")->number());
    const double cpu = TRY(server.process.cpu_seconds()) - cpu_before;
    measured.server_cpu_us.push_back(cpu * 1e6 / root.find("requests")->number());
    measured.load_cpu_us.push_back(root.find("cpu_us")->number());
    return {};
}

double print_server(std::string_view name, const Measured& measured) {
    const double per_second = median(measured.per_second);
    print_line(name, {{"per_second", per_second},
                      {"p50_us", median(measured.p50_us)},
                      {"p99_us", median(measured.p99_us)},
                      {"server_cpu_us", median(measured.server_cpu_us)},
                      {"load_cpu_us", median(measured.load_cpu_us)},
                      {"connections", 64}});
    return per_second;
}

}  // namespace

Status bench_serve(const BenchOptions& options) {
    const std::string load = options.programs + "/parmana-load";
    const char* const named = getenv("PARMANA_BIN");
    const std::string binary =
        named != nullptr ? named
                         : std::filesystem::path(options.programs).parent_path().string() + "/parmana";
    const auto workplace = TRY(Workplace::make(options.programs, "serve"));
    auto group = TRY(start_server(binary, workplace.path() + "/group", {}));
    auto single = TRY(start_server(binary, workplace.path() + "/single", {"PARMANA_COMMIT_BATCH_MAX=1"}));

    Measured grouped, singly;
    std::vector<double> signatures;
    for (int round = 0; round < options.rounds; ++round) {
        const std::string ids = "round-" + std::to_string(round);
        const double seconds = options.seconds / options.rounds;
        signatures.push_back(sign_rate(options.seconds / 5 / options.rounds));
        TRY(run_round(load, group, ids, seconds, grouped));
        TRY(run_round(load, single, ids, seconds, singly));
    }
    const double group_rate = print_server("serve/group-commit", grouped);
    const double single_rate = print_server("serve/one-sync-each", singly);
    const double sign = median(signatures);
    print_line("serve/ratio", {{"per_second", group_rate},
                               {"signatures_per_second", sign},
                               {"ratio", group_rate / sign},
                               {"over_one_sync_each", group_rate / single_rate}});
    for (Server* server : {&group, &single})
        if (const int status = TRY(server->process.terminate(kStepMs)); status != 0)
            return fail(Code::io_failed, "the server ended with " + std::to_string(status));
    return {};
}

}  // namespace parmana::bench
