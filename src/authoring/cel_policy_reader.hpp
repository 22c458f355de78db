// From YAML to a draft. Internal to the module.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "authoring/cel_policy_draft.hpp"
#include "authoring/cel_policy_findings.hpp"
#include "authoring/cel_policy_scope.hpp"

namespace parmana::authoring::cel_policy {

/// Reads one document; adds a finding for everything that is wrong and goes on.
class Reader {
  public:
    Reader(const Config& config, FindingList& findings) : findings_(findings), scope_(config, findings) {}

    Draft read(yaml::Node root);

  private:
    void read_policy(yaml::Node root);
    void read_admission(yaml::Node root);  // cel_policy_admission.cpp
    void read_validation(yaml::Node validation, Rule& rule);

    void read_imports(yaml::Node imports);
    std::unique_ptr<Rule> read_rule(yaml::Node node, bool within_aggregate);
    void read_variables(yaml::Node variables);
    void read_variable(yaml::Node variable, std::set<std::string, std::less<>>& taken);
    void read_choices(yaml::Node choices, Rule& rule, bool within_aggregate);
    Choice read_choice(yaml::Node node, bool within_aggregate);
    void read_verification(yaml::Node verification);
    void read_invariant(yaml::Node invariant, std::set<std::string, std::less<>>& taken);
    std::vector<Expression> read_claims(yaml::Node invariant, std::string_view key);

    FindingList& findings_;
    Scope scope_;
    Draft draft_;
};

/// The value of a condition that is the literal `true` or `false`.
std::optional<bool> literal_of(const Expression& condition);

/// Finds out what value the rule has and whether it may have none, and what is wrong with its choices
/// together. Those of nested rules are settled.
void settle(Rule& rule, FindingList& findings);  // cel_policy_rules.cpp

}  // namespace parmana::authoring::cel_policy
