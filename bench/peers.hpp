// Other implementations of CEL on the policy `claims-bench` and its inputs: those that peers.mjs runs in
// node. What is not installed is skipped, and a line says so.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench.hpp"
#include "workplace.hpp"

namespace parmana::bench {

class Peers {
  public:
    static Result<Peers> make(const BenchOptions& options);
    /// Starts each anew, lets it get warm, and measures it for `seconds`.
    Status run_round(double seconds);
    /// The lines, each with the ratio of `per_second` to the peer's. Errors: io_failed when one decides
    /// otherwise.
    Status print(std::string_view name, double per_second, std::string_view digest) const;

  private:
    struct Peer {
        std::vector<double> rates;
        std::string digest;
    };

    Peers(std::string script, std::string packages, Workplace workplace)
        : script_(std::move(script)), packages_(std::move(packages)), workplace_(std::move(workplace)) {}

    std::string script_;
    std::string packages_;  // a directory that holds node_modules
    Workplace workplace_;
    std::map<std::string, Peer> peers_;  // by the name of the package and the form of the policy
    std::map<std::string, std::string> skipped_;
};

}  // namespace parmana::bench
