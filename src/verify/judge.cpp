// What was decided, on what, by which policy and runtime.
#include "verify/judge.hpp"
#include "verify/entry.hpp"
#include "verify/judge_release.hpp"

namespace parmana::verify {

using attest::DecisionRecord;
using attest::DecisionStatement;

void Judge::run() {
    if (root_ != nullptr) trust_ = std::make_unique<trust::History>(*root_);
    if (evidence_.previous) trust_chain();
    attestation_signature();
    if (evidence_.group) group();
    statement();
    record_digest();
    binding();
    policy_hash();
    policy_signature();
    policy_bundle();
    runtime_hash();
    release();
    signals_schema();
    verdict();
    checkpoint_signature();
    inclusion();
    if (!evidence_.previous) return;
    if (!evidence_.trust.events.empty()) key_events();
    checkpoint_time();
    trust_expiry();
    previous_checkpoint();
    witnesses();
}

void Judge::attestation_signature() {
    constexpr auto name = "attestation_signature";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    const dsse::Envelope& envelope = evidence_.group ? evidence_.group->envelope : evidence_.attestation;
    const std::uint64_t index = evidence_.log_index.value();
    attestation_key_ = trust_->find(trust::Role::attestation, envelope.key_id, index);
    if (!attestation_key_) {
        return fail_check(name, "the key is not an attestation key that the trust root had at entry " +
                                    std::to_string(index));
    }
    if (const auto from = trust_->compromised(envelope.key_id, index)) {
        return fail_check(name, "the attestation key is compromised from entry " + std::to_string(*from) +
                                    " on, and this is entry " + std::to_string(index));
    }
    judge(name, dsse::verify(envelope, *attestation_key_),
          (evidence_.group ? "the group is signed by attestation key " : "signed by attestation key ") +
              envelope.key_id.substr(0, 16),
          "the signature does not verify");
}

void Judge::statement() {
    constexpr auto name = "statement";
    if (evidence_.attestation.payload_type != attest::kPayloadType) {
        return fail_check(name, "the payload is not an in-toto statement");
    }
    auto parsed = attest::parse_decision_statement(evidence_.attestation.payload);
    if (!parsed) return fail_check(name, parsed.error().detail);
    statement_ = *std::move(parsed);
    report_.execution_id = statement_->execution_id;
    pass(name, "a decision statement about " + statement_->subject_name);
}

void Judge::record_digest() {
    constexpr auto name = "record_digest";
    if (!statement_) return skip(name, "there is no statement to compare with");
    judge(name, to_hex(view_of(crypto::sha256(evidence_.record))) == statement_->record_digest,
          "the record is the subject of the statement", "the record is not the one that was attested");
    if (report_.checks.back().outcome == Outcome::passed) record_is_attested_ = true;
}

void Judge::binding() {
    constexpr auto name = "binding";
    if (!record_is_attested_) return skip(name, "the record is not the attested one");
    const auto document = json::parse(evidence_.record);
    auto record = document ? attest::parse_decision_record(document->root(), "/record")
                           : Result<DecisionRecord>(std::unexpected(document.error()));
    if (!record) return fail_check(name, record.error().detail);
    record_ = *std::move(record);
    const std::string mismatch = find_mismatch(*statement_, *record_, root_);
    judge(name, mismatch.empty(), "statement, record and trust root agree on " + record_->origin,
          "`" + mismatch + "` does not agree");
}

void Judge::policy_hash() {
    constexpr auto name = "policy_hash";
    if (!statement_) return skip(name, "there is no statement to compare with");
    bundle_is_attested_ =
        to_hex(view_of(bundle::policy_hash(evidence_.policy).value())) == statement_->policy_digest;
    judge(name, bundle_is_attested_, "sha256:" + statement_->policy_digest,
          "the enclosed policy manifest is not the one that was attested");
}

void Judge::policy_signature() {
    constexpr auto name = "policy_signature";
    if (root_ == nullptr) return skip(name, "no trust root was given");
    const Status signature = bundle::check_history(evidence_.policy, *trust_, evidence_.log_index.value());
    judge(name, signature.has_value(), "signed by " + bundle::signers(evidence_.policy),
          signature ? "" : signature.error().detail);
}

void Judge::policy_bundle() {
    constexpr auto name = "policy_bundle";
    if (!statement_) return skip(name, "there is no statement to compare with");
    if (!bundle_is_attested_) return skip(name, "the enclosed manifest is not the attested one");
    auto policy = bundle::open_files(evidence_.policy);
    if (!policy) {
        if (bundle::is_of_another_day(policy.error())) return skip(name, policy.error().detail);
        return fail_check(name, policy.error().detail);
    }
    if (policy->id().value() != statement_->policy_id ||
        policy->version().value() != statement_->policy_version) {
        return fail_check(name, "the enclosed policy has another identity than the statement names");
    }
    if (to_hex(view_of(policy->schema_digest())) != statement_->schema_digest ||
        statement_->language_profile != policy->language_profile()) {
        return fail_check(name, "the enclosed policy has another schema or language profile");
    }
    pass(name, policy->id().value() + " " + policy->version().value());
    policy_.emplace(*std::move(policy));
}

void Judge::runtime_hash() {
    constexpr auto name = "runtime_hash";
    if (!statement_) return skip(name, "there is no statement to compare with");
    const auto hash = attest::runtime_hash(evidence_.runtime_manifest);
    judge(name, to_hex(view_of(hash.value())) == statement_->runtime_digest,
          to_wire(hash.value()) + " (as the runtime says of itself)",
          "the enclosed runtime manifest is not the one that was attested");
}

void Judge::release() {
    constexpr auto name = "release";
    if (!statement_) return skip(name, "there is no statement to compare with");
    report_.checks.push_back(judge_release(statement_->release, statement_->runtime_digest,
                                           evidence_.release ? &*evidence_.release : nullptr, trust_.get(),
                                           evidence_.log_index.value()));
}

void Judge::signals_schema() {
    constexpr auto name = "signals_schema";
    if (!record_ || !policy_) return skip(name, "needs the attested record and policy");
    signals_ = json::parse(record_->signals_json);
    policy::Slots slots;
    const Status bound = policy_->bind(signals_->value().root(), slots);
    signals_are_good_ = bound.has_value();
    judge(name, signals_are_good_, "every signal is declared and in range",
          bound ? "" : std::string(parmana::wire_name(bound.error().code)) + ": " + bound.error().detail);
}

void Judge::verdict() {
    constexpr auto name = "verdict";
    if (!record_ || !policy_) return skip(name, "needs the attested record and policy");
    if (!signals_are_good_) return skip(name, "the signals are outside the schema");
    std::optional<json::Document> action;
    if (!record_->action_json.empty()) action = json::parse(record_->action_json).value();
    const auto rule = decide::judge(*policy_, signals_->value().root(),
                                    action ? std::optional(action->root()) : std::nullopt);
    if (!rule) return fail_check(name, "the policy refuses these signals: " + rule.error().detail);
    const policy::Outcome& outcome = (*rule)->outcome;
    report_.verdict = outcome.verdict;
    const std::string derived(policy::wire_name(outcome.verdict));
    if (outcome.verdict != record_->decision || (*rule)->id != record_->rule ||
        outcome.reason != record_->reason) {
        return fail_check(name, "verdict re-derived: " + derived + " by rule `" + (*rule)->id +
                                    "`, attested: " + std::string(policy::wire_name(record_->decision)) +
                                    " by rule `" + record_->rule + "`");
    }
    pass(name, "verdict re-derived: " + derived);
}

}  // namespace parmana::verify
