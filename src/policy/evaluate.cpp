// Running a policy's program, with and without the reasons.
#include "base/invariant.hpp"
#include "policy/names.hpp"
#include "policy/program.hpp"

namespace parmana::policy {
namespace {

std::string described(const Program& program, const cel::Failure& failure, Place place) {
    std::string out;
    if (place.rule >= 0) out = "rule " + in_backticks(program.rules[static_cast<std::size_t>(place.rule)].id) + ": ";
    if (place.variable >= 0)
        out = "variable " + in_backticks(program.variables[static_cast<std::size_t>(place.variable)].name) + ": ";
    out += cel::describe(failure.fault);
    if (!out.empty() && (place.rule >= 0 || place.variable >= 0))
        out += " at offset " + std::to_string(place.offset) + (place.rule >= 0 ? " of its condition" : "");
    return out;
}

[[gnu::cold]] std::unexpected<Error> refuse(const Program& program, const cel::Failure& failure) {
    const Place place = failure.expression < program.places.size() ? program.places[failure.expression] : Place{};
    if (place.slot >= 0 && failure.fault == cel::Fault::unknown_variable) {
        const std::string& name = program.signals[static_cast<std::size_t>(place.slot)].name;
        return fail(Code::signal_missing, "signal " + in_backticks(name) + " is missing",
                    "/signals" + pointer_token(name));
    }
    const Code code = failure.fault == cel::Fault::cost_exceeded ? Code::cost_exceeded : Code::evaluation_error;
    return fail(code, described(program, failure, place));
}

/// Walks the skeleton of one condition, evaluating atoms from left to right.
class Tracer {
  public:
    Tracer(const Program& program, Slots& slots, RuleTrace& trace)
        : program_(program), slots_(slots), trace_(trace), strict_(program.language_profile == kRulesProfile) {}

    /// Nothing for an error.
    std::optional<bool> holds(const Skeleton& at) {
        switch (at.kind) {
            case Skeleton::Kind::atom:
                return atom(at);
            case Skeleton::Kind::negation: {
                const auto inner = holds(at.parts.front());
                return inner ? std::optional(!*inner) : inner;
            }
            case Skeleton::Kind::all:
                return join(at, false);
            case Skeleton::Kind::any:
                return join(at, true);
        }
        INVARIANT(false);
    }

  private:
    std::optional<bool> atom(const Skeleton& at) {
        const cel::Value value = slots_.machine.run(*program_.code, at.entry, slots_.values);
        std::optional<bool> outcome;
        if (value.is(cel::Kind::boolean)) outcome = value.boolean;
        if (value.is(cel::Kind::integer)) outcome = value.integer != 0;
        trace_.conditions.push_back({at.text, outcome});
        trace_.deciding = at.text;
        return outcome;
    }

    /// `settling` is the value of a part that decides: false for `all`, true for `any`. An error is kept until a later
    /// part decides, and ends the walk in parmana-rules/1.
    std::optional<bool> join(const Skeleton& at, bool settling) {
        if (at.parts.empty()) {
            trace_.deciding = at.text;
            return !settling;
        }
        bool failed = false;
        for (const Skeleton& part : at.parts) {
            const auto outcome = holds(part);
            if (outcome == settling) return settling;
            failed = failed || !outcome;
            if (failed && strict_) return std::nullopt;
        }
        return failed ? std::nullopt : std::optional(!settling);
    }

    const Program& program_;
    Slots& slots_;
    RuleTrace& trace_;
    bool strict_;
};

void append_texts(const Skeleton& at, std::vector<std::string>& out) {
    if (at.kind == Skeleton::Kind::atom) out.push_back(at.text);
    for (const Skeleton& part : at.parts)
        append_texts(part, out);
}

}  // namespace

Result<const Rule*> Policy::evaluate(Slots& slots) const {
    const Program& program = *program_;
    if (slots.values.size() != program.signals.size())
        return fail(Code::evaluation_error, "the signals were not bound by this policy");
    const cel::Value value = slots.machine.run(*program.code, program.main, slots.values);
    if (value.is(cel::Kind::integer)) [[likely]] {
        return &program.rules[static_cast<std::size_t>(value.integer)];
    }
    INVARIANT(value.is(cel::Kind::error));
    return refuse(program, value.failure);
}

Result<const Rule*> Policy::evaluate_traced(Slots& slots, std::vector<RuleTrace>& trace) const {
    trace.clear();
    auto verdict = evaluate(slots);
    if (slots.values.size() != program_->signals.size()) return verdict;
    bool hit = false;
    for (const std::uint32_t rule : program_->order) {
        // The catch-all of a table holds when nothing else does.
        const bool last = rule + 1 == program_->rules.size();
        if (last && hit) break;
        RuleTrace step{program_->rules[rule].id, false, {}};
        const auto holds = Tracer(*program_, slots, step).holds(program_->skeletons[rule]);
        if (!holds) break;  // the verdict says which error that was
        step.holds = *holds;
        trace.push_back(std::move(step));
        hit = hit || *holds;
        const bool one_is_enough =
            program_->hit_policy == HitPolicy::first || program_->hit_policy == HitPolicy::priority;
        if (hit && one_is_enough) break;
    }
    return verdict;
}

void Policy::examine(Slots& slots, std::vector<RuleTrace>& trace) const {
    trace.clear();
    for (std::size_t rule = 0; rule < program_->rules.size(); ++rule) {
        RuleTrace step{program_->rules[rule].id, false, {}};
        const auto holds = Tracer(*program_, slots, step).holds(program_->skeletons[rule]);
        step.holds = holds.value_or(false);
        step.failed = !holds.has_value();
        trace.push_back(std::move(step));
    }
}

Result<const Rule*> judge(const Policy& policy, json::Value signals, const std::optional<json::Value>& action,
                          Slots& slots) {
    TRY(policy.bind(signals, slots));
    TRY(policy.check_action(signals, action));
    return policy.evaluate(slots);
}

Result<const Rule*> judge_traced(const Policy& policy, json::Value signals,
                                 const std::optional<json::Value>& action, Slots& slots,
                                 std::vector<RuleTrace>& trace) {
    trace.clear();
    TRY(policy.bind(signals, slots));
    TRY(policy.check_action(signals, action));
    return policy.evaluate_traced(slots, trace);
}

std::vector<std::vector<std::string>> Policy::conditions() const {
    std::vector<std::vector<std::string>> out;
    for (const Skeleton& skeleton : program_->skeletons)
        append_texts(skeleton, out.emplace_back());
    return out;
}

}  // namespace parmana::policy
