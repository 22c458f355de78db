// Entries that no request asks for: policies that begin or cease to govern, and requests that were turned
// away.
#pragma once

#include <map>
#include <vector>

#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

/// A stated event as the ledger takes it: signed, under a name and a code.
Result<store::Sealed> seal_event(store::EntryKind kind, std::string name, std::string code,
                                 attest::Stated stated, const dsse::SigningKey& key);

/// States, signs and commits each; returns when all are durable. Errors: of the signer and the ledger.
Status enter_events(std::span<const attest::Replays> events, const Snapshot& snapshot,
                    const dsse::SigningKey& key, store::Ledger& ledger);
Status enter_events(std::span<const attest::PolicyEvent> events, const Snapshot& snapshot,
                    const dsse::SigningKey& key, store::Ledger& ledger);

/// What the ledger says about which policies govern: its policy events, in order.
class LoggedPolicies {
  public:
    void add(const attest::PolicyEvent& event);
    /// The events that make it say what `policies` says.
    std::vector<attest::PolicyEvent> missing(const decide::PolicySet& policies) const;

  private:
    std::map<std::pair<std::string, std::string>, std::string> digests_;  // of those that govern
};

}  // namespace parmana::runtime
