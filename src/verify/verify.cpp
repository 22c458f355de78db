#include "verify/verify.hpp"

#include "note/note.hpp"

namespace parmana::verify {
namespace {

using attest::DecisionRecord;
using attest::DecisionStatement;

/// Runs the checks over one evidence file in their fixed order and remembers what later ones build on.
class Judge {
  public:
    Judge(Report& report, const Evidence& evidence, const trust::Root* root)
        : report_(report), evidence_(evidence), root_(root) {}

    void run() {
        attestation_signature();
        statement();
        record_digest();
        binding();
        policy_hash();
        policy_signature();
        policy_bundle();
        runtime_hash();
        signals_schema();
        verdict();
        checkpoint_signature();
        inclusion();
    }

  private:
    void pass(std::string name, std::string detail) {
        add(std::move(name), Outcome::passed, std::move(detail));
    }
    void fail_check(std::string name, std::string detail) {
        add(std::move(name), Outcome::failed, std::move(detail));
    }
    void skip(std::string name, std::string detail) {
        add(std::move(name), Outcome::not_judged, std::move(detail));
    }
    void add(std::string name, Outcome outcome, std::string detail) {
        report_.checks.push_back({std::move(name), outcome, std::move(detail)});
    }
    void judge(std::string name, bool good, std::string passed, std::string failed) {
        good ? pass(std::move(name), std::move(passed)) : fail_check(std::move(name), std::move(failed));
    }

    void attestation_signature() {
        constexpr auto name = "attestation_signature";
        if (root_ == nullptr) return skip(name, "no trust root was given");
        attestation_key_ = root_->find(trust::Role::attestation, evidence_.attestation.key_id);
        if (!attestation_key_) return fail_check(name, "the key is not an attestation key of the trust root");
        judge(name, dsse::verify(evidence_.attestation, *attestation_key_),
              "signed by attestation key " + evidence_.attestation.key_id.substr(0, 16),
              "the signature does not verify");
    }

    void statement() {
        constexpr auto name = "statement";
        if (evidence_.attestation.payload_type != attest::kPayloadType) {
            return fail_check(name, "the payload is not an in-toto statement");
        }
        auto parsed = attest::parse_decision_statement(evidence_.attestation.payload);
        if (!parsed) return fail_check(name, parsed.error().detail);
        statement_ = *std::move(parsed);
        pass(name, "a decision statement about " + statement_->subject_name);
    }

    void record_digest() {
        constexpr auto name = "record_digest";
        if (!statement_) return skip(name, "there is no statement to compare with");
        judge(name, to_hex(view_of(crypto::sha256(evidence_.record))) == statement_->record_digest,
              "the record is the subject of the statement", "the record is not the one that was attested");
        if (report_.checks.back().outcome == Outcome::passed) record_is_attested_ = true;
    }

    /// Statement and record speak of the same execution, and every derived value is what it must be.
    void binding() {
        constexpr auto name = "binding";
        if (!record_is_attested_) return skip(name, "the record is not the attested one");
        const auto document = json::parse(evidence_.record);
        auto record = document ? attest::parse_decision_record(document->root(), "/record")
                               : Result<DecisionRecord>(std::unexpected(document.error()));
        if (!record) return fail_check(name, record.error().detail);
        record_ = *std::move(record);
        const std::string mismatch = find_mismatch();
        judge(name, mismatch.empty(), "statement, record and trust root agree on " + record_->origin,
              "`" + mismatch + "` does not agree");
    }

    std::string find_mismatch() const {
        const DecisionStatement& said = *statement_;
        const DecisionRecord& kept = *record_;
        if (said.execution_id != kept.execution_id.value()) return "executionId";
        if (said.subject_name != attest::subject_name(kept.execution_id)) return "subject";
        if (said.tenant != kept.tenant) return "tenant";
        if (said.origin != kept.origin) return "origin";
        if (said.policy_id != kept.policy_id) return "policyId";
        if (said.policy_version != kept.policy_version) return "policyVersion";
        if ("sha256:" + said.policy_digest != kept.policy_hash) return "policyHash";
        if (said.decision != kept.decision) return "decision";
        if (said.rule != kept.rule) return "rule";
        if (said.signals_digest != attest::blinded_digest(kept.blind, kept.signals_json))
            return "signalsDigest";
        if (said.action_digest.has_value() != !kept.action_json.empty()) return "action";
        if (said.action_digest &&
            *said.action_digest != attest::blinded_digest(kept.blind, kept.action_json)) {
            return "actionDigest";
        }
        if (kept.execution_fingerprint != fingerprint_of(kept)) return "executionFingerprint";
        if (root_ != nullptr && said.origin != root_->origin().value()) return "origin of the trust root";
        if (root_ != nullptr && said.tenant != root_->tenant().value()) return "tenant of the trust root";
        return {};
    }

    static std::string fingerprint_of(const DecisionRecord& record) {
        std::string text;
        json::Writer writer(text);
        writer.object().name("policyId").string(record.policy_id);
        writer.name("policyVersion").string(record.policy_version);
        writer.name("signals").raw(record.signals_json).end();
        return to_wire(crypto::sha256(text));
    }

    void policy_hash() {
        constexpr auto name = "policy_hash";
        if (!statement_) return skip(name, "there is no statement to compare with");
        bundle_is_attested_ =
            to_hex(view_of(bundle::policy_hash(evidence_.policy).value())) == statement_->policy_digest;
        judge(name, bundle_is_attested_, "sha256:" + statement_->policy_digest,
              "the enclosed policy manifest is not the one that was attested");
    }

    void policy_signature() {
        constexpr auto name = "policy_signature";
        if (root_ == nullptr) return skip(name, "no trust root was given");
        const Status signature = bundle::check_signature(evidence_.policy, *root_);
        judge(name, signature.has_value(),
              "signed by policy key " + evidence_.policy.envelope.key_id.substr(0, 16),
              signature ? "" : signature.error().detail);
    }

    /// The policy bytes are those of the manifest, and of the identity that the statement names.
    void policy_bundle() {
        constexpr auto name = "policy_bundle";
        if (!statement_) return skip(name, "there is no statement to compare with");
        if (!bundle_is_attested_) return skip(name, "the enclosed manifest is not the attested one");
        auto policy = bundle::open_files(evidence_.policy);
        if (!policy) {
            if (policy.error().code == Code::profile_unknown) return skip(name, policy.error().detail);
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

    void runtime_hash() {
        constexpr auto name = "runtime_hash";
        if (!statement_) return skip(name, "there is no statement to compare with");
        const auto hash = attest::runtime_hash(evidence_.runtime_manifest);
        judge(name, to_hex(view_of(hash.value())) == statement_->runtime_digest,
              to_wire(hash.value()) + " (as the runtime says of itself)",
              "the enclosed runtime manifest is not the one that was attested");
    }

    void signals_schema() {
        constexpr auto name = "signals_schema";
        if (!record_ || !policy_) return skip(name, "needs the attested record and policy");
        signals_ = json::parse(record_->signals_json);
        policy::Slots slots;
        const Status bound = policy_->bind(signals_->value().root(), slots);
        signals_are_good_ = bound.has_value();
        judge(name, signals_are_good_, "every signal is declared and in range",
              bound ? "" : std::string(parmana::wire_name(bound.error().code)) + ": " + bound.error().detail);
    }

    void verdict() {
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

    void checkpoint_signature() {
        constexpr auto name = "checkpoint_signature";
        if (const auto note = note::parse_note(evidence_.checkpoint)) {
            if (auto checkpoint = note::parse_checkpoint(note->text)) checkpoint_ = *std::move(checkpoint);
        }
        if (!checkpoint_) return fail_check(name, "the checkpoint is not a signed note of a tree head");
        if (root_ == nullptr) return skip(name, "no trust root was given");
        if (checkpoint_->origin != root_->origin().value()) {
            return fail_check(name, "the checkpoint is of another origin than the trust root");
        }
        for (const auto& [id, key] : root_->keys(trust::Role::log)) {
            if (note::open_checkpoint(evidence_.checkpoint, key)) {
                return pass(name,
                            checkpoint_->origin + " at size " + std::to_string(checkpoint_->size.value()));
            }
        }
        fail_check(name, "the checkpoint is not signed by a log key of the trust root");
    }

    void inclusion() {
        constexpr auto name = "inclusion";
        if (!attestation_key_) return skip(name, "the leaf needs the attestation key");
        if (!checkpoint_) return skip(name, "there is no checkpoint");
        if (checkpoint_->size != evidence_.tree_size) {
            return fail_check(name, "the proof is for another tree size than the checkpoint");
        }
        const auto leaf = attest::leaf_hash(evidence_.attestation, *attestation_key_);
        judge(name,
              merkle::verify_inclusion(evidence_.log_index, evidence_.tree_size, leaf, evidence_.proof,
                                       checkpoint_->root),
              "entry " + std::to_string(evidence_.log_index.value()) + " of " +
                  std::to_string(evidence_.tree_size.value()),
              "the inclusion proof does not lead to the root of the checkpoint");
    }

    Report& report_;
    const Evidence& evidence_;
    const trust::Root* root_;
    std::optional<crypto::PublicKey> attestation_key_;
    std::optional<DecisionStatement> statement_;
    std::optional<DecisionRecord> record_;
    std::optional<policy::Policy> policy_;
    std::optional<Result<json::Document>> signals_;
    std::optional<note::Checkpoint> checkpoint_;
    bool record_is_attested_ = false;
    bool bundle_is_attested_ = false;
    bool signals_are_good_ = false;
};

/// What a bare attestation says, of either kind.
struct Said {
    std::string subject_name;
    std::string execution_id;
    std::string origin;
    std::string tenant;
    std::string in_words;
};

Result<Said> read_statement(const dsse::Envelope& envelope) {
    if (envelope.payload_type != attest::kPayloadType) {
        return fail(Code::member_invalid, "the payload is not an in-toto statement");
    }
    if (TRY(attest::predicate_type(envelope.payload)) == attest::kRefusalType) {
        const auto refusal = TRY(attest::parse_refusal_statement(envelope.payload));
        return Said{refusal.subject_name, refusal.execution_id, refusal.origin, refusal.tenant,
                    "a refusal: nothing was admitted"};
    }
    const auto decision = TRY(attest::parse_decision_statement(envelope.payload));
    return Said{decision.subject_name, decision.execution_id, decision.origin, decision.tenant,
                std::string(policy::wire_name(decision.decision)) + ", about " + decision.subject_name};
}

std::string find_mismatch(const Said& said, const trust::Root* root) {
    const auto id = decide::parse_execution_id(said.execution_id);
    if (!id) return "executionId";
    if (said.subject_name != attest::subject_name(*id)) return "subject";
    if (root != nullptr && said.origin != root->origin().value()) return "origin of the trust root";
    if (root != nullptr && said.tenant != root->tenant().value()) return "tenant of the trust root";
    return {};
}

void judge_attestation(Report& report, const dsse::Envelope& envelope, const trust::Root* root) {
    const auto add = [&report](std::string name, Outcome outcome, std::string detail) {
        report.checks.push_back({std::move(name), outcome, std::move(detail)});
    };
    if (root == nullptr) {
        add("attestation_signature", Outcome::not_judged, "no trust root was given");
    } else {
        const auto key = root->find(trust::Role::attestation, envelope.key_id);
        const bool good = key && dsse::verify(envelope, *key);
        add("attestation_signature", good ? Outcome::passed : Outcome::failed,
            good ? "signed by attestation key " + envelope.key_id.substr(0, 16)
                 : "the signature is not by an attestation key of the trust root");
    }
    const auto said = read_statement(envelope);
    add("statement", said ? Outcome::passed : Outcome::failed, said ? said->in_words : said.error().detail);
    if (!said) return add("binding", Outcome::not_judged, "there is no statement to compare with");
    const std::string mismatch = find_mismatch(*said, root);
    add("binding", mismatch.empty() ? Outcome::passed : Outcome::failed,
        mismatch.empty() ? "the statement is of " + said->origin : "`" + mismatch + "` does not agree");
}

/// True for text that is an object with the members of an envelope.
std::optional<Result<dsse::Envelope>> as_envelope(std::string_view text) {
    const auto document = json::parse(text);
    if (!document || !document->root().is(json::Type::object) || !document->root().find("payloadType")) {
        return std::nullopt;
    }
    auto envelope = dsse::parse(document->root(), "");
    if (envelope && !json::is_canonical(*document)) {
        return fail(Code::member_invalid, "the file is not in canonical form: it has one spelling only");
    }
    return envelope;
}

}  // namespace

Report verify(std::string_view text, const trust::Root* root) {
    Report report;
    const auto envelope = as_envelope(text);
    report.kind = envelope ? "attestation" : "evidence";
    const auto evidence = envelope ? Result<Evidence>(fail(Code::usage, "")) : parse_evidence(text);
    const bool readable = envelope ? envelope->has_value() : evidence.has_value();
    report.checks.push_back({"format", readable ? Outcome::passed : Outcome::failed,
                             readable ? report.kind + " in its one spelling"
                                      : (envelope ? envelope->error() : evidence.error()).detail});
    if (root != nullptr) {
        report.trust_fingerprint = root->fingerprint();
        report.checks.push_back(
            {"trust_root", Outcome::passed,
             "version " + std::to_string(root->version()) + ", " + to_wire(root->fingerprint())});
    } else {
        report.checks.push_back({"trust_root", Outcome::not_judged, "no trust root was given"});
    }
    if (!readable) return report;
    if (envelope) {
        judge_attestation(report, **envelope, root);
    } else {
        Judge(report, *evidence, root).run();
    }
    return report;
}

}  // namespace parmana::verify
