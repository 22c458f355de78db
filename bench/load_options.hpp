// What one run of the load generator does, read from its command line.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace parmana::bench {

struct LoadOptions {
    std::uint16_t port = 0;
    int connections = 64;
    std::int64_t requests = 0;  // in all, copies included; 0: as many as `seconds` allows
    double seconds = 0;         // stop sending after so long; 0: as long as `requests` takes
    std::string ids = "load";   // execution identities are `<ids>-<n>`
    int copies = 1;             // each identity is sent so often, spread over connections
    int pipeline = 1;           // requests in flight on one connection
    int batch = 0;              // identities in one POST /evaluate/batch; 0: POST /evaluate
    std::string query;          // behind the path, `attestation=log` for one
    std::int64_t amount = 0;    // added to each claim_amount: the same identities with other signals
    bool vary = false;          // the copies of one identity differ in their claim_amount
    bool tolerate_disconnect = false;
    std::string record;  // file for one line per request; empty: none
};

inline constexpr const char* kLoadUsage =
    "usage: parmana-load --port PORT (--requests N | --seconds S) [--connections N] [--ids "
    "PREFIX]\n"
    "         [--batch N] [--query QUERY] [--copies K] [--pipeline D] [--amount A] [--vary] [--record FILE] "
    "[--tolerate-disconnect]\n";

/// Errors: usage.
Result<LoadOptions> parse_load_options(int argc, char** argv);

}  // namespace parmana::bench
