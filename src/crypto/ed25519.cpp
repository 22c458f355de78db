// Ed25519 (RFC 8032) on libsodium under the strict profile of the header.
//
// crypto_sign_ed25519_verify_detached gives most of the profile: it refuses S ≥ L, a non-canonical
// or small-order A, a small-order R, and it compares R byte for byte with the canonical encoding of
// S·B − k·A, which is the cofactorless equation and refuses a non-canonical R. What it cannot see
// is a key with a component outside the prime-order subgroup; check_public_key refuses that at
// registration.
#include <sodium.h>

#include <atomic>

#include "base/invariant.hpp"
#include "crypto/crypto.hpp"
#include "crypto/sodium_library.hpp"

namespace parmana::crypto {
namespace {

static_assert(crypto_sign_ed25519_BYTES == sizeof(Signature));
static_assert(crypto_sign_ed25519_PUBLICKEYBYTES == sizeof(PublicKey));

// The order of the subgroup, 2^252 + 27742317777372353535851937790883648493, little-endian.
constexpr std::array<std::uint8_t, 32> kGroupOrder = {
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
constexpr std::array<std::uint8_t, 32> kIdentity = {1};

const std::uint8_t* bytes_of(std::string_view text) {
    static constexpr std::uint8_t kNothing = 0;  // libsodium's pointers may not be null
    return text.empty() ? &kNothing : reinterpret_cast<const std::uint8_t*>(text.data());
}

// Whether L·point is the identity. crypto_core_ed25519_is_valid_point is meant to tell, but
// releases before 2026 look at one coordinate only and let a component of order two pass
// (CVE-2025-69277).
bool in_prime_subgroup(const PublicKey& key) {
    std::array<std::uint8_t, 32> product{};
    // The answer is the product: the call itself reports the identity as a failure.
    [[maybe_unused]] const int reported =
        crypto_scalarmult_ed25519_noclamp(product.data(), kGroupOrder.data(), key.value().data());
    return product == kIdentity;
}

// The expanded key lives on its own locked, undumpable, read-only pages, which are wiped when they
// go.
class LockedKey {
  public:
    explicit LockedKey(const Secret<32>& seed, PublicKey& public_key) {
        start_sodium();
        bytes_ = static_cast<std::uint8_t*>(sodium_malloc(crypto_sign_ed25519_SECRETKEYBYTES));
        INVARIANT(bytes_ != nullptr);
        std::array<std::uint8_t, 32> point;
        INVARIANT(crypto_sign_ed25519_seed_keypair(point.data(), bytes_, seed.data()) == 0);
        INVARIANT(sodium_mprotect_readonly(bytes_) == 0);
        public_key = PublicKey(point);
    }
    ~LockedKey() { sodium_free(bytes_); }
    LockedKey(const LockedKey&) = delete;
    LockedKey& operator=(const LockedKey&) = delete;

    const std::uint8_t* data() const { return bytes_; }

  private:
    std::uint8_t* bytes_;
};

class Ed25519Signer final : public Signer {
  public:
    explicit Ed25519Signer(const Secret<32>& seed) : key_(seed, public_key_) {}

    Result<Signature> sign(std::string_view message) const override {
        std::array<std::uint8_t, 64> signature;
        INVARIANT(crypto_sign_ed25519_detached(signature.data(), nullptr, bytes_of(message), message.size(),
                                               key_.data()) == 0);
        return Signature(signature);
    }
    const PublicKey& public_key() const override { return public_key_; }

  private:
    PublicKey public_key_;
    LockedKey key_;
};

class FailingSigner final : public Signer {
  public:
    FailingSigner(const Secret<32>& seed, int signatures) : signer_(seed), left_(signatures) {}

    Result<Signature> sign(std::string_view message) const override {
        if (left_.fetch_sub(1) <= 0) {
            left_.store(0);
            return fail(Code::store_unavailable, "the signer does not sign");
        }
        return signer_.sign(message);
    }
    const PublicKey& public_key() const override { return signer_.public_key(); }

  private:
    Ed25519Signer signer_;
    mutable std::atomic<int> left_;
};

}  // namespace

void start_sodium() {
    static const bool started = [] {
        INVARIANT(sodium_init() >= 0);
        return true;
    }();
    INVARIANT(started);
}

Status check_public_key(const PublicKey& key) {
    start_sodium();
    const bool valid = crypto_core_ed25519_is_valid_point(key.value().data()) == 1 && in_prime_subgroup(key);
    if (!valid)
        return fail(Code::key_invalid, "the public key is not a canonical point of the prime-order subgroup");
    return {};
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
    start_sodium();
    return crypto_sign_ed25519_verify_detached(signature.value().data(), bytes_of(message), message.size(),
                                               key.value().data()) == 0;
}

std::unique_ptr<Signer> make_ed25519_signer(const Secret<32>& seed) {
    return std::make_unique<Ed25519Signer>(seed);
}

std::unique_ptr<Signer> make_failing_signer(const Secret<32>& seed, int signatures) {
    return std::make_unique<FailingSigner>(seed, signatures);
}

Secret<32> generate_secret(Entropy& entropy) {
    Secret<32> secret;
    entropy.fill(secret.data(), Secret<32>::size());
    return secret;
}

}  // namespace parmana::crypto
