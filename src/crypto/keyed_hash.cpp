#include <sodium.h>

#include "crypto/crypto.hpp"

namespace parmana::crypto {

std::array<std::uint8_t, 16> keyed_hash_128(const std::array<std::uint8_t, 16>& key, std::string_view bytes) {
    std::array<std::uint8_t, 16> out;
    static_assert(crypto_shorthash_siphashx24_BYTES == out.size());
    crypto_shorthash_siphashx24(out.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                bytes.size(), key.data());
    return out;
}

}  // namespace parmana::crypto
