// The trust root: a chain of threshold-signed documents, shaped as TUF root metadata, that say which key
// plays which role for one tenant and origin. A verifier pins one of them by its fingerprint and walks the
// chain from there. Where in the ledger each of them came into force is a History's matter
// (trust/history.hpp). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "dsse/dsse.hpp"

namespace parmana::trust {

using Tenant = Strong<struct TenantTag, std::string>;
using Origin = Strong<struct OriginTag, std::string>;

/// The enumerators are the wire spellings, in their order.
enum class Role : std::uint8_t { approver, attestation, log, policy, release, root, witness };
inline constexpr Role kRoles[] = {Role::approver, Role::attestation, Role::log,    Role::policy,
                                  Role::release,  Role::root,        Role::witness};
std::string_view wire_name(Role role);
std::optional<Role> role_from_wire(std::string_view wire);

/// Who plays a role, and how many of them must agree.
struct Members {
    dsse::Keys keys;
    std::int64_t threshold = 1;

    bool operator==(const Members&) const = default;
};

/// An earlier document of the chain, and the index of the entry that put it in force (0 for the first).
struct Past {
    Digest fingerprint;
    std::uint64_t from;

    bool operator==(const Past&) const = default;
};

/// What a trust root says.
struct RootContent {
    Tenant tenant;
    Origin origin;
    std::string expires;  // RFC 3339 with `Z`; gates updates and activation
    std::map<Role, Members> roles;
    std::int64_t version = 1;
    /// So many approvers must sign the order that lets a policy govern.
    std::int64_t activation_approvals = 0;
    /// Key id → the first index at which its signatures are not believed any more.
    std::map<std::string, std::uint64_t> compromised = {};
    std::vector<Past> history = {};  // of versions 1 to version - 1

    const Members& members(Role role) const;
    bool operator==(const RootContent&) const = default;
};

/// A document whose signatures nobody has judged yet: what people pass around until enough of them signed.
struct RootDocument {
    RootContent content;
    std::string message;  // what root keys sign: the canonical form of the content
    std::vector<dsse::KeySignature> signatures;
};
/// Nobody signed it yet.
RootDocument draft(RootContent content);
/// Strict, closed and canonical; a file may end in one newline. Every key is a good point under its own id,
/// no key has two roles, thresholds are in reach. Errors: json_*, member_*, trust_invalid.
Result<RootDocument> parse_document(std::string_view text);
/// Canonical JSON.
std::string render(const RootDocument& document);
/// Once more by the same key changes nothing. Errors: trust_invalid for a key that is no root key of this
/// document nor of `before`; and of the signer.
Status add_signature(RootDocument& document, const dsse::SigningKey& key,
                     const RootContent* before = nullptr);

/// A trust root that a threshold of its own root keys signed.
class Root {
  public:
    /// Errors: those of parse_document, and trust_invalid.
    static Result<Root> parse(std::string_view text);

    const Tenant& tenant() const { return document_.content.tenant; }
    const Origin& origin() const { return document_.content.origin; }
    std::int64_t version() const { return document_.content.version; }
    const RootContent& content() const { return document_.content; }
    const RootDocument& document() const { return document_; }
    UnixSeconds expires() const { return expires_; }
    /// SHA-256 of the canonical bytes of the signed part: what people compare out of band.
    const Digest& fingerprint() const { return fingerprint_; }
    /// The keys of a role, by key id.
    const dsse::Keys& keys(Role role) const { return content().members(role).keys; }
    std::int64_t threshold(Role role) const { return content().members(role).threshold; }
    /// The key of this id, if it plays the role.
    std::optional<crypto::PublicKey> find(Role role, std::string_view key_id) const;
    /// The document as it was parsed (canonical).
    const std::string& text() const { return text_; }

  private:
    RootDocument document_;
    UnixSeconds expires_{0};
    Digest fingerprint_{};
    std::string text_;
};

/// `next` follows `before`: same tenant and origin, the next version, signed by the thresholds of both, its
/// history that of `before` and `before` itself, and no compromise taken back. Errors: trust_invalid;
/// rollback_refused when its version is not higher.
Status check_successor(const Root& before, const Root& next);

/// What the version behind `root` starts from: all that it says, and `root`, in force from `from`, as its
/// past.
RootContent successor_of(const Root& root, std::uint64_t from);

/// A chain of documents, each the successor of the one before, in ascending order of versions.
using Chain = std::vector<Root>;
/// Errors: trust_invalid, rollback_refused.
Status check_chain(const Chain& chain);

/// `localhost/` and the first 16 hexadecimal digits of SHA-256 of the log key: the default origin.
Origin default_origin(const crypto::PublicKey& log_key);

}  // namespace parmana::trust
