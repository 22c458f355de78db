// The trust roots that a file encloses, and where in the ledger each came into force: what its keys are
// judged by. Private to the module, apart from the values, which stand in verify.hpp.
#pragma once

#include <memory>

#include "json/fields.hpp"
#include "trust/history.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// The members `trustRoots` and, when there is more than one root, `keyEvents`. Errors: member_*.
Result<TrustPath> parse_trust_path(const json::Fields& fields);
void write_key_events(json::Writer& writer, const TrustPath& path);
void write_trust_roots(json::Writer& writer, const TrustPath& path);

/// What keys are judged by, and whether it may be.
struct Trusted {
    /// The enclosed chain; where that is not what the verifier holds, what it holds alone.
    std::unique_ptr<trust::History> history;
    Check check;  // `trust_chain`
};
/// `index` is the last entry that the file speaks of.
Trusted judge_chain(const TrustPath& path, const trust::Root& held, std::uint64_t index);
/// The check `key_events`: each is an entry under the head, and says what came into force.
Check judge_key_events(const TrustPath& path, const trust::History& trust, const note::Checkpoint& head);
/// The check `trust_expiry`: the newest root of the chain had not expired at the time of the head, or `at`.
Check judge_expiry(const trust::History& trust, std::optional<UnixSeconds> head_time,
                   std::optional<UnixSeconds> at);

}  // namespace parmana::verify
