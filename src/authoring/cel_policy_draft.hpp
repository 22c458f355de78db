// A policy as it was read, between the text and the program; it views the YAML document. Internal to the
// module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authoring/cel_policy.hpp"
#include "yaml/yaml.hpp"

namespace parmana::authoring::cel_policy {

/// Variables of policies are read as `variables.NAME`.
inline constexpr std::string_view kVariablePrefix = "variables.";
/// The value of the policy, for invariants.
inline constexpr std::string_view kResultName = "rule.result";

/// A checked CEL text. Its names of variables are those of `Draft::variables`.
struct Expression {
    yaml::Node text;
    cel::Checked checked;
};

struct Rule;

/// What is absent was left out or has a finding.
struct Choice {
    yaml::Node node;
    std::optional<Expression> condition = {};
    bool is_negated = false;                // the choice holds when the condition does not
    std::optional<bool> constant = {};      // what it always is; true without a condition
    std::optional<Expression> output = {};  // this or `rule`
    std::unique_ptr<Rule> rule = {};
    std::optional<Expression> explanation = {};

    bool is_unconditional() const { return constant == true; }
};

struct Rule {
    yaml::Node node;
    bool is_aggregate = false;
    std::vector<Choice> choices = {};
    cel::Type type = {cel::TypeKind::error, {}, {}};  // of its value; an error when nothing is known
    bool may_miss = false;                            // some input may match nothing
};

/// A variable under a name that no other has in the whole document.
struct Variable {
    std::string name;
    std::optional<Expression> expression;
};

struct Invariant {
    std::string id;
    std::vector<Expression> assumptions = {};
    std::vector<Expression> assertions = {};
};

/// Whole only when there are no findings.
struct Draft {
    std::string name = {};
    std::string description = {};
    std::vector<Variable> variables = {};  // of all rules, in the order of the text
    std::unique_ptr<Rule> rule = {};
    std::vector<Invariant> invariants = {};
};

}  // namespace parmana::authoring::cel_policy
