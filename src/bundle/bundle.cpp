#include "bundle/bundle.hpp"

#include "base/limits.hpp"
#include "json/fields.hpp"

namespace parmana::bundle {
namespace {

constexpr std::string_view kFormat = "parmana-bundle/1";
constexpr std::size_t kPathBytesMax = 255;

std::unexpected<Error> altered(std::string detail) {
    return fail(Code::policy_altered, std::move(detail));
}

/// Relative, of plain ASCII parts that do not begin with a dot: one spelling, one order, no way out of the
/// bundle.
bool is_path(std::string_view path) {
    bool at_start = true;
    for (const char c : path) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool first = letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
        const bool fits = at_start ? first : first || c == '.' || c == '/';
        if (!fits) return false;
        at_start = c == '/';
    }
    return !at_start && path.size() <= kPathBytesMax;
}

Result<std::map<std::string, Digest>> read_files(json::Value list) {
    std::map<std::string, Digest> files;
    std::size_t index = 0;
    for (const json::Value value : list.elements()) {
        const auto fields =
            TRY(json::Fields::open(value, "/files/" + std::to_string(index++), {"digest", "path"}));
        const auto digest = digest_from_wire(TRY(fields.string("digest")));
        if (!digest) return fields.invalid("digest", "`sha256:` and 64 hexadecimal digits");
        const std::string path = TRY(fields.string("path"));
        if (!is_path(path)) return fields.invalid("path", "a relative path of plain ASCII parts");
        if (!files.empty() && path <= files.rbegin()->first)
            return fields.invalid("path", "in ascending order");
        files.emplace(path, *digest);
    }
    return files;
}

Result<Manifest> read_manifest(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const auto fields = TRY(json::Fields::open(
        document.root(), "",
        {"files", "format", "languageProfile", "policyId", "policyVersion", "schemaVersion"}));
    if (!json::is_canonical(document)) return altered("the manifest is not in canonical form");
    if (TRY(fields.string("format")) != kFormat) return fields.invalid("format", "`parmana-bundle/1`");
    // One TRY a statement: g++ 12 does not destroy the members before one that returns from inside braces.
    Manifest out{};
    out.policy_id = TRY(policy::make_policy_id(TRY(fields.string("policyId"))));
    out.policy_version = TRY(policy::make_policy_version(TRY(fields.string("policyVersion"))));
    out.language_profile = TRY(fields.string("languageProfile"));
    out.schema_version = TRY(fields.string("schemaVersion"));
    out.files = TRY(read_files(TRY(fields.array("files"))));
    return out;
}

std::string manifest_text(const policy::Policy& policy, const Files& files) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("files").array();
    for (const auto& [path, bytes] : files) {
        writer.object().name("digest").string(to_wire(crypto::sha256(bytes)));
        writer.name("path").string(path).end();
    }
    writer.end().name("format").string(kFormat);
    writer.name("languageProfile").string(policy.language_profile());
    writer.name("policyId").string(policy.id().value());
    writer.name("policyVersion").string(policy.version().value());
    writer.name("schemaVersion").string(policy.schema_version()).end();
    return out;
}

Status check_compromised(const Bundle& bundle, const trust::History& trust, std::uint64_t index) {
    const std::string& id = bundle.envelope.key_id;
    if (const auto from = trust.compromised(id, index)) {
        return fail(Code::policy_unsigned, "policy key " + id.substr(0, 16) + " that signed is compromised from entry " +
                                               std::to_string(*from) + " on");
    }
    return {};
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text) {
    auto manifest = read_manifest(text);
    if (!manifest) return altered("the manifest is not valid: " + manifest.error().detail);
    return manifest;
}

Result<Bundle> make(Files files, const dsse::SigningKey& policy_key) {
    const auto source = files.find(std::string(kPolicyFile));
    if (source == files.end()) return fail(Code::policy_invalid, "there is no `policy.json`");
    const auto policy = TRY(policy::compile(source->second));
    std::size_t size = 0;
    for (const auto& [path, bytes] : files) {
        size += bytes.size();
        if (!is_path(path)) return fail(Code::member_invalid, "`" + path + "` cannot be the path of a bundled file");
    }
    if (size > limits::kBundleFilesBytesMax) {
        return fail(Code::policy_invalid, "the policy, its source and its tests are together over " +
                                              std::to_string(limits::kBundleFilesBytesMax) + " bytes");
    }
    std::string manifest = manifest_text(policy, files);
    Bundle bundle{};
    bundle.envelope = TRY(dsse::sign(kPayloadType, std::move(manifest), policy_key));
    bundle.files = std::move(files);
    return bundle;
}

std::string render(const Bundle& bundle) {
    std::string envelope, out;
    dsse::append_json(envelope, bundle.envelope);
    json::Writer writer(out);
    writer.object().name("envelope").raw(envelope).name("files").object();
    for (const auto& [path, bytes] : bundle.files)
        writer.name(path).string(to_base64(bytes));
    writer.end().end();
    return out;
}

Result<Bundle> parse(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"envelope", "files"}));
    Bundle out{};
    out.envelope = TRY(dsse::parse(fields.any("envelope"), fields.at("envelope")));
    for (const json::Value file : TRY(fields.object("files")).members()) {
        auto bytes = file.is(json::Type::string) ? from_base64(file.string()) : std::nullopt;
        if (!bytes) return fields.invalid("files", "canonical base64 each");
        out.files.emplace(file.name(), *std::move(bytes));
    }
    return out;
}

PolicyHash policy_hash(const Bundle& bundle) {
    return PolicyHash(crypto::sha256(bundle.envelope.payload));
}

Status check_signature(const Bundle& bundle, const trust::Root& root) {
    if (bundle.envelope.payload_type != kPayloadType) {
        return fail(Code::policy_unsigned, "the signed manifest is of another type");
    }
    const auto key = root.find(trust::Role::policy, bundle.envelope.key_id);
    if (!key)
        return fail(Code::policy_unsigned, "the manifest is not signed by a policy key of the trust root");
    if (!dsse::verify(bundle.envelope, *key)) {
        return fail(Code::policy_unsigned, "the signature of the manifest does not verify");
    }
    return {};
}

Status check_history(const Bundle& bundle, const trust::History& trust, std::uint64_t index) {
    const auto all = trust.all();
    Status newest;
    for (auto force = all.rbegin(); force != all.rend(); ++force) {
        if (force->from > index) continue;
        const Status judged = check_signature(bundle, *force->root);
        if (judged) return check_compromised(bundle, trust, index);
        if (newest) newest = judged;
    }
    return newest;
}

Result<policy::Policy> open_files(const Bundle& bundle) {
    const auto manifest = TRY(parse_manifest(bundle.envelope.payload));
    for (const auto& [path, bytes] : bundle.files) {
        const auto expected = manifest.files.find(path);
        if (expected == manifest.files.end()) return altered("`" + path + "` is not in the manifest");
        if (crypto::sha256(bytes) != expected->second) {
            return altered("`" + path + "` is not the file that was signed");
        }
    }
    for (const auto& [path, digest] : manifest.files) {
        if (!bundle.files.contains(path)) return altered("`" + path + "` is missing from the bundle");
    }
    if (!policy::is_known_profile(manifest.language_profile)) {
        return fail(Code::profile_unknown,
                    "`" + manifest.language_profile + "` is not a known language profile");
    }
    const auto source = bundle.files.find(std::string(kPolicyFile));
    if (source == bundle.files.end()) return altered("the bundle has no `policy.json`");
    auto policy = TRY(policy::compile(source->second));
    if (policy.id() != manifest.policy_id || policy.version() != manifest.policy_version ||
        policy.schema_version() != manifest.schema_version ||
        policy.language_profile() != manifest.language_profile) {
        return altered("the policy in the bundle is not the one that the manifest names");
    }
    return policy;
}

}  // namespace parmana::bundle
