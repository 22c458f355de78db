// The cryptography of the product, and the only module that sees OpenSSL and libsodium.
//
// SHA-256 and HMAC-SHA-256 by OpenSSL (SHA-NI); Ed25519 by libsodium under one strict profile: cofactorless
// equation, S < L, canonical A and R, no small-order A or R; a public key is admitted only when it lies in
// the prime-order subgroup (`check_public_key`). One spelling of one signature, one verdict on every machine.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"

namespace parmana::crypto {

/// SHA-256 of the concatenation of the parts. Thread-safe (one context per thread).
Digest sha256(std::string_view bytes);
Digest sha256(std::initializer_list<std::string_view> parts);
/// RFC 2104 over SHA-256, of the concatenation of the parts.
Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// SipHash-2-4 with 128 bits: a keyed hash for in-memory tables, not a MAC.
std::array<std::uint8_t, 16> keyed_hash_128(const std::array<std::uint8_t, 16>& key, std::string_view bytes);

/// Incremental SHA-256, for files and chains.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(std::string_view bytes);
    Digest finish();  // afterwards the object starts anew

  private:
    void* context_;
};

/// Equality in time that does not depend on the content; false at once when the sizes differ.
bool equal_constant_time(std::string_view a, std::string_view b);

using PublicKey = Strong<struct PublicKeyTag, std::array<std::uint8_t, 32>>;
using Signature = Strong<struct SignatureTag, std::array<std::uint8_t, 64>>;

/// Refuses (key_invalid) a key that is not a canonical point of the prime-order subgroup.
Status check_public_key(const PublicKey& key);

/// RFC 8032 Ed25519 under the strict profile above. Pure; any thread.
bool verify(const PublicKey& key, std::string_view message, const Signature& signature);

/// The 44-byte DER SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4).
std::string spki_der(const PublicKey& key);
/// The same as PEM, one line of base64.
std::string to_pem(const PublicKey& key);
/// Accepts exactly what `to_pem` writes, of a key that check_public_key admits. Errors: key_invalid.
Result<PublicKey> public_key_from_pem(std::string_view text);

/// The Signer seam.
/// Guarantee: a signature that `verify` accepts under `public_key()`, deterministic for equal messages; any
/// thread may call it. An attacker of it can state anything in this key's role until the key is cut off.
class Signer {
  public:
    virtual ~Signer() = default;
    virtual Result<Signature> sign(std::string_view message) const = 0;
    virtual const PublicKey& public_key() const = 0;
};

/// Signs with a seed held in memory that is wiped on destruction.
std::unique_ptr<Signer> make_ed25519_signer(const Secret<32>& seed);

/// Simulated: fails with store_unavailable after `signatures` successes.
std::unique_ptr<Signer> make_failing_signer(const Secret<32>& seed, int signatures);

/// 32 fresh bytes.
Secret<32> generate_secret(Entropy& entropy);

}  // namespace parmana::crypto
