// CEL Policy: rules around CEL in YAML, as the public project cel-expr/cel-policy defines them.
//
//   config text ──read_config──▶ Config ─┐
//   policy text ──compile_cel_policy─────┴─▶ CelPolicy ──evaluate──▶ Outcome
//
// A document has `name`, `description`, `imports` (short names), `rule` and `verification`. A rule has `id`,
// `description`, `variables` and either `match` or `aggregate`, a list of choices. A choice has a
// `condition`, which holds when it is left out, and either an `output` or a nested `rule`; `explanation` says
// why in words. Values of `condition`, `output`, `expression`, `explanation`, `assume` and `assert` are CEL,
// written as YAML strings.
//
// * `match`: the first choice whose condition holds decides. Where that has a nested rule that finds no
// match, an
//   unconditional choice falls through to the next one; one with a condition ends its rule without a match.
//   If some input may match nothing, the type is optional_type(T), and the value optional.none() or
//   optional.of(x).
// * `aggregate`: the list of the outputs of all choices that hold, in order; one whose nested rule finds no
// match
//   adds nothing. It may stand within a `match`, never within another `aggregate`, and always has a value.
// * Variables are read as `variables.NAME`, by what stands behind them, computed at most once and only when
// they are
//   read. Those of a nested rule hide those around it.
// * A choice is unconditional when its condition is left out or the literal `true`. One that is not the last
// of a
//   `match` and always has a value leaves those behind it out of reach: a finding. So is a condition that is
//   the literal `false` and, in an `aggregate`, one that is false and reads no variable.
// * All outputs of a rule agree in their type.
// * Invariants (`verification`): for an input that meets all of `assume`, all of `assert` hold, where
// `rule.result`
//   is the value of the policy. They can read the variables of the outermost rule.
//
// A document with `kind: ValidatingAdmissionPolicy` (cel_policy_admission.cpp) is a `match` as well.
// All is pure, and every evaluation is counted against limits::kCelCostMax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/finding.hpp"
#include "base/result.hpp"
#include "cel/program.hpp"

namespace parmana::authoring {

/// What policies can name. All extensions that there are (strings, math, encoders, bindings, optionals,
/// two-variable comprehensions) are always on, whether a text asks for them or not.
struct Config {
    std::string name = {};
    std::string container = {};
    std::vector<cel::VariableDeclaration> variables = {};  // names may be qualified: `resource.labels`
};

/// Reads `name`, `description`, `container`, `variables`, `extensions` and `stdlib.include_macros`. Findings:
/// other keys, wrong types, unknown types, extensions and macros, variables twice or within `variables` or
/// `rule`. `sets` is taken as the name of an extension; its functions are not there.
Written<Config> read_config(std::string_view yaml);

namespace cel_policy {
struct Content;  // cel_policy_content.hpp
struct Emission;
}  // namespace cel_policy

/// A compiled document. Immutable; any number of threads may use it at once, each with a Memory of its own.
class CelPolicy {
  public:
    /// Values by the names of variables. They must outlive the Outcome that is made of them. A variable may
    /// be left out: to read it is an error then.
    using Input = std::map<std::string, cel::Value, std::less<>>;

    /// The memory of evaluations; reuse one, for one thread at a time. An Outcome views it until its next
    /// use.
    struct Memory {
        cel::Machine deciding;
        cel::Machine explaining;
        std::vector<cel::Value> slots;
    };

    /// A choice that gave the value or, in an aggregate, one element of it: the place of its output.
    struct Reason {
        std::size_t line;
        std::size_t column;
        /// Nothing when the choice has none. A failure to explain does not change the value.
        std::optional<Result<std::string>> explanation;
    };

    struct Outcome {
        cel::Value value;
        std::vector<Reason> reasons;  // in the order of evaluation
    };

    /// What one input says about an invariant. `not_assumed` and `violated` are where the first expression
    /// stands that does not hold, `failed` where one has no value.
    struct Judgement {
        enum class Kind : std::uint8_t { holds, not_assumed, violated, failed };
        std::string invariant;
        Kind kind;
        std::size_t line = 0;
        std::size_t column = 0;
        std::string message = {};  // of a failure
    };

    CelPolicy(CelPolicy&&) noexcept;
    CelPolicy& operator=(CelPolicy&&) noexcept;
    ~CelPolicy();

    const std::string& name() const;
    const std::string& description() const;
    const cel::Type& output_type() const;

    /// Errors: signal_unknown and signal_type (a name that the config does not declare, a value not of its
    /// type; with a pointer), signal_missing, evaluation_error, cost_exceeded (each with line and column of
    /// the text, but for the cost).
    Result<Outcome> evaluate(const Input& input, Memory& memory) const;
    /// Every invariant for one input. Errors: those of `evaluate`.
    Result<std::vector<Judgement>> judge(const Input& input, Memory& memory) const;

  private:
    friend struct cel_policy::Emission;
    explicit CelPolicy(std::unique_ptr<const cel_policy::Content> content);
    std::unique_ptr<const cel_policy::Content> content_;
};

/// Compiles a whole document or says everything that is wrong with it. Findings: text that is not YAML,
/// unknown and missing keys, wrong types, CEL that does not check, and what stands above.
Written<CelPolicy> compile_cel_policy(std::string_view yaml, const Config& config);

}  // namespace parmana::authoring
