// The URIs (RFC 7512) that name a key in a PKCS#11 token, as far as they are taken here:
// `pkcs11:token=T;object=O?module-path=/lib/….so&pin-source=/path/of/pin`. In the path `token` or `serial`,
// and `object` or `id`; both of the query. Read by the server and by parmana-pkcs11.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace parmana::crypto {

/// Decoded. What the URI does not say is empty.
struct Pkcs11Uri {
    std::string token, serial;
    std::string object, id;
    std::string module_path;
    std::string pin_source;
};

/// Errors: key_invalid with the attribute. A PIN in the URI (`pin-value`) is refused: it belongs in a file of
/// its own.
Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text);

}  // namespace parmana::crypto
