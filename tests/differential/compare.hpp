// One program on some inputs, on both sides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cel/cel.hpp"
#include "fast_side.hpp"
#include "generate.hpp"

namespace parmana::differential {

/// What became of the pairs of a row.
struct Count {
    std::size_t values = 0;
    std::size_t errors = 0;
    std::size_t rejected = 0;  // programs that the checker did not take
    std::size_t skipped = 0;   // pairs over a budget
};

struct Difference {
    std::string program;
    std::string inputs;
    std::string reference;
    std::string fast;  // a value, a fault, or why the program was rejected
};

struct Options {
    std::uint64_t seed = 1;
    std::size_t pairs = 100'000;
    std::size_t inputs_per_program = 5;
    bool compare_faults = false;  // the kind of an error too, not only that there is one
    bool keep_going = false;      // all differences, the shortest of each row
    bool verbose = false;
};

class Comparison {
  public:
    explicit Comparison(const Options& options)
        : options_(options), generator_(options.seed), counts_(rows().size()), shortest_(rows().size()) {}

    /// Generates and compares until there are enough pairs, or until a difference when that is the end.
    void run();

    std::size_t pairs() const { return pairs_; }
    std::size_t differences() const { return differences_; }
    const std::vector<Count>& counts() const { return counts_; }
    /// Of each row the shortest program that differs.
    const std::vector<std::optional<Difference>>& shortest() const { return shortest_; }

  private:
    void program(std::size_t row);
    std::size_t least_reached() const;
    /// True when the two agree.
    bool pair(std::size_t row, const std::string& text, const cel::Expr& tree, FastProgram& fast);
    void differs(std::size_t row, Difference difference);

    Options options_;
    Generator generator_;
    std::vector<Count> counts_;
    std::vector<std::optional<Difference>> shortest_;
    std::size_t pairs_ = 0;
    std::size_t differences_ = 0;
};

/// Whether the two say the same.
bool agree(const reference::Outcome& reference, const reference::Outcome& fast, bool compare_faults);

/// The smallest part of a program that still differs on these inputs, and what both sides say of it.
Difference shrink(const std::string& text, const reference::Variables& inputs, bool compare_faults);

}  // namespace parmana::differential
