// Looking for one text in another, in time linear in both (Knuth, Morris and Pratt). Internal to the module.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace parmana::cel {

/// One text that is looked for, perhaps many times.
class Searcher {
  public:
    /// `memory` is used while this lives, and may be used again for another.
    Searcher(std::string_view wanted, std::vector<std::int32_t>& memory);
    /// Where it stands first, at or behind `from`; npos when nowhere.
    std::size_t find(std::string_view text, std::size_t from = 0) const;

  private:
    std::string_view wanted_;
    const std::int32_t* next_;
};

/// Where it stands last, at or before `from`.
std::size_t find_last(std::string_view text, std::string_view wanted, std::size_t from,
                      std::vector<std::int32_t>& memory);

}  // namespace parmana::cel
