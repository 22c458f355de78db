// serve/…: durable decisions a second over HTTP, with the load generator on the same machine, in every way
// that they can be asked for: signed one by one, one decision a sync, without heads of the log, attested by
// the log, in batches. `ratio` is over what one core signs.
//
// Three servers stand side by side on fresh data directories, the second allowed one decision a sync, the
// third publishing hardly any heads. Rounds of signing and of all ways follow each other, so that a slow
// minute of the machine hits all of them.
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

/// What the load asks of a server.
struct Way {
    std::string name;
    int batch = 0;  // identities in one request; 0: one, without a batch
    std::string query = {};
    int connections = 64;
    int decisions() const { return batch > 0 ? batch : 1; }
};

Status run_round(const std::string& load, const Server& server, const Way& way, int round, double seconds,
                 Measured& measured) {
    const double cpu_before = TRY(server.process.cpu_seconds());
    std::vector<std::string> command{load,
                                     "--port",
                                     server.port,
                                     "--seconds",
                                     std::to_string(seconds),
                                     "--connections",
                                     std::to_string(way.connections),
                                     "--ids",
                                     way.name + "-" + std::to_string(round)};
    if (way.batch > 0) command.insert(command.end(), {"--batch", std::to_string(way.batch)});
    if (!way.query.empty()) command.insert(command.end(), {"--query", way.query});
    const std::string line = TRY(run_program(command, kStepMs + static_cast<int>(seconds * 1000)));
    const auto document = TRY(json::parse(line));
    const auto root = document.root();
    const auto answers = root.find("answers");
    if (!answers || answers->size() != 1 || !answers->find("200"))
        return fail(Code::io_failed, "not every answer was a decision: " + line);
    if (line.find("not every item") != std::string::npos)
        return fail(Code::io_failed, "not every item of a batch was decided: " + line);
    measured.per_second.push_back(root.find("per_second")->number() * way.decisions());
    measured.p50_us.push_back(root.find("p50_us")->number());
    measured.p99_us.push_back(root.find("p99_us")->number());
    const double cpu = TRY(server.process.cpu_seconds()) - cpu_before;
    measured.server_cpu_us.push_back(cpu * 1e6 / root.find("requests")->number() / way.decisions());
    measured.load_cpu_us.push_back(root.find("cpu_us")->number() / way.decisions());
    return {};
}

double print_server(const Way& way, const Measured& measured, double signatures) {
    const double per_second = median(measured.per_second);
    print_line("serve/" + way.name, {{"per_second", per_second},
                                     {"ratio", per_second / signatures},
                                     {"p50_us", median(measured.p50_us)},
                                     {"p99_us", median(measured.p99_us)},
                                     {"server_cpu_us", median(measured.server_cpu_us)},
                                     {"load_cpu_us", median(measured.load_cpu_us)},
                                     {"connections", way.connections}});
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
    auto rarely =
        TRY(start_server(binary, workplace.path() + "/rarely",
                         {"PARMANA_CHECKPOINT_INTERVAL_MS=60000", "PARMANA_CHECKPOINT_ENTRIES_MAX=1000000"}));

    const std::vector<std::pair<Way, Server*>> ways = {
        {{"statement"}, &group},
        {{"one-sync-each"}, &single},
        {{"without-heads"}, &rarely},
        {{"attestation-log", 0, "attestation=log"}, &group},
        {{"batch-16", 16, {}, 16}, &group},
        {{"batch-16-log", 16, "attestation=log", 16}, &group},
        {{"batch-100-log", 100, "attestation=log", 8}, &group},
    };
    std::vector<Measured> measured(ways.size());
    std::vector<double> signatures;
    for (int round = 0; round < options.rounds; ++round) {
        signatures.push_back(sign_rate(options.seconds / 5 / options.rounds));
        for (std::size_t i = 0; i < ways.size(); ++i)
            TRY(run_round(load, *ways[i].second, ways[i].first, round, options.seconds / options.rounds,
                          measured[i]));
    }
    const double sign = median(signatures);
    print_line("serve/signatures", {{"per_second", sign}});
    std::vector<double> rates;
    for (std::size_t i = 0; i < ways.size(); ++i)
        rates.push_back(print_server(ways[i].first, measured[i], sign));
    print_line("serve/ratio", {{"over_one_sync_each", rates[0] / rates[1]},
                               {"with_heads_over_without", rates[0] / rates[2]}});
    for (Server* server : {&group, &single, &rarely})
        if (const int status = TRY(server->process.terminate(kStepMs)); status != 0)
            return fail(Code::io_failed, "the server ended with " + std::to_string(status));
    return {};
}

}  // namespace parmana::bench
