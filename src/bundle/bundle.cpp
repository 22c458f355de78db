#include "bundle/bundle.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "bundle/compatibility.hpp"
#include "json/fields.hpp"

namespace parmana::bundle {
namespace {

constexpr std::string_view kFormat1 = "parmana-bundle/1";
constexpr std::string_view kFormat2 = "parmana-bundle/2";
constexpr std::size_t kPathBytesMax = 255;
constexpr std::size_t kCapabilityBytesMax = 64;

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

bool is_capability(std::string_view text) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto fits = [&lower](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
    return !text.empty() && text.size() <= kCapabilityBytesMax && lower(text[0]) &&
           std::ranges::all_of(text, fits);
}

/// Each spelling of a requirement, and their one order.
Status check_requirements(const Requirements& requirements) {
    const auto invalid = [](std::string_view must_be) {
        return fail(Code::member_invalid, std::string(must_be), "/requirements");
    };
    const std::string* before = nullptr;
    for (const std::string& name : requirements.capabilities) {
        if (!is_capability(name))
            return invalid("a capability must be a lower-case letter, and up to 63 more, digits, `.` or `-`");
        if (before != nullptr && name <= *before)
            return invalid("capabilities must be in ascending order, each once");
        before = &name;
    }
    if (requirements.runtime_version && !policy::make_policy_version(*requirements.runtime_version))
        return invalid("`runtimeVersion` must be a semantic version of at most 32 bytes");
    return {};
}

Result<Requirements> read_requirements(json::Value value) {
    const auto fields =
        TRY(json::Fields::open(value, "/requirements", {}, {"capabilities", "runtimeVersion"}));
    Requirements out;
    if (fields.has("capabilities")) {
        for (const json::Value name : TRY(fields.array("capabilities")).elements()) {
            if (!name.is(json::Type::string)) return fields.invalid("capabilities", "an array of strings");
            out.capabilities.emplace_back(name.string());
        }
        // That nothing is required has one spelling: no member.
        if (out.capabilities.empty()) return fields.invalid("capabilities", "not empty");
    }
    if (fields.has("runtimeVersion")) out.runtime_version = TRY(fields.string("runtimeVersion"));
    TRY(check_requirements(out));
    return out;
}

Result<Manifest> read_manifest(std::string_view text) {
    const auto document = TRY(json::parse(text));
    const auto fields = TRY(json::Fields::open(
        document.root(), "",
        {"files", "format", "languageProfile", "policyId", "policyVersion", "schemaVersion"},
        {"counter", "requirements"}));
    if (!json::is_canonical(document)) return altered("the manifest is not in canonical form");
    const bool second = fields.has("counter") && fields.has("requirements");
    if (second != (fields.has("counter") || fields.has("requirements")))
        return altered("`counter` and `requirements` stand together");
    const std::string_view format = second ? kFormat2 : kFormat1;
    if (TRY(fields.string("format")) != format)
        return fields.invalid("format", "`" + std::string(format) + "` with these members");
    // One TRY a statement: g++ 12 does not destroy the members before one that returns from inside braces.
    Manifest out{};
    if (second) {
        out.counter = TRY(fields.integer("counter"));
        if (out.counter < 1) return fields.invalid("counter", "positive");
        out.requirements = TRY(read_requirements(fields.any("requirements")));
    }
    out.policy_id = TRY(policy::make_policy_id(TRY(fields.string("policyId"))));
    out.policy_version = TRY(policy::make_policy_version(TRY(fields.string("policyVersion"))));
    out.language_profile = TRY(fields.string("languageProfile"));
    out.schema_version = TRY(fields.string("schemaVersion"));
    out.files = TRY(read_files(TRY(fields.array("files"))));
    return out;
}

std::string manifest_text(const policy::Policy& policy, const Files& files, const Terms& terms) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("counter").integer(terms.counter).name("files").array();
    for (const auto& [path, bytes] : files) {
        writer.object().name("digest").string(to_wire(crypto::sha256(bytes)));
        writer.name("path").string(path).end();
    }
    writer.end().name("format").string(kFormat2);
    writer.name("languageProfile").string(policy.language_profile());
    writer.name("policyId").string(policy.id().value());
    writer.name("policyVersion").string(policy.version().value());
    writer.name("requirements").object();
    if (!terms.requirements.capabilities.empty()) {
        writer.name("capabilities").array();
        for (const std::string& name : terms.requirements.capabilities)
            writer.string(name);
        writer.end();
    }
    if (terms.requirements.runtime_version)
        writer.name("runtimeVersion").string(*terms.requirements.runtime_version);
    writer.end().name("schemaVersion").string(policy.schema_version()).end();
    return out;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text) {
    auto manifest = read_manifest(text);
    if (!manifest) return altered("the manifest is not valid: " + manifest.error().detail);
    return manifest;
}

Result<Bundle> draft(Files files, const Terms& terms) {
    if (terms.counter < 1 || terms.counter > limits::kExactIntegerMax)
        return fail(Code::member_invalid, "the counter of a bundle must be positive");
    TRY(check_requirements(terms.requirements));
    const auto source = files.find(std::string(kPolicyFile));
    if (source == files.end()) return fail(Code::policy_invalid, "there is no `policy.json`");
    const auto policy = TRY(policy::compile(source->second));
    std::size_t size = 0;
    for (const auto& [path, bytes] : files) {
        size += bytes.size();
        if (!is_path(path) || path == kEnvelopeFile)
            return fail(Code::member_invalid, "`" + path + "` cannot be the path of a bundled file");
    }
    if (size > limits::kBundleFilesBytesMax) {
        return fail(Code::policy_invalid, "the policy, its source and its tests are together over " +
                                              std::to_string(limits::kBundleFilesBytesMax) + " bytes");
    }
    std::string manifest = manifest_text(policy, files, terms);
    return Bundle{{std::string(kPayloadType), std::move(manifest), {}}, std::move(files)};
}

Result<Bundle> make(Files files, const dsse::SigningKey& policy_key, const Terms& terms) {
    auto bundle = TRY(draft(std::move(files), terms));
    TRY(dsse::add_signature(bundle.envelope, policy_key));
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
    out.envelope = TRY(dsse::parse_signed(fields.any("envelope"), fields.at("envelope")));
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

Status check_signature(const Bundle& bundle, const dsse::Keys& policy_keys, std::int64_t threshold) {
    if (bundle.envelope.payload_type != kPayloadType) {
        return fail(Code::policy_unsigned, "the signed manifest is of another type");
    }
    return dsse::check_signatures(bundle.envelope, policy_keys, threshold, Code::policy_unsigned);
}

Status check_signature(const Bundle& bundle, const trust::Root& root) {
    return check_signature(bundle, root.keys(trust::Role::policy), root.threshold(trust::Role::policy));
}

std::string signers(const Bundle& bundle) {
    const auto& signatures = bundle.envelope.signatures;
    std::string out = signatures.size() == 1 ? "policy key " : "policy keys ";
    for (const dsse::KeySignature& one : signatures) {
        if (&one != &signatures.front()) out += ", ";
        out += one.key_id.substr(0, 16);
    }
    return out;
}

Status check_history(const Bundle& bundle, const trust::History& trust, std::uint64_t index) {
    return trust::check_ever(trust, index, bundle.envelope.signatures, Code::policy_unsigned,
                             [&](const trust::Root& root) { return check_signature(bundle, root); });
}

Status check_files(const Bundle& bundle, const Manifest& manifest) {
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
    return {};
}

bool is_of_another_day(const Error& why) {
    return why.code == Code::profile_unknown || why.code == Code::schema_unknown;
}

Result<policy::Policy> open_files(const Bundle& bundle) {
    const auto manifest = TRY(parse_manifest(bundle.envelope.payload));
    TRY(check_files(bundle, manifest));
    TRY(check_language(manifest));
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
