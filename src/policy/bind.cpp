// Binding: the signals of one request against the schema of one policy.
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

cel::Value bound(const SignalDeclaration& signal, json::Value value, cel::Arena& arena);

cel::Value bound_list(const SignalDeclaration& signal, json::Value value, cel::Arena& arena) {
    auto* items = arena.allocate_array<cel::Value>(value.size());
    std::size_t size = 0;
    for (const json::Value item : value.elements())
        items[size++] = bound(signal.elements.front(), item, arena);
    auto* list = arena.allocate_array<cel::List>(1);
    *list = {items, static_cast<std::uint32_t>(size)};
    return cel::Value::from(list);
}

/// `make_map` puts the entries into its own order; no name stands twice in a JSON object.
cel::Value bound_map(const SignalDeclaration& signal, json::Value value, cel::Arena& arena) {
    auto* entries = arena.allocate_array<cel::MapEntry>(value.size());
    std::size_t size = 0;
    for (const json::Value item : value.members())
        entries[size++] = {cel::Value::string(item.name()), bound(signal.elements.front(), item, arena)};
    return arena.make_map({entries, size});
}

/// Requires a value that fits the signal.
cel::Value bound(const SignalDeclaration& signal, json::Value value, cel::Arena& arena) {
    switch (signal.type) {
        case SignalType::integer:
            return cel::Value::from(value.integer());
        case SignalType::number:
            return cel::Value::from(value.number());
        case SignalType::boolean:
            return cel::Value::from(value.boolean());
        case SignalType::string:
        case SignalType::enumeration:
            return cel::Value::string(value.string());
        case SignalType::timestamp: {
            const auto instant = civil::parse_rfc3339(value.string());
            return cel::Value::timestamp(instant->seconds, instant->nanos);
        }
        case SignalType::duration: {
            const auto span = read_duration(value.string());
            return cel::Value::duration(span->seconds, span->nanos);
        }
        case SignalType::list:
            return bound_list(signal, value, arena);
        case SignalType::map:
            return bound_map(signal, value, arena);
    }
    return {};
}

Status bind_members(std::span<const SignalDeclaration> declared, bool optionals, json::Value given, Slots& slots) {
    std::size_t next = 0;
    std::string inside;
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
        if (const Misfit fault = misfit(signal, value, inside); fault != Misfit::none) [[unlikely]] {
            return refuse_misfit(signal, fault, inside);
        }
        cel::Value& slot = slots.values[next];
        slot = bound(signal, value, slots.arena);
        if (optionals && !signal.required) slot = slots.arena.make_optional(slot);
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
    slots.values.clear();
    slots.arena.reset();
    if (!signals.is(json::Type::object)) {
        return fail(Code::signal_type, "the signals must be an object", "/signals");
    }
    // In parmana-cel/1 an optional signal is an optional value; in parmana-rules/1 it is there or not.
    const bool optionals = program_->language_profile == kCelProfile;
    const auto nothing = optionals ? cel::Value::optional_from(nullptr) : cel::Value();
    slots.values.resize(program_->signals.size(), nothing);
    Status status = bind_members(program_->signals, optionals, signals, slots);
    // Half-bound signals must not be mistaken for a request that left the optional ones out.
    if (!status.has_value()) slots.values.clear();
    return status;
}

namespace {

std::optional<json::Value> at_path(const std::optional<json::Value>& action, const std::vector<std::string>& path) {
    std::optional<json::Value> at = action;
    for (std::size_t i = 1; i < path.size() && at; ++i)
        at = at->is(json::Type::object) ? at->find(path[i]) : std::nullopt;
    return at;
}

/// Equal as JSON: the same type and the same canonical form.
bool same(const std::optional<json::Value>& a, const std::optional<json::Value>& b) {
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
        if (same(signals.find(binding.signal), at_path(action, binding.path))) continue;
        return refuse(Code::signal_unbound, binding.signal,
                      "is not what " + in_backticks(joined(binding.path)) + " says");
    }
    return {};
}

}  // namespace parmana::policy
