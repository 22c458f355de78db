// RawBody → json::Value → EvaluateRequest → (one Snapshot) → Ruling → Stated → SignedAttestation → Submission
// → Committed<Entry> → Answer. Nothing on this road turns back; every failure leaves it as one Error.
#include "runtime/road.hpp"

#include "base/invariant.hpp"

namespace parmana::runtime {
namespace {

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

/// How often one request is decided while changes overtake it.
constexpr int kDecidedMax = 16;

struct Attested {
    store::Submission submission;
    std::string leaf_body;
};

/// The statement about a ruling, signed or left to its group, with its record and its leaf: what the ledger
/// takes.
Result<Attested> attest_ruling(const decide::EvaluateRequest& request, const decide::ExecutionId& id,
                               const decide::Ruling& ruling, const Snapshot& snapshot, store::Attested how) {
    const dsse::SigningKey& key = *snapshot.attestation_key;
    const auto* refusal = std::get_if<decide::Refusal>(&ruling);
    attest::Stated stated = std::visit(
        [&](const auto& made) { return attest::state(request, id, made, snapshot.scene()); }, ruling);
    // A refusal is told with its own signature: it may be all that a caller ever gets.
    const bool by_log = how == store::Attested::log && refusal == nullptr;
    dsse::Envelope attestation{std::string(attest::kPayloadType), {}, {}, {}};
    if (by_log) {
        attestation.payload = std::move(stated.statement);
    } else {
        attestation = TRY(attest::sign(std::move(stated.statement), key));
    }
    std::string leaf_body = by_log ? attest::statement_leaf_body(attestation.payload)
                                   : attest::leaf_body(attestation, key.public_key());
    const merkle::LeafHash leaf = merkle::hash_leaf(leaf_body);
    const auto* decision = std::get_if<decide::Decision>(&ruling);
    const auto told =
        decision == nullptr
            ? nullptr
            : std::make_shared<const attest::Told>(attest::tell(request, *decision, snapshot.scene()));
    return Attested{
        {refusal != nullptr ? store::EntryKind::refusal : store::EntryKind::decision,
         by_log ? store::Attested::log : store::Attested::statement, id,
         refusal != nullptr ? std::string(wire_name(refusal->why.code)) : std::string(), request.digest,
         std::nullopt, std::move(attestation), leaf, std::move(stated.record), told, snapshot.epoch},
        std::move(leaf_body)};
}

std::function<Answer()> problem(Error error, std::string execution_id = {}) {
    return [error = std::move(error), execution_id = std::move(execution_id)] {
        return Answer::problem(error, execution_id);
    };
}

}  // namespace

Result<decide::ExecutionId> identity_of(const decide::EvaluateRequest& request, const Snapshot& snapshot) {
    if (request.execution_id) return *request.execution_id;
    if (snapshot.allow_derived_ids) return attest::derive_execution_id(*snapshot.blind_key, request.digest);
    return fail(Code::execution_id_required, "`executionId` is missing", "/executionId");
}

/// What the answer depends on besides the entry.
struct Road::Caller {
    decide::RequestDigest digest;
    std::optional<store::IdempotencyDigest> idempotency;
    std::optional<Error> refused;  // why, when the ruling was a refusal
    Wait wait;
    AnswerForm form;
    trust::Origin origin;
};

/// What a request is told about the entry that stands for its identity.
Answer Road::answer_from(const store::Admission& admission, const Caller& caller) const {
    const auto& entry = admission.entry;
    const store::Submission& content = entry->content;
    // Whoever is turned away is counted; what cannot be counted is not turned away but sent away.
    const auto turned_away = [&](Code code, const std::function<Answer()>& answer) {
        if (ground_.rejections.count(content.execution_id, code)) return answer();
        return Answer::problem({Code::overloaded, "too many different requests are turned away"},
                               content.execution_id.value());
    };
    if (content.kind == store::EntryKind::refusal) {
        INVARIANT(caller.refused.has_value());
        if (admission.first) return Answer::refusal(*caller.refused, entry);
        // The entry of this identity and code may be of an earlier, other request: its attestation is not
        // told to this one.
        return turned_away(caller.refused->code, [&] {
            return content.request_digest == caller.digest
                       ? Answer::refusal(*caller.refused, entry)
                       : Answer::problem(*caller.refused, content.execution_id.value());
        });
    }
    const bool same = content.request_digest == caller.digest;
    const bool again = same && content.idempotency && content.idempotency == caller.idempotency;
    if (!admission.first && !again) {
        const Code code = same ? Code::execution_identity_consumed : Code::execution_identity_conflict;
        return turned_away(code, [&] { return Answer::used(code, entry); });
    }
    Answer::Proofs proofs;
    if (content.attested == store::Attested::log) {
        auto group = ground_.groups.of(entry->index, ground_.ledger, ground_.log);
        if (!group) return Answer::problem(group.error(), content.execution_id.value());
        proofs.group = *std::move(group);
    }
    if (caller.wait != Wait::committed) {
        using Under = tlog::Log::Under;
        auto inclusion = ground_.log.prove_inclusion(
            entry->index, caller.wait == Wait::witnessed ? Under::quorum : Under::first_head);
        if (!inclusion) return Answer::problem(inclusion.error(), content.execution_id.value());
        proofs.inclusion = *std::move(inclusion);
    }
    return Answer::decision(entry, caller.origin.value(), proofs, caller.form);
}

void Road::evaluate(std::string_view body, const Terms& terms, Reply reply) const {
    // The body becomes a request, or says at which byte or member it does not.
    auto request = decide::parse_request(body);
    if (!request) return reply(problem(request.error()));
    auto shared = std::make_shared<const decide::EvaluateRequest>(*std::move(request));
    admit({std::move(shared), terms, AnswerForm::whole}, enter_alone(), std::move(reply));
}

Road::Enter Road::enter_alone() const {
    return [this](store::Ledger::Entering entering) {
        ground_.ledger.submit(std::move(entering.submission), std::move(entering.leaf_body),
                              std::move(entering.completion));
    };
}

void Road::admit(Passenger passenger, const Enter& enter, Told tell) const {
    const decide::EvaluateRequest& request = *passenger.request;
    const Terms& terms = passenger.terms;
    // One snapshot for the whole request: what is decided with is what is attested.
    const std::shared_ptr<const Snapshot> snapshot = ground_.snapshots.current();
    const auto id = identity_of(request, *snapshot);
    if (!id) return tell(problem(id.error()));
    const auto idempotency = idempotency_digest(terms.idempotency_key, *id, *snapshot->blind_key);
    if (!idempotency) return tell(problem(idempotency.error(), id->value()));
    Caller caller{request.digest, *idempotency, std::nullopt, terms.wait, passenger.form, snapshot->origin};

    // An identity that is used already is answered from its durable entry; a signature would be wasted on it.
    auto earlier = ground_.ledger.find(*id);
    if (!earlier) return tell(problem(earlier.error(), id->value()));
    if (*earlier) return finish({false, **std::move(earlier)}, std::move(caller), std::move(tell));

    // The decision: pure.
    const decide::Ruling ruling = decide::decide(request, snapshot->policies);
    if (const auto* refusal = std::get_if<decide::Refusal>(&ruling)) caller.refused = refusal->why;

    // Signed before the index is known: the statement depends on nothing that a race could change.
    auto attested = attest_ruling(request, *id, ruling, *snapshot, terms.attested);
    if (!attested) return tell(problem(attested.error(), id->value()));
    attested->submission.idempotency = caller.idempotency;

    // One transaction. If we stop before it is durable, nothing was promised; after it, the entry stands and
    // whoever asks again is told so. Only the Committed entry that comes back can become a success. A
    // decision that a change overtook was not entered: it goes back to be decided with what is in force now.
    enter({std::move(attested->submission), std::move(attested->leaf_body),
           [this, tell = std::move(tell), caller = std::move(caller), passenger = std::move(passenger),
            id = id->value()](Result<store::Admission> admission) mutable {
               const bool stale = !admission && admission.error().code == Code::snapshot_stale;
               if (stale && ++passenger.decided < kDecidedMax)
                   return admit(std::move(passenger), enter_alone(), std::move(tell));
               if (!admission) return tell(problem(std::move(admission).error(), std::move(id)));
               finish(*std::move(admission), std::move(caller), std::move(tell));
           }});
}

/// The entry is durable. Whoever wants more than that waits for a head over it.
void Road::finish(store::Admission admission, Caller caller, Told tell) const {
    if (caller.wait == Wait::committed) {
        return tell([this, admission = std::move(admission), caller = std::move(caller)] {
            return answer_from(admission, caller);
        });
    }
    const Wait wait = caller.wait;
    const store::LogIndex index = admission.entry->index;
    ground_.wait_for(
        wait, index,
        [this, admission = std::move(admission), caller = std::move(caller),
         tell = std::move(tell)](const Status& waited) mutable {
            // The identity is consumed all the same: the Idempotency-Key fetches the answer later.
            if (!waited) return tell(problem(waited.error(), admission.entry->content.execution_id.value()));
            tell([this, admission = std::move(admission), caller = std::move(caller)] {
                return answer_from(admission, caller);
            });
        });
}

}  // namespace parmana::runtime
