// Whether a JSON value can be bound to a declared signal. Internal to the module: the binder asks
// it about signals and the checker about operands, so an operand that fits is one that a signal can
// be equal to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "civil/civil.hpp"
#include "policy/policy.hpp"

namespace parmana::policy {

enum class Misfit : std::uint8_t { none, type, below, above, too_short, too_long, not_listed };

/// The first way in which `value` is not a value of the signal; Misfit::type before all others. When an element does not
/// fit, its token is appended to `pointer`.
Misfit misfit(const SignalDeclaration& signal, json::Value value, std::string& pointer);

/// A duration signal; nothing when it is none or beyond what CEL can hold.
std::optional<civil::Span> read_duration(std::string_view text);

/// "must be an integer", for a message.
std::string_view type_demand(SignalType type);
/// "is below its minimum", for a message; not for none and type.
std::string_view range_fault(Misfit misfit);

}  // namespace parmana::policy
