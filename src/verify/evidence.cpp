#include "base/invariant.hpp"
#include "note/note.hpp"
#include "verify/trust_path.hpp"
#include "verify/wire.hpp"

namespace parmana::verify {
namespace {

constexpr std::string_view kFormat1 = kEvidenceFormats[0];
constexpr std::string_view kFormat2 = kEvidenceFormats[1];

/// The file as far as both formats have it.
Status read_common(const json::Fields& fields, Evidence& out) {
    const auto proof = TRY(json::Fields::open(fields.any("inclusionProof"), "/inclusionProof",
                                              {"hashes", "logIndex", "treeSize"}));
    out.record = json::canonical(TRY(fields.object("record")));
    out.policy = TRY(bundle::parse(fields.any("policy"), fields.at("policy")));
    out.runtime_manifest = json::canonical(TRY(fields.object("runtimeManifest")));
    out.log_index = merkle::LeafIndex(TRY(unsigned_member(proof, "logIndex")));
    out.tree_size = merkle::TreeSize(TRY(unsigned_member(proof, "treeSize")));
    out.proof = TRY(parse_hashes(proof, "hashes"));
    out.checkpoint = TRY(fields.string("checkpoint"));
    return {};
}

Status read_group(const json::Fields& fields, Evidence& out) {
    const auto group =
        TRY(json::Fields::open(fields.any("group"), "/group", {"envelope", "hashes", "payload"}));
    GroupProof proof;
    proof.envelope = TRY(dsse::parse(group.any("envelope"), "/group/envelope"));
    proof.hashes = TRY(parse_hashes(group, "hashes"));
    auto payload = from_base64(TRY(group.string("payload")));
    if (!payload) return group.invalid("payload", "canonical base64");
    out.group = std::move(proof);
    out.attestation = {std::string(attest::kPayloadType), *std::move(payload), {}, {}};
    return {};
}

Status read_second(const json::Fields& fields, Evidence& out) {
    out.previous = TRY(parse_previous(fields.any("previousCheckpoint"), "/previousCheckpoint"));
    // The layout of a head is part of the one spelling; whether it is true is judged later.
    const auto head = note::parse_head(out.checkpoint);
    if (!head) return fields.invalid("checkpoint", "a head: " + head.error().detail);
    out.trust = TRY(parse_trust_path(fields));
    if (fields.has("release")) out.release = TRY(dsse::parse_signed(fields.any("release"), "/release"));
    return {};
}

}  // namespace

std::string render(const Evidence& evidence) {
    INVARIANT(evidence.previous.has_value() == !evidence.trust.roots.empty());
    INVARIANT((!evidence.group && !evidence.release) || evidence.previous);
    std::string out;
    json::Writer writer(out);
    writer.object().name("checkpoint").string(evidence.checkpoint);
    if (!evidence.group) writer.name("envelope").raw(envelope_json(evidence.attestation));
    writer.name("format").string(evidence.previous ? kFormat2 : kFormat1);
    if (evidence.group) {
        writer.name("group").object().name("envelope").raw(envelope_json(evidence.group->envelope));
        write_hashes(writer, "hashes", evidence.group->hashes);
        writer.name("payload").string(to_base64(evidence.attestation.payload)).end();
    }
    writer.name("inclusionProof").object();
    write_hashes(writer, "hashes", evidence.proof);
    writer.name("logIndex").integer(static_cast<std::int64_t>(evidence.log_index.value()));
    writer.name("treeSize").integer(static_cast<std::int64_t>(evidence.tree_size.value())).end();
    write_key_events(writer, evidence.trust);
    writer.name("policy").raw(bundle::render(evidence.policy));
    if (evidence.previous) write_previous(writer, *evidence.previous);
    writer.name("record").raw(evidence.record);
    if (evidence.release) writer.name("release").raw(envelope_json(*evidence.release));
    writer.name("runtimeManifest").raw(evidence.runtime_manifest);
    if (evidence.previous) write_trust_roots(writer, evidence.trust);
    writer.end();
    return out;
}

Result<Evidence> parse_evidence(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const bool second = document.root().is(json::Type::object) && document.root().find("previousCheckpoint");
    const bool by_group = second && document.root().find("group");
    const std::string_view attestation = by_group ? "group" : "envelope";
    const auto fields =
        TRY(second ? json::Fields::open(document.root(), "",
                                        {"checkpoint", attestation, "format", "inclusionProof", "policy",
                                         "previousCheckpoint", "record", "runtimeManifest", "trustRoots"},
                                        {"keyEvents", "release"})
                   : json::Fields::open(document.root(), "",
                                        {"checkpoint", attestation, "format", "inclusionProof", "policy",
                                         "record", "runtimeManifest"}));
    const std::string_view format = second ? kFormat2 : kFormat1;
    if (TRY(fields.string("format")) != format)
        return fields.invalid("format", "`" + std::string(format) + "` with these members");
    Evidence out{};
    TRY(read_common(fields, out));
    if (by_group) {
        TRY(read_group(fields, out));
    } else {
        out.attestation = TRY(dsse::parse(fields.any("envelope"), "/envelope"));
    }
    if (second) TRY(read_second(fields, out));
    if (!json::is_canonical(document)) {
        return fail(Code::member_invalid, "the file is not in canonical form: it has one spelling only");
    }
    return out;
}

}  // namespace parmana::verify
