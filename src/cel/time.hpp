// Timestamps and durations. Internal to the module.
#pragma once

#include <string>

#include "cel/builtin.hpp"

namespace parmana::cel {

/// Sum and difference as a value of the kind; out of its range is Fault::overflow. A timestamp lies in the
/// years 1 to 9999; a duration has a number of nanoseconds that fits 64 bits, about 292 years either way.
Value add_times(Context& context, Kind kind, const Value& a, const Value& b);
Value subtract_times(Context& context, Kind kind, const Value& a, const Value& b);

/// RFC 3339, and seconds with an `s`.
std::string time_text(const Value& value);

}  // namespace parmana::cel
