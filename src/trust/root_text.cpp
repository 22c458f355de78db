// The document of a trust root as bytes: written, and read strictly.
#include <algorithm>
#include <set>

#include "civil/civil.hpp"
#include "json/fields.hpp"
#include "trust/trust.hpp"

namespace parmana::trust {
namespace {

constexpr std::string_view kSpecVersion = "1.0.34";
constexpr std::size_t kNameBytesMax = 255;

/// TUF asks every root for these, and nobody plays them here: their metadata does not exist.
constexpr std::string_view kUnplayedRoles[] = {"snapshot", "targets", "timestamp"};

std::unexpected<Error> invalid(std::string detail) {
    return fail(Code::trust_invalid, std::move(detail));
}

void append_key(json::Writer& writer, const std::string& id, const crypto::PublicKey& key) {
    writer.name(id).object();
    writer.name("keytype").string("ed25519");
    writer.name("keyval").object().name("public").string(to_hex(view_of(key.value()))).end();
    writer.name("scheme").string("ed25519").end();
}

void append_roles(json::Writer& writer, const RootContent& content) {
    std::map<std::string_view, const Members*> all;
    static const Members kNobody;
    for (const auto name : kUnplayedRoles)
        all.emplace(name, &kNobody);
    for (const Role role : kRoles)
        all.emplace(wire_name(role), &content.members(role));
    writer.name("roles").object();
    for (const auto& [name, members] : all) {
        writer.name(name).object().name("keyids").array();
        for (const auto& [id, key] : members->keys)
            writer.string(id);
        writer.end().name("threshold").integer(members->threshold).end();
    }
    writer.end();
}

void append_history(json::Writer& writer, const std::vector<Past>& history) {
    writer.name("history").array();
    for (const Past& past : history) {
        writer.object().name("fingerprint").string(to_wire(past.fingerprint));
        writer.name("from").integer(static_cast<std::int64_t>(past.from)).end();
    }
    writer.end();
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

Result<dsse::Keys> read_keys(json::Value keys, const std::string& at) {
    dsse::Keys out;
    for (const json::Value member : keys.members()) {
        const auto key = TRY(read_key(member, at + pointer_token(member.name())));
        if (dsse::key_id(key) != member.name()) return invalid("a key does not stand under its own id");
        out.emplace(member.name(), key);
    }
    return out;
}

/// Origin and tenant stand, with a NUL behind each, in what identities are keyed with, and the origin in
/// the first line of every checkpoint: visible ASCII without the `+` of key names.
Result<std::string> read_name(const json::Fields& fields, std::string_view name) {
    std::string text = TRY(fields.string(name));
    const auto fits = [](char c) { return c > 0x20 && c < 0x7f && c != '+'; };
    if (text.empty() || text.size() > kNameBytesMax || !std::ranges::all_of(text, fits)) {
        return fields.invalid(name, "1 to 255 visible ASCII characters, none of them `+`");
    }
    return text;
}

bool has_one_signature(Role role) {
    return role == Role::attestation || role == Role::log;
}

bool may_be_vacant(Role role) {
    return role == Role::approver || role == Role::release || role == Role::witness;
}

/// Reads the roles one by one, and takes each key once.
class RolesReader {
  public:
    explicit RolesReader(const dsse::Keys& keys) : keys_(keys) {}

    Result<std::map<Role, Members>> read(json::Value value) {
        const auto fields =
            TRY(json::Fields::open(value, "/signed/roles", {"attestation", "log", "policy", "root"},
                                   {"approver", "release", "snapshot", "targets", "timestamp", "witness"}));
        for (const auto name : kUnplayedRoles) {
            if (!fields.has(name)) continue;
            const Members nobody = TRY(members(fields, name));
            if (nobody != Members{}) return fields.invalid(name, "a role without keys, of threshold 1");
        }
        std::map<Role, Members> out;
        for (const Role role : kRoles) {
            // The first documents had no more than four roles.
            if (may_be_vacant(role) && !fields.has(wire_name(role))) continue;
            Members read = TRY(members(fields, wire_name(role)));
            const auto bad = [&](std::string_view must_be) -> std::unexpected<Error> {
                return fail(Code::member_invalid, "`threshold` must be " + std::string(must_be),
                            fields.at(wire_name(role)) + "/threshold");
            };
            const auto most = static_cast<std::int64_t>(read.keys.size());
            if (read.threshold < 1 || read.threshold > std::max(most, std::int64_t{may_be_vacant(role)}))
                return bad("between 1 and the number of keys");
            if (has_one_signature(role) && read.threshold != 1)
                return bad("1: what it signs has one signature");
            out.emplace(role, std::move(read));
        }
        return out;
    }

  private:
    Result<Members> members(const json::Fields& roles, std::string_view name) {
        const auto entry = TRY(json::Fields::open(roles.any(name), roles.at(name), {"keyids", "threshold"}));
        Members out;
        for (const json::Value id : TRY(entry.array("keyids")).elements()) {
            const auto found = id.is(json::Type::string) ? keys_.find(id.string()) : keys_.end();
            if (found == keys_.end()) return entry.invalid("keyids", "ids of keys in this document");
            if (!used_.insert(found->first).second) return invalid("a key plays more than one role");
            out.keys.insert(*found);
        }
        out.threshold = TRY(entry.integer("threshold"));
        return out;
    }

    const dsse::Keys& keys_;
    std::set<std::string> used_;
};

Result<std::vector<Past>> read_history(const json::Fields& fields) {
    std::vector<Past> out;
    if (!fields.has("history")) return out;
    for (const json::Value each : TRY(fields.array("history")).elements()) {
        const auto entry = TRY(json::Fields::open(
            each, fields.at("history") + "/" + std::to_string(out.size()), {"fingerprint", "from"}));
        const auto digest = digest_from_wire(TRY(entry.string("fingerprint")));
        if (!digest) return entry.invalid("fingerprint", "`sha256:` and 64 hexadecimal digits");
        const std::int64_t from = TRY(entry.integer("from"));
        const std::int64_t before = out.empty() ? -1 : static_cast<std::int64_t>(out.back().from);
        // The second may come into force with the very first entry.
        const bool rises = out.empty() ? from == 0 : from > before || (from == 0 && out.size() == 1);
        if (!rises) return entry.invalid("from", "0 in the first and then ascending");
        out.push_back({*digest, static_cast<std::uint64_t>(from)});
    }
    return out;
}

Result<std::map<std::string, std::uint64_t>> read_compromised(const json::Fields& fields) {
    std::map<std::string, std::uint64_t> out;
    if (!fields.has("compromised")) return out;
    for (const json::Value member : TRY(fields.object("compromised")).members()) {
        const auto bytes = from_hex(member.name());
        if (!bytes || !array_from<32>(*bytes))
            return fields.invalid("compromised", "members that are key ids");
        if (!member.is(json::Type::integer) || member.integer() < 0)
            return fields.invalid("compromised", "an index for each key");
        out.emplace(member.name(), static_cast<std::uint64_t>(member.integer()));
    }
    return out;
}

Status check_content(const RootContent& content, const json::Fields& fields) {
    if (content.version < 1) return fields.invalid("version", "positive");
    if (fields.has("history") ? content.history.size() != static_cast<std::size_t>(content.version) - 1
                              : content.version != 1)
        return fields.invalid("history", "one entry for each earlier version");
    // TUF has one spelling of times.
    const auto expires = civil::parse_rfc3339(content.expires);
    if (!expires || expires->nanos != 0 || civil::format_rfc3339(*expires) != content.expires)
        return fields.invalid("expires", "a time (`YYYY-MM-DDTHH:MM:SSZ`)");
    const auto approvers = static_cast<std::int64_t>(content.members(Role::approver).keys.size());
    if (content.activation_approvals < 0 || content.activation_approvals > approvers)
        return fields.invalid("activation_approvals", "between 0 and the number of approvers");
    for (const auto& [role, members] : content.roles) {
        for (const auto& [id, key] : members.keys) {
            if (content.compromised.contains(id)) return invalid("a compromised key plays a role");
        }
    }
    return {};
}

Result<RootContent> read_signed(json::Value value) {
    const auto fields = TRY(json::Fields::open(value, "/signed",
                                               {"_type", "consistent_snapshot", "expires", "keys", "origin",
                                                "roles", "spec_version", "tenant", "version"},
                                               {"activation_approvals", "compromised", "history"}));
    if (TRY(fields.string("_type")) != "root") return fields.invalid("_type", "`root`");
    if (TRY(fields.boolean("consistent_snapshot"))) return fields.invalid("consistent_snapshot", "false");
    if (TRY(fields.string("spec_version")) != kSpecVersion) return fields.invalid("spec_version", "`1.0.34`");
    RootContent out;
    out.expires = TRY(fields.string("expires"));
    out.origin = Origin(TRY(read_name(fields, "origin")));
    out.tenant = Tenant(TRY(read_name(fields, "tenant")));
    out.version = TRY(fields.integer("version"));
    if (fields.has("activation_approvals"))
        out.activation_approvals = TRY(fields.integer("activation_approvals"));
    out.compromised = TRY(read_compromised(fields));
    out.history = TRY(read_history(fields));
    const dsse::Keys keys = TRY(read_keys(TRY(fields.object("keys")), "/signed/keys"));
    out.roles = TRY(RolesReader(keys).read(TRY(fields.object("roles"))));
    TRY(check_content(out, fields));
    return out;
}

Result<std::vector<dsse::KeySignature>> read_signatures(json::Value list) {
    std::vector<dsse::KeySignature> out;
    for (const json::Value value : list.elements()) {
        const std::string at = "/signatures/" + std::to_string(out.size());
        const auto fields = TRY(json::Fields::open(value, at, {"keyid", "sig"}));
        const auto bytes = from_hex(TRY(fields.string("sig")));
        const auto signature = bytes ? array_from<64>(*bytes) : std::nullopt;
        if (!signature) return fields.invalid("sig", "128 lower-case hexadecimal digits");
        std::string id = TRY(fields.string("keyid"));
        if (!out.empty() && id <= out.back().key_id)
            return fields.invalid("keyid", "in ascending order, each key once");
        out.push_back({std::move(id), crypto::Signature(*signature)});
    }
    return out;
}

std::string signed_part(const RootContent& content) {
    dsse::Keys all;
    for (const auto& [role, members] : content.roles)
        all.insert(members.keys.begin(), members.keys.end());
    std::string out;
    json::Writer writer(out);
    writer.object().name("_type").string("root");
    writer.name("activation_approvals").integer(content.activation_approvals);
    writer.name("compromised").object();
    for (const auto& [id, from] : content.compromised)
        writer.name(id).integer(static_cast<std::int64_t>(from));
    writer.end().name("consistent_snapshot").boolean(false);
    writer.name("expires").string(content.expires);
    append_history(writer, content.history);
    writer.name("keys").object();
    for (const auto& [id, key] : all)
        append_key(writer, id, key);
    writer.end().name("origin").string(content.origin.value());
    append_roles(writer, content);
    writer.name("spec_version").string(kSpecVersion);
    writer.name("tenant").string(content.tenant.value()).name("version").integer(content.version).end();
    return out;
}

}  // namespace

RootDocument draft(RootContent content) {
    std::string message = signed_part(content);
    return {std::move(content), std::move(message), {}};
}

std::string render(const RootDocument& document) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("signatures").array();
    for (const dsse::KeySignature& one : document.signatures) {
        writer.object().name("keyid").string(one.key_id);
        writer.name("sig").string(to_hex(view_of(one.signature.value()))).end();
    }
    writer.end().name("signed").raw(document.message).end();
    return out;
}

Result<RootDocument> parse_document(std::string_view text) {
    // A file may end in one newline; the document itself has one spelling.
    if (text.ends_with('\n')) text.remove_suffix(1);
    const auto document = TRY(json::parse(text));
    if (!json::is_canonical(document)) return invalid("the trust root is not in canonical form");
    const auto outer = TRY(json::Fields::open(document.root(), "", {"signatures", "signed"}));
    RootDocument out;
    out.content = TRY(read_signed(outer.any("signed")));
    out.message = json::canonical(outer.any("signed"));
    out.signatures = TRY(read_signatures(TRY(outer.array("signatures"))));
    return out;
}

}  // namespace parmana::trust
