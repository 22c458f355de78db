// Leaves: what the tree hashes for an entry.
#include "attest/attest.hpp"

namespace parmana::attest {

Result<dsse::Envelope> sign(std::string statement, const dsse::SigningKey& attestation_key) {
    return dsse::sign(kPayloadType, std::move(statement), attestation_key);
}

std::string leaf_body(const dsse::Envelope& envelope, const crypto::PublicKey& key) {
    std::string out;
    out.reserve(512);
    out += R"({"apiVersion":"0.0.2","kind":"dsse","spec":{"dsseV002":{"payloadHash":)"
           R"({"algorithm":"SHA2_256","digest":")";
    append_base64(out, view_of(crypto::sha256(envelope.payload)));
    out += R"("},"signatures":[{"content":")";
    append_base64(out, view_of(envelope.signature.value()));
    out += R"(","verifier":{"keyDetails":"PKIX_ED25519","publicKey":{"rawBytes":")";
    append_base64(out, crypto::spki_der(key));
    out += R"("}}}]}}})";
    return out;
}

merkle::LeafHash leaf_hash(const dsse::Envelope& envelope, const crypto::PublicKey& key) {
    return merkle::hash_leaf(leaf_body(envelope, key));
}

std::string statement_leaf_body(std::string_view payload) {
    std::string out = R"({"apiVersion":"1","kind":"statement","spec":{"payloadHash":)"
                      R"({"algorithm":"SHA2_256","digest":")";
    append_base64(out, view_of(crypto::sha256(payload)));
    out += R"("}}})";
    return out;
}

}  // namespace parmana::attest
