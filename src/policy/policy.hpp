// Policies: ordered rules over declared, typed signals, compiled to one flat program. Pure: no clock, no I/O.
//
// A policy document is strict JSON in one of two language profiles. `parmana-rules/1` has conditions of
// comparisons, `all`, `any` and `not`; `parmana-cel/1` is the canonical form that `parmana policy build`
// writes, with conditions in CEL. Both compile to the same program. A document is compiled once, whole or not
// at all; binding signals and evaluating then allocate nothing on the common path. Anything that cannot be
// decided is an Error with a refusal code (signal_missing, signal_type, signal_range, signal_unknown,
// signal_unbound, evaluation_error, cost_exceeded): never `false`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "cel/program.hpp"
#include "json/json.hpp"

namespace parmana::policy {

/// [A-Za-z0-9_-]{1,128}.
using PolicyId = Strong<struct PolicyIdTag, std::string>;
/// SemVer 2.0.0, at most 32 bytes.
using PolicyVersion = Strong<struct PolicyVersionTag, std::string>;
Result<PolicyId> make_policy_id(std::string_view text);            // member_invalid
Result<PolicyVersion> make_policy_version(std::string_view text);  // member_invalid

/// What a decision can be; the enumerators are the wire spellings.
enum class Verdict : std::uint8_t { approved, rejected, override_required };
std::string_view wire_name(Verdict verdict);
std::optional<Verdict> verdict_from_wire(std::string_view wire);

/// `list` and `map` (with strings as keys) hold elements of one of the others.
enum class SignalType : std::uint8_t {
    integer,
    number,
    boolean,
    string,
    enumeration,
    timestamp,  // a string in RFC 3339
    duration,   // a string as `1h30m`
    list,
    map,
};

/// One declared signal, or the elements of one. Bounds are inclusive; lengths are Unicode code points.
struct SignalDeclaration {
    std::string name;  // [A-Za-z_][A-Za-z0-9_]{0,63}; empty for elements
    SignalType type;
    bool required = true;
    std::optional<std::int64_t> integer_minimum, integer_maximum;
    std::optional<double> number_minimum, number_maximum;
    std::size_t length_minimum = 0;           // of a string; elements of a list, entries of a map
    std::size_t length_maximum = 0;           // limits::kStringSignalBytesMax when the document says nothing
    std::vector<std::string> values;          // enumeration only
    std::vector<SignalDeclaration> elements;  // of a list or map: exactly one
};

struct Outcome {
    std::string action;
    bool requires_override;
    std::string reason;
    /// override_required when requires_override; else from the action: `approve` or `reject`.
    Verdict verdict;
};

struct Rule {
    std::string id;
    Outcome outcome;
};

/// How the rules that hold become one decision. `first`: the first of them. `unique`: there is at most one,
/// `any`: all have the same outcome; otherwise evaluation_error. `priority`: the one whose action stands
/// first in the document's `priorities`. `collect`: the strictest (rejected, then override_required, then
/// approved), and the trace has all of them. Among equals the first. A rule without a condition is the last
/// and holds when no other does.
enum class HitPolicy : std::uint8_t { first, unique, any, priority, collect };
std::string_view wire_name(HitPolicy policy);

/// Signals that satisfy the schema of one policy, by slot (the order of `Policy::signals()`), and the memory
/// of an evaluation. Reuse one object between calls to avoid allocation; it views the JSON document that was
/// bound.
struct Slots {
    std::vector<cel::Value> values;
    cel::Arena arena;
    cel::Machine machine;
};

struct Program;  // program.hpp

/// One condition that was looked at: a comparison or another expression that `&&`, `||` and `!` join to the
/// condition of a rule. Nothing when it ended in an error.
struct ConditionTrace {
    std::string text;  // JSON pointer into the document, or CEL
    std::optional<bool> outcome;
};

/// For one rule: whether its condition held, and the first condition that settled it, which is the last
/// looked at.
struct RuleTrace {
    std::string rule;
    bool holds;
    std::string deciding;
    std::vector<ConditionTrace> conditions = {};
    bool failed = false;  // only of `examine`: the condition ended in an error
};

/// A compiled policy. Immutable; any number of threads may use it at once.
class Policy {
  public:
    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;
    ~Policy();

    const PolicyId& id() const;
    const PolicyVersion& version() const;
    const std::string& language_profile() const;
    const std::string& schema_version() const;
    std::span<const SignalDeclaration> signals() const;  // sorted by name
    std::span<const Rule> rules() const;
    HitPolicy hit_policy() const;
    /// SHA-256 of the canonical JSON of `signalsSchema`.
    const Digest& schema_digest() const;
    /// The most that an evaluation can cost, in units of limits::kPolicyCostMax.
    std::uint64_t cost_bound() const;

    /// Checks `signals` (any JSON value) against the schema and fills `slots`. Over the declared
    /// and the given names together in JCS order, the first fault decides: so the refusal does not
    /// depend on the order of members. Pointers are `/signals/<name>`, or `/signals` when it is not
    /// an object.
    Status bind(json::Value signals, Slots& slots) const;
    /// The signals that the policy binds to the action equal its members: what was judged is what runs.
    /// `signals` satisfies the schema. Errors: signal_unbound with a pointer to the signal.
    Status check_action(json::Value signals, const std::optional<json::Value>& action) const;

    /// The rule that decides. Errors: signal_missing (a condition of parmana-rules/1 reached an optional
    /// signal that is absent), evaluation_error, cost_exceeded, each with the rule and the place in its
    /// condition.
    Result<const Rule*> evaluate(Slots& slots) const;
    /// The same verdict, with the reason for each rule looked at, in the order of evaluation.
    Result<const Rule*> evaluate_traced(Slots& slots, std::vector<RuleTrace>& trace) const;
    /// Every rule by itself, whether an earlier one decides or not: for those who study a policy.
    void examine(Slots& slots, std::vector<RuleTrace>& trace) const;
    /// Every condition of every rule, as a trace names it: what tests can cover.
    std::vector<std::vector<std::string>> conditions() const;
    /// The condition of a rule as CEL; empty when it has none.
    const std::string& condition(std::size_t rule) const;
    struct NamedText {
        std::string name;
        std::string text;
    };
    /// Variables with their expressions as CEL.
    std::span<const NamedText> variables() const;
    /// Signals with the part of the action that each is bound to: `action.parameters.amount`.
    std::vector<NamedText> bindings() const;

  private:
    friend struct Compiler;
    explicit Policy(std::unique_ptr<const Program> program);
    std::unique_ptr<const Program> program_;
};

/// What a judgement is, everywhere: `bind`, `check_action`, `evaluate`. Errors: theirs.
Result<const Rule*> judge(const Policy& policy, json::Value signals, const std::optional<json::Value>& action,
                          Slots& slots);
/// The same verdict, with the reason for each rule looked at; none when the signals or the action are
/// refused.
Result<const Rule*> judge_traced(const Policy& policy, json::Value signals,
                                 const std::optional<json::Value>& action, Slots& slots,
                                 std::vector<RuleTrace>& trace);

/// One finding of the checker. `line` and `column` are one-based; `pointer` points into the
/// document.
struct Diagnostic {
    std::size_t line;
    std::size_t column;
    std::string message;
    std::string pointer;
    std::optional<std::size_t> offset = std::nullopt;  // within the CEL text that the pointer names
    bool operator==(const Diagnostic&) const = default;
};

/// All findings, in document order; empty when the document compiles. Findings: malformed JSON,
/// unknown or missing keys, wrong types, unknown signals, operands that do not fit the signal's
/// type or range, empty `any`, duplicate rule ids, CEL that does not check, regular expressions and time
/// zones that are no literals, no catch-all at the end, rules behind a catch-all, a cost over the limit,
/// limits of `limits.hpp`.
std::vector<Diagnostic> check(std::string_view source);

/// Compiles, or fails with policy_invalid and the first finding ("line:column: message").
Result<Policy> compile(std::string_view source);

/// The profiles that `compile` implements; stand in bundle manifests and in provenance.
inline constexpr std::string_view kRulesProfile = "parmana-rules/1";
inline constexpr std::string_view kCelProfile = "parmana-cel/1";
inline constexpr std::string_view kProfiles[] = {kCelProfile, kRulesProfile};
bool is_known_profile(std::string_view profile);
/// The values of `schemaVersion`: of each profile its own.
inline constexpr std::string_view kRulesSchemaVersion = "1.0.0";
inline constexpr std::string_view kCelSchemaVersion = "1.1.0";
inline constexpr std::string_view kSchemaVersions[] = {kRulesSchemaVersion, kCelSchemaVersion};
bool is_known_schema_version(std::string_view version);

}  // namespace parmana::policy
