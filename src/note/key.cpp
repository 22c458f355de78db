// Verifier keys and signature lines (C2SP signed-note).
#include "note/key_name.hpp"

namespace parmana::note {
namespace {

constexpr std::size_t kHintHexBytes = 8;

std::string typed_key(const crypto::PublicKey& key, KeyType type) {
    std::string out(1, static_cast<char>(type));
    out += view_of(key.value());
    return out;
}

std::string hint_hex(std::string_view name, const crypto::PublicKey& key, KeyType type) {
    return to_hex(view_of(key_id(name, key, type)).substr(0, 4));
}

std::unexpected<Error> invalid(std::string_view what) {
    return fail(Code::member_invalid, "the verifier key is not valid: " + std::string(what));
}

}  // namespace

Digest key_id(std::string_view name, const crypto::PublicKey& key, KeyType type) {
    return crypto::sha256({name, "\n", typed_key(key, type)});
}

std::uint32_t key_hint(std::string_view name, const crypto::PublicKey& key, KeyType type) {
    return read_u32(view_of(key_id(name, key, type)));
}

std::optional<crypto::Signature> signature_from(std::string_view bytes) {
    const auto array = array_from<64>(bytes);
    return array ? std::optional(crypto::Signature(*array)) : std::nullopt;
}

std::string render(const SignatureLine& line) {
    std::string blob;
    append_u32(blob, line.key_hint);
    blob += line.signature;
    std::string out(kSignaturePrefix);
    out.append(line.name).append(" ");
    append_base64(out, blob);
    out.push_back('\n');
    return out;
}

std::string verifier_key(std::string_view name, const crypto::PublicKey& key, KeyType type) {
    std::string out(name);
    out += "+" + hint_hex(name, key, type) + "+";
    append_base64(out, typed_key(key, type));
    return out;
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
    const std::size_t name_end = text.find('+');
    if (name_end == std::string_view::npos) return invalid("it has no key id");
    const std::string_view name = text.substr(0, name_end);
    if (!valid_key_name(name)) return invalid("the name is not a name of a key");
    const std::string_view rest = text.substr(name_end + 1);
    if (rest.size() <= kHintHexBytes || rest[kHintHexBytes] != '+') return invalid("it has no key id");
    const auto bytes = from_base64(rest.substr(kHintHexBytes + 1));
    if (!bytes || bytes->empty()) return invalid("the key is not canonical base64");
    const auto array = array_from<32>(std::string_view(*bytes).substr(1));
    const char type = bytes->front();
    if (!array ||
        (type != static_cast<char>(KeyType::log) && type != static_cast<char>(KeyType::cosignature))) {
        return invalid("it is not an Ed25519 key of a log or of a cosigner");
    }
    VerifierKey out{std::string(name), static_cast<KeyType>(type), crypto::PublicKey(*array)};
    TRY(crypto::check_public_key(out.key));
    if (rest.substr(0, kHintHexBytes) != hint_hex(name, out.key, out.type)) {
        return invalid("the key id is not that of name and key");
    }
    return out;
}

}  // namespace parmana::note
