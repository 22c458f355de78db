// Public keys as PEM SubjectPublicKeyInfo (RFC 7468 §13, RFC 8410 §4), in one spelling.
#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kEnd = "\n-----END PUBLIC KEY-----\n";
// SEQUENCE { SEQUENCE { OBJECT IDENTIFIER 1.3.101.112 }, BIT STRING, no unused bits }
constexpr std::string_view kSpkiPrefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

}  // namespace

std::string spki_der(const PublicKey& key) {
    std::string der(kSpkiPrefix);
    der += view_of(key.value());
    return der;
}

std::string to_pem(const PublicKey& key) {
    std::string out(kBegin);
    append_base64(out, spki_der(key));
    out += kEnd;
    return out;
}

Result<PublicKey> public_key_from_pem(std::string_view text) {
    const auto refused = [] { return fail(Code::key_invalid, "this is not one Ed25519 public key as PEM"); };
    if (!text.starts_with(kBegin) || !text.ends_with(kEnd) || text.size() < kBegin.size() + kEnd.size())
        return refused();
    text.remove_prefix(kBegin.size());
    text.remove_suffix(kEnd.size());
    const auto der = from_base64(text);
    if (!der || !der->starts_with(kSpkiPrefix)) return refused();
    const auto bytes = array_from<32>(std::string_view(*der).substr(kSpkiPrefix.size()));
    if (!bytes) return refused();
    const PublicKey key(*bytes);
    TRY(check_public_key(key));
    return key;
}

}  // namespace parmana::crypto
