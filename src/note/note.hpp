// C2SP signed-note and tlog-checkpoint: the signed head of the ledger. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

/// SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key): the full 32 bytes; a note line carries the first four.
Digest key_id(std::string_view name, const crypto::PublicKey& key);
/// `name+hex8+base64(0x01 ‖ key)`, the verifier key of C2SP signed-note.
std::string verifier_key(std::string_view name, const crypto::PublicKey& key);

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

/// Parses the note and checks that it is signed by `key` under its own origin's name. Unknown signatures are
/// ignored; a bad one by the known key, or none by it, is an error (member_invalid).
Result<Checkpoint> open_checkpoint(std::string_view note, const crypto::PublicKey& key);

}  // namespace parmana::note
