// What makes a stored entry believable: keys that an attacker of the disk does not have.
#pragma once

#include "store/ledger.hpp"
#include "trust/trust.hpp"

namespace parmana::runtime {

/// The leaf is recomputed from the attestation, and kind and identity are those of its statement; so whatever
/// was altered below the published checkpoint changes the root that the log key signed. Entries from
/// `checkpoint_size` on are under no checkpoint yet: of those the signature is verified. A record is the one
/// that its statement names.
store::EntryChecks make_entry_checks(const trust::Root& root, merkle::TreeSize checkpoint_size);

}  // namespace parmana::runtime
