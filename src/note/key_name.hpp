// Names of keys (C2SP signed-note), shared by reading and writing; not part of the module's manual
// page.
#pragma once

#include <string_view>

namespace parmana::note {

/// Begins every signature line: U+2014 and a space.
inline constexpr std::string_view kSignaturePrefix = "\xe2\x80\x94 ";

/// Valid UTF-8 without characters below U+0020, the control characters of C2SP signed-note; a
/// newline is allowed.
bool valid_text(std::string_view text);

/// Not empty, valid text without newline, Unicode white space and plus sign.
bool valid_key_name(std::string_view name);

}  // namespace parmana::note
