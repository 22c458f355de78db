// Regular expressions: the adapter of RE2, which matches in time linear in the text and in the pattern.
// Internal to the module.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "cel/builtin.hpp"

namespace re2 {
class RE2;
}

namespace parmana::cel {

inline constexpr std::uint64_t kRegexCompileCost = 2'000;
inline constexpr std::uint64_t kRegexCompileCostPerByte = 50;

/// A compiled pattern; any number of threads may match with it.
class Regex {
  public:
    /// Nothing when the pattern is not valid for RE2, or longer than limits::kCelPatternBytesMax.
    static std::optional<Regex> make(std::string_view pattern);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();
    /// Whether the pattern is found anywhere in a string; pays for it.
    Value match(Context& context, const Value& text) const;
    /// What a match of a text of that many bytes costs.
    std::uint64_t cost(std::uint64_t bytes) const;

  private:
    explicit Regex(std::unique_ptr<re2::RE2> compiled);
    std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace parmana::cel
