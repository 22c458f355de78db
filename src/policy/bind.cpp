// Binding: the signals of one request against the schema of one policy.
#include "policy/fit.hpp"
#include "policy/names.hpp"
#include "policy/program.hpp"

namespace parmana::policy {
namespace {

// Messages name the signal and never its value: they go to logs and answers.
[[gnu::cold]] std::unexpected<Error> refuse(Code code, std::string_view name, std::string_view fault) {
    std::string detail = "signal " + in_backticks(name) + " ";
    detail += fault;
    return fail(code, std::move(detail), "/signals" + pointer_token(name));
}

[[gnu::cold]] std::unexpected<Error> refuse_misfit(const SignalDeclaration& signal, Misfit misfit) {
    if (misfit == Misfit::type) {
        return refuse(Code::signal_type, signal.name, type_demand(signal.type));
    }
    return refuse(Code::signal_range, signal.name, range_fault(misfit));
}

/// Requires a value that fits the signal.
void fill(Slot& slot, SignalType type, json::Value value) {
    switch (type) {
        case SignalType::integer:
            slot.kind = Slot::Kind::integer;
            slot.integer = value.integer();
            return;
        case SignalType::number:
            slot.kind = Slot::Kind::number;
            slot.number = value.number();
            return;
        case SignalType::boolean:
            slot.kind = Slot::Kind::boolean;
            slot.boolean = value.boolean();
            return;
        case SignalType::string:
        case SignalType::enumeration:
            slot.kind = Slot::Kind::string;
            slot.string = value.string();
            return;
    }
}

Status bind_members(std::span<const SignalDeclaration> declared, json::Value given, Slots& slots) {
    std::size_t next = 0;
    // A merge of two lists in JCS order. Declared names are ASCII, and against an ASCII name the
    // order of bytes is the JCS order for every other name.
    for (const json::Value value : given.members()) {
        const std::string_view name = value.name();
        int order = 1;
        while (next < declared.size() && (order = declared[next].name.compare(name)) < 0) {
            if (declared[next].required) {
                return refuse(Code::signal_missing, declared[next].name, "is missing");
            }
            ++next;
        }
        if (next == declared.size() || order != 0) {
            return refuse(Code::signal_unknown, name, "is not declared by the policy");
        }
        const SignalDeclaration& signal = declared[next];
        if (const Misfit fault = misfit(signal, value); fault != Misfit::none) {
            return refuse_misfit(signal, fault);
        }
        fill(slots[next], signal.type, value);
        ++next;
    }
    for (; next < declared.size(); ++next) {
        if (declared[next].required) {
            return refuse(Code::signal_missing, declared[next].name, "is missing");
        }
    }
    return {};
}

}  // namespace

Status Policy::bind(json::Value signals, Slots& slots) const {
    slots.clear();
    if (!signals.is(json::Type::object)) {
        return fail(Code::signal_type, "the signals must be an object", "/signals");
    }
    slots.resize(program_->signals.size());
    Status status = bind_members(program_->signals, signals, slots);
    // Half-bound signals must not be mistaken for a request that left the optional ones out.
    if (!status.has_value()) slots.clear();
    return status;
}

}  // namespace parmana::policy
