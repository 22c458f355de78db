// Policies: ordered rules over declared, typed signals, compiled to a flat program. Pure: no clock,
// no I/O.
//
// A policy document is strict JSON (`policyId, policyVersion, schemaVersion, signalsSchema,
// rules`). It is compiled once, whole or not at all; binding signals and evaluating then allocate
// nothing on the common path. The first rule whose condition holds decides. Anything that cannot be
// decided is an Error with a refusal code (signal_missing, signal_type, signal_range,
// signal_unknown, evaluation_error) and a pointer: never `false`.
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

enum class SignalType : std::uint8_t { integer, number, boolean, string, enumeration };

/// One declared signal. Bounds are inclusive; lengths are Unicode code points.
struct SignalDeclaration {
    std::string name;  // [A-Za-z_][A-Za-z0-9_]{0,63}
    SignalType type;
    bool required = true;
    std::optional<std::int64_t> integer_minimum, integer_maximum;
    std::optional<double> number_minimum, number_maximum;
    std::size_t length_minimum = 0;
    std::size_t length_maximum;       // limits::kStringSignalBytesMax when the document says nothing
    std::vector<std::string> values;  // enumeration only
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

/// One bound signal. `string` views the text that was bound.
struct Slot {
    enum class Kind : std::uint8_t { absent, integer, number, boolean, string };
    Kind kind = Kind::absent;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;
    std::string_view string = {};
};

/// Signals that satisfy the schema of one policy, by slot (the order of `Policy::signals()`).
/// Reuse one object between calls to avoid allocation.
using Slots = std::vector<Slot>;

struct Program;  // the flat program; program.hpp

/// For one rule: whether its condition held, and the JSON pointer (into the policy document) of the
/// first condition that settled it.
struct RuleTrace {
    std::string rule;
    bool holds;
    std::string deciding;
};

/// A compiled policy. Immutable; any number of threads may use it at once.
class Policy {
  public:
    Policy(Policy&&) noexcept;
    Policy& operator=(Policy&&) noexcept;
    ~Policy();

    const PolicyId& id() const;
    const PolicyVersion& version() const;
    const std::string& schema_version() const;
    std::span<const SignalDeclaration> signals() const;  // sorted by name
    std::span<const Rule> rules() const;
    /// SHA-256 of the canonical JSON of `signalsSchema`.
    const Digest& schema_digest() const;

    /// Checks `signals` (any JSON value) against the schema and fills `slots`. Over the declared
    /// and the given names together in JCS order, the first fault decides: so the refusal does not
    /// depend on the order of members. Pointers are `/signals/<name>`, or `/signals` when it is not
    /// an object.
    Status bind(json::Value signals, Slots& slots) const;

    /// The rule that decides. Errors: signal_missing (a condition reached an optional signal that
    /// is absent), evaluation_error (no rule holds: impossible after the catch-all check, refused
    /// all the same).
    Result<const Rule*> evaluate(std::span<const Slot> slots) const;
    /// The same verdict, with the reason for each rule looked at, in order.
    Result<const Rule*> evaluate_traced(std::span<const Slot> slots, std::vector<RuleTrace>& trace) const;

  private:
    friend struct Compiler;
    explicit Policy(std::unique_ptr<const Program> program);
    std::unique_ptr<const Program> program_;
};

/// One finding of the checker. `line` and `column` are one-based; `pointer` points into the
/// document.
struct Diagnostic {
    std::size_t line;
    std::size_t column;
    std::string message;
    std::string pointer;
    bool operator==(const Diagnostic&) const = default;
};

/// All findings, in document order; empty when the document compiles. Findings: malformed JSON,
/// unknown or missing keys, wrong types, unknown signals, operands that do not fit the signal's
/// type or range, empty `any`, duplicate rule ids, no catch-all at the end (`{"all":[]}`), rules
/// behind a catch-all, limits of `limits.hpp`.
std::vector<Diagnostic> check(std::string_view source);

/// Compiles, or fails with policy_invalid and the first finding ("line:column: message").
Result<Policy> compile(std::string_view source);

/// The profile that `compile` implements; stands in bundle manifests and in provenance.
inline constexpr std::string_view kLanguageProfile = "parmana-rules/1";
/// The only value of `schemaVersion`.
inline constexpr std::string_view kSchemaVersion = "1.0.0";

}  // namespace parmana::policy
