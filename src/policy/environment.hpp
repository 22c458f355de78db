// What the CEL of a policy can name. Internal to the module and to those who write policies (authoring).
#pragma once

#include <map>
#include <span>
#include <string>

#include "cel/cost.hpp"
#include "policy/policy.hpp"

namespace parmana::policy {

inline constexpr std::string_view kSignalPrefix = "signals.";
inline constexpr std::string_view kVariablePrefix = "variables.";

/// The type of a signal in CEL; an optional one is an `optional_type`.
cel::Type cel_type(const SignalDeclaration& signal);
cel::Extent extent_of(const SignalDeclaration& signal);

/// `signals.NAME` for each signal, in the order of slots. Without `optionals` an optional signal has the type of its
/// value.
cel::Environment environment_of(std::span<const SignalDeclaration> signals, bool optionals);
std::map<std::string, cel::Extent> extents_of(std::span<const SignalDeclaration> signals);

/// What the governance profile refuses of an expression that checks: patterns and time zones that are not literals or
/// not valid, and more patterns than limits::kPolicyPatternsMax. `patterns` counts those of all expressions.
cel::Issues profile_issues(const cel::Checked& expression, std::size_t& patterns);

}  // namespace parmana::policy
