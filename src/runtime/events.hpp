// Entries that no request asks for.
#pragma once

#include <span>

#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

/// A stated event as the ledger takes it: signed, under a name and a code.
Result<store::Sealed> seal_event(store::EntryKind kind, std::string name, std::string code,
                                 attest::Stated stated, const dsse::SigningKey& key);

/// States, signs and commits each; returns when all are durable. Errors: of the signer and the ledger.
Status enter_replays(std::span<const attest::Replays> events, const Snapshots& snapshots,
                     store::Ledger& ledger);

}  // namespace parmana::runtime
