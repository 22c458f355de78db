#include "release/release.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "json/fields.hpp"

namespace parmana::release {
namespace {

constexpr std::string_view kFormat = "parmana-release/1";

std::unexpected<Error> invalid(std::string detail) {
    return fail(Code::release_invalid, std::move(detail));
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '+' || c == '~';
}

/// The name of a file beside the manifest: no way out of its directory, and no option of a command.
bool is_file_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::kReleaseNameBytesMax && name.front() != '.' &&
           name.front() != '-' && std::ranges::all_of(name, is_plain);
}

Result<std::string> read_name(const json::Fields& fields, std::string_view name) {
    std::string text = TRY(fields.string(name));
    if (!is_file_name(text)) return fields.invalid(name, "a plain file name");
    return text;
}

Result<Digest> read_digest(const json::Fields& fields, std::string_view name) {
    const auto digest = digest_from_wire(TRY(fields.string(name)));
    if (!digest) return fields.invalid(name, "`sha256:` and 64 hexadecimal digits");
    return *digest;
}

Result<std::map<std::string, Artifact>> read_artifacts(json::Value list) {
    std::map<std::string, Artifact> out;
    for (const json::Value value : list.elements()) {
        const auto fields = TRY(json::Fields::open(value, "/artifacts/" + std::to_string(out.size()),
                                                   {"digest", "path", "size"}));
        const Digest digest = TRY(read_digest(fields, "digest"));
        std::string path = TRY(read_name(fields, "path"));
        const std::int64_t size = TRY(fields.integer("size"));
        if (!out.empty() && path <= out.rbegin()->first) return fields.invalid("path", "in ascending order");
        if (size < 0) return fields.invalid("size", "a number of bytes");
        out.emplace(std::move(path), Artifact{digest, size});
    }
    return out;
}

Result<std::set<Digest>> read_hashes(const json::Fields& fields, std::string_view name) {
    std::set<Digest> out;
    for (const json::Value value : TRY(fields.array(name)).elements()) {
        const auto digest = value.is(json::Type::string) ? digest_from_wire(value.string()) : std::nullopt;
        if (!digest || (!out.empty() && *digest <= *out.rbegin()))
            return fields.invalid(name, "hashes in ascending order, each once");
        out.insert(*digest);
    }
    return out;
}

Result<Materials> read_materials(json::Value value) {
    const auto fields = TRY(json::Fields::open(value, "/sbom", {"digest", "path"}));
    Materials out{};
    out.digest = TRY(read_digest(fields, "digest"));
    out.path = TRY(read_name(fields, "path"));
    return out;
}

Result<Manifest> read_manifest(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const auto fields = TRY(json::Fields::open(document.root(), "",
                                               {"artifacts", "counter", "format", "runtimeHashes", "version"},
                                               {"previous", "sbom"}));
    if (!json::is_canonical(document)) return invalid("it is not in canonical form");
    if (TRY(fields.string("format")) != kFormat) return fields.invalid("format", "`parmana-release/1`");
    Manifest out;
    out.artifacts = TRY(read_artifacts(TRY(fields.array("artifacts"))));
    out.counter = TRY(fields.integer("counter"));
    if (fields.has("previous")) out.previous = TRY(read_digest(fields, "previous"));
    out.runtime_hashes = TRY(read_hashes(fields, "runtimeHashes"));
    if (fields.has("sbom")) out.sbom = TRY(read_materials(fields.any("sbom")));
    out.version = TRY(fields.string("version"));
    if (out.artifacts.empty()) return fields.invalid("artifacts", "at least one");
    if (out.counter < 1) return fields.invalid("counter", "positive");
    if (out.runtime_hashes.empty()) return fields.invalid("runtimeHashes", "at least one");
    if (out.sbom && out.artifacts.contains(out.sbom->path))
        return fields.invalid("sbom", "another file than the artifacts");
    if (!is_file_name(out.version))
        return fields.invalid("version", "letters, digits and `.`, `_`, `-`, `+`, `~`");
    return out;
}

std::string manifest_text(const Manifest& manifest) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("artifacts").array();
    for (const auto& [path, artifact] : manifest.artifacts) {
        writer.object().name("digest").string(to_wire(artifact.digest));
        writer.name("path").string(path).name("size").integer(artifact.size).end();
    }
    writer.end().name("counter").integer(manifest.counter).name("format").string(kFormat);
    if (manifest.previous) writer.name("previous").string(to_wire(*manifest.previous));
    writer.name("runtimeHashes").array();
    for (const Digest& hash : manifest.runtime_hashes)
        writer.string(to_wire(hash));
    writer.end();
    if (manifest.sbom) {
        writer.name("sbom").object().name("digest").string(to_wire(manifest.sbom->digest));
        writer.name("path").string(manifest.sbom->path).end();
    }
    writer.name("version").string(manifest.version).end();
    return out;
}

Result<dsse::Signed> read_envelope(std::string_view text) {
    const auto document = TRY(json::parse(text));
    auto envelope = TRY(dsse::parse_signed(document.root(), ""));
    if (!json::is_canonical(document)) return invalid("it is not in canonical form");
    if (envelope.payload_type != kPayloadType) return invalid("what is in it is of another type");
    return envelope;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text) {
    auto manifest = read_manifest(text);
    if (!manifest) {
        const Error& error = manifest.error();
        return fail(Code::release_invalid, "the manifest is not valid: " + error.detail, error.pointer);
    }
    return manifest;
}

Result<Release> draft(const Manifest& manifest) {
    Release out{};
    out.envelope.payload_type = kPayloadType;
    out.envelope.payload = manifest_text(manifest);
    out.manifest = TRY(parse_manifest(out.envelope.payload));
    return out;
}

Result<Release> parse(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    auto envelope = read_envelope(text);
    if (!envelope) {
        const Error& error = envelope.error();
        return fail(Code::release_invalid, "the envelope is not valid: " + error.detail, error.pointer);
    }
    Release out{};
    out.envelope = *std::move(envelope);
    out.manifest = TRY(parse_manifest(out.envelope.payload));
    return out;
}

std::string render(const Release& release) {
    std::string out;
    dsse::append_json(out, release.envelope);
    return out;
}

Digest release_hash(const Release& release) {
    return crypto::sha256(release.envelope.payload);
}

Status check_signatures(const dsse::Signed& envelope, const trust::Root& root) {
    if (envelope.payload_type != kPayloadType)
        return fail(Code::release_unsigned, "what is signed is of another type");
    return dsse::check_signatures(envelope, root.keys(trust::Role::release),
                                  root.threshold(trust::Role::release), Code::release_unsigned);
}

Status check_history(const dsse::Signed& envelope, const trust::History& trust, std::uint64_t index) {
    return trust::check_ever(
        trust, index, envelope.signatures, Code::release_unsigned, [&](const trust::Root& root) {
            return root.keys(trust::Role::release).empty()
                       ? Status(fail(Code::release_unsigned, "the trust root has no release key"))
                       : check_signatures(envelope, root);
        });
}

Status check_runtime(const Manifest& manifest, const Digest& runtime_hash) {
    if (manifest.runtime_hashes.contains(runtime_hash)) return {};
    return fail(Code::runtime_unknown,
                to_wire(runtime_hash) + " is not a runtime that release " + manifest.version + " admits");
}

Status check_follows(const Release& before, const Release& next) {
    if (next.manifest.counter <= before.manifest.counter) {
        return fail(Code::rollback_refused, "the counter " + std::to_string(next.manifest.counter) +
                                                " is not above " + std::to_string(before.manifest.counter));
    }
    if (next.manifest.previous != release_hash(before)) return invalid("it follows another release");
    return {};
}

}  // namespace parmana::release
