// Regular expressions as deterministic automata, where these are small: a match then takes a step for each
// byte whatever the text is, and no memory. The syntax is a part of RE2's and means the same;
// automaton_test.cpp and the fuzzers compare the two. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace parmana::cel {

class Automaton {
  public:
    /// Requires a pattern that RE2 takes. Nothing when it has something beyond literals, classes, groups,
    /// `|`, repetition and anchors, or an automaton that is not small.
    static std::optional<Automaton> make(std::string_view pattern);
    /// Whether the pattern is found anywhere in the text, which must be UTF-8.
    bool is_found_in(std::string_view text) const;

  private:
    friend class AutomatonMaker;
    Automaton() = default;
    std::uint32_t class_of(std::uint32_t code_point) const;

    // Code points that the pattern does not tell apart are of one class: those below `kDirect` by table, the
    // others by the ranges that begin in `begins_`.
    static constexpr std::uint32_t kDirect = 0x800;
    std::vector<std::uint8_t> direct_;
    std::vector<std::uint32_t> begins_;
    std::vector<std::uint8_t> classes_;

    // States are offsets into `next_`, by class. The first two are left no more.
    static constexpr std::uint32_t kNeverFound = 0;
    std::uint32_t found_ = 0;
    std::uint32_t start_ = 0;
    std::uint32_t width_ = 0;
    std::vector<std::uint32_t> next_;
    std::vector<bool> found_at_end_;  // by number of the state
};

}  // namespace parmana::cel
