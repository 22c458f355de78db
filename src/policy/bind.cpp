// Binding: the signals of one request against the schema of one policy.
#include <cstring>

#include "policy/fit.hpp"
#include "policy/names.hpp"
#include "policy/program.hpp"

namespace parmana::policy {
namespace {

// Messages name the signal and never its value: they go to logs and answers.
[[gnu::cold]] std::unexpected<Error> refuse(Code code, std::string_view name, std::string_view fault,
                                            std::string_view inside = {}) {
    std::string detail = (inside.empty() ? "signal " : "an element of signal ") + in_backticks(name) + " ";
    detail += fault;
    return fail(code, std::move(detail), "/signals" + pointer_token(name) + std::string(inside));
}

[[gnu::cold]] std::unexpected<Error> refuse_misfit(const SignalDeclaration& signal, Misfit misfit,
                                                   std::string_view inside) {
    const SignalDeclaration& at = inside.empty() ? signal : signal.elements.front();
    if (misfit == Misfit::type) return refuse(Code::signal_type, signal.name, type_demand(at.type), inside);
    return refuse(Code::signal_range, signal.name, range_fault(misfit), inside);
}

/// Names are short: word by word and without a call.
bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    const auto word = [](std::string_view text, std::size_t at) {
        std::uint64_t out;
        std::memcpy(&out, text.data() + at, sizeof out);
        return out;
    };
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (a.size() < kWord) return a == b;
    for (std::size_t at = 0; at + kWord < a.size(); at += kWord)
        if (word(a, at) != word(b, at)) return false;
    return word(a, a.size() - kWord) == word(b, a.size() - kWord);
}

/// A merge of two lists in JCS order. Declared names are ASCII, and against an ASCII name the order of bytes
/// is the JCS order for every other name. Each slot is given a value, an optional signal that is left out
/// `nothing`.
class Merge {
  public:
    Merge(std::span<const SignalDeclaration> declared, bool optionals, Slots& slots)
        : declared_(declared),
          optionals_(optionals),
          nothing_(optionals ? cel::Value::optional_from(nullptr) : cel::Value()),
          slots_(slots) {}

    Status run(json::Value given) {
        for (const json::Value value : given.members()) {
            const std::string_view name = value.name();
            if (next_ == declared_.size() || !same(declared_[next_].name, name)) TRY(find(name));
            TRY(take(value));
        }
        while (next_ < declared_.size())
            TRY(leave_out());
        return {};
    }

  private:
    /// Makes the signal of this name the next.
    Status find(std::string_view name) {
        int order = 1;
        while (next_ < declared_.size() && (order = declared_[next_].name.compare(name)) < 0)
            TRY(leave_out());
        if (order != 0) return refuse(Code::signal_unknown, name, "is not declared by the policy");
        return {};
    }
    Status leave_out() {
        if (declared_[next_].required)
            return refuse(Code::signal_missing, declared_[next_].name, "is missing");
        slots_.values[next_++] = nothing_;
        return {};
    }
    Status take(json::Value value) {
        const SignalDeclaration& signal = declared_[next_];
        cel::Value& slot = slots_.values[next_++];
        if (const Misfit fault = fit(signal, value, slots_.arena, slot, inside_); fault != Misfit::none)
            [[unlikely]]
            return refuse_misfit(signal, fault, inside_);
        if (optionals_ && !signal.required) slot = slots_.arena.make_optional(slot);
        return {};
    }

    std::span<const SignalDeclaration> declared_;
    bool optionals_;
    cel::Value nothing_;
    Slots& slots_;
    std::size_t next_ = 0;
    std::string inside_;
};

}  // namespace

Status Policy::bind(json::Value signals, Slots& slots) const {
    slots.arena.reset();
    if (!signals.is(json::Type::object)) {
        slots.values.clear();
        return fail(Code::signal_type, "the signals must be an object", "/signals");
    }
    if (slots.values.size() != program_->signals.size()) slots.values.resize(program_->signals.size());
    Status status = Merge(program_->signals, program_->optionals, slots).run(signals);
    // Half-bound signals must not be mistaken for a request that left the optional ones out.
    if (!status.has_value()) slots.values.clear();
    return status;
}

namespace {

std::optional<json::Value> at_path(const std::optional<json::Value>& action,
                                   const std::vector<std::string>& path) {
    std::optional<json::Value> at = action;
    for (std::size_t i = 1; i < path.size() && at; ++i)
        at = at->is(json::Type::object) ? at->find(path[i]) : std::nullopt;
    return at;
}

/// Equal as JSON: the same type and the same canonical form.
bool are_equal(const std::optional<json::Value>& a, const std::optional<json::Value>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->type() == b->type() && json::canonical(*a) == json::canonical(*b);
}

}  // namespace

std::string joined(const std::vector<std::string>& path) {
    std::string out;
    for (const std::string& name : path)
        out += (out.empty() ? "" : ".") + name;
    return out;
}

Status Policy::check_action(json::Value signals, const std::optional<json::Value>& action) const {
    for (const Binding& binding : program_->bindings) {
        if (are_equal(signals.find(binding.signal), at_path(action, binding.path))) continue;
        return refuse(Code::signal_unbound, binding.signal,
                      "is not what " + in_backticks(joined(binding.path)) + " says");
    }
    return {};
}

}  // namespace parmana::policy
