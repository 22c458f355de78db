// A policy document as it was read, between the text and the program. Internal to the module.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/cel.hpp"
#include "json/json.hpp"
#include "policy/findings.hpp"
#include "policy/policy.hpp"
#include "policy/program.hpp"

namespace parmana::policy {

enum class Operator : std::uint8_t {
    equals,
    greater_than,
    less_than,
    greater_than_or_equal,
    less_than_or_equal,
    in,
};

/// A checked condition of parmana-rules/1. The operand is a value of the document and fits the signal.
struct Condition {
    enum class Kind : std::uint8_t { comparison, all, any, negation };
    Kind kind;
    std::string pointer;
    std::uint16_t slot = 0;  // comparison only, as the two below
    Operator relation = Operator::equals;
    std::optional<json::Value> operand = {};  // for `in` an array
    std::vector<Condition> parts = {};        // of a negation exactly one
};

/// A variable of parmana-cel/1.
struct Variable {
    std::string name;
    std::string text;
    cel::Checked expression;
};

/// What a document says. Whole only when there are no findings; its operands view the
/// json::Document.
struct Draft {
    std::optional<PolicyId> id;
    std::optional<PolicyVersion> version;
    std::string_view profile = kRulesProfile;
    std::optional<json::Value> schema;
    std::vector<SignalDeclaration> signals;  // sorted by name
    std::vector<Rule> rules;
    std::vector<Condition> conditions;  // by rule; parmana-rules/1

    // parmana-cel/1
    std::vector<std::optional<cel::Checked>> expressions;  // by rule; none for the one without a condition
    std::vector<std::string> texts;                        // by rule
    std::vector<Variable> variables;
    std::vector<Binding> bindings;
    HitPolicy hit_policy = HitPolicy::first;
    std::vector<std::string> priorities;
    std::uint64_t cost = 0;
};

/// The readers below append a finding for everything that is wrong and go on.
Draft read_document(json::Value root, Findings& findings);
/// Requires an object. `is_cel` admits the types that parmana-rules/1 does not have.
std::vector<SignalDeclaration> read_signals(json::Value schema, bool is_cel, Findings& findings);
/// The rules and conditions of `draft`, whose schema and signals are read. Requires an array.
void read_rules(json::Value rules, Draft& draft, Findings& findings);
/// Everything of a parmana-cel/1 document but its identity and signals.
void read_cel_parts(json::Value root, Draft& draft, Findings& findings);
std::optional<Outcome> read_outcome(json::Value value, const std::string& pointer, Findings& findings);

/// Ids of rules: well-formed, and none twice.
class RuleIds {
  public:
    explicit RuleIds(Findings& findings) : findings_(findings) {}
    std::optional<std::string> read(json::Value rule, const std::string& pointer);

  private:
    Findings& findings_;
    std::map<std::string_view, std::string> taken_;  // by the rule that has it
};

/// Reads the conditions of one policy against its signals; counts nodes over all of them.
class ConditionReader {
  public:
    ConditionReader(const Draft& draft, Findings& findings) : draft_(draft), findings_(findings) {}
    std::optional<Condition> read(json::Value value, const std::string& pointer, std::size_t depth = 1);

  private:
    std::optional<Condition> read_comparison(json::Value value, const std::string& pointer);
    std::optional<Condition> read_parts(json::Value value, const std::string& pointer, Condition::Kind kind,
                                        std::string_view key, std::size_t depth);
    std::optional<std::uint16_t> read_signal(json::Value leaf, const std::string& pointer);
    std::optional<json::Value> read_operator(json::Value leaf, const std::string& pointer);
    bool operand_fits(json::Value operand, const SignalDeclaration& signal, Operator relation,
                      const std::string& pointer);

    const Draft& draft_;
    Findings& findings_;
    std::size_t nodes_ = 0;
};

/// A text with its draft; `draft` views `document`.
struct Reading {
    std::optional<json::Document> document;
    Draft draft;
    std::vector<Diagnostic> findings;
};
Reading read_policy(std::string_view source);

}  // namespace parmana::policy
