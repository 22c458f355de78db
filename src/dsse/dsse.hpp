// DSSE v1 envelopes (secure-systems-lab/dsse protocol.md v1.0.2) with Ed25519 signatures: attestations have
// exactly one, what several people answer for has one from each. Pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "json/json.hpp"

namespace parmana::dsse {

/// Lower-case hexadecimal SHA-256 of the canonical TUF key object of an Ed25519 key (TUF §4.2): the name of a
/// key on every surface. In an envelope it is a hint and decides nothing, yet must equal the recomputed
/// value.
std::string key_id(const crypto::PublicKey& key);

/// A signed payload. The signature is over the pre-authentication encoding of type and payload.
struct Envelope {
    std::string payload_type;
    std::string payload;
    std::string key_id;
    crypto::Signature signature;

    bool operator==(const Envelope&) const = default;
};

/// `DSSEv1 SP len(type) SP type SP len(body) SP body`.
std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload);

/// A signer and the name of its key, computed once.
class SigningKey {
  public:
    explicit SigningKey(std::unique_ptr<crypto::Signer> signer)
        : signer_(std::move(signer)), id_(key_id(signer_->public_key())) {}
    const crypto::Signer& signer() const { return *signer_; }
    const crypto::PublicKey& public_key() const { return signer_->public_key(); }
    const std::string& id() const { return id_; }

  private:
    std::unique_ptr<crypto::Signer> signer_;
    std::string id_;
};

Result<Envelope> sign(std::string_view payload_type, std::string payload, const SigningKey& key);

/// True when the signature is the key's, under the strict profile, and `key_id` names this key.
bool verify(const Envelope& envelope, const crypto::PublicKey& key);

/// Canonical JSON: `{"payload":…,"payloadType":…,"signatures":[{"keyid":…,"sig":…}]}`.
void append_json(std::string& out, const Envelope& envelope);

/// Closed: exactly these members, one signature, canonical base64 only. Errors: member_missing,
/// member_unknown, member_invalid with a pointer below `at`.
Result<Envelope> parse(json::Value value, const std::string& at);

/// One of several signatures.
struct KeySignature {
    std::string key_id;
    crypto::Signature signature;

    bool operator==(const KeySignature&) const = default;
};

/// A payload that any number of keys signed: at most one signature a key, in ascending order of key ids.
struct Signed {
    std::string payload_type;
    std::string payload;
    std::vector<KeySignature> signatures;

    bool operator==(const Signed&) const = default;
};

/// Keys by key id.
using Keys = std::map<std::string, crypto::PublicKey, std::less<>>;

/// Puts a signature at its place; in the stead of one by the same key.
void put(std::vector<KeySignature>& signatures, KeySignature signature);
/// Adds the signature of one more key; once more by the same key changes nothing. Errors: of the signer.
Status add_signature(Signed& document, const SigningKey& key);
/// Every signature is by one of the keys and verifies, and as many different keys signed as are asked for.
/// Errors: `code`.
Status check_signatures(const Signed& document, const Keys& keys, std::int64_t threshold, Code code);

/// As of an Envelope, with as many signatures as there are.
void append_json(std::string& out, const Signed& document);
/// Closed as an Envelope; signatures in ascending order of different key ids. Errors: member_*.
Result<Signed> parse_signed(json::Value value, const std::string& at);

}  // namespace parmana::dsse
