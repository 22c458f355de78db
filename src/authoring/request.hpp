// The request that a test stands for, as JSON. Internal to the module.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "authoring/parts.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {

/// A signal of a test; `place` is where its name stands.
struct GivenSignal {
    std::string name;
    yaml::Node place;
    yaml::Node value;
};

/// A member of the action by its path (`action`, `parameters`, `amount`), as JSON.
struct ActionMember {
    std::vector<std::string> path;
    std::string json;
};

/// `text` between its dots.
std::vector<std::string> parts_of(std::string_view text);
/// `action.type`, `action.target` or `action.parameters.NAME`, in parts.
bool is_action_path(std::span<const std::string> path);

/// The value as JSON. A number that is written as a real stays one: `1200.0` is no integer. Findings: numbers
/// that JSON has not.
std::string json_of(const yaml::Node& value, Report& report);
std::string json_of(std::span<const GivenSignal> signals, Report& report);

/// The action that says what the signals say, with these members put into it; nothing when the policy binds
/// no signal and there are no members. Its type is `test` unless a signal or a member says another.
std::optional<std::string> agreeing_action(const policy::Policy& policy, std::span<const GivenSignal> signals,
                                           std::span<const ActionMember> members, Report& report);
/// The action as it is written. Findings: what a server would not take for an action.
std::string written_action(const yaml::Node& action, Report& report);
/// The member that the cell of a table gives.
ActionMember action_cell(const yaml::Node& cell, std::vector<std::string> path, Report& report);

}  // namespace parmana::authoring
