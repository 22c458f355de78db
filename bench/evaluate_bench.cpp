// evaluate: a policy file on a file of signals, one JSON object a line. Says how many of them one
// core decides a second, from parsed signals, and the digest of all decisions, so that two builds
// or engines can be compared.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "bench.hpp"
#include "decisions.hpp"

namespace parmana::bench {
namespace {

Result<std::string> read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Code::usage, "cannot read `" + path + "`");
    return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::vector<json::Document>> parse_lines(std::string_view text) {
    std::vector<json::Document> documents;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (!line.empty()) documents.push_back(TRY(json::parse(line)));
    }
    if (documents.empty()) return fail(Code::usage, "the file of signals is empty");
    return documents;
}

}  // namespace

Status bench_evaluate(const BenchOptions& options) {
    if (options.name != "evaluate" || options.policy.empty() || options.signals.empty())
        return fail(Code::usage, "`--policy` and `--signals` belong together, and to `evaluate`");
    const auto policy = TRY(policy::compile(TRY(read_whole(options.policy))));
    const auto documents = TRY(parse_lines(TRY(read_whole(options.signals))));

    policy::Slots slots;
    std::size_t next = 0;
    const auto decide_next = [&](std::uint64_t) {
        keep(decision(policy, documents[next].root(), slots));
        if (++next == documents.size()) next = 0;
    };
    const double per_second = median_rate(options, decide_next, own_seconds);
    std::printf("{\"name\":\"evaluate\",\"per_second\":%.0f,\"inputs\":%zu,\"decisions_sha256\":\"%s\"}\n",
                per_second, documents.size(), decisions_digest(policy, documents).c_str());
    return {};
}

}  // namespace parmana::bench
