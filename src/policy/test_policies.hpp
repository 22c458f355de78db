// Documents and shorthands for the tests of the module.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "policy/policy.hpp"

namespace parmana::policy {

inline std::string document(std::string_view signals, std::string_view rules) {
    std::string out =
        R"({"policyId":"test","policyVersion":"1.0.0","schemaVersion":"1.0.0","signalsSchema":)";
    return out.append(signals).append(R"(,"rules":)").append(rules).append("}");
}

inline std::string rule(std::string_view id, std::string_view condition) {
    std::string out = R"({"id":")";
    out.append(id).append(R"(","condition":)").append(condition);
    return out + R"(,"outcome":{"action":"reject","requires_override":false,"reason":"because"}})";
}

/// A policy with the rule `hit` on this condition and the catch-all `rest`.
inline std::string one_condition(std::string_view signals, std::string_view condition) {
    return document(signals, "[" + rule("hit", condition) + "," + rule("rest", R"({"all":[]})") + "]");
}

inline Policy must_compile(std::string_view source) {
    Result<Policy> policy = compile(source);
    if (!policy.has_value()) ADD_FAILURE() << policy.error().detail << "\n" << source;
    return std::move(policy).value();
}

inline std::string in_words(const Error& error) {
    return std::string(wire_name(error.code)) + " " + error.pointer;
}

/// The id of the rule that decides, or "code pointer" of the refusal.
inline std::string decide(const Policy& policy, std::string_view signals) {
    const Result<json::Document> document = json::parse(signals);
    if (!document.has_value()) return "unreadable: " + document.error().detail;
    Slots slots;
    if (const Status bound = policy.bind(document->root(), slots); !bound.has_value()) {
        return in_words(bound.error());
    }
    const Result<const Rule*> rule = policy.evaluate(slots);
    return rule.has_value() ? (*rule)->id : in_words(rule.error());
}

}  // namespace parmana::policy
