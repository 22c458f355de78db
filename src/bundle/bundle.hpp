// Policy bundles: a policy's files under one signed manifest. `policyHash` is the SHA-256 of the manifest.
// Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "dsse/dsse.hpp"
#include "policy/policy.hpp"
#include "trust/history.hpp"

namespace parmana::bundle {

using PolicyHash = Strong<struct PolicyHashTag, Digest>;

inline constexpr std::string_view kPayloadType = "application/vnd.parmana.policy-bundle+json";
inline constexpr std::string_view kPolicyFile = "policy.json";

using Files = std::map<std::string, std::string>;  // path → bytes

/// The signed manifest, as an envelope, and the content of every file that it names.
struct Bundle {
    dsse::Envelope envelope;
    Files files;
};

/// Canonical JSON: `{"envelope":…,"files":{path: base64}}`. Closed when read; errors: member_* with a pointer
/// below `at`.
std::string render(const Bundle& bundle);
Result<Bundle> parse(json::Value value, const std::string& at);

/// Compiles `policy.json`, which decides, and signs the manifest of all files: it and what it was made from.
/// Errors: policy_invalid, member_invalid for a path, and the signer's.
Result<Bundle> make(Files files, const dsse::SigningKey& policy_key);

/// What the manifest says.
struct Manifest {
    policy::PolicyId policy_id;
    policy::PolicyVersion policy_version;
    std::string language_profile;
    std::string schema_version;
    std::map<std::string, Digest> files;
};
/// Strict, canonical, closed. Errors: policy_altered, profile_unknown is for the caller to judge.
Result<Manifest> parse_manifest(std::string_view text);

PolicyHash policy_hash(const Bundle& bundle);

/// The manifest is signed by a policy key of the root. Errors: policy_unsigned.
Status check_signature(const Bundle& bundle, const trust::Root& root);
/// As above, by a root that was in force at the entry `index` or before; and no key that signed was compromised by
/// then. Errors: policy_unsigned.
Status check_history(const Bundle& bundle, const trust::History& trust, std::uint64_t index);
/// The files are exactly those of the manifest, and the policy in them has the manifest's identity.
/// Returns the compiled policy. Errors: policy_altered, policy_invalid, profile_unknown.
Result<policy::Policy> open_files(const Bundle& bundle);

}  // namespace parmana::bundle
