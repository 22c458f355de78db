#include "json/fields.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {
namespace {

constexpr std::string_view kFormat = "parmana-evidence/1";

Result<merkle::Proof> parse_hashes(const json::Fields& fields) {
    merkle::Proof proof;
    for (const json::Value value : TRY(fields.array("hashes")).elements()) {
        const auto bytes = value.is(json::Type::string) ? from_base64(value.string()) : std::nullopt;
        const auto hash = bytes ? array_from<32>(*bytes) : std::nullopt;
        if (!hash) return fields.invalid("hashes", "the base64 of 32 bytes each");
        proof.push_back(*hash);
    }
    return proof;
}

Result<std::uint64_t> unsigned_member(const json::Fields& fields, std::string_view name) {
    const std::int64_t value = TRY(fields.integer(name));
    if (value < 0) return fields.invalid(name, "zero or positive");
    return static_cast<std::uint64_t>(value);
}

}  // namespace

std::string render(const Evidence& evidence) {
    std::string attestation;
    dsse::append_json(attestation, evidence.attestation);
    std::string out;
    json::Writer writer(out);
    writer.object().name("checkpoint").string(evidence.checkpoint);
    writer.name("envelope").raw(attestation).name("format").string(kFormat);
    writer.name("inclusionProof").object().name("hashes").array();
    for (const Digest& hash : evidence.proof)
        writer.string(to_base64(view_of(hash)));
    writer.end().name("logIndex").integer(static_cast<std::int64_t>(evidence.log_index.value()));
    writer.name("treeSize").integer(static_cast<std::int64_t>(evidence.tree_size.value())).end();
    writer.name("policy").raw(bundle::render(evidence.policy));
    writer.name("record").raw(evidence.record);
    writer.name("runtimeManifest").raw(evidence.runtime_manifest).end();
    return out;
}

Result<Evidence> parse_evidence(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const auto fields = TRY(json::Fields::open(
        document.root(), "",
        {"checkpoint", "envelope", "format", "inclusionProof", "policy", "record", "runtimeManifest"}));
    if (TRY(fields.string("format")) != kFormat) return fields.invalid("format", "`parmana-evidence/1`");
    const auto proof = TRY(json::Fields::open(fields.any("inclusionProof"), "/inclusionProof",
                                              {"hashes", "logIndex", "treeSize"}));
    // One TRY a statement: g++ 12 does not destroy the members before one that returns from inside braces.
    Evidence out{};
    out.record = json::canonical(TRY(fields.object("record")));
    out.attestation = TRY(dsse::parse(fields.any("envelope"), "/envelope"));
    out.policy = TRY(bundle::parse(fields.any("policy"), fields.at("policy")));
    out.runtime_manifest = json::canonical(TRY(fields.object("runtimeManifest")));
    out.log_index = merkle::LeafIndex(TRY(unsigned_member(proof, "logIndex")));
    out.tree_size = merkle::TreeSize(TRY(unsigned_member(proof, "treeSize")));
    out.proof = TRY(parse_hashes(proof));
    out.checkpoint = TRY(fields.string("checkpoint"));
    if (!json::is_canonical(document)) {
        return fail(Code::member_invalid, "the file is not in canonical form: it has one spelling only");
    }
    return out;
}

}  // namespace parmana::verify
