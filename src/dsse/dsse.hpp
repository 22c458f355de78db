// DSSE v1 envelopes with exactly one Ed25519 signature (secure-systems-lab/dsse protocol.md v1.0.2). Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

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

}  // namespace parmana::dsse
