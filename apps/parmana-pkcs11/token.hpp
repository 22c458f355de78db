// One Ed25519 key pair in a PKCS#11 token: the adapter of the token's module. Errors: signer_unavailable with
// the function of PKCS#11 that failed and what it returned, and those of the file with the PIN.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "crypto/pkcs11_uri.hpp"

namespace parmana::pkcs11 {

class Token {
  public:
    virtual ~Token() = default;
    /// The key that the URI names, which must be the only one of its name.
    virtual Result<crypto::PublicKey> find_key() = 0;
    /// Makes it: never to be read out of the token. Refused when there is one of its name.
    virtual Result<crypto::PublicKey> generate_key() = 0;
    /// 64 bytes, with the key that was found.
    virtual Result<std::string> sign(std::string_view message) = 0;
};

/// Loads the module, finds the token and logs in with the PIN, which is read from its file and wiped.
Result<std::unique_ptr<Token>> open_token(const crypto::Pkcs11Uri& uri);

}  // namespace parmana::pkcs11
