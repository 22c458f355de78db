#include "dsse/dsse.hpp"

#include "json/fields.hpp"

namespace parmana::dsse {

std::string key_id(const crypto::PublicKey& key) {
    std::string object;
    json::Writer(object)
        .object()
        .name("keytype")
        .string("ed25519")
        .name("keyval")
        .object()
        .name("public")
        .string(to_hex(view_of(key.value())))
        .end()
        .name("scheme")
        .string("ed25519")
        .end();
    return to_hex(view_of(crypto::sha256(object)));
}

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload) {
    std::string out = "DSSEv1 ";
    out.reserve(payload_type.size() + payload.size() + 32);
    out += std::to_string(payload_type.size());
    out += ' ';
    out += payload_type;
    out += ' ';
    out += std::to_string(payload.size());
    out += ' ';
    out += payload;
    return out;
}

Result<Envelope> sign(std::string_view payload_type, std::string payload, const SigningKey& key) {
    const auto signature = TRY(key.signer().sign(pre_authentication_encoding(payload_type, payload)));
    return Envelope{std::string(payload_type), std::move(payload), key.id(), signature};
}

bool verify(const Envelope& envelope, const crypto::PublicKey& key) {
    return envelope.key_id == key_id(key) &&
           crypto::verify(key, pre_authentication_encoding(envelope.payload_type, envelope.payload),
                          envelope.signature);
}

void append_json(std::string& out, const Envelope& envelope) {
    out += "{\"payload\":\"";
    append_base64(out, envelope.payload);
    out += "\",\"payloadType\":";
    append_json_string(out, envelope.payload_type);
    out += ",\"signatures\":[{\"keyid\":";
    append_json_string(out, envelope.key_id);
    out += ",\"sig\":\"";
    append_base64(out, view_of(envelope.signature.value()));
    out += "\"}]}";
}

namespace {

Result<std::string> base64_member(const json::Fields& fields, std::string_view name) {
    auto bytes = from_base64(TRY(fields.string(name)));
    if (!bytes) return fields.invalid(name, "canonical base64");
    return *std::move(bytes);
}

}  // namespace

Result<Envelope> parse(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"payload", "payloadType", "signatures"}));
    const json::Value signatures = TRY(fields.array("signatures"));
    if (signatures.size() != 1) return fields.invalid("signatures", "an array of exactly one signature");
    const auto entry = TRY(
        json::Fields::open(*signatures.elements().begin(), fields.at("signatures") + "/0", {"keyid", "sig"}));
    const auto signature = array_from<64>(TRY(base64_member(entry, "sig")));
    if (!signature) return entry.invalid("sig", "the base64 of 64 bytes");
    // One TRY a statement: g++ 12 does not destroy the members before one that returns from inside braces.
    std::string payload_type = TRY(fields.string("payloadType"));
    std::string payload = TRY(base64_member(fields, "payload"));
    std::string key_id = TRY(entry.string("keyid"));
    return Envelope{std::move(payload_type), std::move(payload), std::move(key_id),
                    crypto::Signature(*signature)};
}

}  // namespace parmana::dsse
