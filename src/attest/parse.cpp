#include "attest/attest.hpp"
#include "json/fields.hpp"

namespace parmana::attest {
namespace {

Result<std::string> constant(const json::Fields& fields, std::string_view name, std::string_view expected) {
    std::string value = TRY(fields.string(name));
    if (value != expected) return fields.invalid(name, "`" + std::string(expected) + "`");
    return value;
}

Result<policy::Verdict> verdict(const json::Fields& fields) {
    const auto verdict = policy::verdict_from_wire(TRY(fields.string("decision")));
    if (!verdict) return fields.invalid("decision", "`approved`, `rejected` or `override_required`");
    return *verdict;
}

/// `{"sha256": hex}` below `name` of `fields`.
Result<std::string> sha256_member(const json::Fields& fields, std::string_view name) {
    const auto digest = TRY(json::Fields::open(fields.any(name), fields.at(name), {"sha256"}));
    return digest.string("sha256");
}

Result<std::string> digest_of(const json::Fields& fields, std::string_view name) {
    const auto resource = TRY(json::Fields::open(fields.any(name), fields.at(name), {"digest"}));
    return sha256_member(resource, "digest");
}

Result<std::optional<SaidRelease>> read_release(const json::Fields& fields) {
    if (!fields.has("release")) return std::nullopt;
    const auto release =
        TRY(json::Fields::open(fields.any("release"), fields.at("release"), {}, {"digest", "name"}));
    if (release.has("digest") == release.has("name"))
        return fields.invalid("release", "either a digest or `development`");
    if (release.has("name")) {
        TRY(constant(release, "name", "development"));
        return SaidRelease{};
    }
    SaidRelease out;
    out.digest = TRY(sha256_member(release, "digest"));
    return out;
}

Status read_predicate(json::Value value, DecisionStatement& out) {
    const auto fields =
        TRY(json::Fields::open(value, "/predicate",
                               {"decision", "executionId", "languageProfile", "origin", "policy", "rule",
                                "runtime", "schema", "signalsDigest", "tenant"},
                               {"actionDigest", "release"}));
    if (fields.has("actionDigest")) out.action_digest = TRY(fields.string("actionDigest"));
    out.decision = TRY(verdict(fields));
    out.execution_id = TRY(fields.string("executionId"));
    out.language_profile = TRY(fields.string("languageProfile"));
    out.origin = TRY(fields.string("origin"));
    const auto policy =
        TRY(json::Fields::open(fields.any("policy"), fields.at("policy"), {"digest", "id", "version"}));
    out.policy_digest = TRY(sha256_member(policy, "digest"));
    out.policy_id = TRY(policy.string("id"));
    out.policy_version = TRY(policy.string("version"));
    out.release = TRY(read_release(fields));
    out.rule = TRY(fields.string("rule"));
    out.runtime_digest = TRY(digest_of(fields, "runtime"));
    out.schema_digest = TRY(digest_of(fields, "schema"));
    out.signals_digest = TRY(fields.string("signalsDigest"));
    out.tenant = TRY(fields.string("tenant"));
    return {};
}

Status read_predicate(json::Value value, RefusalStatement& out) {
    const auto fields = TRY(json::Fields::open(
        value, "/predicate",
        {"code", "executionId", "origin", "policy", "requestDigest", "runtime", "tenant"}, {"release"}));
    out.code = TRY(fields.string("code"));
    out.execution_id = TRY(fields.string("executionId"));
    out.origin = TRY(fields.string("origin"));
    const auto policy =
        TRY(json::Fields::open(fields.any("policy"), fields.at("policy"), {"id", "version"}, {"digest"}));
    if (policy.has("digest")) out.policy_digest = TRY(sha256_member(policy, "digest"));
    out.policy_id = TRY(policy.string("id"));
    out.policy_version = TRY(policy.string("version"));
    out.release = TRY(read_release(fields));
    out.request_digest = TRY(fields.string("requestDigest"));
    out.runtime_digest = TRY(digest_of(fields, "runtime"));
    out.tenant = TRY(fields.string("tenant"));
    return {};
}

Result<json::Document> read_canonical(std::string_view payload) {
    auto document = TRY(json::parse(payload));
    if (!json::is_canonical(document)) {
        return fail(Code::member_invalid, "the statement is not in canonical form");
    }
    return document;
}

Result<json::Fields> open_statement(const json::Document& document) {
    const auto fields =
        TRY(json::Fields::open(document.root(), "", {"_type", "predicate", "predicateType", "subject"}));
    TRY(constant(fields, "_type", kStatementType));
    return fields;
}

template <class Statement>
Status read_subject(const json::Fields& statement, Statement& out) {
    const json::Value subjects = TRY(statement.array("subject"));
    if (subjects.size() != 1) return statement.invalid("subject", "an array of exactly one subject");
    const auto subject =
        TRY(json::Fields::open(*subjects.elements().begin(), "/subject/0", {"digest", "name"}));
    out.record_digest = TRY(sha256_member(subject, "digest"));
    out.subject_name = TRY(subject.string("name"));
    return {};
}

Result<Blind> read_blind(const json::Fields& fields) {
    const auto bytes = from_hex(TRY(fields.string("blind")));
    const auto blind = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!blind) return fields.invalid("blind", "64 lower-case hexadecimal digits");
    if (TRY(fields.integer("blindEpoch")) != kBlindEpoch) return fields.invalid("blindEpoch", "1");
    return Blind(*blind);
}

}  // namespace

Result<DecisionRecord> parse_decision_record(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(
        value, at,
        {"blind", "blindEpoch", "decision", "executionFingerprint", "executionId", "kind", "origin",
         "policyHash", "policyId", "policyVersion", "reason", "rule", "signals", "tenant"},
        {"action"}));
    TRY(constant(fields, "kind", "decision"));
    const Blind blind = TRY(read_blind(fields));
    // One TRY a statement: g++ 12 does not destroy the members before one that returns from inside braces.
    DecisionRecord out{};
    if (fields.has("action")) out.action_json = json::canonical(fields.any("action"));
    out.blind = blind;
    out.decision = TRY(verdict(fields));
    out.execution_fingerprint = TRY(fields.string("executionFingerprint"));
    out.execution_id = TRY(decide::parse_execution_id(TRY(fields.string("executionId"))));
    out.origin = TRY(fields.string("origin"));
    out.policy_hash = TRY(fields.string("policyHash"));
    out.policy_id = TRY(fields.string("policyId"));
    out.policy_version = TRY(fields.string("policyVersion"));
    out.reason = TRY(fields.string("reason"));
    out.rule = TRY(fields.string("rule"));
    out.signals_json = json::canonical(TRY(fields.object("signals")));
    out.tenant = TRY(fields.string("tenant"));
    return out;
}

Result<RefusalRecord> parse_refusal_record(json::Value value, const std::string& at) {
    const auto fields =
        TRY(json::Fields::open(value, at,
                               {"blind", "blindEpoch", "code", "executionFingerprint", "executionId", "kind",
                                "origin", "pointer", "policyId", "policyVersion", "signals", "tenant"},
                               {"action", "policyHash"}));
    TRY(constant(fields, "kind", "refusal"));
    RefusalRecord out{};
    if (fields.has("action")) out.action_json = json::canonical(fields.any("action"));
    out.blind = TRY(read_blind(fields));
    out.code = TRY(fields.string("code"));
    out.execution_fingerprint = TRY(fields.string("executionFingerprint"));
    out.execution_id = TRY(decide::parse_execution_id(TRY(fields.string("executionId"))));
    out.origin = TRY(fields.string("origin"));
    out.pointer = TRY(fields.string("pointer"));
    if (fields.has("policyHash")) out.policy_hash = TRY(fields.string("policyHash"));
    out.policy_id = TRY(fields.string("policyId"));
    out.policy_version = TRY(fields.string("policyVersion"));
    out.signals_json = json::canonical(TRY(fields.object("signals")));
    out.tenant = TRY(fields.string("tenant"));
    return out;
}

Result<std::string> predicate_type(std::string_view payload) {
    const auto document = TRY(read_canonical(payload));
    return TRY(open_statement(document)).string("predicateType");
}

Result<DecisionStatement> parse_decision_statement(std::string_view payload) {
    const auto document = TRY(read_canonical(payload));
    const auto fields = TRY(open_statement(document));
    TRY(constant(fields, "predicateType", kDecisionType));
    DecisionStatement out{};
    TRY(read_subject(fields, out));
    TRY(read_predicate(fields.any("predicate"), out));
    return out;
}

Result<RefusalStatement> parse_refusal_statement(std::string_view payload) {
    const auto document = TRY(read_canonical(payload));
    const auto fields = TRY(open_statement(document));
    TRY(constant(fields, "predicateType", kRefusalType));
    RefusalStatement out{};
    TRY(read_subject(fields, out));
    TRY(read_predicate(fields.any("predicate"), out));
    return out;
}

}  // namespace parmana::attest
