// Strong<Tag, Rep>: a value that cannot be mistaken for another of the same representation.
// Construction is explicit and there is no way back but `.value()`.
#pragma once

#include <compare>
#include <utility>

namespace parmana {

template <class Tag, class Rep>
class Strong {
  public:
    Strong() = default;
    explicit constexpr Strong(Rep value) : value_(std::move(value)) {}
    constexpr const Rep& value() const { return value_; }
    auto operator<=>(const Strong&) const = default;
    bool operator==(const Strong&) const = default;

  private:
    Rep value_{};
};

}  // namespace parmana
