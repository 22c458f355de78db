// Names of keys and lines of signatures (C2SP signed-note), shared by reading and writing; not part of the
// module's manual page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "note/note.hpp"

namespace parmana::note {

/// Begins every signature line: U+2014 and a space.
inline constexpr std::string_view kSignaturePrefix = "\xe2\x80\x94 ";

/// Valid UTF-8 without characters below U+0020, the control characters of C2SP signed-note; a
/// newline is allowed.
bool valid_text(std::string_view text);

/// Not empty, valid text without newline, Unicode white space and plus sign.
bool valid_key_name(std::string_view name);

/// The first four bytes of the key id, big-endian.
std::uint32_t key_hint(std::string_view name, const crypto::PublicKey& key, KeyType type);
std::optional<crypto::Signature> signature_from(std::string_view bytes);

}  // namespace parmana::note
