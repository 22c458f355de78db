// The spellings that a policy document may use for its names. Internal to the module and to those
// who write policies (authoring).
#pragma once

#include <string>
#include <string_view>

namespace parmana::policy {

inline constexpr std::size_t kSignalNameBytesMax = 64;
inline constexpr std::size_t kRuleIdBytesMax = 128;
inline constexpr std::size_t kActionBytesMax = 64;
inline constexpr std::size_t kReasonBytesMax = 512;

/// [A-Za-z_][A-Za-z0-9_]{0,63}
bool is_signal_name(std::string_view text);
/// [A-Za-z0-9_.-]{1,128}
bool is_rule_id(std::string_view text);
/// [a-z][a-z0-9_]{0,63}
bool is_action(std::string_view text);

/// User input in backticks for a message: one line, no backticks inside, cut behind 64 bytes.
std::string in_backticks(std::string_view text);

}  // namespace parmana::policy
