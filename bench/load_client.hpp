// The load generator: one thread, one epoll set, keep-alive connections to 127.0.0.1.
//
// Requests are numbered in the order they are sent; number / copies is the identity. A free
// connection takes the next number, one a turn, so the copies of an identity leave on different
// connections at about the same time.
#pragma once

#include <memory>

#include "load_options.hpp"
#include "load_report.hpp"

namespace parmana::bench {

enum class Ending : std::uint8_t {
    complete,      // every request was answered
    disconnected,  // the server closed a connection that still owed answers, or could not be
                   // reached
    stalled,       // no answer for 15 s
    misplaced,     // an answer that is not HTTP, was not asked for, or names another identity
};

struct LoadResult {
    Ending ending;
    double seconds;      // from the first request to the last answer
    double cpu_seconds;  // of this process, in the same span
};

/// Runs to its end and fills `report`. A connection that breaks is not opened again: its requests
/// are recorded as unanswered and the other connections go on.
LoadResult run_load(const LoadOptions& options, Report& report);

}  // namespace parmana::bench
