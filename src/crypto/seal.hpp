// Private to the module: 32 secret bytes under a passphrase. Argon2id makes a key of the passphrase, and
// XChaCha20-Poly1305 seals with it; the words of the key file before the sealed one are the additional data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace parmana::crypto {

inline constexpr std::size_t kSaltBytes = 16;
inline constexpr std::size_t kNonceBytes = 24;
inline constexpr std::size_t kSealedBytes = 32 + 16;

struct SealCost {
    std::uint32_t passes;
    std::uint32_t kibibytes;
};

/// What new files take: about a tenth of a second.
inline constexpr SealCost kSealCost{3, 64 * 1024};

/// Of files that are read: neither a minute of work nor a hundredth of what new files take.
bool within_bounds(const SealCost& cost);

/// Everything but the passphrase that a sealed secret depends on.
struct SealTerms {
    SealCost cost;
    std::string salt;
    std::string nonce;
    std::string_view additional_data;
};

/// kSealedBytes bytes. Errors: io_failed when the memory cannot be had.
Result<std::string> seal(const Secret<32>& secret, const SecretText& passphrase, const SealTerms& terms);
/// Errors: key_passphrase_wrong, io_failed.
Result<Secret<32>> unseal(std::string_view sealed, const SecretText& passphrase, const SealTerms& terms);

}  // namespace parmana::crypto
