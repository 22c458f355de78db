// What the ledger says of the decision: that it stands there, and since when.
#include "verify/heads.hpp"
#include "verify/judge.hpp"
#include "verify/trust_path.hpp"

namespace parmana::verify {

void Judge::trust_chain() {
    constexpr auto name = "trust_chain";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    // Of an entry in the tree; without one, of none.
    const std::uint64_t size = evidence_.tree_size.value();
    Trusted trusted = judge_chain(evidence_.trust, *root_, size == 0 ? 0 : size - 1);
    trust_ = std::move(trusted.history);
    report_.checks.push_back(std::move(trusted.check));
}

void Judge::key_events() {
    constexpr auto name = "key_events";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    if (!checkpoint_) return skip(name, "there is no checkpoint");
    report_.checks.push_back(judge_key_events(evidence_.trust, *trust_, *checkpoint_));
}

void Judge::trust_expiry() {
    constexpr auto name = "trust_expiry";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    report_.checks.push_back(judge_expiry(*trust_, time_of(head(), *trust_), held_.at));
}

void Judge::group() {
    constexpr auto name = "group";
    const GroupProof& proof = *evidence_.group;
    if (proof.envelope.payload_type != attest::kPayloadType)
        return fail_check(name, "the payload of the group is not an in-toto statement");
    const auto said = attest::parse_group_statement(proof.envelope.payload);
    if (!said) return fail_check(name, said.error().detail);
    if (root_ != nullptr &&
        (said->origin != root_->origin().value() || said->tenant != root_->tenant().value())) {
        return fail_check(name, "the group is of another origin or tenant than the trust root");
    }
    const std::uint64_t index = evidence_.log_index.value(), first = said->group.first.value();
    if (index < first || index - first >= said->group.count)
        return fail_check(name, "the entry is not in the group");
    judge(name,
          merkle::verify_inclusion(merkle::LeafIndex(index - first), merkle::TreeSize(said->group.count),
                                   leaf_of_statement(), proof.hashes, said->group.root),
          "attested by the log: entry " + std::to_string(index - first) + " of the " +
              std::to_string(said->group.count) + " that were signed as one",
          "the path does not lead to the root of the group");
}

merkle::LeafHash Judge::leaf_of_statement() const {
    return merkle::hash_leaf(attest::statement_leaf_body(evidence_.attestation.payload));
}

void Judge::checkpoint_signature() {
    constexpr auto name = "checkpoint_signature";
    if (const auto note = note::parse_note(evidence_.checkpoint)) {
        if (auto checkpoint = note::parse_checkpoint(note->text)) checkpoint_ = *std::move(checkpoint);
    }
    if (!checkpoint_) return fail_check(name, "the checkpoint is not a signed note of a tree head");
    if (root_ == nullptr) return skip(name, "no trust root was given");
    if (checkpoint_->origin != root_->origin().value()) {
        return fail_check(name, "the checkpoint is of another origin than the trust root");
    }
    judge(name, is_signed_head(evidence_.checkpoint, *trust_),
          checkpoint_->origin + " at size " + std::to_string(checkpoint_->size.value()),
          "the checkpoint is not signed by a log key that the trust root had at its size");
}

void Judge::inclusion() {
    constexpr auto name = "inclusion";
    if (!evidence_.group && !attestation_key_) return skip(name, "the leaf needs the attestation key");
    if (!checkpoint_) return skip(name, "there is no checkpoint");
    if (checkpoint_->size != evidence_.tree_size) {
        return fail_check(name, "the proof is for another tree size than the checkpoint");
    }
    const auto leaf =
        evidence_.group ? leaf_of_statement() : attest::leaf_hash(evidence_.attestation, *attestation_key_);
    judge(name,
          merkle::verify_inclusion(evidence_.log_index, evidence_.tree_size, leaf, evidence_.proof,
                                   checkpoint_->root),
          "entry " + std::to_string(evidence_.log_index.value()) + " of " +
              std::to_string(evidence_.tree_size.value()),
          "the inclusion proof does not lead to the root of the checkpoint");
}

void Judge::checkpoint_time() {
    constexpr auto name = "checkpoint_time";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    const auto before = time_of(previous_head(), *trust_), after = time_of(head(), *trust_);
    if (!before || !after) return fail_check(name, "a time is not signed by a log key of the trust root");
    if (*before > *after) return fail_check(name, "the head before has a later time than the head behind");
    pass(name,
         "decided between " + in_words(*before) + " and " + in_words(*after) + ", by the clock of the log");
}

void Judge::previous_checkpoint() {
    constexpr auto name = "previous_checkpoint";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    const note::Checkpoint before = previous_head().checkpoint;
    if (before.origin != root_->origin().value())
        return fail_check(name, "the head before is of another origin than the trust root");
    if (!is_signed_head(evidence_.previous->note, *trust_))
        return fail_check(name, "the head before is not signed by a log key of the trust root");
    if (before.size.value() > evidence_.log_index.value())
        return fail_check(name, "the head before covers the entry already");
    judge(name,
          merkle::verify_consistency(before.size, checkpoint_->size, evidence_.previous->consistency,
                                     before.root, checkpoint_->root),
          "the log only grew from size " + std::to_string(before.size.value()),
          "the checkpoint does not extend the head before");
}

void Judge::witnesses() {
    const note::Head before = previous_head();
    report_.checks.push_back(judge_witnesses(head(), &before, held_.witnesses, trust_.get()));
}

}  // namespace parmana::verify
