// The trust root: one threshold-signed document, shaped as TUF root metadata, that says which key plays which
// role for one tenant and origin. A verifier pins it by its fingerprint. Pure over bytes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dsse/dsse.hpp"

namespace parmana::trust {

using Tenant = Strong<struct TenantTag, std::string>;
using Origin = Strong<struct OriginTag, std::string>;

/// The enumerators are the wire spellings.
enum class Role : std::uint8_t { attestation, log, policy, root };
std::string_view wire_name(Role role);

/// A verified trust root: signed by its own threshold of distinct root keys, every key a good point, no key
/// in two roles.
class Root {
  public:
    /// Strict and closed. Errors: json_*, member_*, trust_invalid.
    static Result<Root> parse(std::string_view text);

    const Tenant& tenant() const { return tenant_; }
    const Origin& origin() const { return origin_; }
    std::int64_t version() const { return version_; }
    /// SHA-256 of the canonical bytes of the signed part: what people compare out of band.
    const Digest& fingerprint() const { return fingerprint_; }
    /// The keys of a role, by key id.
    const std::map<std::string, crypto::PublicKey>& keys(Role role) const { return roles_.at(role); }
    /// The key of this id, if it plays the role.
    std::optional<crypto::PublicKey> find(Role role, std::string_view key_id) const;
    /// The document as it was parsed (canonical).
    const std::string& text() const { return text_; }

  private:
    friend struct RootReader;
    Tenant tenant_;
    Origin origin_;
    std::int64_t version_ = 0;
    Digest fingerprint_{};
    std::map<Role, std::map<std::string, crypto::PublicKey>> roles_;
    std::string text_;
};

/// What a new root says. Each role has at least one key.
struct RootContent {
    Tenant tenant;
    Origin origin;
    std::string expires;  // RFC 3339 with `Z`; gates updates and activation, never the judgement of evidence
    std::map<Role, std::vector<crypto::PublicKey>> roles;
};

/// Version 1, threshold 1 in each role, signed by `root_key`. Canonical JSON.
Result<std::string> make_root(const RootContent& content, const crypto::Signer& root_key);

/// `localhost/` and the first 16 hexadecimal digits of SHA-256 of the log key: the default origin.
Origin default_origin(const crypto::PublicKey& log_key);

}  // namespace parmana::trust
