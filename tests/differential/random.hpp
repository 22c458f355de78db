// Numbers that look random and are the same on every run (splitmix64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace parmana::differential {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t bits() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// From 0 to `count` - 1; `count` is small, so that the bias does not matter.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(bits() % count); }
    bool percent(std::size_t chance) { return below(100) < chance; }

    template <class T>
    const T& pick(std::span<const T> pool) {
        return pool[below(pool.size())];
    }
    template <class T, std::size_t N>
    const T& pick(const T (&pool)[N]) {
        return pool[below(N)];
    }

  private:
    std::uint64_t state_;
};

}  // namespace parmana::differential
