// Any bytes as a policy document. What compiles is then asked about signals derived from the same
// bytes: binding and evaluating must end, and both evaluations must agree.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "policy/policy.hpp"

namespace parmana {
namespace {

/// A value for the signal from a few bits; now and then one of a wrong type or range, or none at
/// all.
std::string value_for(const policy::SignalDeclaration& signal, std::uint8_t bits) {
    if (bits % 16 == 0) return "";
    if (bits % 16 == 1) return "null";
    std::string out;
    switch (signal.type) {
        case policy::SignalType::integer:
            return std::to_string(signal.integer_minimum.value_or(0) + bits / 16);
        case policy::SignalType::number:
            json::append_number(out, signal.number_maximum.value_or(100.5) - bits / 16);
            return out;
        case policy::SignalType::boolean:
            return bits % 2 == 0 ? "true" : "false";
        case policy::SignalType::string:
            return '"' + std::string(signal.length_minimum + bits / 16, 'x') + '"';
        case policy::SignalType::enumeration:
            append_json_string(out, signal.values[bits % signal.values.size()]);
            return out;
        case policy::SignalType::timestamp:
            return "\"2024-02-29T12:00:" + std::to_string(10 + bits / 16) + "Z\"";
        case policy::SignalType::duration:
            return '"' + std::to_string(bits / 16) + "h30m\"";
        case policy::SignalType::list:
        case policy::SignalType::map:
            break;
    }
    const bool list = signal.type == policy::SignalType::list;
    for (std::size_t i = 0; i < signal.length_minimum + bits / 64; ++i) {
        const std::string element = value_for(signal.elements.front(), static_cast<std::uint8_t>(bits + i));
        if (element.empty()) continue;
        if (!out.empty()) out += ',';
        out += (list ? "" : "\"k" + std::to_string(i) + "\":") + element;
    }
    return list ? '[' + out + ']' : '{' + out + '}';
}

std::string signals_for(const policy::Policy& policy, std::string_view bytes) {
    std::string out = "{";
    std::size_t at = 0;
    for (const policy::SignalDeclaration& signal : policy.signals()) {
        const std::string value = value_for(signal, static_cast<std::uint8_t>(bytes[at++ % bytes.size()]));
        if (value.empty()) continue;
        if (out.size() > 1) out += ",";
        append_json_string(out, signal.name);
        out += ":" + value;
    }
    return out + "}";
}

void try_policy(std::string_view source) {
    const bool clean = policy::check(source).empty();
    const Result<policy::Policy> policy = policy::compile(source);
    INVARIANT(policy.has_value() == clean);
    if (!clean) return;
    const Result<json::Document> given = json::parse(signals_for(*policy, source));
    if (!given.has_value()) return;  // a number beyond what the reader takes
    policy::Slots slots;
    if (!policy->bind(given->root(), slots).has_value()) return;
    const auto rule = policy->evaluate(slots);
    std::vector<policy::RuleTrace> trace;
    const auto again = policy->evaluate_traced(slots, trace);
    INVARIANT(rule.has_value() == again.has_value());
    if (rule.has_value()) {
        const auto decides = [&](const policy::RuleTrace& step) {
            return step.rule == (*rule)->id && step.holds;
        };
        INVARIANT(*rule == *again && std::ranges::any_of(trace, decides));
    } else {
        const Code code = rule.error().code;
        INVARIANT(rule.error() == again.error());
        INVARIANT(code == Code::signal_missing || code == Code::evaluation_error ||
                  code == Code::cost_exceeded);
    }
}

}  // namespace
}  // namespace parmana

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parmana::try_policy({reinterpret_cast<const char*>(data), size});
    return 0;
}
