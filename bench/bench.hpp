// The frame of parmana-bench: what a benchmark is, how a rate is measured and how a line is
// printed. Lines go to stdout, one JSON object each; everything for people goes to stderr.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
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
Status bench_policy(const BenchOptions& options);
Status bench_serve(const BenchOptions& options);
Status bench_store(const BenchOptions& options);
/// A given policy on given signals; never part of `all`.
Status bench_evaluate(const BenchOptions& options);

/// One printed line; numbers are rounded to six significant digits.
void print_line(std::string_view name, std::initializer_list<std::pair<std::string_view, double>> numbers);

double median(std::vector<double> values);

inline double now_seconds() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Calls `body(i)` with rising i for about `seconds`; returns calls per second of wall time.
template <class Body>
double rate(double seconds, Body body) {
    std::uint64_t calls = 0;
    std::uint64_t batch = 1;
    const double start = now_seconds();
    for (;;) {
        for (const std::uint64_t end = calls + batch; calls < end; ++calls)
            body(calls);
        const double elapsed = now_seconds() - start;
        if (elapsed >= seconds) return static_cast<double>(calls) / elapsed;
        if (elapsed < seconds / 100) batch *= 2;  // the clock is read about a hundred times
    }
}

/// The median of `options.rounds` rates.
template <class Body>
double median_rate(const BenchOptions& options, Body body) {
    std::vector<double> rates;
    for (int round = 0; round < options.rounds; ++round)
        rates.push_back(rate(options.seconds / 5 / options.rounds, body));
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
