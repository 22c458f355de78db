#include "trust/trust.hpp"

#include <algorithm>

#include "civil/civil.hpp"

namespace parmana::trust {
namespace {

std::unexpected<Error> invalid(std::string detail) {
    return fail(Code::trust_invalid, std::move(detail));
}

/// How many of the keys signed; none of them wrongly.
Result<std::int64_t> count_signers(const RootDocument& document, const dsse::Keys& keys) {
    std::int64_t count = 0;
    for (const dsse::KeySignature& one : document.signatures) {
        const auto key = keys.find(one.key_id);
        if (key == keys.end()) continue;
        if (!crypto::verify(key->second, document.message, one.signature))
            return invalid("a root signature does not verify");
        ++count;  // each key id stands once
    }
    return count;
}

Status check_threshold(const RootDocument& document, const Members& root_keys, std::string_view whose) {
    const std::int64_t count = TRY(count_signers(document, root_keys.keys));
    if (count >= root_keys.threshold) return {};
    return invalid("version " + std::to_string(document.content.version) +
                   " of the trust root is signed by " + std::to_string(count) + " of the " +
                   std::to_string(root_keys.threshold) + " root keys that " + std::string(whose) +
                   " asks for");
}

/// Whoever is not a root key of either has no place among the signatures.
Status check_signers(const RootDocument& document, const dsse::Keys& own, const dsse::Keys* before) {
    for (const dsse::KeySignature& one : document.signatures) {
        if (own.contains(one.key_id) || (before != nullptr && before->contains(one.key_id))) continue;
        return invalid("a signature is by a key that is not a root key");
    }
    return {};
}

Status check_compromises(const RootContent& before, const RootContent& next) {
    for (const auto& [id, from] : before.compromised) {
        const auto still = next.compromised.find(id);
        if (still == next.compromised.end() || still->second > from)
            return invalid("the compromise of key " + id.substr(0, 16) + " is taken back");
    }
    return {};
}

}  // namespace

std::string_view wire_name(Role role) {
    constexpr std::string_view kNames[] = {"approver", "attestation", "log",    "policy",
                                           "release",  "root",        "witness"};
    return kNames[static_cast<std::size_t>(role)];
}

std::optional<Role> role_from_wire(std::string_view wire) {
    for (const Role role : kRoles) {
        if (wire_name(role) == wire) return role;
    }
    return std::nullopt;
}

const Members& RootContent::members(Role role) const {
    static const Members kNobody;
    const auto found = roles.find(role);
    return found == roles.end() ? kNobody : found->second;
}

Status add_signature(RootDocument& document, const dsse::SigningKey& key, const RootContent* before) {
    const bool is_root = document.content.members(Role::root).keys.contains(key.id()) ||
                         (before != nullptr && before->members(Role::root).keys.contains(key.id()));
    if (!is_root) return invalid("key " + key.id().substr(0, 16) + " is not a root key");
    const auto signature = TRY(key.signer().sign(document.message));
    dsse::put(document.signatures, {key.id(), signature});
    return {};
}

Result<Root> Root::parse(std::string_view text) {
    Root root;
    root.document_ = TRY(parse_document(text));
    const Members& own = root.content().members(Role::root);
    // The signers of a later version may be root keys of the one before, which is not at hand here.
    if (root.version() == 1) TRY(check_signers(root.document_, own.keys, nullptr));
    TRY(check_threshold(root.document_, own, "it"));
    root.expires_ = UnixSeconds(civil::parse_rfc3339(root.content().expires)->seconds);
    root.fingerprint_ = crypto::sha256(root.document_.message);
    root.text_ = render(root.document_);
    return root;
}

std::optional<crypto::PublicKey> Root::find(Role role, std::string_view key_id) const {
    const auto& all = keys(role);
    const auto found = all.find(key_id);
    if (found == all.end()) return std::nullopt;
    return found->second;
}

Status check_successor(const Root& before, const Root& next) {
    if (next.version() <= before.version()) {
        return fail(Code::rollback_refused, "version " + std::to_string(next.version()) +
                                                " of the trust root comes behind version " +
                                                std::to_string(before.version()));
    }
    if (next.version() != before.version() + 1) {
        return invalid("version " + std::to_string(before.version() + 1) + " of the trust root is missing");
    }
    if (next.origin() != before.origin() || next.tenant() != before.tenant())
        return invalid("the next trust root is of another origin or tenant");
    TRY(check_signers(next.document(), next.keys(Role::root), &before.keys(Role::root)));
    TRY(check_threshold(next.document(), before.content().members(Role::root), "the version before"));
    std::vector<Past> history = before.content().history;
    history.push_back({before.fingerprint(), next.content().history.back().from});
    if (history != next.content().history)
        return invalid("the history of the next trust root is another one");
    return check_compromises(before.content(), next.content());
}

RootContent successor_of(const Root& root, std::uint64_t from) {
    RootContent next = root.content();
    ++next.version;
    next.history.push_back({root.fingerprint(), from});
    return next;
}

Status check_chain(const Chain& chain) {
    for (std::size_t i = 1; i < chain.size(); ++i)
        TRY(check_successor(chain[i - 1], chain[i]));
    return {};
}

Origin default_origin(const crypto::PublicKey& log_key) {
    return Origin("localhost/" + to_hex(view_of(crypto::sha256(view_of(log_key.value())))).substr(0, 16));
}

}  // namespace parmana::trust
