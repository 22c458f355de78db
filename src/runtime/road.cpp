// RawBody → json::Value → EvaluateRequest → (one Snapshot) → Ruling → Stated → SignedAttestation → Submission
// → Committed<Entry> → Answer. Nothing on this road turns back; every failure leaves it as one Error.
#include "runtime/road.hpp"

#include "base/invariant.hpp"

namespace parmana::runtime {
namespace {

/// What the answer depends on besides the entry.
struct Caller {
    decide::RequestDigest digest;
    std::optional<store::IdempotencyDigest> idempotency;
    std::string origin;
    std::optional<Error> refused;  // why, when the ruling was a refusal
};

/// Keyed, so that whoever can write to the disk cannot plant the digest of a key of his own.
Result<std::optional<store::IdempotencyDigest>> idempotency_digest(const std::optional<std::string>& key,
                                                                   const decide::ExecutionId& id,
                                                                   const attest::BlindKey& blind_key) {
    if (!key) return std::nullopt;
    const bool long_enough =
        key->size() >= limits::kIdempotencyKeyBytesMin && key->size() <= limits::kIdempotencyKeyBytesMax;
    for (const char c : *key) {
        if (c <= ' ' || c > '~')
            return fail(Code::idempotency_key_invalid, "the key has a byte that is not visible ASCII");
    }
    if (!long_enough) {
        return fail(Code::idempotency_key_invalid,
                    "the key must have 22 to 255 bytes: at least 128 random bits");
    }
    constexpr std::string_view kNul("\0", 1);
    return store::IdempotencyDigest(
        crypto::hmac_sha256(blind_key.expose(), {"parmana idempotency key", kNul, id.value(), kNul, *key}));
}

/// What a request is told about the entry that stands for its identity.
Answer answer_from(const store::Admission& admission, const Caller& caller) {
    const auto& entry = admission.entry;
    const store::Submission& content = entry->content;
    if (content.kind == store::EntryKind::refusal) {
        INVARIANT(caller.refused.has_value());
        // The entry of this identity and code may be of an earlier, other request: its attestation is not
        // told to this one.
        if (content.request_digest != caller.digest) {
            return Answer::problem(*caller.refused, content.execution_id.value());
        }
        return Answer::refusal(*caller.refused, entry);
    }
    if (admission.first) return Answer::decision(entry, caller.origin);
    if (content.request_digest != caller.digest)
        return Answer::used(Code::execution_identity_conflict, entry);
    if (content.idempotency && content.idempotency == caller.idempotency) {
        return Answer::decision(entry, caller.origin);
    }
    return Answer::used(Code::execution_identity_consumed, entry);
}

/// The statement about a ruling, signed, with its record and its leaf: what the ledger takes.
Result<store::Submission> attest_ruling(const decide::EvaluateRequest& request, const decide::ExecutionId& id,
                                        const decide::Ruling& ruling, const Snapshot& snapshot,
                                        const dsse::SigningKey& key) {
    const auto* refusal = std::get_if<decide::Refusal>(&ruling);
    attest::Stated stated = std::visit(
        [&](const auto& made) { return attest::state(request, id, made, snapshot.scene()); }, ruling);
    dsse::Envelope attestation = TRY(attest::sign(std::move(stated.statement), key));
    const merkle::LeafHash leaf = attest::leaf_hash(attestation, key.public_key());
    return store::Submission{refusal != nullptr ? store::EntryKind::refusal : store::EntryKind::decision,
                             id,
                             refusal != nullptr ? std::string(wire_name(refusal->why.code)) : std::string(),
                             request.digest,
                             std::nullopt,
                             std::move(attestation),
                             leaf,
                             std::move(stated.record)};
}

std::function<Answer()> problem(Error error, std::string execution_id = {}) {
    return [error = std::move(error), execution_id = std::move(execution_id)] {
        return Answer::problem(error, execution_id);
    };
}

}  // namespace

Result<decide::ExecutionId> identity_of(const decide::EvaluateRequest& request, const Snapshot& snapshot) {
    if (request.execution_id) return *request.execution_id;
    if (snapshot.allow_derived_ids) return attest::derive_execution_id(snapshot.blind_key, request.digest);
    return fail(Code::execution_id_required, "`executionId` is missing", "/executionId");
}

void Road::evaluate(EvaluateCall call, Reply reply) const {
    // The body becomes a request, or says at which byte or member it does not.
    const auto request = decide::parse_request(call.body);
    if (!request) return reply(problem(request.error()));

    // One snapshot for the whole request: what is decided with is what is attested.
    const std::shared_ptr<const Snapshot> snapshot = snapshot_;
    const auto id = identity_of(*request, *snapshot);
    if (!id) return reply(problem(id.error()));
    const auto idempotency = idempotency_digest(call.idempotency_key, *id, snapshot->blind_key);
    if (!idempotency) return reply(problem(idempotency.error(), id->value()));
    Caller caller{request->digest, *idempotency, snapshot->origin.value(), std::nullopt};

    // An identity that is used already is answered from its durable entry; a signature would be wasted on it.
    auto earlier = ledger_.find(*id);
    if (!earlier) return reply(problem(earlier.error(), id->value()));
    if (*earlier) {
        return reply([admission = store::Admission{false, **std::move(earlier)}, caller = std::move(caller)] {
            return answer_from(admission, caller);
        });
    }

    // The decision: pure.
    const decide::Ruling ruling = decide::decide(*request, snapshot->policies);
    if (const auto* refusal = std::get_if<decide::Refusal>(&ruling)) caller.refused = refusal->why;

    // Signed before the index is known: the statement depends on nothing that a race could change.
    auto submission = attest_ruling(*request, *id, ruling, *snapshot, attestation_key_);
    if (!submission) return reply(problem(submission.error(), id->value()));
    submission->idempotency = caller.idempotency;

    // One transaction. If we stop before it is durable, nothing was promised; after it, the entry stands and
    // whoever asks again is told so. Only the Committed entry that comes back can become a success.
    ledger_.submit(*std::move(submission), [reply = std::move(reply), caller = std::move(caller),
                                            id = id->value()](Result<store::Admission> admission) mutable {
        if (!admission) return reply(problem(std::move(admission).error(), std::move(id)));
        reply([admission = *std::move(admission), caller = std::move(caller)] {
            return answer_from(admission, caller);
        });
    });
}

}  // namespace parmana::runtime
