// parmana-bench: prints one JSON line per measurement.
//
//   parmana-bench [NAME] [--seconds S] [--rounds R]
//   parmana-bench evaluate --policy FILE --signals FILE.jsonl
//
// NAME is one of sign, json, evaluate/claims-bench, evaluate/worst-admissible, serve, store, proof, or begins
// one or goes on from it.
#include "bench.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "base/bytes.hpp"

namespace parmana::bench {

void print_line(std::string_view name, std::initializer_list<std::pair<std::string_view, Figure>> figures) {
    std::string line = "{";
    append_json_string(line, "name");
    line += ':';
    append_json_string(line, name);
    for (const auto& [key, figure] : figures) {
        line += ',';
        append_json_string(line, key);
        line += ':';
        if (figure.text) {
            append_json_string(line, *figure.text);
            continue;
        }
        const double value = figure.number;
        std::array<char, 64> text;
        const auto end =
            value >= 1e5 ? std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(value)).ptr
                         : std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 6).ptr;
        line.append(text.data(), end);
    }
    std::printf("%s}\n", line.c_str());
    std::fflush(stdout);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

namespace {

constexpr std::array<Benchmark, 7> kBenchmarks{{
    {"sign", bench_sign},
    {"json", bench_json},
    {"evaluate/claims-bench", bench_claims},
    {"evaluate/worst-admissible", bench_worst},
    {"serve", bench_serve},
    {"store", bench_store},
    {"proof", bench_proof},
}};

constexpr const char* kUsage =
    "usage: parmana-bench [sign|json|evaluate|serve|store|proof] [--seconds S] [--rounds R]\n"
    "       parmana-bench evaluate --policy FILE --signals FILE.jsonl\n";

Status read_option(BenchOptions& options, std::string_view flag, std::string_view text) {
    const char* const end = text.data() + text.size();
    if (flag == "--policy") {
        options.policy = text;
    } else if (flag == "--signals") {
        options.signals = text;
    } else if (flag == "--seconds") {
        const auto read = std::from_chars(text.data(), end, options.seconds);
        if (read.ptr != end || !(options.seconds >= 0.05 && options.seconds <= 3600))
            return fail(Code::usage, "`--seconds` does not take `" + std::string(text) + "`");
    } else if (flag == "--rounds") {
        const auto read = std::from_chars(text.data(), end, options.rounds);
        if (read.ptr != end || options.rounds < 1 || options.rounds > 99)
            return fail(Code::usage, "`--rounds` does not take `" + std::string(text) + "`");
    } else {
        return fail(Code::usage, "unknown option `" + std::string(flag) + "`");
    }
    return {};
}

Result<BenchOptions> parse_options(int argc, char** argv) {
    BenchOptions options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.starts_with("-") && options.name.empty()) {
            options.name = word;
        } else if (i + 1 < argc) {
            TRY(read_option(options, word, argv[++i]));
        } else {
            return fail(Code::usage, "`" + std::string(word) + "` is unknown or lacks its value");
        }
    }
    std::error_code error;
    options.programs = std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
    if (error) return fail(Code::io_failed, "cannot find this program");
    return options;
}

/// True when one of the names is the other or a path above it.
bool is_meant(std::string_view benchmark, std::string_view name) {
    const std::size_t shorter = std::min(benchmark.size(), name.size());
    const std::string_view rest =
        benchmark.size() > name.size() ? benchmark.substr(shorter) : name.substr(shorter);
    return benchmark.substr(0, shorter) == name.substr(0, shorter) &&
           (rest.empty() || name.empty() || rest[0] == '/');
}

Status run_all(const BenchOptions& options) {
    if (!options.policy.empty() || !options.signals.empty()) return bench_evaluate(options);
    bool any = false;
    for (const Benchmark& benchmark : kBenchmarks) {
        if (!is_meant(benchmark.name, options.name)) continue;
        any = true;
        TRY(benchmark.run(options));
    }
    if (!any) return fail(Code::usage, "no benchmark is called `" + options.name + "`");
    return {};
}

}  // namespace
}  // namespace parmana::bench

int main(int argc, char** argv) {
    using namespace parmana::bench;
    const auto options = parse_options(argc, argv);
    const auto done = options ? run_all(*options) : parmana::Status(std::unexpected(options.error()));
    if (done) return 0;
    std::fprintf(stderr, "parmana-bench: %s\n", done.error().detail.c_str());
    if (done.error().code == parmana::Code::usage) std::fputs(kUsage, stderr);
    return parmana::row_of(done.error().code).exit_code;
}
