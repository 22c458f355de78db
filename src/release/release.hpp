// Release manifests: of which files a release consists, and which runtimes may decide by it, signed by
// release keys. Pure over bytes; docs/formats/release.md has the layout.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "dsse/dsse.hpp"
#include "trust/history.hpp"

namespace parmana::release {

inline constexpr std::string_view kPayloadType = "application/vnd.parmana.release+json";

struct Artifact {
    Digest digest;
    std::int64_t size;

    bool operator==(const Artifact&) const = default;
};

/// The bill of materials.
struct Materials {
    std::string path;
    Digest digest;

    bool operator==(const Materials&) const = default;
};

struct Manifest {
    std::map<std::string, Artifact> artifacts;  // by file name
    std::int64_t counter = 0;                   // rises from release to release
    std::optional<Digest> previous;             // the release hash of the one before; nothing in the first
    std::set<Digest> runtime_hashes;            // several while servers are upgraded one after the other
    std::optional<Materials> sbom;
    std::string version;

    bool operator==(const Manifest&) const = default;
};

/// Canonical and closed, with at least one artifact and one runtime hash. Errors: release_invalid.
Result<Manifest> parse_manifest(std::string_view text);

/// A manifest, and what signed it so far.
struct Release {
    dsse::Signed envelope;
    Manifest manifest;
};
/// Nobody signed it yet. Errors: release_invalid for what parse_manifest would not read.
Result<Release> draft(const Manifest& manifest);
/// Strict, closed and canonical; a file may end in one newline. Whether enough of the right keys signed is
/// for check_signatures. Errors: release_invalid.
Result<Release> parse(std::string_view text);
/// Canonical JSON.
std::string render(const Release& release);

/// SHA-256 of the manifest: what the next release calls `previous`, and what people compare.
Digest release_hash(const Release& release);

/// Signed by as many release keys of the root as it asks for, and by nobody else. Errors: release_unsigned.
Status check_signatures(const dsse::Signed& envelope, const trust::Root& root);
/// The same by a root that was in force at the entry `index` or before; and no key that signed was
/// compromised by then. Errors: release_unsigned.
Status check_history(const dsse::Signed& envelope, const trust::History& trust, std::uint64_t index);
/// The runtime with this hash may decide. Errors: runtime_unknown.
Status check_runtime(const Manifest& manifest, const Digest& runtime_hash);
/// `next` came right behind `before`. Errors: rollback_refused when its counter is not higher;
/// release_invalid when it names another one as the one before.
Status check_follows(const Release& before, const Release& next);

}  // namespace parmana::release
