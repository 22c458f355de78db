// What makes a stored entry believable: keys that an attacker of the disk does not have.
#pragma once

#include "store/ledger.hpp"
#include "trust/trust.hpp"

namespace parmana::runtime {

/// Receives every policy event of the ledger, in order; also one of a last commit that is then cut off.
using PolicyEventSink = std::function<void(store::LogIndex, const attest::PolicyEvent&)>;

/// The leaf is recomputed from the attestation, and kind and name are those of its statement; so whatever was
/// altered below the published checkpoint changes the root that the log key signed. Entries from
/// `checkpoint_size` on are under no checkpoint yet: of those the signature is verified. What has no signature
/// stands in a group that has one. A record is the one that its statement names.
store::EntryChecks make_entry_checks(const trust::Root& root, merkle::TreeSize checkpoint_size,
                                     PolicyEventSink policies = {});

}  // namespace parmana::runtime
