// What the tests of this module share: a source of repeatable choices, documents made from them,
// and where a refusal says it happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/json.hpp"

namespace parmana::json::testing {

/// The same seed makes the same choices on every machine.
class Choices {
  public:
    explicit Choices(std::uint64_t seed) : state_(seed) {}
    std::uint64_t bits();
    /// Uniform enough for tests: 0 ≤ result < bound.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(bits() % bound); }
    bool one_in(std::size_t times) { return below(times) == 0; }

  private:
    std::uint64_t state_;
};

/// A finite binary64 number; any bit pattern can come.
double random_double(Choices& choices);

/// A text that the reader accepts, in a spelling full of white space and escapes.
std::string random_text(Choices& choices);

/// The text with a few bytes changed, put in, taken out or repeated. May still be acceptable.
std::string mutated(Choices& choices, std::string text);

/// The N of "… at offset N (line …", or npos.
std::size_t offset_of(const Error& error);

}  // namespace parmana::json::testing
