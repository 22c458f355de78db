// Statements about events that have no signals: groups, replays, policies.
#include "attest/attest.hpp"
#include "json/fields.hpp"

namespace parmana::attest {
namespace {

/// A statement whose record is its predicate.
Stated event(std::string_view type, std::string_view subject, std::string predicate) {
    const std::string digest = to_hex(view_of(crypto::sha256(predicate)));
    std::string out = R"({"_type":")";
    out.append(kStatementType).append(R"(","predicate":)").append(predicate).append(",");
    out += statement_tail(type, digest, subject);
    return {std::move(predicate), std::move(out)};
}

void append_digest(json::Writer& writer, std::string_view name, std::string_view hex) {
    writer.name(name).object().name("digest").object().name("sha256").string(hex).end().end();
}

constexpr PolicyChange kPolicyChanges[] = {PolicyChange::activated, PolicyChange::deactivated,
                                           PolicyChange::expired, PolicyChange::rolled_back};

Result<std::string> digest_of(const json::Fields& fields, std::string_view name) {
    const auto resource = TRY(json::Fields::open(fields.any(name), fields.at(name), {"digest"}));
    const auto digest = TRY(json::Fields::open(resource.any("digest"), resource.at("digest"), {"sha256"}));
    return digest.string("sha256");
}

/// Whatever was read is right when stating it again gives the same bytes.
Status check_same(const Stated& again, std::string_view payload) {
    if (again.statement == payload) return {};
    return fail(Code::member_invalid,
                "the statement is not in canonical form, or its subject is another one");
}

Scene scene_of(const trust::Tenant& tenant, const trust::Origin& origin, const RuntimeHash& runtime,
               const BlindKey& none) {
    return {tenant, origin, runtime, none};
}

/// The same for a statement `read` about `event`, made by the runtime that it names.
template <class Event, class Statement>
Status check_same(const Event& event, const Statement& read, std::string_view payload,
                  const json::Fields& fields) {
    const auto bytes = from_hex(read.runtime_digest);
    const auto hash = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!hash) return fields.invalid("runtime", "the digest of 32 bytes");
    const BlindKey none{};
    const trust::Tenant tenant(read.tenant);
    const trust::Origin origin(read.origin);
    const RuntimeHash runtime(*hash);
    return check_same(state(event, scene_of(tenant, origin, runtime, none)), payload);
}

/// The predicate of a statement of this type.
Result<json::Value> predicate_of(const json::Document& document, std::string_view type) {
    const auto fields =
        TRY(json::Fields::open(document.root(), "", {"_type", "predicate", "predicateType", "subject"}));
    if (TRY(fields.string("predicateType")) != type)
        return fields.invalid("predicateType", "`" + std::string(type) + "`");
    return fields.any("predicate");
}

}  // namespace

std::string subject_name(const Group& group) {
    return "group:" + std::to_string(group.first.value());
}

std::string subject_name(const PolicyEvent& event) {
    return "policy:" + event.policy_id + "@" + event.policy_version;
}

std::string_view wire_name(PolicyChange change) {
    constexpr std::string_view kNames[] = {"activated", "deactivated", "expired", "rolled_back"};
    return kNames[static_cast<std::size_t>(change)];
}

std::string subject_name(const KeyEvent& event) {
    return "root:" + std::to_string(event.root_version);
}

std::string subject_name(const ReleaseEvent& event) {
    return "release:" + std::to_string(event.counter);
}

Stated state(const Group& group, const Scene& scene) {
    std::string predicate;
    json::Writer writer(predicate);
    writer.object().name("count").integer(static_cast<std::int64_t>(group.count));
    writer.name("first").integer(static_cast<std::int64_t>(group.first.value()));
    writer.name("origin").string(scene.origin.value());
    append_digest(writer, "root", to_hex(view_of(group.root.value())));
    writer.name("tenant").string(scene.tenant.value()).end();
    return event(kGroupType, subject_name(group), std::move(predicate));
}

Stated state(const Replays& replays, const Scene& scene) {
    std::string predicate;
    json::Writer writer(predicate);
    writer.object().name("code").string(replays.code).name("count").integer(replays.count);
    writer.name("executionId").string(replays.execution_id.value());
    writer.name("origin").string(scene.origin.value());
    append_digest(writer, "runtime", to_hex(view_of(scene.runtime_hash.value())));
    writer.name("tenant").string(scene.tenant.value()).end();
    return event(kReplayType, subject_name(replays.execution_id), std::move(predicate));
}

Stated state(const PolicyEvent& what, const Scene& scene) {
    std::string predicate;
    json::Writer writer(predicate);
    const bool is_numbered = what.sequence > 0;
    writer.object();
    if (is_numbered) writer.name("counter").integer(what.counter);
    writer.name("event").string(wire_name(what.change));
    if (!what.expires.empty()) writer.name("expires").string(what.expires);
    if (is_numbered) {
        writer.name("kept").array();
        for (const std::string& version : what.kept)
            writer.string(version);
        writer.end();
    }
    if (!what.order.empty()) writer.name("order").raw(what.order);
    writer.name("origin").string(scene.origin.value());
    writer.name("policy").object().name("digest").object().name("sha256").string(what.policy_digest).end();
    writer.name("id").string(what.policy_id).name("version").string(what.policy_version).end();
    append_digest(writer, "runtime", to_hex(view_of(scene.runtime_hash.value())));
    if (is_numbered) writer.name("sequence").integer(what.sequence);
    writer.name("tenant").string(scene.tenant.value()).end();
    return event(kPolicyEventType, subject_name(what), std::move(predicate));
}

Stated state(const KeyEvent& what, const Scene& scene) {
    std::string predicate;
    json::Writer writer(predicate);
    writer.object().name("origin").string(scene.origin.value());
    writer.name("root").object().name("digest").object();
    writer.name("sha256").string(to_hex(view_of(what.root_fingerprint))).end();
    writer.name("version").integer(what.root_version).end();
    append_digest(writer, "runtime", to_hex(view_of(scene.runtime_hash.value())));
    writer.name("tenant").string(scene.tenant.value()).end();
    return event(kKeyEventType, subject_name(what), std::move(predicate));
}

Stated state(const ReleaseEvent& what, const Scene& scene) {
    std::string predicate;
    json::Writer writer(predicate);
    writer.object().name("origin").string(scene.origin.value());
    writer.name("release").object().name("counter").integer(what.counter);
    writer.name("digest").object().name("sha256").string(to_hex(view_of(what.release_digest))).end().end();
    append_digest(writer, "runtime", to_hex(view_of(scene.runtime_hash.value())));
    writer.name("tenant").string(scene.tenant.value()).end();
    return event(kReleaseEventType, subject_name(what), std::move(predicate));
}

Result<GroupStatement> parse_group_statement(std::string_view payload) {
    const auto document = TRY(json::parse(payload));
    const auto fields = TRY(json::Fields::open(TRY(predicate_of(document, kGroupType)), "/predicate",
                                               {"count", "first", "origin", "root", "tenant"}));
    const std::int64_t count = TRY(fields.integer("count"));
    const std::int64_t first = TRY(fields.integer("first"));
    if (count < 1 || first < 0) return fields.invalid("count", "positive, and `first` not negative");
    const auto bytes = from_hex(TRY(digest_of(fields, "root")));
    const auto root = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!root) return fields.invalid("root", "the digest of 32 bytes");
    const Group group{merkle::LeafIndex(static_cast<std::uint64_t>(first)), static_cast<std::uint64_t>(count),
                      merkle::Root(*root)};
    std::string origin_name = TRY(fields.string("origin"));
    std::string tenant_name = TRY(fields.string("tenant"));
    GroupStatement out{group, std::move(origin_name), std::move(tenant_name)};
    const BlindKey none{};
    const trust::Tenant tenant(out.tenant);
    const trust::Origin origin(out.origin);
    const RuntimeHash runtime{};
    TRY(check_same(state(group, scene_of(tenant, origin, runtime, none)), payload));
    return out;
}

namespace {

Result<PolicyChange> policy_change(const json::Fields& fields) {
    const std::string name = TRY(fields.string("event"));
    for (const PolicyChange change : kPolicyChanges) {
        if (wire_name(change) == name) return change;
    }
    return fields.invalid("event", "a change of which policies govern");
}

Status read_numbers(const json::Fields& fields, PolicyEvent& event) {
    event.sequence = TRY(fields.integer("sequence"));
    if (event.sequence < 1) return fields.invalid("sequence", "positive");
    if (!fields.has("counter") || !fields.has("kept"))
        return fields.invalid("sequence", "with `counter` and `kept`");
    event.counter = TRY(fields.integer("counter"));
    for (const json::Value version : TRY(fields.array("kept")).elements()) {
        if (!version.is(json::Type::string)) return fields.invalid("kept", "an array of versions");
        event.kept.emplace_back(version.string());
    }
    if (fields.has("expires")) event.expires = TRY(fields.string("expires"));
    if (fields.has("order")) event.order = json::canonical(TRY(fields.object("order")));
    return {};
}

/// An object of a digest and a number: `{"counter":…,"digest":{"sha256":…}}`.
struct Numbered {
    Digest digest;
    std::int64_t number;
};
Result<Numbered> read_numbered(const json::Fields& fields, std::string_view member, std::string_view number) {
    const auto inner = TRY(json::Fields::open(fields.any(member), fields.at(member), {"digest", number}));
    const auto digest = TRY(json::Fields::open(inner.any("digest"), inner.at("digest"), {"sha256"}));
    const auto bytes = from_hex(TRY(digest.string("sha256")));
    const auto sha256 = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!sha256) return digest.invalid("sha256", "64 lower-case hexadecimal digits");
    const std::int64_t value = TRY(inner.integer(number));
    if (value < 1) return inner.invalid(number, "positive");
    return Numbered{*sha256, value};
}

/// The members that every event has.
template <class Statement>
Status read_scene(const json::Fields& fields, Statement& out) {
    out.origin = TRY(fields.string("origin"));
    out.tenant = TRY(fields.string("tenant"));
    out.runtime_digest = TRY(digest_of(fields, "runtime"));
    return {};
}

}  // namespace

Result<PolicyEventStatement> parse_policy_event_statement(std::string_view payload) {
    const auto document = TRY(json::parse(payload));
    const auto fields = TRY(json::Fields::open(TRY(predicate_of(document, kPolicyEventType)), "/predicate",
                                               {"event", "origin", "policy", "runtime", "tenant"},
                                               {"counter", "expires", "kept", "order", "sequence"}));
    const auto policy =
        TRY(json::Fields::open(fields.any("policy"), fields.at("policy"), {"digest", "id", "version"}));
    const auto digest = TRY(json::Fields::open(policy.any("digest"), policy.at("digest"), {"sha256"}));
    PolicyEventStatement out{};
    out.event.change = TRY(policy_change(fields));
    out.event.policy_id = TRY(policy.string("id"));
    out.event.policy_version = TRY(policy.string("version"));
    out.event.policy_digest = TRY(digest.string("sha256"));
    if (fields.has("sequence")) TRY(read_numbers(fields, out.event));
    TRY(read_scene(fields, out));
    TRY(check_same(out.event, out, payload, fields));
    return out;
}

Result<KeyEventStatement> parse_key_event_statement(std::string_view payload) {
    const auto document = TRY(json::parse(payload));
    const auto fields = TRY(json::Fields::open(TRY(predicate_of(document, kKeyEventType)), "/predicate",
                                               {"origin", "root", "runtime", "tenant"}));
    const Numbered root = TRY(read_numbered(fields, "root", "version"));
    KeyEventStatement out{};
    out.event = {root.number, root.digest};
    TRY(read_scene(fields, out));
    TRY(check_same(out.event, out, payload, fields));
    return out;
}

Result<ReleaseEventStatement> parse_release_event_statement(std::string_view payload) {
    const auto document = TRY(json::parse(payload));
    const auto fields = TRY(json::Fields::open(TRY(predicate_of(document, kReleaseEventType)), "/predicate",
                                               {"origin", "release", "runtime", "tenant"}));
    const Numbered release = TRY(read_numbered(fields, "release", "counter"));
    ReleaseEventStatement out{};
    out.event = {release.number, release.digest};
    TRY(read_scene(fields, out));
    TRY(check_same(out.event, out, payload, fields));
    return out;
}

Result<ReplaysStatement> parse_replays_statement(std::string_view payload) {
    const auto document = TRY(json::parse(payload));
    const auto fields =
        TRY(json::Fields::open(TRY(predicate_of(document, kReplayType)), "/predicate",
                               {"code", "count", "executionId", "origin", "runtime", "tenant"}));
    ReplaysStatement out{};
    out.replays.code = TRY(fields.string("code"));
    out.replays.count = TRY(fields.integer("count"));
    if (out.replays.count < 1) return fields.invalid("count", "positive");
    out.replays.execution_id = TRY(decide::parse_execution_id(TRY(fields.string("executionId"))));
    TRY(read_scene(fields, out));
    TRY(check_same(out.replays, out, payload, fields));
    return out;
}

}  // namespace parmana::attest
