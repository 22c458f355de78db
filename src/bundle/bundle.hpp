// Policy bundles: a policy's files under one manifest that as many policy keys signed as the trust root asks
// for. `policyHash` is the SHA-256 of the manifest. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "dsse/dsse.hpp"
#include "policy/policy.hpp"
#include "trust/history.hpp"

namespace parmana::bundle {

using PolicyHash = Strong<struct PolicyHashTag, Digest>;

inline constexpr std::string_view kPayloadType = "application/vnd.parmana.policy-bundle+json";
inline constexpr std::string_view kPolicyFile = "policy.json";
/// Where the envelope lies beside the files of an installed bundle; no file of a bundle has this path.
inline constexpr std::string_view kEnvelopeFile = "bundle.json";

using Files = std::map<std::string, std::string>;  // path → bytes

/// The signed manifest, as an envelope, and the content of every file that it names.
struct Bundle {
    dsse::Signed envelope;
    Files files;
};

/// What a program must be or have so that the policy may govern in it.
struct Requirements {
    /// In ascending order, each once: [a-z][a-z0-9.-]{0,63}. What this program has: Abilities.
    std::vector<std::string> capabilities;
    /// The least version of the program (SemVer 2.0.0).
    std::optional<std::string> runtime_version;

    bool operator==(const Requirements&) const = default;
};

/// What signers say of a policy beyond its files.
struct Terms {
    /// Rises with every bundle of one policy id, so that an older one can be told from a newer one.
    std::int64_t counter = 1;
    Requirements requirements = {};
};

/// Canonical JSON: `{"envelope":…,"files":{path: base64}}`. Closed when read; errors: member_* with a pointer
/// below `at`.
std::string render(const Bundle& bundle);
Result<Bundle> parse(json::Value value, const std::string& at);

/// Compiles `policy.json`, which decides, and states the manifest of all files: it and what it was made from.
/// Nobody signed it yet. Errors: policy_invalid; member_invalid for a path, the counter or a requirement.
Result<Bundle> draft(Files files, const Terms& terms = {});
/// A draft with one signature. Errors: of draft, and of the signer.
Result<Bundle> make(Files files, const dsse::SigningKey& policy_key, const Terms& terms = {});

/// What the manifest says. `parmana-bundle/1` had neither counter nor requirements.
struct Manifest {
    policy::PolicyId policy_id;
    policy::PolicyVersion policy_version;
    std::string language_profile;
    std::string schema_version;
    std::int64_t counter = 0;  // 0 only in `parmana-bundle/1`
    Requirements requirements;
    std::map<std::string, Digest> files;
};
/// Strict, canonical, closed, of either format. Errors: policy_altered; profile_unknown and schema_unknown
/// are for the caller to judge.
Result<Manifest> parse_manifest(std::string_view text);

PolicyHash policy_hash(const Bundle& bundle);

/// Every signature of the manifest is by one of the keys, and as many different keys signed as are asked for.
/// Errors: policy_unsigned.
Status check_signature(const Bundle& bundle, const dsse::Keys& policy_keys, std::int64_t threshold);
/// The same by the policy keys of a root.
Status check_signature(const Bundle& bundle, const trust::Root& root);
/// As above, by a root that was in force at the entry `index` or before; and no key that signed was
/// compromised by then. Errors: policy_unsigned.
Status check_history(const Bundle& bundle, const trust::History& trust, std::uint64_t index);
/// The keys that signed, as far as a message names them.
std::string signers(const Bundle& bundle);
/// The files are exactly those of the manifest. Errors: policy_altered.
Status check_files(const Bundle& bundle, const Manifest& manifest);
/// The files are exactly those of the manifest, and the policy in them has the manifest's identity.
/// Returns the compiled policy. Errors: policy_altered, policy_invalid, profile_unknown, schema_unknown.
Result<policy::Policy> open_files(const Bundle& bundle);
/// The policy is in a language or a schema that this program does not know: it can be neither right nor wrong
/// here.
bool is_of_another_day(const Error& why);

}  // namespace parmana::bundle
