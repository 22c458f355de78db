#include "agreement/lies.hpp"

#include <array>
#include <vector>

#include "base/invariant.hpp"

namespace parmana::agreement {
namespace {

using verify::Evidence;

struct Change {
    std::string_view from;
    std::string_view to;
};

/// Replaces the first occurrence; false when there is none.
bool replace(std::string& text, const Change& change) {
    const auto at = text.find(change.from);
    if (at == std::string::npos) return false;
    text.replace(at, change.from.size(), change.to);
    return true;
}

/// One of the keys that are not `own`.
const dsse::SigningKey* another_key(const Scenery& scenery, const dsse::SigningKey& own, Random& random) {
    const auto& world = scenery.world();
    const dsse::SigningKey* const keys[] = {&world.root_key, &world.attestation_key, &world.log_key,
                                            &world.policy_key, &world.stranger};
    const dsse::SigningKey* key = nullptr;
    do {
        key = random.pick(keys);
    } while (key == &own);
    return key;
}

bool by_another_attestation_key(Draft& draft, const Scenery& scenery, Random& random) {
    draft.parts.attestation_key = another_key(scenery, scenery.world().attestation_key, random);
    return true;
}

bool by_another_log_key(Draft& draft, const Scenery& scenery, Random& random) {
    draft.parts.log_key = another_key(scenery, scenery.world().log_key, random);
    return true;
}

bool of_another_origin(Draft& draft, const Scenery&, Random& random) {
    draft.parts.checkpoint_origin = "localhost/" + std::to_string(random.bits());
    return true;
}

bool time_by_another_key(Draft& draft, const Scenery& scenery, Random& random) {
    (random.percent(50) ? draft.parts.time_key : draft.parts.previous_time_key) =
        another_key(scenery, scenery.world().log_key, random);
    return !draft.first_format;
}

bool time_runs_back(Draft& draft, const Scenery&, Random& random) {
    draft.parts.previous_time = draft.parts.time + 1 + static_cast<std::int64_t>(random.below(1000));
    return !draft.first_format;
}

bool before_by_another_key(Draft& draft, const Scenery& scenery, Random& random) {
    draft.parts.previous_key = another_key(scenery, scenery.world().log_key, random);
    return !draft.first_format;
}

bool before_of_another_origin(Draft& draft, const Scenery&, Random& random) {
    draft.parts.previous_origin = "localhost/" + std::to_string(random.bits());
    return !draft.first_format;
}

bool before_covers_the_entry(Draft& draft, const Scenery&, Random& random) {
    draft.parts.previous_size = draft.index + 1 + random.below(draft.size - draft.index);
    return !draft.first_format;
}

bool policy_by_another_key(Draft& draft, const Scenery& scenery, Random& random) {
    auto& envelope = draft.parts.policy.envelope;
    const auto* key = another_key(scenery, scenery.world().policy_key, random);
    envelope = bundle::samples::signed_by(bundle::kPayloadType, envelope.payload, *key);
    return true;
}

bool policy_as_a_statement(Draft& draft, const Scenery& scenery, Random&) {
    auto& envelope = draft.parts.policy.envelope;
    envelope = bundle::samples::signed_by(attest::kPayloadType, envelope.payload, scenery.world().policy_key);
    return true;
}

bool policy_by_too_few(Draft& draft, const Scenery&, Random& random) {
    auto& signatures = draft.parts.policy.envelope.signatures;
    signatures.erase(signatures.begin() + static_cast<std::ptrdiff_t>(random.below(signatures.size())));
    return true;
}

/// All who must sign did, and one more who may not.
bool policy_by_a_stranger_too(Draft& draft, const Scenery& scenery, Random& random) {
    const auto* key = another_key(scenery, scenery.world().policy_key, random);
    return dsse::add_signature(draft.parts.policy.envelope, *key).has_value();
}

/// One of the two signatures stands once more, under the name of the other key.
bool policy_key_counted_twice(Draft& draft, const Scenery&, Random&) {
    auto& signatures = draft.parts.policy.envelope.signatures;
    signatures.back().signature = signatures.front().signature;
    return true;
}

/// Another number for the same signature: S + L, which laxer verifiers take for S.
bool policy_signature_spelt_anew(Draft& draft, const Scenery&, Random&) {
    constexpr std::array<std::uint8_t, 16> kOrder = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                                     0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
    crypto::Signature& signature = draft.parts.policy.envelope.signatures.front().signature;
    auto bytes = signature.value();
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const unsigned order = i < kOrder.size() ? kOrder[i] : i == 31 ? 0x10u : 0u;
        carry += bytes[32 + i] + order;
        bytes[32 + i] = static_cast<std::uint8_t>(carry & 0xff);
        carry >>= 8;
    }
    signature = crypto::Signature(bytes);
    return true;
}

bool another_policy(Draft& draft, const Scenery& scenery, Random& random) {
    const auto& other = scenery.policies()[random.below(scenery.policies().size())]->bundle;
    const bool differs = other.envelope.payload != draft.parts.policy.envelope.payload;
    draft.parts.policy = other;
    return differs;
}

bool policy_file_altered(Draft& draft, const Scenery&, Random& random) {
    std::string& text = draft.parts.policy.files.at("policy.json");
    text.insert(random.below(text.size()), " ");
    return true;
}

bool policy_file_more(Draft& draft, const Scenery&, Random& random) {
    draft.parts.policy.files.emplace("notes/" + std::to_string(random.bits()) + ".txt", "");
    return true;
}

bool policy_file_missing(Draft& draft, const Scenery&, Random& random) {
    auto& files = draft.parts.policy.files;
    files.erase(std::next(files.begin(), static_cast<std::ptrdiff_t>(random.below(files.size()))));
    return true;
}

/// Both name the other policy's manifest, and it is enclosed: only its identity is another one.
bool policy_of_another_identity(Draft& draft, const Scenery& scenery, Random& random) {
    const std::string old = to_hex(view_of(bundle::policy_hash(draft.parts.policy).value()));
    if (!another_policy(draft, scenery, random)) return false;
    const std::string hash = to_hex(view_of(bundle::policy_hash(draft.parts.policy).value()));
    const bool said = replace(draft.parts.statement, {old, hash}) && replace(draft.parts.record, {old, hash});
    draft.parts.redigest();
    return said;
}

/// Signed by all who must, attested and recorded, and still not a manifest.
bool manifest_is_none(Draft& draft, const Scenery&, Random& random) {
    constexpr Change kChanges[] = {
        {"parmana-bundle/2", "parmana-bundle/1"},
        {"parmana-bundle/2", "parmana-bundle/3"},
        {R"("counter":1,)", ""},
        {R"("counter":7,)", R"("counter":"7",)"},
        {R"("counter":1,)", R"("counter":0,)"},
        {R"("counter":1,)", R"("counter":1.5,)"},
        {R"("requirements":{},)", ""},
        {R"("requirements":{})", R"("requirements":[])"},
        {R"("requirements":{})", R"("requirements":{"capabilities":[]})"},
        {R"("requirements":{})", R"("requirements":{"more":1})"},
        {R"(["batch","wait.included"])", R"(["wait.included","batch"])"},
        {R"(["batch","wait.included"])", R"(["batch","batch"])"},
        {R"(["batch",)", R"(["Batch",)"},
        {R"(["batch",)", R"([1,)"},
        {"0.1.0-rc.1", "0.1.0-rc.01"},
        {"0.1.0-rc.1", "0.1"},
        {R"("digest":"sha256:)", R"("digest":"sha512:)"},
        {R"({"counter")", R"({ "counter")"},
    };
    auto& envelope = draft.parts.policy.envelope;
    const std::string old = to_hex(view_of(bundle::policy_hash(draft.parts.policy).value()));
    if (!replace(envelope.payload, random.pick(kChanges))) return false;
    envelope.signatures.clear();
    for (const std::uint64_t seed : {4, 5})
        std::ignore = dsse::add_signature(envelope, bundle::samples::key(seed));
    const std::string hash = to_hex(view_of(bundle::policy_hash(draft.parts.policy).value()));
    const bool said = replace(draft.parts.statement, {old, hash}) && replace(draft.parts.record, {old, hash});
    draft.parts.redigest();
    return said;
}

bool schema_of_another_policy(Draft& draft, const Scenery&, Random& random) {
    std::string digest = to_hex(view_of(crypto::sha256(std::to_string(random.bits()))));
    constexpr std::string_view kBefore = R"("schema":{"digest":{"sha256":")";
    draft.parts.statement.replace(draft.parts.statement.find(kBefore) + kBefore.size(), 64, digest);
    return true;
}

bool another_language(Draft& draft, const Scenery&, Random&) {
    constexpr Change kChanges[] = {
        {R"("languageProfile":"parmana-rules/1")", R"("languageProfile":"parmana-cel/1")"},
        {R"("languageProfile":"parmana-cel/1")", R"("languageProfile":"parmana-cel/2")"}};
    return replace(draft.parts.statement, kChanges[0]) || replace(draft.parts.statement, kChanges[1]);
}

bool another_runtime(Draft& draft, const Scenery&, Random& random) {
    draft.parts.runtime_manifest =
        attest::runtime_manifest({std::to_string(random.bits()), "", "", "", std::nullopt});
    return true;
}

bool record_of_another_decision(Draft& draft, const Scenery& scenery, Random& random) {
    std::string other = scenery.draft(random).parts.record;
    const bool differs = other != draft.parts.record;
    draft.parts.record = std::move(other);
    return differs;
}

constexpr Change kStatementLies[] = {
    {R"("executionId":"order-)", R"("executionId":"order-8)"},
    {R"("name":"execution:)", R"("name":"execution:8)"},
    {R"("tenant":"default")", R"("tenant":"other")"},
    {R"("origin":"localhost/0)", R"("origin":"localhost/1)"},
    {R"("decision":"approved")", R"("decision":"rejected")"},
    {R"("rule":")", R"("rule":"x)"},
    {R"("decision":"rejected")", R"("decision":"approved")"},
    {R"("signalsDigest":"hmac-)", R"("signalsDigest":"h)"},
    {R"("actionDigest":"hmac-)", R"("actionDigest":"h)"},
};
constexpr Change kRecordLies[] = {
    {R"("executionId":"order-)", R"("executionId":"order-8)"},
    {R"("executionId":"order-)", R"("executionId":"order )"},
    {R"("tenant":"default")", R"("tenant":"other")"},
    {R"("origin":"localhost/0)", R"("origin":"localhost/1)"},
    {R"("policyId":")", R"("policyId":"x)"},
    {R"("policyVersion":")", R"("policyVersion":"7)"},
    {R"("policyHash":"sha256:)", R"("policyHash":"sha256:0)"},
    {R"("executionFingerprint":"sha256:)", R"("executionFingerprint":"sha256:0)"},
    {R"("type":"pay")", R"("type":"wire")"},
    {R"("blindEpoch":1)", R"("blindEpoch":2)"},
    {R"("kind":"decision")", R"("kind":"override")"},
    {R"("kind":"decision",)", R"("kind":"decision","more":1,)"},
    {R"("vip_customer":true)", R"("vip_customer":false)"},
    {R"("vip_customer":false)", R"("vip_customer":true)"},
    {R"("channel":")", R"("channel":"x)"},
    {R"("blind":")", R"("blind":"0)"},
    {R"("decision":"override_required")", R"("decision":"approved")"},
    {R"("rule":")", R"("rule":"x)"},
};

bool statement_disagrees(Draft& draft, const Scenery&, Random& random) {
    return replace(draft.parts.statement, random.pick(kStatementLies));
}

bool record_disagrees(Draft& draft, const Scenery&, Random& random) {
    const bool told = replace(draft.parts.record, random.pick(kRecordLies));
    draft.parts.redigest();
    return told;
}

bool statement_is_none(Draft& draft, const Scenery&, Random& random) {
    constexpr Change kChanges[] = {
        {"decision/v1", "refusal/v1"},
        {"decision/v1", "decision/v2"},
        {"in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1"},
        {R"("predicateType":)", R"( "predicateType":)"},
        {R"("predicateType":)", R"("more":null,"predicateType":)"},
        {R"("rule":")", R"("rules":")"},
        {R"("decision":"approved")", R"("decision":"admitted")"},
        {R"("subject":[)", R"("subject":[{"digest":{"sha256":""},"name":""},)"},
        {R"("executionId":")", R"("executionId":1,"executionId":")"},
    };
    return replace(draft.parts.statement, random.pick(kChanges));
}

bool statement_of_another_type(Draft& draft, const Scenery&, Random& random) {
    draft.parts.payload_type = random.percent(50) ? bundle::kPayloadType : "application/json";
    return !draft.parts.grouped;
}

bool group_of_another_type(Draft& draft, const Scenery&, Random&) {
    draft.group_payload_type = bundle::kPayloadType;
    return draft.parts.grouped.has_value();
}

bool group_of_another_log(Draft& draft, const Scenery&, Random& random) {
    (random.percent(50) ? draft.group_origin : draft.group_tenant) =
        "localhost/" + std::to_string(random.bits());
    return draft.parts.grouped.has_value();
}

/// Whose signature stands under a group.
const dsse::SigningKey& signer_of(const dsse::Envelope& envelope) {
    for (const std::uint64_t seed : Chain::kAttestation) {
        if (Chain::key(seed).id() == envelope.key_id) return Chain::key(seed);
    }
    INVARIANT(false);
}

bool group_statement_is_none(Evidence& evidence, const Scenery&, Random& random) {
    constexpr Change kChanges[] = {
        {R"("name":"group:)", R"("name":"group:1)"},
        {R"("count":)", R"("count":1)"},
        {R"("first":)", R"("first":1)"},
        {"group/v1", "group/v2"},
        {R"("count":)", R"( "count":)"},
        {R"("count":)", R"("count":-)"},
        {R"("origin":")", R"("more":0,"origin":")"},
        {R"({"count")", R"({"Count")"},
    };
    if (!evidence.group) return false;
    auto& envelope = evidence.group->envelope;
    std::string payload = envelope.payload;
    if (!replace(payload, random.pick(kChanges))) return false;
    envelope = attest::sign(std::move(payload), signer_of(envelope)).value();
    return true;
}

/// A good statement about another group of the same log.
bool group_is_elsewhere(Evidence& evidence, const Scenery& scenery, Random& random) {
    if (!evidence.group) return false;
    const std::uint64_t index = evidence.log_index.value();
    const std::uint64_t count = 1 + random.below(9);
    const std::uint64_t first = index >= count && random.percent(50) ? index - count : index + 1;
    const attest::Group said{merkle::LeafIndex(first), count,
                             merkle::Root(evidence.proof.empty() ? Digest{} : evidence.proof[0])};
    evidence.group->envelope = attest::sign(attest::state(said, scenery.world().scene()).statement,
                                            signer_of(evidence.group->envelope))
                                   .value();
    return true;
}

/// Drops, alters, doubles or adds one hash.
bool spoil(merkle::Proof& proof, Random& random) {
    const std::size_t way = random.below(4);
    if (proof.empty() || way == 0) {
        proof.push_back(crypto::sha256(std::to_string(random.bits())));
        return true;
    }
    const std::size_t at = random.below(proof.size());
    const auto place = proof.begin() + static_cast<std::ptrdiff_t>(at);
    if (way == 1) proof.erase(place);
    if (way == 2) (*place)[random.below(32)] ^= static_cast<std::uint8_t>(1 << random.below(8));
    if (way == 3) proof.insert(place, Digest(*place));
    return true;
}

bool group_path(Evidence& evidence, const Scenery&, Random& random) {
    return evidence.group && spoil(evidence.group->hashes, random);
}
bool inclusion_path(Evidence& evidence, const Scenery&, Random& random) {
    return spoil(evidence.proof, random);
}
bool consistency_path(Evidence& evidence, const Scenery&, Random& random) {
    return evidence.previous && spoil(evidence.previous->consistency, random);
}

/// At or behind the head before, and under the same trust root, so that only the place itself is wrong.
bool another_place(Evidence& evidence, const Scenery&, Random& random) {
    const std::uint64_t before =
        evidence.previous ? note::parse_head(evidence.previous->note)->checkpoint.size.value() : 0;
    const std::uint64_t index = before + random.below(evidence.tree_size.value() + 1 - before);
    if (evidence.group || !evidence.trust.events.empty() || index == evidence.log_index.value()) return false;
    evidence.log_index = merkle::LeafIndex(index);
    return true;
}

bool another_size(Evidence& evidence, const Scenery&, Random& random) {
    const std::uint64_t size = random.below(2 * evidence.tree_size.value() + 2);
    if (size == evidence.tree_size.value()) return false;
    evidence.tree_size = merkle::TreeSize(size);
    return true;
}

const std::vector<Lie> kLies = {
    Lie{"attested by another key", "attestation_signature", by_another_attestation_key, {}},
    Lie{"head by another key", "checkpoint_signature", by_another_log_key, {}},
    Lie{"head of another origin", "checkpoint_signature", of_another_origin, {}},
    Lie{"time by another key", "checkpoint_time", time_by_another_key, {}},
    Lie{"time runs back", "checkpoint_time", time_runs_back, {}},
    Lie{"head before by another key", "previous_checkpoint", before_by_another_key, {}},
    Lie{"head before of another origin", "previous_checkpoint", before_of_another_origin, {}},
    Lie{"head before covers the entry", "previous_checkpoint", before_covers_the_entry, {}},
    Lie{"consistency spoilt", "previous_checkpoint", {}, consistency_path},
    Lie{"policy by another key", "policy_signature", policy_by_another_key, {}},
    Lie{"policy by too few keys", "policy_signature", policy_by_too_few, {}},
    Lie{"policy by a stranger, too", "policy_signature", policy_by_a_stranger_too, {}},
    Lie{"policy key counted twice", "policy_signature", policy_key_counted_twice, {}},
    Lie{"policy signed as a statement", "policy_signature", policy_as_a_statement, {}},
    Lie{"policy signature with S + L", "policy_signature", policy_signature_spelt_anew, {}},
    Lie{"another policy enclosed", "policy_hash", another_policy, {}},
    Lie{"policy file altered", "policy_bundle", policy_file_altered, {}},
    Lie{"policy file more", "policy_bundle", policy_file_more, {}},
    Lie{"policy file missing", "policy_bundle", policy_file_missing, {}},
    Lie{"policy of another identity", "policy_bundle", policy_of_another_identity, {}},
    Lie{"policy manifest is none", "policy_bundle", manifest_is_none, {}},
    Lie{"schema of another policy", "policy_bundle", schema_of_another_policy, {}},
    Lie{"another language", "policy_bundle", another_language, {}},
    Lie{"another runtime", "runtime_hash", another_runtime, {}},
    Lie{"record of another decision", "record_digest", record_of_another_decision, {}},
    Lie{"statement disagrees", "binding", statement_disagrees, {}},
    Lie{"record disagrees", "binding", record_disagrees, {}},
    Lie{"statement is none", "statement", statement_is_none, {}},
    Lie{"statement of another type", "statement", statement_of_another_type, {}},
    Lie{"group of another type", "group", group_of_another_type, {}},
    Lie{"group of another log", "group", group_of_another_log, {}},
    Lie{"group statement is none", "group", {}, group_statement_is_none},
    Lie{"group is elsewhere", "group", {}, group_is_elsewhere},
    Lie{"group path spoilt", "group", {}, group_path},
    Lie{"inclusion spoilt", "inclusion", {}, inclusion_path},
    Lie{"another place", "inclusion", {}, another_place},
    Lie{"another size", "inclusion", {}, another_size},
};

}  // namespace

std::span<const Lie> lies() {
    static const std::vector<Lie> kAll = [] {
        std::vector<Lie> all = kLies;
        const auto more = chain_lies();
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return kAll;
}

}  // namespace parmana::agreement
