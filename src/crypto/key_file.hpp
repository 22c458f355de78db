// Private keys at rest. A key file is one line of words, mode 0600, owned by the caller; its first word tells
// which of three kinds it is (docs/formats/keys.md):
//
//   PARMANA-KEY-1 PURPOSE SECRET                                                         plain
//   PARMANA-ENCRYPTED-KEY-1 PURPOSE PUBLIC PASSES KIBIBYTES SALT NONCE SEALED            under a passphrase
//   PARMANA-PKCS11-KEY-1 PURPOSE PUBLIC URI                                              in a token
//
// `purpose` ([a-z-]+) is bound into each: a key is never used for another purpose than it was made for. The
// purpose `blind` is a secret that signs nothing and has no public half. Whatever reads a file refuses a
// symbolic link, another owner, any group or other permission bit (key_file_exposed), a missing file
// (data_missing), and any other content (key_invalid); the judged descriptor is the one that is read. Buffers
// are Secret, or wiped.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/crypto.hpp"

namespace parmana::crypto {

inline constexpr std::string_view kBlindPurpose = "blind";

/// The content of a passphrase file, or of a file with the PIN of a token: one line, its newline left out.
/// The checks of a key file. Errors: those of a key file; key_invalid when it is empty or has another line.
Result<SecretText> read_passphrase_file(const std::string& path);

/// Where the passphrase of encrypted key files comes from; it is never on a command line.
class PassphraseSource {
  public:
    /// `file`: a passphrase file; where it is empty, the credential `parmana-passphrase` of systemd, in
    /// $CREDENTIALS_DIRECTORY.
    explicit PassphraseSource(std::string file = {}) : file_(std::move(file)) {}
    /// The file that PARMANA_KEY_PASSPHRASE_FILE names, for where there is no configuration.
    static PassphraseSource from_environment();

    /// Reads anew each time: nothing is kept between. Errors: key_locked when there is neither; those of
    /// read_passphrase_file.
    Result<SecretText> read() const;

  private:
    std::string file_;
};

enum class KeyKind : std::uint8_t { plain, encrypted, pkcs11 };
std::string_view word_of(KeyKind kind);

/// What can be said of a key file without a passphrase or a token. `public_key` is what the file claims:
/// opening it compares. Absent for `blind`.
struct KeyFileFacts {
    std::string purpose;
    KeyKind kind;
    std::optional<PublicKey> public_key;
};
Result<KeyFileFacts> examine_key_file(const std::string& path);

/// The three ways to make one. Each creates exclusively (io_failed when it exists), syncs the file and its
/// directory.
Status write_key_file(const std::string& path, std::string_view purpose, const Secret<32>& key);
Status write_encrypted_key_file(const std::string& path, std::string_view purpose, const Secret<32>& key,
                                const SecretText& passphrase, Entropy& entropy);
/// The reference to a key pair in a token. Errors: key_invalid, also for a URI that is not of this kind.
Status write_pkcs11_key_file(const std::string& path, std::string_view purpose, const PublicKey& key,
                             const std::string& uri);
/// Has the token make a key pair under the names in the URI (RFC 7512). Errors: signer_unavailable with what
/// the token says, key_invalid.
Result<PublicKey> generate_pkcs11_key(const std::string& uri);
/// Of a key pair that the token has already, under these names. Errors: as above.
Result<PublicKey> find_pkcs11_key(const std::string& uri);

/// The one way to a signer, whatever the kind. Errors: key_locked, key_passphrase_wrong, key_invalid for
/// another purpose or when the key is not the one that the file claims, signer_unavailable when the token
/// cannot be used.
Result<std::unique_ptr<Signer>> open_signer(const std::string& path, std::string_view purpose,
                                            const PassphraseSource& passphrases);
/// The secret itself, for `blind`. A key in a token cannot be read (key_invalid).
Result<Secret<32>> read_key_file(const std::string& path, std::string_view purpose,
                                 const PassphraseSource& passphrases);

}  // namespace parmana::crypto
