// What one decision is made with: policies, keys, trust, provenance. Immutable; taken once per request. A
// change puts another one in its place, and what was made with the old one is not committed any more
// (store::Ledger::Change).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "attest/attest.hpp"
#include "decide/decide.hpp"

namespace parmana::runtime {

struct Snapshot {
    std::uint64_t epoch;  // number of changes since the start
    decide::PolicySet policies;
    std::string runtime_manifest;
    attest::RuntimeHash runtime_hash;
    trust::Tenant tenant;
    trust::Origin origin;
    std::shared_ptr<const attest::BlindKey> blind_key;
    bool allow_derived_ids;
    std::shared_ptr<const dsse::SigningKey> attestation_key;
    std::optional<Digest> release;  // that admits this runtime; none in development

    attest::Scene scene() const {
        return {tenant, origin, runtime_hash, *blind_key, release ? &*release : nullptr};
    }
};

/// The snapshot in force. Any thread.
class Snapshots {
  public:
    std::shared_ptr<const Snapshot> current() const { return current_.load(std::memory_order_acquire); }
    void publish(std::shared_ptr<const Snapshot> next) {
        current_.store(std::move(next), std::memory_order_release);
    }

  private:
    std::atomic<std::shared_ptr<const Snapshot>> current_;
};

}  // namespace parmana::runtime
