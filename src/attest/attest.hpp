// Records, statements and leaves: what is signed about a ruling, byte for byte. Pure.
//
// The record holds what was decided on what, signals included, and may be erased one day. The statement is an
// in-toto Statement v1 over the record's digest, holds nothing that could be guessed back into signals, and
// stays for ever. Neither has a clock or a random value: the same tenant, origin, identity, request, policy,
// runtime and keys give the same bytes. docs/formats/ has each layout with a worked example.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decide/decide.hpp"
#include "dsse/dsse.hpp"
#include "merkle/merkle.hpp"
#include "trust/trust.hpp"

namespace parmana::attest {

using RuntimeHash = Strong<struct RuntimeHashTag, Digest>;
/// HMAC-SHA-256(blind key, origin ‖ 0 ‖ tenant ‖ 0 ‖ execution identity). Stands in the record only.
using Blind = Strong<struct BlindTag, Digest>;
using BlindKey = Secret<32>;

Blind make_blind(const BlindKey& key, const trust::Origin& origin, const trust::Tenant& tenant,
                 const decide::ExecutionId& execution_id);
/// `d_` and base32 of 160 bits of a keyed hash of the request.
decide::ExecutionId derive_execution_id(const BlindKey& key, const decide::RequestDigest& digest);

inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kDecisionType = "urn:parmana:decision/v1";
inline constexpr std::string_view kRefusalType = "urn:parmana:refusal/v1";
inline constexpr std::string_view kGroupType = "urn:parmana:group/v1";
inline constexpr std::string_view kPolicyEventType = "urn:parmana:policy-event/v1";
inline constexpr std::string_view kReplayType = "urn:parmana:replay/v1";
inline constexpr std::string_view kKeyEventType = "urn:parmana:key-event/v1";
inline constexpr std::string_view kReleaseEventType = "urn:parmana:release-event/v1";
inline constexpr std::int64_t kBlindEpoch = 1;

/// Where and by what a ruling was made.
struct Scene {
    const trust::Tenant& tenant;
    const trust::Origin& origin;
    const RuntimeHash& runtime_hash;
    const BlindKey& blind_key;
    /// The release that admits the runtime; none in development, which every statement then says.
    const Digest* release = nullptr;
};

/// Canonical bytes of a record and of the statement about it.
struct Stated {
    std::string record;
    std::string statement;
};
Stated state(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
             const decide::Decision& decision, const Scene& scene);
Stated state(const decide::EvaluateRequest& request, const decide::ExecutionId& execution_id,
             const decide::Refusal& refusal, const Scene& scene);

/// Events that are not about signals. Their record is their predicate: nothing in it may ever have to be
/// erased. A group of entries that have no signature of their own: the RFC 6962 root over their leaves.
struct Group {
    merkle::LeafIndex first;
    std::uint64_t count;
    merkle::Root root;
    bool operator==(const Group&) const = default;
};
Stated state(const Group& group, const Scene& scene);
/// Requests that were turned away since the last head, because their identity was used (or refused already).
struct Replays {
    decide::ExecutionId execution_id;
    std::string code;
    std::int64_t count;
};
Stated state(const Replays& replays, const Scene& scene);
/// A policy begins or ceases to govern. The enumerators are the wire spellings.
enum class PolicyChange : std::uint8_t { activated, deactivated, expired, rolled_back };
std::string_view wire_name(PolicyChange change);
struct PolicyEvent {
    PolicyChange change;
    std::string policy_id;
    std::string policy_version;
    std::string policy_digest;  // hexadecimal
    /// The how-manieth event of this policy id it is. 0 in events of before there was a number; these have
    /// none of the members below.
    std::int64_t sequence = 0;
    std::int64_t counter = 0;            // of the bundle
    std::vector<std::string> kept = {};  // versions that go on governing beside it, ascending
    std::string expires = {};            // RFC 3339, or empty: when the log ends it
    std::string order = {};  // the order that approvers signed, an envelope in canonical JSON; or empty
    bool operator==(const PolicyEvent&) const = default;

    /// It governs from here on.
    bool begins() const { return change == PolicyChange::activated || change == PolicyChange::rolled_back; }
};
Stated state(const PolicyEvent& event, const Scene& scene);
/// A version of the trust root comes into force, with this entry as the first under it.
struct KeyEvent {
    std::int64_t root_version;
    Digest root_fingerprint;
    bool operator==(const KeyEvent&) const = default;
};
Stated state(const KeyEvent& event, const Scene& scene);
/// A release manifest comes into force: it says which runtimes may decide.
struct ReleaseEvent {
    std::int64_t counter;
    Digest release_digest;
    bool operator==(const ReleaseEvent&) const = default;
};
Stated state(const ReleaseEvent& event, const Scene& scene);

/// What an answer tells of a decision besides its attestation, each as on the wire.
struct Told {
    std::string decision;
    std::string execution_fingerprint;
    std::string language_profile;
    std::string policy_hash;
    std::string reason;
    std::string rule;
    std::string runtime_hash;
    std::string schema_hash;
    std::string release;  // `sha256:…`, `development`, or empty in decisions of before there were releases
    bool operator==(const Told&) const = default;
};
Told tell(const decide::EvaluateRequest& request, const decide::Decision& decision, const Scene& scene);
/// The same from what was stored, which this program wrote.
Told tell(std::string_view record, std::string_view statement);

Result<dsse::Envelope> sign(std::string statement, const dsse::SigningKey& attestation_key);

/// The ledger's leaf of an attestation: the canonical body of Rekor v2 `dsse` 0.0.2 (hash, signature and key
/// only).
std::string leaf_body(const dsse::Envelope& envelope, const crypto::PublicKey& key);
merkle::LeafHash leaf_hash(const dsse::Envelope& envelope, const crypto::PublicKey& key);
/// The leaf of a statement without a signature of its own: `statement/1`, the hash of the payload only.
std::string statement_leaf_body(std::string_view payload);

/// A decision record, read back strictly.
struct DecisionRecord {
    std::string action_json;  // canonical, or empty
    Blind blind;
    policy::Verdict decision;
    std::string execution_fingerprint;
    decide::ExecutionId execution_id;
    std::string origin;
    std::string policy_hash;
    std::string policy_id;
    std::string policy_version;
    std::string reason;
    std::string rule;
    std::string signals_json;
    std::string tenant;
};
/// Errors: member_*, execution_id_invalid.
Result<DecisionRecord> parse_decision_record(json::Value value, const std::string& at);

/// A refusal record, read back strictly.
struct RefusalRecord {
    std::string action_json;  // canonical, or empty
    Blind blind;
    std::string code;
    std::string execution_fingerprint;
    decide::ExecutionId execution_id;
    std::string origin;
    std::string pointer;
    std::optional<std::string> policy_hash;
    std::string policy_id;
    std::string policy_version;
    std::string signals_json;
    std::string tenant;
};
/// Errors: member_*, execution_id_invalid.
Result<RefusalRecord> parse_refusal_record(json::Value value, const std::string& at);

/// What a statement says of the release that admits the runtime. Nothing in statements of before there were
/// releases.
struct SaidRelease {
    std::optional<std::string> digest;  // hexadecimal; none in development
    bool operator==(const SaidRelease&) const = default;
};

/// A decision statement, read back strictly.
struct DecisionStatement {
    std::string record_digest;  // hexadecimal
    std::string subject_name;
    std::optional<std::string> action_digest;
    policy::Verdict decision;
    std::string execution_id;
    std::string language_profile;
    std::string origin;
    std::string policy_digest;  // hexadecimal
    std::string policy_id;
    std::string policy_version;
    std::string rule;
    std::optional<SaidRelease> release;
    std::string runtime_digest;  // hexadecimal
    std::string schema_digest;   // hexadecimal
    std::string signals_digest;
    std::string tenant;
};
/// Canonical and closed; of predicate type decision/v1 only. Errors: json_*, member_*.
Result<DecisionStatement> parse_decision_statement(std::string_view payload);

/// A refusal statement, read back strictly. It admits nothing.
struct RefusalStatement {
    std::string record_digest;  // hexadecimal
    std::string subject_name;
    std::string code;
    std::string execution_id;
    std::string origin;
    std::optional<std::string> policy_digest;  // hexadecimal
    std::string policy_id;
    std::string policy_version;
    std::optional<SaidRelease> release;
    std::string request_digest;
    std::string runtime_digest;  // hexadecimal
    std::string tenant;
};
/// Canonical and closed; of predicate type refusal/v1 only. Errors: json_*, member_*.
Result<RefusalStatement> parse_refusal_statement(std::string_view payload);

/// A statement about a group of entries, a policy or turned-away requests, read back strictly: canonical and
/// closed, its subject recomputed. Errors: json_*, member_*.
struct GroupStatement {
    Group group;
    std::string origin;
    std::string tenant;
};
Result<GroupStatement> parse_group_statement(std::string_view payload);
struct PolicyEventStatement {
    PolicyEvent event;
    std::string origin;
    std::string runtime_digest;  // hexadecimal
    std::string tenant;
};
Result<PolicyEventStatement> parse_policy_event_statement(std::string_view payload);
struct KeyEventStatement {
    KeyEvent event;
    std::string origin;
    std::string runtime_digest;  // hexadecimal
    std::string tenant;
};
Result<KeyEventStatement> parse_key_event_statement(std::string_view payload);
struct ReleaseEventStatement {
    ReleaseEvent event;
    std::string origin;
    std::string runtime_digest;  // hexadecimal
    std::string tenant;
};
Result<ReleaseEventStatement> parse_release_event_statement(std::string_view payload);
struct ReplaysStatement {
    Replays replays;
    std::string origin;
    std::string runtime_digest;  // hexadecimal
    std::string tenant;
};
Result<ReplaysStatement> parse_replays_statement(std::string_view payload);

/// The predicate type of a statement in canonical form. Errors: json_*, member_*.
Result<std::string> predicate_type(std::string_view payload);

/// How every statement of this program ends: predicate type, digest of the record, name of the subject.
/// Compared as bytes, since a statement has one spelling.
std::string statement_tail(std::string_view predicate_type, std::string_view record_digest_hex,
                           std::string_view subject_name);

/// `hmac-sha256:` and 64 hexadecimal digits: the blinded digest of canonical bytes.
std::string blinded_digest(const Blind& blind, std::string_view canonical);
/// The subject's name: `execution:` and the identity; `group:` and the first index; `policy:`, id, `@`,
/// version; `root:` and the version; `release:` and the counter.
std::string subject_name(const decide::ExecutionId& execution_id);
std::string subject_name(const Group& group);
std::string subject_name(const PolicyEvent& event);
std::string subject_name(const KeyEvent& event);
std::string subject_name(const ReleaseEvent& event);

/// The runtime manifest: canonical text and its hash.
struct RuntimeFacts {
    std::string version;
    std::string source_revision;
    std::string compiler;
    std::string flags;
    std::optional<Digest> executable;  // nothing only in golden files, which no executable produced
};
std::string runtime_manifest(const RuntimeFacts& facts);
RuntimeHash runtime_hash(std::string_view manifest);

}  // namespace parmana::attest
