#include "crypto/seal.hpp"

#include <sodium.h>

#include "base/invariant.hpp"
#include "crypto/sodium_library.hpp"

namespace parmana::crypto {
namespace {

static_assert(kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);
static_assert(kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kSealedBytes == 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);

constexpr SealCost kLeast{1, 8 * 1024};
constexpr SealCost kMost{16, 1024 * 1024};

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Result<Secret<32>> key_of(const SecretText& passphrase, const SealTerms& terms) {
    start_sodium();
    INVARIANT(terms.salt.size() == kSaltBytes && terms.nonce.size() == kNonceBytes &&
              within_bounds(terms.cost));
    Secret<32> key;
    const std::string_view text = passphrase.expose();
    if (crypto_pwhash_argon2id(key.data(), Secret<32>::size(), text.data(), text.size(), bytes_of(terms.salt),
                               terms.cost.passes, std::size_t{terms.cost.kibibytes} * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        return fail(Code::io_failed, "there are no " + std::to_string(terms.cost.kibibytes) +
                                         " KiB of memory to make a key of the passphrase");
    }
    return key;
}

}  // namespace

bool within_bounds(const SealCost& cost) {
    return cost.passes >= kLeast.passes && cost.passes <= kMost.passes &&
           cost.kibibytes >= kLeast.kibibytes && cost.kibibytes <= kMost.kibibytes;
}

Result<std::string> seal(const Secret<32>& secret, const SecretText& passphrase, const SealTerms& terms) {
    const auto key = TRY(key_of(passphrase, terms));
    std::string sealed(kSealedBytes, '\0');
    INVARIANT(crypto_aead_xchacha20poly1305_ietf_encrypt(
                  reinterpret_cast<unsigned char*>(sealed.data()), nullptr, secret.data(), Secret<32>::size(),
                  bytes_of(terms.additional_data), terms.additional_data.size(), nullptr,
                  bytes_of(terms.nonce), key.data()) == 0);
    return sealed;
}

Result<Secret<32>> unseal(std::string_view sealed, const SecretText& passphrase, const SealTerms& terms) {
    INVARIANT(sealed.size() == kSealedBytes);
    const auto key = TRY(key_of(passphrase, terms));
    Secret<32> secret;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            secret.data(), nullptr, nullptr, bytes_of(sealed), sealed.size(), bytes_of(terms.additional_data),
            terms.additional_data.size(), bytes_of(terms.nonce), key.data()) != 0) {
        return fail(Code::key_passphrase_wrong,
                    "the passphrase does not open the key file, or the file was altered");
    }
    return secret;
}

}  // namespace parmana::crypto
