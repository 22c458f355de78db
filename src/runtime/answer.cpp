#include "runtime/answer.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "runtime/groups.hpp"
#include "verify/wire.hpp"

namespace parmana::runtime {
namespace {

/// A detail may quote what a client sent, which need not be UTF-8.
std::string printable(std::string_view text) {
    if (json::is_utf8(text)) return std::string(text);
    std::string out;
    for (const char c : text)
        out.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '?');
    return out;
}

/// The members of a problem (RFC 9457), and the two that some problems have.
std::string problem_json(const Error& error, std::string_view execution_id, std::string_view attestation) {
    const CodeRow& row = row_of(error.code);
    std::string out;
    json::Writer writer(out);
    writer.object();
    if (!attestation.empty()) writer.name("attestation").raw(attestation);
    writer.name("code").string(row.wire).name("detail").string(printable(error.detail));
    if (!execution_id.empty()) writer.name("execution_id").string(execution_id);
    if (!error.pointer.empty()) writer.name("pointer").string(error.pointer);
    writer.name("status").integer(row.http_status).name("title").string(row.sentence);
    writer.name("type").string("urn:parmana:problem:" + std::string(row.wire)).end();
    return out;
}

void append_log(json::Writer& writer, const store::Entry& entry, std::string_view origin,
                const std::optional<tlog::Inclusion>& inclusion = std::nullopt) {
    writer.name("log").object();
    if (inclusion) {
        writer.name("checkpoint").string(inclusion->note);
        verify::write_hashes(writer, "hashes", inclusion->proof);
    }
    writer.name("index").integer(static_cast<std::int64_t>(entry.index.value()));
    writer.name("origin").string(origin);
    if (inclusion) writer.name("treeSize").integer(static_cast<std::int64_t>(inclusion->size.value()));
    writer.end();
}

/// What the caller needs of the group besides its envelope: the statement that has no signature, and its
/// path.
void append_group(json::Writer& writer, const store::Entry& entry, const Group& group) {
    writer.name("group").object().name("first").integer(static_cast<std::int64_t>(group.first.value()));
    verify::write_hashes(
        writer, "hashes",
        group.tree.prove_inclusion(merkle::LeafIndex(entry.index.value() - group.first.value())));
    writer.name("payload").string(to_base64(entry.content.attestation.payload)).end();
}

}  // namespace

Answer Answer::decision(const Entry& entry, std::string_view origin, const Proofs& proofs, AnswerForm form) {
    const store::Submission& content = entry->content;
    const attest::Told stored =
        content.told ? attest::Told() : attest::tell(content.record, content.attestation.payload);
    const attest::Told& told = content.told ? *content.told : stored;
    INVARIANT((content.attested == store::Attested::log) == (proofs.group != nullptr));
    const dsse::Envelope& envelope = proofs.group ? proofs.group->envelope : content.attestation;
    const bool told_once = proofs.group && form == AnswerForm::item;
    std::string out;
    out.reserve(4096);
    json::Writer writer(out);
    writer.object();
    if (!told_once) writer.name("attestation").raw(verify::envelope_json(envelope));
    writer.name("decision").string(told.decision);
    writer.name("execution_fingerprint").string(told.execution_fingerprint);
    writer.name("execution_id").string(content.execution_id.value());
    if (proofs.group) append_group(writer, *entry, *proofs.group);
    append_log(writer, *entry, origin, proofs.inclusion);
    writer.name("provenance").object();
    writer.name("languageProfile").string(told.language_profile);
    writer.name("policyHash").string(told.policy_hash);
    if (!told.release.empty()) writer.name("release").string(told.release);
    writer.name("runtimeHash").string(told.runtime_hash);
    writer.name("schemaHash").string(told.schema_hash).end();
    writer.name("reason").string(told.reason).name("rule").string(told.rule);
    if (!told_once) writer.name("signature").string(to_base64(view_of(envelope.signature.value())));
    writer.end();
    Answer answer(200, kJson, std::move(out));
    if (told_once) answer.group_ = proofs.group;
    return answer;
}

Answer Answer::batch(const std::vector<Answer>& answers) {
    std::vector<const Group*> groups;
    for (const Answer& answer : answers) {
        if (answer.group_ && std::find(groups.begin(), groups.end(), answer.group_.get()) == groups.end())
            groups.push_back(answer.group_.get());
    }
    std::size_t bytes = 1024;
    for (const Answer& answer : answers)
        bytes += answer.body_.size() + 32;
    std::string out;
    out.reserve(bytes);
    json::Writer writer(out);
    writer.object().name("groups").array();
    for (const Group* group : groups)
        writer.raw(verify::envelope_json(group->envelope));
    writer.end().name("results").array();
    for (const Answer& answer : answers)
        writer.object().name("body").raw(answer.body_).name("status").integer(answer.status_).end();
    writer.end().end();
    return {200, kJson, std::move(out)};
}

Answer Answer::refusal(const Error& why, const Entry& entry) {
    const store::Submission& content = entry->content;
    return {row_of(why.code).http_status, kProblem,
            problem_json(why, content.execution_id.value(), verify::envelope_json(content.attestation))};
}

Answer Answer::used(Code code, const Entry& entry) {
    const std::string& id = entry->content.execution_id.value();
    const std::string_view by =
        code == Code::execution_identity_conflict ? "another request" : "this request";
    return {
        row_of(code).http_status, kProblem,
        problem_json({code, "`" + id + "` was used by " + std::string(by) + "; see GET /executions/" + id},
                     id, {})};
}

Answer Answer::execution(const Entry& entry, std::string_view origin, const Group* group) {
    const store::Submission& content = entry->content;
    std::string out;
    json::Writer writer(out);
    writer.object().name("attestation");
    writer.raw(verify::envelope_json(group != nullptr ? group->envelope : content.attestation));
    writer.name("committed_at").integer(entry->committed_at.value());
    writer.name("execution_id").string(content.execution_id.value());
    if (group != nullptr) append_group(writer, *entry, *group);
    append_log(writer, *entry, origin);
    writer.name("record").raw(content.record).end();
    return {200, kJson, std::move(out)};
}

Answer Answer::problem(const Error& error, std::string_view execution_id) {
    return {row_of(error.code).http_status, kProblem, problem_json(error, execution_id, {})};
}

}  // namespace parmana::runtime
