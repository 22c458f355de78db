// The Entropy seam: key generation and the keys of in-memory indexes. Nothing that decides reads it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace parmana {

/// Guarantee: `fill` returns only with `size` unpredictable bytes written; it stops the process otherwise.
/// Any thread may call it. An attacker of it owns every key made from it.
class Entropy {
  public:
    virtual ~Entropy() = default;
    virtual void fill(std::uint8_t* out, std::size_t size) = 0;
};

/// getrandom(2).
class SystemEntropy final : public Entropy {
  public:
    void fill(std::uint8_t* out, std::size_t size) override;
};

/// A counter: the same seed gives the same bytes. For tests and golden files, never for keys that matter.
class SimulatedEntropy final : public Entropy {
  public:
    explicit SimulatedEntropy(std::uint64_t seed) : state_(seed) {}
    void fill(std::uint8_t* out, std::size_t size) override;

  private:
    std::uint64_t state_;
};

}  // namespace parmana
