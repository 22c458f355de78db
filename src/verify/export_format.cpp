// The lines of an export, written and read.
#include "base/invariant.hpp"
#include "note/note.hpp"
#include "verify/export_line.hpp"
#include "verify/trust_path.hpp"

namespace parmana::verify {
namespace {

constexpr std::string_view kFormat = "parmana-export/1";
constexpr std::string_view kFormatPrefix = "parmana-export/";
constexpr std::string_view kFormatMember = R"("format":"parmana-export/)";

std::int64_t number(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

Result<Level> parse_level(const json::Fields& fields) {
    const std::string text = TRY(fields.string("level"));
    for (const Level level : {Level::full, Level::statements}) {
        if (text == wire_name(level)) return level;
    }
    return fields.invalid("level", "`full` or `statements`");
}

Result<json::Document> read_canonical(std::string_view line) {
    auto document = TRY(json::parse(line));
    if (!document.root().is(json::Type::object))
        return fail(Code::member_invalid, "the line is not an object");
    if (!json::is_canonical(document)) {
        return fail(Code::member_invalid, "the line is not in canonical form: it has one spelling only");
    }
    return document;
}

Result<ExportedEntry> parse_entry(const json::Document& document, Level level) {
    const bool by_log = document.root().find("payload").has_value();
    const std::string_view attestation = by_log ? "payload" : "envelope";
    const auto fields =
        TRY(level == Level::full
                ? json::Fields::open(document.root(), "", {attestation, "index", "kind", "record"})
                : json::Fields::open(document.root(), "", {attestation, "index", "kind"}));
    ExportedEntry out{};
    out.index = merkle::LeafIndex(TRY(unsigned_member(fields, "index")));
    const auto kind = entry_kind_from_wire(TRY(fields.string("kind")));
    if (!kind) return fields.invalid("kind", "a kind of entry");
    out.kind = *kind;
    out.by_log = by_log;
    if (by_log) {
        if (out.kind != EntryKind::decision) return fields.invalid("payload", "that of a decision");
        auto payload = from_base64(TRY(fields.string("payload")));
        if (!payload) return fields.invalid("payload", "canonical base64");
        out.attestation = {std::string(attest::kPayloadType), *std::move(payload), {}, {}};
    } else {
        out.attestation = TRY(dsse::parse(fields.any("envelope"), "/envelope"));
    }
    if (level == Level::full) out.record = json::canonical(TRY(fields.object("record")));
    return out;
}

}  // namespace

std::string_view wire_name(Level level) {
    return level == Level::full ? "full" : "statements";
}

std::string render(const Manifest& manifest) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("checkpoint").string(manifest.checkpoint);
    writer.name("count")
        .integer(number(manifest.count))
        .name("first")
        .integer(number(manifest.first.value()));
    writer.name("format").string(kFormat);
    write_key_events(writer, manifest.trust);
    writer.name("level").string(wire_name(manifest.level));
    writer.name("origin").string(manifest.origin);
    if (manifest.previous) write_previous(writer, *manifest.previous);
    write_hashes(writer, "rangeProof", manifest.range);
    writer.name("tenant").string(manifest.tenant);
    write_trust_roots(writer, manifest.trust);
    writer.end();
    return out;
}

std::string render(const ExportedEntry& entry) {
    std::string out;
    json::Writer writer(out);
    writer.object();
    if (!entry.by_log) writer.name("envelope").raw(envelope_json(entry.attestation));
    writer.name("index").integer(number(entry.index.value())).name("kind").string(wire_name(entry.kind));
    if (entry.by_log) writer.name("payload").string(to_base64(entry.attestation.payload));
    if (!entry.record.empty()) writer.name("record").raw(entry.record);
    writer.end();
    return out;
}

std::string render_policy_line(const bundle::Bundle& policy) {
    std::string out;
    json::Writer(out).object().name("policy").raw(bundle::render(policy)).end();
    return out;
}

std::string render_release_line(const dsse::Signed& release) {
    std::string out;
    json::Writer(out).object().name("release").raw(envelope_json(release)).end();
    return out;
}

std::string render_runtime_line(std::string_view runtime_manifest) {
    std::string out;
    json::Writer(out).object().name("runtimeManifest").raw(runtime_manifest).end();
    return out;
}

Result<Manifest> parse_manifest(std::string_view line) {
    const auto document = TRY(read_canonical(line));
    const auto fields = TRY(json::Fields::open(
        document.root(), "",
        {"checkpoint", "count", "first", "format", "level", "origin", "rangeProof", "tenant", "trustRoots"},
        {"keyEvents", "previousCheckpoint"}));
    if (TRY(fields.string("format")) != kFormat)
        return fields.invalid("format", "`" + std::string(kFormat) + "`");
    Manifest out{};
    out.level = TRY(parse_level(fields));
    out.origin = TRY(fields.string("origin"));
    out.tenant = TRY(fields.string("tenant"));
    out.first = merkle::LeafIndex(TRY(unsigned_member(fields, "first")));
    out.count = TRY(unsigned_member(fields, "count"));
    if (out.count == 0) return fields.invalid("count", "positive");
    out.checkpoint = TRY(fields.string("checkpoint"));
    const auto head = note::parse_head(out.checkpoint);
    if (!head) return fields.invalid("checkpoint", "a head: " + head.error().detail);
    if (fields.has("previousCheckpoint"))
        out.previous = TRY(parse_previous(fields.any("previousCheckpoint"), "/previousCheckpoint"));
    out.range = TRY(parse_hashes(fields, "rangeProof"));
    out.trust = TRY(parse_trust_path(fields));
    return out;
}

bool looks_like_export(std::string_view first_line) {
    const auto document = json::parse(first_line);
    if (!document)
        return first_line.starts_with('{') && first_line.find(kFormatMember) != std::string_view::npos;
    if (!document->root().is(json::Type::object)) return false;
    const auto format = document->root().find("format");
    return format && format->is(json::Type::string) && format->string().starts_with(kFormatPrefix);
}

Result<ExportLine> parse_line(std::string_view line, Level level) {
    const auto document = TRY(read_canonical(line));
    if (level == Level::full && document.root().find("policy")) {
        const auto fields = TRY(json::Fields::open(document.root(), "", {"policy"}));
        return TRY(bundle::parse(fields.any("policy"), "/policy"));
    }
    if (level == Level::full && document.root().find("release")) {
        const auto fields = TRY(json::Fields::open(document.root(), "", {"release"}));
        ReleaseLine out;
        out.envelope = TRY(dsse::parse_signed(fields.any("release"), "/release"));
        return out;
    }
    if (level == Level::full && document.root().find("runtimeManifest")) {
        const auto fields = TRY(json::Fields::open(document.root(), "", {"runtimeManifest"}));
        RuntimeLine out;
        out.manifest = json::canonical(TRY(fields.object("runtimeManifest")));
        return out;
    }
    return TRY(parse_entry(document, level));
}

}  // namespace parmana::verify
