// The decimal fraction of timestamps and durations, for this module only.
#pragma once

#include <cstdint>
#include <string>

namespace parmana::civil {

/// `.` and the digits of so many billionths without trailing zeros; nothing for none.
inline void append_fraction(std::string& out, std::int32_t nanos) {
    if (nanos == 0) return;
    const std::string digits = std::to_string(nanos);
    out.append(".").append(9 - digits.size(), '0').append(digits);
    out.erase(out.find_last_not_of('0') + 1);
}

}  // namespace parmana::civil
