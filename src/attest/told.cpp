// What an answer tells of a decision.
#include "attest/attest.hpp"
#include "base/invariant.hpp"

namespace parmana::attest {
namespace {

/// A stored document is canonical JSON that this program wrote, read back through checked digests.
json::Document reread(std::string_view text) {
    auto document = json::parse(text);
    INVARIANT(document.has_value());
    return *std::move(document);
}

json::Value member(json::Value object, std::string_view name) {
    const auto found = object.find(name);
    INVARIANT(found.has_value());
    return *found;
}

std::string wire_digest(json::Value predicate, std::string_view name) {
    return "sha256:" + std::string(member(member(member(predicate, name), "digest"), "sha256").string());
}

std::string release_of(json::Value predicate) {
    const auto release = predicate.find("release");
    if (!release) return {};
    return release->find("name") ? "development" : wire_digest(predicate, "release");
}

}  // namespace

Told tell(const decide::EvaluateRequest& request, const decide::Decision& decision, const Scene& scene) {
    return {std::string(policy::wire_name(decision.rule->outcome.verdict)),
            to_wire(request.fingerprint.value()),
            std::string(decision.policy->policy.language_profile()),
            to_wire(decision.policy->hash.value()),
            decision.rule->outcome.reason,
            decision.rule->id,
            to_wire(scene.runtime_hash.value()),
            to_wire(decision.policy->policy.schema_digest()),
            scene.release != nullptr ? to_wire(*scene.release) : "development"};
}

Told tell(std::string_view record, std::string_view statement) {
    const json::Document kept = reread(record);
    const json::Document said = reread(statement);
    const json::Value predicate = member(said.root(), "predicate");
    const auto text = [&kept](std::string_view name) {
        return std::string(member(kept.root(), name).string());
    };
    return {text("decision"),
            text("executionFingerprint"),
            std::string(member(predicate, "languageProfile").string()),
            text("policyHash"),
            text("reason"),
            text("rule"),
            wire_digest(predicate, "runtime"),
            wire_digest(predicate, "schema"),
            release_of(predicate)};
}

}  // namespace parmana::attest
