// A Signer whose key is in a PKCS#11 token. A static program cannot load the token's module, so a small
// program beside it does, as a child that lives no longer than this one: parmana-pkcs11.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "crypto/crypto.hpp"

namespace parmana::crypto {

/// parmana-pkcs11 beside the running executable. Errors: signer_unavailable when it is not there.
Result<std::string> pkcs11_program();

/// Guarantee: every signature that is given was verified first, so neither the module nor parmana-pkcs11 need
/// be believed. When the child ends, stays silent for ten seconds, or gives a wrong signature, signing fails
/// (signer_unavailable) until another signer is opened; when the token refuses one signature, the next may
/// succeed. Any thread; one signature at a time.
Result<std::unique_ptr<Signer>> start_pkcs11_signer(const std::string& program, const std::string& uri);

/// Has the token make a key pair. Errors: signer_unavailable, also when it has a key of this name.
Result<PublicKey> generate_in_token(const std::string& program, const std::string& uri);

}  // namespace parmana::crypto
