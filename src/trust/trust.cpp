#include "trust/trust.hpp"

#include <algorithm>
#include <set>

#include "json/fields.hpp"

namespace parmana::trust {
namespace {

constexpr Role kRoles[] = {Role::attestation, Role::log, Role::policy, Role::root};  // JCS order
constexpr std::string_view kSpecVersion = "1.0.34";
constexpr std::size_t kNameBytesMax = 255;

std::unexpected<Error> invalid(std::string detail) {
    return fail(Code::trust_invalid, std::move(detail));
}

void append_key(json::Writer& writer, const crypto::PublicKey& key) {
    writer.name(dsse::key_id(key)).object();
    writer.name("keytype").string("ed25519");
    writer.name("keyval").object().name("public").string(to_hex(view_of(key.value()))).end();
    writer.name("scheme").string("ed25519").end();
}

std::string signed_part(const RootContent& content) {
    std::map<std::string, crypto::PublicKey> all;
    for (const auto& [role, keys] : content.roles) {
        for (const auto& key : keys)
            all.emplace(dsse::key_id(key), key);
    }
    std::string out;
    json::Writer writer(out);
    writer.object().name("_type").string("root").name("consistent_snapshot").boolean(false);
    writer.name("expires").string(content.expires).name("keys").object();
    for (const auto& [id, key] : all)
        append_key(writer, key);
    writer.end().name("origin").string(content.origin.value()).name("roles").object();
    for (const Role role : kRoles) {
        std::set<std::string> ids;
        for (const auto& key : content.roles.at(role))
            ids.insert(dsse::key_id(key));
        writer.name(wire_name(role)).object().name("keyids").array();
        for (const auto& id : ids)
            writer.string(id);
        writer.end().name("threshold").integer(1).end();
    }
    writer.end().name("spec_version").string(kSpecVersion);
    writer.name("tenant").string(content.tenant.value()).name("version").integer(1).end();
    return out;
}

Result<crypto::PublicKey> read_key(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"keytype", "keyval", "scheme"}));
    if (TRY(fields.string("keytype")) != "ed25519") return fields.invalid("keytype", "`ed25519`");
    if (TRY(fields.string("scheme")) != "ed25519") return fields.invalid("scheme", "`ed25519`");
    const auto keyval = TRY(json::Fields::open(fields.any("keyval"), fields.at("keyval"), {"public"}));
    const auto bytes = from_hex(TRY(keyval.string("public")));
    const auto key = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!key) return keyval.invalid("public", "64 lower-case hexadecimal digits");
    TRY(crypto::check_public_key(crypto::PublicKey(*key)));
    return crypto::PublicKey(*key);
}

}  // namespace

std::string_view wire_name(Role role) {
    switch (role) {
        case Role::attestation:
            return "attestation";
        case Role::log:
            return "log";
        case Role::policy:
            return "policy";
        case Role::root:
            return "root";
    }
    return "";
}

/// Reads one document into a Root, step by step.
struct RootReader {
    using Keys = std::map<std::string, crypto::PublicKey>;

    static Result<Keys> read_keys(json::Value keys, const std::string& at) {
        Keys out;
        for (const json::Value member : keys.members()) {
            const std::string member_at = at + pointer_token(member.name());
            const auto key = TRY(read_key(member, member_at));
            if (dsse::key_id(key) != member.name()) return invalid("a key does not stand under its own id");
            out.emplace(member.name(), key);
        }
        return out;
    }

    /// Origin and tenant stand, with a NUL behind each, in what identities are keyed with, and the origin in
    /// the first line of every checkpoint: visible ASCII without the `+` of key names.
    static Result<std::string> read_name(const json::Fields& fields, std::string_view name) {
        std::string text = TRY(fields.string(name));
        const auto fits = [](char c) { return c > 0x20 && c < 0x7f && c != '+'; };
        if (text.empty() || text.size() > kNameBytesMax || !std::ranges::all_of(text, fits)) {
            return fields.invalid(name, "1 to 255 visible ASCII characters, none of them `+`");
        }
        return text;
    }

    /// Fills the roles; returns the threshold of the root role.
    static Result<std::int64_t> read_roles(json::Value value, const Keys& keys, Root& root) {
        const auto fields =
            TRY(json::Fields::open(value, "/signed/roles", {"attestation", "log", "policy", "root"}));
        std::set<std::string> used;
        std::int64_t root_threshold = 0;
        for (const Role role : kRoles) {
            const auto entry = TRY(json::Fields::open(fields.any(wire_name(role)), fields.at(wire_name(role)),
                                                      {"keyids", "threshold"}));
            Keys& members = root.roles_[role];
            for (const json::Value id : TRY(entry.array("keyids")).elements()) {
                const auto found =
                    id.is(json::Type::string) ? keys.find(std::string(id.string())) : keys.end();
                if (found == keys.end()) return entry.invalid("keyids", "ids of keys in this document");
                if (!used.insert(found->first).second) return invalid("a key plays more than one role");
                members.insert(*found);
            }
            const std::int64_t threshold = TRY(entry.integer("threshold"));
            if (threshold < 1 || threshold > static_cast<std::int64_t>(members.size())) {
                return entry.invalid("threshold", "between 1 and the number of keys");
            }
            // What the other roles sign has one signature: a demand for more could not be enforced.
            if (role != Role::root && threshold != 1) {
                return entry.invalid("threshold", "1 in every role but `root`");
            }
            if (role == Role::root) root_threshold = threshold;
        }
        return root_threshold;
    }

    static Status check_signatures(json::Value list, std::string_view message, std::int64_t threshold,
                                   const Keys& root_keys) {
        std::set<std::string> good;  // distinct keys, not signatures
        std::size_t index = 0;
        for (const json::Value value : list.elements()) {
            const std::string at = "/signatures/" + std::to_string(index++);
            const auto fields = TRY(json::Fields::open(value, at, {"keyid", "sig"}));
            const auto bytes = from_hex(TRY(fields.string("sig")));
            const auto signature = bytes ? array_from<64>(*bytes) : std::nullopt;
            if (!signature) return fields.invalid("sig", "128 lower-case hexadecimal digits");
            const auto key = root_keys.find(TRY(fields.string("keyid")));
            if (key == root_keys.end()) return invalid("a signature is by a key that is not a root key");
            if (!crypto::verify(key->second, message, crypto::Signature(*signature))) {
                return invalid("a root signature does not verify");
            }
            good.insert(key->first);
        }
        if (static_cast<std::int64_t>(good.size()) < threshold) {
            return invalid("the trust root is signed by " + std::to_string(good.size()) + " of " +
                           std::to_string(threshold) + " root keys");
        }
        return {};
    }

    static Status read_signed(json::Value value, std::int64_t& root_threshold, Root& root) {
        const auto fields = TRY(json::Fields::open(value, "/signed",
                                                   {"_type", "consistent_snapshot", "expires", "keys",
                                                    "origin", "roles", "spec_version", "tenant", "version"}));
        if (TRY(fields.string("_type")) != "root") return fields.invalid("_type", "`root`");
        if (TRY(fields.boolean("consistent_snapshot"))) return fields.invalid("consistent_snapshot", "false");
        if (TRY(fields.string("expires")).empty()) return fields.invalid("expires", "a time");
        if (TRY(fields.string("spec_version")) != kSpecVersion) {
            return fields.invalid("spec_version", "`1.0.34`");
        }
        root.origin_ = Origin(TRY(read_name(fields, "origin")));
        root.tenant_ = Tenant(TRY(read_name(fields, "tenant")));
        root.version_ = TRY(fields.integer("version"));
        if (root.version_ < 1) return fields.invalid("version", "positive");
        const Keys keys = TRY(read_keys(TRY(fields.object("keys")), "/signed/keys"));
        root_threshold = TRY(read_roles(TRY(fields.object("roles")), keys, root));
        return {};
    }

    static Result<Root> read(std::string_view text) {
        const auto document = TRY(json::parse(text));
        if (!json::is_canonical(document)) return invalid("the trust root is not in canonical form");
        const auto outer = TRY(json::Fields::open(document.root(), "", {"signatures", "signed"}));
        Root root;
        std::int64_t threshold = 0;
        TRY(read_signed(outer.any("signed"), threshold, root));
        const std::string message = json::canonical(outer.any("signed"));
        TRY(check_signatures(TRY(outer.array("signatures")), message, threshold, root.roles_.at(Role::root)));
        root.fingerprint_ = crypto::sha256(message);
        root.text_ = text;
        return root;
    }
};

Result<Root> Root::parse(std::string_view text) {
    // A file may end in one newline; the document itself has one spelling.
    if (text.ends_with('\n')) text.remove_suffix(1);
    return RootReader::read(text);
}

std::optional<crypto::PublicKey> Root::find(Role role, std::string_view key_id) const {
    const auto& keys = roles_.at(role);
    const auto found = keys.find(std::string(key_id));
    if (found == keys.end()) return std::nullopt;
    return found->second;
}

Result<std::string> make_root(const RootContent& content, const crypto::Signer& root_key) {
    const std::string message = signed_part(content);
    const auto signature = TRY(root_key.sign(message));
    std::string out;
    json::Writer writer(out);
    writer.object().name("signatures").array().object();
    writer.name("keyid").string(dsse::key_id(root_key.public_key()));
    writer.name("sig").string(to_hex(view_of(signature.value()))).end().end();
    writer.name("signed").raw(message).end();
    return out;
}

Origin default_origin(const crypto::PublicKey& log_key) {
    return Origin("localhost/" + to_hex(view_of(crypto::sha256(view_of(log_key.value())))).substr(0, 16));
}

}  // namespace parmana::trust
