#include "interchange/interchange.hpp"

#include "json/json.hpp"
#include "note/note.hpp"

namespace parmana::interchange {
namespace {

constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view kTrustedRootType = "application/vnd.dev.sigstore.trustedroot.v0.2+json";

/// All 32 bytes, in bundle and trusted root alike: sigstore-js 4 compares the two.
std::string log_id(const trust::History& trust, const crypto::PublicKey& key) {
    return to_base64(view_of(note::key_id(trust.origin().value(), key)));
}

/// The key that signed the note, which names its keys by hints.
Result<crypto::PublicKey> log_key_of(std::string_view note, merkle::TreeSize size,
                                     const trust::History& trust) {
    for (const auto& [id, key] : trust.at_head(size.value()).keys(trust::Role::log)) {
        if (note::open_checkpoint(note, key)) return key;
    }
    return fail(Code::trust_invalid,
                "the checkpoint is not signed by a log key that the trust root had at its size");
}

void write_key_id(json::Writer& writer, std::string_view name, std::string_view id) {
    writer.name(name).object().name("keyId").string(id).end();
}

/// Numbers of 64 bits are strings in the JSON of protocol buffers.
std::string decimal(std::uint64_t number) {
    return std::to_string(number);
}

void write_inclusion(json::Writer& writer, const verify::Evidence& evidence, const note::Checkpoint& head) {
    writer.name("inclusionProof").object();
    writer.name("checkpoint").object().name("envelope").string(evidence.checkpoint).end();
    writer.name("hashes").array();
    for (const Digest& hash : evidence.proof)
        writer.string(to_base64(view_of(hash)));
    writer.end();
    writer.name("logIndex").string(decimal(evidence.log_index.value()));
    writer.name("rootHash").string(to_base64(view_of(head.root.value())));
    writer.name("treeSize").string(decimal(evidence.tree_size.value())).end();
}

}  // namespace

Result<std::string> leaf_body(const verify::Evidence& evidence, const trust::History& trust) {
    if (evidence.group) return attest::statement_leaf_body(evidence.attestation.payload);
    const auto key =
        trust.find(trust::Role::attestation, evidence.attestation.key_id, evidence.log_index.value());
    if (!key) {
        return fail(Code::trust_invalid, "the attestation is not by an attestation key of the trust root");
    }
    return attest::leaf_body(evidence.attestation, *key);
}

Result<std::string> sigstore_bundle(const verify::Evidence& evidence, const trust::History& trust) {
    if (evidence.group) {
        return fail(Code::not_exportable,
                    "a Sigstore bundle holds one signature, and this decision has none of its own: the log "
                    "attests it as one of a group; export it as tlog-proof");
    }
    const std::string body = TRY(leaf_body(evidence, trust));
    const note::Note note = TRY(note::parse_note(evidence.checkpoint));
    const note::Checkpoint head = TRY(note::parse_checkpoint(note.text));
    const crypto::PublicKey log_key = TRY(log_key_of(evidence.checkpoint, head.size, trust));
    std::string envelope, out;
    dsse::append_json(envelope, evidence.attestation);
    json::Writer writer(out);
    writer.object().name("dsseEnvelope").raw(envelope).name("mediaType").string(kBundleType);
    writer.name("verificationMaterial").object();
    writer.name("publicKey").object().name("hint").string(evidence.attestation.key_id).end();
    writer.name("tlogEntries").array().object().name("canonicalizedBody").string(to_base64(body));
    write_inclusion(writer, evidence, head);
    writer.name("integratedTime").string("0");
    writer.name("kindVersion").object().name("kind").string("dsse").name("version").string("0.0.2").end();
    write_key_id(writer, "logId", log_id(trust, log_key));
    writer.name("logIndex").string(decimal(evidence.log_index.value())).end().end().end().end();
    return out;
}

std::string sigstore_trusted_root(const trust::History& trust) {
    const std::string& origin = trust.origin().value();
    std::string out;
    json::Writer writer(out);
    writer.object().name("mediaType").string(kTrustedRootType).name("tlogs").array();
    // Every log key there ever was: what they signed is still true.
    for (const auto& [id, key] : trust.keys_ever(trust::Role::log)) {
        const std::string name = log_id(trust, key);
        writer.object().name("baseUrl").string("https://" + origin);
        write_key_id(writer, "checkpointKeyId", name);
        writer.name("hashAlgorithm").string("SHA2_256");
        write_key_id(writer, "logId", name);
        writer.name("operator").string(origin);
        // No validFor: a key is valid by position in the log, and no clock decides it.
        writer.name("publicKey").object().name("keyDetails").string("PKIX_ED25519");
        writer.name("rawBytes").string(to_base64(crypto::spki_der(key))).end().end();
    }
    writer.end().end();
    return out;
}

Result<std::string> tlog_proof(const verify::Evidence& evidence, const trust::History& trust) {
    const std::string body = TRY(leaf_body(evidence, trust));
    std::string out = "c2sp.org/tlog-proof@v1\nextra " + to_base64(body) + "\nindex " +
                      decimal(evidence.log_index.value()) + "\n";
    for (const Digest& hash : evidence.proof)
        out += to_base64(view_of(hash)) + "\n";
    return out + "\n" + evidence.checkpoint;
}

}  // namespace parmana::interchange
