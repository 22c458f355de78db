#include "verify/entry.hpp"

#include <array>

namespace parmana::verify {
namespace {

constexpr std::array<std::string_view, 7> kKinds{"decision", "refusal", "group",  "replay",
                                                 "policy",   "key",     "release"};

/// `{…}` of what was asked for: without the action for the fingerprint.
Digest request_digest(std::string_view action, std::string_view id, std::string_view version,
                      std::string_view signals) {
    std::string text;
    json::Writer writer(text);
    writer.object();
    if (!action.empty()) writer.name("action").raw(action);
    writer.name("policyId").string(id).name("policyVersion").string(version);
    writer.name("signals").raw(signals).end();
    return crypto::sha256(text);
}

template <class Statement>
std::string mismatch_with_root(const Statement& said, const trust::Root* root) {
    if (root != nullptr && said.origin != root->origin().value()) return "origin of the trust root";
    if (root != nullptr && said.tenant != root->tenant().value()) return "tenant of the trust root";
    return {};
}

/// What statements and records of both kinds have.
template <class Statement, class Record>
std::string mismatch_in_identity(const Statement& said, const Record& kept) {
    if (said.execution_id != kept.execution_id.value()) return "executionId";
    if (said.subject_name != attest::subject_name(kept.execution_id)) return "subject";
    if (said.tenant != kept.tenant) return "tenant";
    if (said.origin != kept.origin) return "origin";
    if (said.policy_id != kept.policy_id) return "policyId";
    if (said.policy_version != kept.policy_version) return "policyVersion";
    return {};
}

template <class Record>
bool has_fingerprint(const Record& kept) {
    return kept.execution_fingerprint ==
           to_wire(request_digest({}, kept.policy_id, kept.policy_version, kept.signals_json));
}

template <class Statement>
EntryStatement entry(Statement said) {
    EntryStatement out;
    out.origin = said.origin;
    out.tenant = said.tenant;
    if constexpr (requires { said.runtime_digest; }) out.runtime_digest = said.runtime_digest;
    if constexpr (requires { said.policy_digest; }) out.policy_digest = said.policy_digest;
    if constexpr (requires { said.event.policy_digest; }) out.policy_digest = said.event.policy_digest;
    if constexpr (requires { said.release; }) {
        if (said.release) out.release_digest = said.release->digest;
    }
    out.said = std::move(said);
    return out;
}

}  // namespace

std::string_view wire_name(EntryKind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<EntryKind> entry_kind_from_wire(std::string_view text) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (kKinds[i] == text) return static_cast<EntryKind>(i);
    }
    return std::nullopt;
}

Result<EntryStatement> parse_entry_statement(EntryKind kind, std::string_view payload) {
    switch (kind) {
        case EntryKind::decision:
            return entry(TRY(attest::parse_decision_statement(payload)));
        case EntryKind::refusal:
            return entry(TRY(attest::parse_refusal_statement(payload)));
        case EntryKind::group:
            return entry(TRY(attest::parse_group_statement(payload)));
        case EntryKind::replay:
            return entry(TRY(attest::parse_replays_statement(payload)));
        case EntryKind::policy:
            return entry(TRY(attest::parse_policy_event_statement(payload)));
        case EntryKind::key:
            return entry(TRY(attest::parse_key_event_statement(payload)));
        case EntryKind::release:
            return entry(TRY(attest::parse_release_event_statement(payload)));
    }
    return fail(Code::member_invalid, "there is no such kind of entry");
}

bool is_record_of(const EntryStatement& statement, std::string_view payload, std::string_view record) {
    const auto has_digest = [record](const std::string& hex) {
        return to_hex(view_of(crypto::sha256(record))) == hex;
    };
    if (const auto* decision = statement.as<attest::DecisionStatement>())
        return has_digest(decision->record_digest);
    if (const auto* refusal = statement.as<attest::RefusalStatement>())
        return has_digest(refusal->record_digest);
    // The record of an event is its predicate.
    std::string expected = R"({"_type":")";
    expected.append(attest::kStatementType).append(R"(","predicate":)").append(record);
    return payload.starts_with(expected + R"(,"predicateType":)");
}

std::string find_mismatch(const attest::DecisionStatement& said, const attest::DecisionRecord& kept,
                          const trust::Root* root) {
    if (std::string member = mismatch_in_identity(said, kept); !member.empty()) return member;
    if ("sha256:" + said.policy_digest != kept.policy_hash) return "policyHash";
    if (said.decision != kept.decision) return "decision";
    if (said.rule != kept.rule) return "rule";
    if (said.signals_digest != attest::blinded_digest(kept.blind, kept.signals_json)) return "signalsDigest";
    if (said.action_digest.has_value() != !kept.action_json.empty()) return "action";
    if (said.action_digest && *said.action_digest != attest::blinded_digest(kept.blind, kept.action_json))
        return "actionDigest";
    if (!has_fingerprint(kept)) return "executionFingerprint";
    return mismatch_with_root(said, root);
}

std::string find_mismatch(const attest::RefusalStatement& said, const attest::RefusalRecord& kept,
                          const trust::Root* root) {
    if (std::string member = mismatch_in_identity(said, kept); !member.empty()) return member;
    if (said.code != kept.code) return "code";
    if (said.policy_digest.has_value() != kept.policy_hash.has_value()) return "policyHash";
    if (said.policy_digest && "sha256:" + *said.policy_digest != *kept.policy_hash) return "policyHash";
    const Digest request =
        request_digest(kept.action_json, kept.policy_id, kept.policy_version, kept.signals_json);
    if (said.request_digest != attest::blinded_digest(kept.blind, view_of(request))) return "requestDigest";
    if (!has_fingerprint(kept)) return "executionFingerprint";
    return mismatch_with_root(said, root);
}

}  // namespace parmana::verify
