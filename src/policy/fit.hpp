// Whether a JSON value can be bound to a declared signal, and what it then is. Internal to the module: the
// binder asks it about signals and the checker about operands, so an operand that fits is one that a signal
// can be equal to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/policy.hpp"

namespace parmana::policy {

enum class Misfit : std::uint8_t { none, type, below, above, too_short, too_long, not_listed };

/// Puts what `value` is for the machine into `out`; it views the JSON document and the arena. Else the first
/// way in which it is no value of the signal: Misfit::type before all others. When an element does not fit,
/// its token is appended to `pointer`.
Misfit fit(const SignalDeclaration& signal, json::Value value, cel::Arena& arena, cel::Value& out,
           std::string& pointer);

/// The first way in which it is no value of the signal.
Misfit misfit(const SignalDeclaration& signal, json::Value value);

/// "must be an integer", for a message.
std::string_view type_demand(SignalType type);
/// "is below its minimum", for a message; not for none and type.
std::string_view range_fault(Misfit misfit);

}  // namespace parmana::policy
