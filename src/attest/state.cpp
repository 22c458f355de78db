#include "attest/attest.hpp"
#include "base/invariant.hpp"
#include "civil/civil.hpp"

namespace parmana::attest {
namespace {

constexpr std::string_view kNul("\0", 1);

std::string hex(const Digest& digest) {
    return to_hex(view_of(digest));
}

void append_digest(json::Writer& writer, std::string_view name, const Digest& digest) {
    writer.name(name).object().name("digest").object();
    writer.name("sha256").string(hex(digest)).end().end();
}

void append_policy(json::Writer& writer, const decide::EvaluateRequest& request,
                   const decide::GovernedPolicy* policy) {
    writer.name("policy").object();
    if (policy != nullptr) {
        writer.name("digest").object().name("sha256").string(hex(policy->hash.value())).end();
    }
    writer.name("id").string(request.policy_id.value());
    writer.name("version").string(request.policy_version.value()).end();
}

/// Loudly: a runtime that no release admits says so in everything that it decides.
void append_release(json::Writer& writer, const Scene& scene) {
    if (scene.release != nullptr) return append_digest(writer, "release", *scene.release);
    writer.name("release").object().name("name").string("development").end();
}

/// Everything of a statement around its predicate.
template <class Predicate>
std::string statement(std::string_view type, std::string_view subject, const std::string& record,
                      Predicate predicate) {
    std::string out;
    out.reserve(1536);
    json::Writer writer(out);
    writer.object().name("_type").string(kStatementType);
    writer.name("predicate").object();
    predicate(writer);
    writer.end().name("predicateType").string(type);
    const std::string record_digest = hex(crypto::sha256(record));
    writer.name("subject").array().object().name("digest").object();
    writer.name("sha256").string(record_digest).end();
    writer.name("name").string(subject).end().end().end();
    INVARIANT(out.ends_with(statement_tail(type, record_digest, subject)));
    return out;
}

/// The members that records of both kinds begin with.
void begin_record(json::Writer& writer, const decide::EvaluateRequest& request, const Blind& blind) {
    writer.object();
    if (!request.action_json.empty()) writer.name("action").raw(request.action_json);
    writer.name("blind").string(hex(blind.value())).name("blindEpoch").integer(kBlindEpoch);
}

void append_identity(json::Writer& writer, const decide::EvaluateRequest& request,
                     const decide::ExecutionId& execution_id) {
    writer.name("executionFingerprint").string(to_wire(request.fingerprint.value()));
    writer.name("executionId").string(execution_id.value());
}

std::string decision_record(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
                            const decide::Decision& decision, const Scene& scene, const Blind& blind) {
    std::string out;
    out.reserve(1024);
    json::Writer writer(out);
    begin_record(writer, request, blind);
    writer.name("decision").string(policy::wire_name(decision.rule->outcome.verdict));
    append_identity(writer, request, execution_id);
    writer.name("kind").string("decision").name("origin").string(scene.origin.value());
    writer.name("policyHash").string(to_wire(decision.policy->hash.value()));
    writer.name("policyId").string(request.policy_id.value());
    writer.name("policyVersion").string(request.policy_version.value());
    writer.name("reason").string(decision.rule->outcome.reason).name("rule").string(decision.rule->id);
    writer.name("signals").raw(request.signals_json).name("tenant").string(scene.tenant.value()).end();
    return out;
}

std::string refusal_record(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
                           const decide::Refusal& refusal, const Scene& scene, const Blind& blind) {
    std::string out;
    json::Writer writer(out);
    begin_record(writer, request, blind);
    writer.name("code").string(wire_name(refusal.why.code));
    append_identity(writer, request, execution_id);
    writer.name("kind").string("refusal").name("origin").string(scene.origin.value());
    writer.name("pointer").string(refusal.why.pointer);
    if (refusal.policy != nullptr) writer.name("policyHash").string(to_wire(refusal.policy->hash.value()));
    writer.name("policyId").string(request.policy_id.value());
    writer.name("policyVersion").string(request.policy_version.value());
    writer.name("signals").raw(request.signals_json).name("tenant").string(scene.tenant.value()).end();
    return out;
}

}  // namespace

Blind make_blind(const BlindKey& key, const trust::Origin& origin, const trust::Tenant& tenant,
                 const decide::ExecutionId& execution_id) {
    return Blind(crypto::hmac_sha256(key.expose(),
                                     {origin.value(), kNul, tenant.value(), kNul, execution_id.value()}));
}

decide::ExecutionId derive_execution_id(const BlindKey& key, const decide::RequestDigest& digest) {
    const Digest derived = crypto::hmac_sha256(
        key.expose(), {"parmana derived execution identity", kNul, view_of(digest.value())});
    return decide::ExecutionId("d_" + to_base32(view_of(derived).substr(0, 20)));
}

std::string blinded_digest(const Blind& blind, std::string_view canonical) {
    return "hmac-sha256:" + hex(crypto::hmac_sha256(view_of(blind.value()), {canonical}));
}

std::string statement_tail(std::string_view predicate_type, std::string_view record_digest_hex,
                           std::string_view subject_name) {
    std::string out = "\"predicateType\":\"";
    out += predicate_type;
    out += R"(","subject":[{"digest":{"sha256":")";
    out += record_digest_hex;
    out += R"("},"name":")";
    out += subject_name;
    out += R"("}]})";
    return out;
}

std::string subject_name(const decide::ExecutionId& execution_id) {
    return "execution:" + execution_id.value();
}

Stated state(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
             const decide::Decision& decision, const Scene& scene) {
    const Blind blind = make_blind(scene.blind_key, scene.origin, scene.tenant, execution_id);
    Stated out{decision_record(request, execution_id, decision, scene, blind), {}};
    out.statement =
        statement(kDecisionType, subject_name(execution_id), out.record, [&](json::Writer& writer) {
            if (!request.action_json.empty()) {
                writer.name("actionDigest").string(blinded_digest(blind, request.action_json));
            }
            writer.name("decision").string(policy::wire_name(decision.rule->outcome.verdict));
            writer.name("executionId").string(execution_id.value());
            writer.name("languageProfile").string(decision.policy->policy.language_profile());
            writer.name("origin").string(scene.origin.value());
            append_policy(writer, request, decision.policy);
            append_release(writer, scene);
            writer.name("rule").string(decision.rule->id);
            append_digest(writer, "runtime", scene.runtime_hash.value());
            append_digest(writer, "schema", decision.policy->policy.schema_digest());
            writer.name("signalsDigest").string(blinded_digest(blind, request.signals_json));
            writer.name("tenant").string(scene.tenant.value());
        });
    return out;
}

Stated state(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
             const decide::Refusal& refusal, const Scene& scene) {
    const Blind blind = make_blind(scene.blind_key, scene.origin, scene.tenant, execution_id);
    Stated out{refusal_record(request, execution_id, refusal, scene, blind), {}};
    out.statement =
        statement(kRefusalType, subject_name(execution_id), out.record, [&](json::Writer& writer) {
            writer.name("code").string(wire_name(refusal.why.code));
            writer.name("executionId").string(execution_id.value());
            writer.name("origin").string(scene.origin.value());
            append_policy(writer, request, refusal.policy);
            append_release(writer, scene);
            writer.name("requestDigest").string(blinded_digest(blind, view_of(request.digest.value())));
            append_digest(writer, "runtime", scene.runtime_hash.value());
            writer.name("tenant").string(scene.tenant.value());
        });
    return out;
}

std::string runtime_manifest(const RuntimeFacts& facts) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("compiler").string(facts.compiler);
    if (facts.executable) writer.name("executableDigest").string(to_wire(*facts.executable));
    writer.name("flags").string(facts.flags);
    writer.name("languageProfiles").array();
    for (const std::string_view profile : policy::kProfiles)
        writer.string(profile);
    writer.end();
    writer.name("predicateTypes").array().string(kDecisionType).string(kGroupType).string(kKeyEventType);
    writer.string(kPolicyEventType).string(kRefusalType).string(kReleaseEventType).string(kReplayType).end();
    writer.name("program").string("parmana");
    writer.name("schemaVersions").array();
    for (const std::string_view version : policy::kSchemaVersions)
        writer.string(version);
    writer.end().name("sourceRevision").string(facts.source_revision);
    writer.name("timeZoneData").string(civil::zone_data_version());
    writer.name("version").string(facts.version).end();
    return out;
}

RuntimeHash runtime_hash(std::string_view manifest) {
    return RuntimeHash(crypto::sha256(manifest));
}

}  // namespace parmana::attest
