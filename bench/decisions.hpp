// What a policy decides, in words, and the digest of many decisions: the same for every build and engine.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::bench {

/// `approved`, `rejected`, `override_required`, or `refused`.
inline std::string_view decision(const policy::Policy& policy, json::Value signals, policy::Slots& slots) {
    if (!policy.bind(signals, slots)) return "refused";
    const auto rule = policy.evaluate(slots);
    return rule ? policy::wire_name((*rule)->outcome.verdict) : "refused";
}

/// SHA-256 in hexadecimal of each decision and a newline behind it.
inline std::string decisions_digest(const policy::Policy& policy, std::span<const json::Document> documents) {
    policy::Slots slots;
    crypto::Sha256 digest;
    for (const json::Document& document : documents) {
        digest.update(decision(policy, document.root(), slots));
        digest.update("\n");
    }
    return to_hex(view_of(digest.finish()));
}

}  // namespace parmana::bench
