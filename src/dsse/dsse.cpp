#include "dsse/dsse.hpp"

#include <algorithm>
#include <set>

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

namespace {

void append_head(std::string& out, std::string_view payload_type, std::string_view payload) {
    out += "{\"payload\":\"";
    append_base64(out, payload);
    out += "\",\"payloadType\":";
    append_json_string(out, payload_type);
    out += ",\"signatures\":[";
}

void append_signature(std::string& out, std::string_view key_id, const crypto::Signature& signature) {
    out += "{\"keyid\":";
    append_json_string(out, key_id);
    out += ",\"sig\":\"";
    append_base64(out, view_of(signature.value()));
    out += "\"}";
}

Result<std::string> base64_member(const json::Fields& fields, std::string_view name) {
    auto bytes = from_base64(TRY(fields.string(name)));
    if (!bytes) return fields.invalid(name, "canonical base64");
    return *std::move(bytes);
}

Result<KeySignature> parse_signature(json::Value value, const std::string& at) {
    const auto entry = TRY(json::Fields::open(value, at, {"keyid", "sig"}));
    const auto signature = array_from<64>(TRY(base64_member(entry, "sig")));
    if (!signature) return entry.invalid("sig", "the base64 of 64 bytes");
    std::string key_id = TRY(entry.string("keyid"));
    return KeySignature{std::move(key_id), crypto::Signature(*signature)};
}

}  // namespace

void append_json(std::string& out, const Envelope& envelope) {
    append_head(out, envelope.payload_type, envelope.payload);
    append_signature(out, envelope.key_id, envelope.signature);
    out += "]}";
}

void append_json(std::string& out, const Signed& document) {
    append_head(out, document.payload_type, document.payload);
    for (const KeySignature& one : document.signatures) {
        if (&one != &document.signatures.front()) out += ',';
        append_signature(out, one.key_id, one.signature);
    }
    out += "]}";
}

Result<Signed> parse_signed(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"payload", "payloadType", "signatures"}));
    Signed out{};
    for (const json::Value each : TRY(fields.array("signatures")).elements()) {
        auto one =
            TRY(parse_signature(each, fields.at("signatures") + "/" + std::to_string(out.signatures.size())));
        if (!out.signatures.empty() && one.key_id <= out.signatures.back().key_id)
            return fields.invalid("signatures", "in ascending order of different key ids");
        out.signatures.push_back(std::move(one));
    }
    out.payload_type = TRY(fields.string("payloadType"));
    out.payload = TRY(base64_member(fields, "payload"));
    return out;
}

Result<Envelope> parse(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"payload", "payloadType", "signatures"}));
    if (TRY(fields.array("signatures")).size() != 1)
        return fields.invalid("signatures", "an array of exactly one signature");
    auto document = TRY(parse_signed(value, at));
    KeySignature& one = document.signatures.front();
    return Envelope{std::move(document.payload_type), std::move(document.payload), std::move(one.key_id),
                    one.signature};
}

void put(std::vector<KeySignature>& signatures, KeySignature signature) {
    const auto at =
        std::lower_bound(signatures.begin(), signatures.end(), signature,
                         [](const KeySignature& a, const KeySignature& b) { return a.key_id < b.key_id; });
    if (at != signatures.end() && at->key_id == signature.key_id) {
        *at = std::move(signature);
    } else {
        signatures.insert(at, std::move(signature));
    }
}

Status add_signature(Signed& document, const SigningKey& key) {
    const auto signature =
        TRY(key.signer().sign(pre_authentication_encoding(document.payload_type, document.payload)));
    put(document.signatures, {key.id(), signature});
    return {};
}

Status check_signatures(const Signed& document, const Keys& keys, std::int64_t threshold, Code code) {
    const std::string message = pre_authentication_encoding(document.payload_type, document.payload);
    std::set<std::string_view> signers;
    for (const KeySignature& one : document.signatures) {
        const auto key = keys.find(one.key_id);
        if (key == keys.end())
            return fail(code, "key " + one.key_id.substr(0, 16) + " that signed is not one of the role");
        if (!crypto::verify(key->second, message, one.signature))
            return fail(code, "the signature of key " + one.key_id.substr(0, 16) + " does not verify");
        signers.insert(one.key_id);
    }
    if (static_cast<std::int64_t>(signers.size()) >= threshold) return {};
    return fail(code, "it is signed by " + std::to_string(signers.size()) + " of the " +
                          std::to_string(threshold) + " keys that must sign");
}

}  // namespace parmana::dsse
