// The frame of parmana-bench: what a benchmark is, how a rate is measured and how a line is
// printed. Lines go to stdout, one JSON object each; everything for people goes to stderr.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace parmana::bench {

struct BenchOptions {
    std::string name;      // a benchmark, or the first segment of several; empty: all
    double seconds = 5;    // for each server; in-process benchmarks take a fifth of it
    int rounds = 3;        // medians are taken over so many
    std::string policy;    // `evaluate` only
    std::string signals;   // `evaluate` only
    std::string programs;  // directory of parmana-load; its parent holds the server
};

struct Benchmark {
    std::string_view name;
    Status (*run)(const BenchOptions&);
};

Status bench_sign(const BenchOptions& options);
Status bench_json(const BenchOptions& options);
Status bench_claims(const BenchOptions& options);
Status bench_worst(const BenchOptions& options);
Status bench_serve(const BenchOptions& options);
Status bench_store(const BenchOptions& options);
Status bench_proof(const BenchOptions& options);
/// A given policy on given signals; never part of `all`.
Status bench_evaluate(const BenchOptions& options);

/// A number, rounded to six significant digits when it is printed, or a text.
struct Figure {
    Figure(double value) : number(value) {}                     // NOLINT(google-explicit-constructor)
    Figure(std::string_view value) : number(0), text(value) {}  // NOLINT(google-explicit-constructor)
    Figure(const std::string& value)
        : Figure(std::string_view(value)) {}  // NOLINT(google-explicit-constructor)
    double number;
    std::optional<std::string_view> text = std::nullopt;
};

/// One printed line.
void print_line(std::string_view name, std::initializer_list<std::pair<std::string_view, Figure>> figures);

double median(std::vector<double> values);

using Clock = double (*)();

inline double seconds_of(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}
inline double now_seconds() {
    return seconds_of(CLOCK_MONOTONIC);
}
/// What this thread has had of the processor: other programs on the machine hardly matter.
inline double own_seconds() {
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

/// Calls `body(i)` with rising i for about `seconds`; returns calls per second.
template <class Body>
double rate(double seconds, Body body, Clock clock = now_seconds) {
    std::uint64_t calls = 0;
    std::uint64_t batch = 1;
    const double start = clock();
    for (;;) {
        for (const std::uint64_t end = calls + batch; calls < end; ++calls)
            body(calls);
        const double elapsed = clock() - start;
        if (elapsed >= seconds) return static_cast<double>(calls) / elapsed;
        if (elapsed < seconds / 100) batch *= 2;  // the clock is read about a hundred times
    }
}

/// The median of `options.rounds` rates.
template <class Body>
double median_rate(const BenchOptions& options, Body body, Clock clock = now_seconds) {
    std::vector<double> rates;
    for (int round = 0; round < options.rounds; ++round)
        rates.push_back(rate(options.seconds / 5 / options.rounds, body, clock));
    return median(std::move(rates));
}

/// Tells the compiler that `value` is used.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

/// Signatures per second of one core on a message of the size of a decision's statement.
double sign_rate(double seconds);

}  // namespace parmana::bench
