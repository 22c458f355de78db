// The evaluator under test behind the values of the reference: the only place that knows both.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "reference.hpp"

namespace parmana::differential {

struct FastOutcome {
    reference::Outcome outcome;
    bool over_cost = false;  // stopped by its own limit: says nothing
};

/// A program of src/cel, checked against the variables of inputs.hpp.
class FastProgram {
  public:
    virtual ~FastProgram() = default;
    /// Any number of times. Not from several threads.
    virtual FastOutcome evaluate(const reference::Variables& inputs) = 0;
};

/// The program, or why it was rejected.
std::expected<std::unique_ptr<FastProgram>, std::string> make_fast(const std::string& text);

}  // namespace parmana::differential
