// The Clock seam. Nothing that decides reads it: time is informational (`committed_at`, log lines, timeouts).
#pragma once

#include <cstdint>

#include "base/strong.hpp"

namespace parmana {

using UnixMillis = Strong<struct UnixMillisTag, std::int64_t>;
using UnixSeconds = Strong<struct UnixSecondsTag, std::int64_t>;

inline UnixSeconds to_seconds(UnixMillis time) {
    return UnixSeconds(time.value() / 1000);
}

/// Guarantee: none about monotony; a caller that needs order enforces it. Any thread may call it.
/// An attacker of the clock can misdate informational fields, never change a decision.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual UnixMillis now() const = 0;
};

class SystemClock final : public Clock {
  public:
    UnixMillis now() const override;
};

/// Stands still until it is told to move.
class SimulatedClock final : public Clock {
  public:
    explicit SimulatedClock(UnixMillis start) : now_(start) {}
    UnixMillis now() const override { return now_; }
    void set(UnixMillis to) { now_ = to; }

  private:
    UnixMillis now_;
};

}  // namespace parmana
