// C2SP signed-note and tlog-checkpoint: the signed head of the ledger. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "merkle/merkle.hpp"

namespace parmana::note {

/// What a checkpoint says: origin, tree size, root (C2SP tlog-checkpoint; no extension lines).
struct Checkpoint {
    std::string origin;
    merkle::TreeSize size;
    merkle::Root root;
    bool operator==(const Checkpoint&) const = default;
};

/// What a signature line is: of a log over the text, or a cosignature with a time (C2SP tlog-cosignature).
enum class KeyType : std::uint8_t { log = 0x01, cosignature = 0x04 };

/// SHA-256(name ‖ 0x0A ‖ type ‖ key): the full 32 bytes; a note line carries the first four.
Digest key_id(std::string_view name, const crypto::PublicKey& key, KeyType type = KeyType::log);
/// `name+hex8+base64(type ‖ key)`, the verifier key of C2SP signed-note.
std::string verifier_key(std::string_view name, const crypto::PublicKey& key, KeyType type = KeyType::log);
/// A verifier key, read back.
struct VerifierKey {
    std::string name;
    KeyType type;
    crypto::PublicKey key;
    bool operator==(const VerifierKey&) const = default;
};
/// Strict: the key id is recomputed, the key is a good point. Errors: member_invalid.
Result<VerifierKey> parse_verifier_key(std::string_view text);

/// Decimal without leading zeros, within 2^53−1; otherwise nothing.
std::optional<merkle::TreeSize> parse_tree_size(std::string_view text);
/// The note body: origin, size and root, three lines.
std::string checkpoint_body(const Checkpoint& checkpoint);
/// Body, blank line, one signature line by the log key under the origin's name.
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::Signer& signer);

/// A parsed note: the text that is signed (ending in a newline), and its signature lines.
struct SignatureLine {
    std::string name;
    std::uint32_t key_hint;  // first four bytes of the key id, big-endian
    std::string signature;   // the bytes behind them
};
/// The line, newline included.
std::string render(const SignatureLine& line);
struct Note {
    std::string text;
    std::vector<SignatureLine> signatures;
};
/// Strict: valid UTF-8 without control characters but newline, split at the last blank line, 1 to 16
/// signature lines, canonical base64, at most 64 KiB. Errors: member_invalid.
Result<Note> parse_note(std::string_view note);
/// Three lines exactly, decimal size without leading zeros within 2^53−1, canonical base64 of 32 bytes.
/// Errors: member_invalid.
Result<Checkpoint> parse_checkpoint(std::string_view body);

/// One signature line, newline included: a cosignature/v1 of `text` by `signer` under `name` at `time`.
Result<std::string> cosign(std::string_view text, std::string_view name, const crypto::Signer& signer,
                           UnixSeconds time);
/// The time of a cosignature by `key` under `name`; nothing when the line is not that, or does not verify.
std::optional<UnixSeconds> verify_cosignature(std::string_view text, const SignatureLine& line,
                                              std::string_view name, const crypto::PublicKey& key);

/// A checkpoint as a log of this program publishes it: signed by the log, cosigned by the log with the time,
/// then cosigned by witnesses. It has one spelling.
struct Head {
    Checkpoint checkpoint;
    std::string text;
    SignatureLine log;
    SignatureLine time;
    std::vector<SignatureLine> witnesses;
};
/// The layout alone: log and time under the origin's name, the lines of witnesses in strictly ascending byte
/// order, every signature of the right length. Verifies nothing. Errors: member_invalid.
Result<Head> parse_head(std::string_view note);
/// The head signed and cosigned by the log key, without witnesses.
Result<std::string> sign_head(const Checkpoint& checkpoint, const crypto::Signer& signer, UnixSeconds time);
/// A head with further cosignature lines, in their order: of each key the first, since a witness that is asked
/// again gives another line. Errors: member_invalid, also for more than a note may have.
Result<std::string> add_cosignatures(std::string_view note, std::span<const std::string> lines);

/// Parses the note and checks that it is signed by `key` under its own origin's name. Unknown signatures are
/// ignored; a bad one by the known key, or none by it, is an error (member_invalid).
Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key);

}  // namespace parmana::note
