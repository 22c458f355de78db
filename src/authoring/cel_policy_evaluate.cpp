// Running a policy: its value, the reasons for it, and what its invariants say of one input.
#include <algorithm>

#include "authoring/cel_policy_content.hpp"
#include "authoring/cel_policy_value.hpp"
#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {
namespace {

using Judgement = CelPolicy::Judgement;
using policy::in_backticks;

/// Fills the slots; the one behind the variables is left for the result.
Status bind(const Content& content, const CelPolicy::Input& input, std::vector<cel::Value>& slots) {
    slots.assign(content.inputs.size() + 1, cel::Value());
    for (const auto& [name, value] : input) {
        const auto found = std::ranges::find(content.inputs, name, &cel::VariableDeclaration::name);
        if (found == content.inputs.end())
            return fail(Code::signal_unknown, "the config declares no variable " + in_backticks(name),
                        "/" + name);
        if (value.is(cel::Kind::absent)) continue;
        if (!fits(value, found->type)) {
            return fail(Code::signal_type,
                        "variable " + in_backticks(name) + " is not of type " + cel::to_string(found->type),
                        "/" + name);
        }
        slots[static_cast<std::size_t>(found - content.inputs.begin())] = value;
    }
    return {};
}

std::string at(yaml::Position place) {
    return " at line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

std::optional<yaml::Position> position_of(const Content& content, std::uint32_t expression) {
    if (expression >= content.places.size() || !content.places[expression]) return std::nullopt;
    const Place place = *content.places[expression];
    return content.scalars[place.scalar].position_of(place.offset);
}

std::unexpected<Error> refuse(const Content& content, const cel::Failure& failure) {
    const auto place = position_of(content, failure.expression);
    const Code code = failure.fault == cel::Fault::cost_exceeded      ? Code::cost_exceeded
                      : failure.fault == cel::Fault::unknown_variable ? Code::signal_missing
                                                                      : Code::evaluation_error;
    return fail(code, std::string(cel::describe(failure.fault)) + (place ? at(*place) : ""));
}

/// What a text is at its place, for a value that may be an error or of another type.
std::unexpected<Error> refuse(const Content& content, const cel::Value& value, yaml::Node text) {
    if (value.is(cel::Kind::error)) return refuse(content, value.failure);
    return fail(Code::evaluation_error,
                std::string(cel::describe(cel::Fault::no_such_overload)) + at(text.position_of(0)));
}

Result<std::string> explain(const Content& content, const Content::Output& output,
                            CelPolicy::Memory& memory) {
    const cel::Value text = memory.explaining.run(*content.program, *output.explanation, memory.slots);
    if (!text.is(cel::Kind::string)) return refuse(content, text, output.text);
    return std::string(text.view());
}

/// Looks at claims until one does not hold.
bool hold(const Content& content, std::span<const Content::Claim> claims, CelPolicy::Memory& memory,
          Judgement& judgement) {
    for (const Content::Claim& claim : claims) {
        const cel::Value value = memory.explaining.run(*content.program, claim.entry, memory.slots);
        if (value.is(cel::Kind::boolean) && value.boolean) continue;
        const yaml::Position place = claim.text.position_of(0);
        judgement.line = place.line;
        judgement.column = place.column;
        if (!value.is(cel::Kind::boolean)) {
            judgement.kind = Judgement::Kind::failed;
            judgement.message = refuse(content, value, claim.text).error().detail;
        }
        return false;
    }
    return true;
}

Judgement judgement_of(const Content& content, const Content::CompiledInvariant& invariant,
                       CelPolicy::Memory& memory) {
    Judgement out{.invariant = invariant.id, .kind = Judgement::Kind::not_assumed};
    if (!hold(content, invariant.assumptions, memory, out)) return out;
    out.kind = Judgement::Kind::violated;
    if (hold(content, invariant.assertions, memory, out)) out.kind = Judgement::Kind::holds;
    return out;
}

}  // namespace

}  // namespace parmana::authoring::cel_policy

namespace parmana::authoring {

using namespace cel_policy;

CelPolicy::CelPolicy(std::unique_ptr<const Content> content) : content_(std::move(content)) {}
CelPolicy::CelPolicy(CelPolicy&&) noexcept = default;
CelPolicy& CelPolicy::operator=(CelPolicy&&) noexcept = default;
CelPolicy::~CelPolicy() = default;

const std::string& CelPolicy::name() const {
    return content_->name;
}
const std::string& CelPolicy::description() const {
    return content_->description;
}
const cel::Type& CelPolicy::output_type() const {
    return content_->type;
}

Result<CelPolicy::Outcome> CelPolicy::evaluate(const Input& input, Memory& memory) const {
    TRY(bind(*content_, input, memory.slots));
    Outcome out{memory.deciding.run(*content_->program, content_->main, memory.slots), {}};
    if (out.value.is(cel::Kind::error)) return refuse(*content_, out.value.failure);
    for (const std::uint32_t mark : memory.deciding.marks()) {
        const Content::Output& output = content_->outputs[mark];
        const yaml::Position place = output.text.position_of(0);
        Reason& reason = out.reasons.emplace_back(Reason{place.line, place.column, std::nullopt});
        if (output.explanation) reason.explanation = explain(*content_, output, memory);
    }
    return out;
}

Result<std::vector<CelPolicy::Judgement>> CelPolicy::judge(const Input& input, Memory& memory) const {
    const Outcome outcome = TRY(evaluate(input, memory));
    memory.slots.back() = outcome.value;
    std::vector<Judgement> out;
    for (const Content::CompiledInvariant& invariant : content_->invariants)
        out.push_back(judgement_of(*content_, invariant, memory));
    return out;
}

}  // namespace parmana::authoring
