// What makes a stored entry believable: keys that an attacker of the disk does not have.
#pragma once

#include "store/ledger.hpp"
#include "trust/history.hpp"

namespace parmana::runtime {

/// The leaf that the tree has at an index below its size.
using LeafOf = std::function<merkle::LeafHash(store::LogIndex)>;

/// The leaf is recomputed from the attestation, and kind and name are those of its statement; so whatever was
/// altered below the published checkpoint changes the root that the log key signed. Entries from
/// `checkpoint_size` on are under no checkpoint yet: of those the signature is verified. What has no
/// signature stands in a group that has one. What is read back is compared with the tree again: a start may
/// have taken it from the index. A record is the one that its statement names.
store::EntryChecks make_entry_checks(const trust::History& trust, merkle::TreeSize checkpoint_size,
                                     LeafOf leaf_of);

}  // namespace parmana::runtime
