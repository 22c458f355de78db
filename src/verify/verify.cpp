#include "verify/verify.hpp"

#include "verify/heads.hpp"
#include "verify/judge.hpp"

namespace parmana::verify {
namespace {

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

Check judge_signature(const dsse::Envelope& envelope, const trust::Root* root) {
    constexpr auto name = "attestation_signature";
    if (root == nullptr) return {name, Outcome::not_judged, "no trust root was given"};
    const auto key = root->find(trust::Role::attestation, envelope.key_id);
    // Alone it has no place in the ledger, and the key may be one that an earlier root had.
    if (!key && root->version() > 1) {
        return {name, Outcome::not_judged,
                "the key is none of version " + std::to_string(root->version()) +
                    " of the trust root; whether an earlier one had it, evidence tells"};
    }
    if (key && dsse::verify(envelope, *key))
        return {name, Outcome::passed, "signed by attestation key " + envelope.key_id.substr(0, 16)};
    return {name, Outcome::failed, "the signature is not by an attestation key of the trust root"};
}

void judge_attestation(Report& report, const dsse::Envelope& envelope, const trust::Root* root) {
    const auto add = [&report](std::string name, Outcome outcome, std::string detail) {
        report.checks.push_back({std::move(name), outcome, std::move(detail)});
    };
    report.checks.push_back(judge_signature(envelope, root));
    const auto said = read_statement(envelope);
    add("statement", said ? Outcome::passed : Outcome::failed, said ? said->in_words : said.error().detail);
    if (said) report.execution_id = said->execution_id;
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

/// Of the heads in the file. Without a proof to the held one, more cannot be compared.
std::vector<KnownRoot> roots_of(const Evidence& evidence) {
    std::vector<KnownRoot> out;
    for (const std::string* text :
         {&evidence.checkpoint, evidence.previous ? &evidence.previous->note : nullptr}) {
        if (text == nullptr) continue;
        const auto note = note::parse_note(*text);
        const auto head =
            note ? note::parse_checkpoint(note->text) : Result<note::Checkpoint>(fail(Code::usage, ""));
        if (head) out.push_back({head->size, head->root});
    }
    return out;
}

}  // namespace

Report verify(std::string_view text, const Held& held) {
    const trust::Root* root = held.root;
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
        std::optional<trust::History> trust;
        if (root != nullptr) trust.emplace(*root);
        if (held.head) report.checks.push_back(judge_held(*held.head, {}, trust ? &*trust : nullptr));
        return report;
    }
    Judge judge(report, *evidence, held);
    judge.run();
    if (held.head) report.checks.push_back(judge_held(*held.head, roots_of(*evidence), judge.trust()));
    return report;
}

}  // namespace parmana::verify
