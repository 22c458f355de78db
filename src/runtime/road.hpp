// The straight road: one evaluate request from its body to its answer. Read road.cpp top to bottom.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dsse/dsse.hpp"
#include "runtime/answer.hpp"
#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

/// Takes the making of an answer, to run on the thread of its choice. Called exactly once, from any thread.
using Reply = std::move_only_function<void(std::function<Answer()>)>;

struct EvaluateCall {
    std::string body;
    std::optional<std::string> idempotency_key;
};

class Road {
  public:
    /// All outlive the road.
    Road(store::Ledger& ledger, const dsse::SigningKey& attestation_key,
         std::shared_ptr<const Snapshot> snapshot)
        : ledger_(ledger), attestation_key_(attestation_key), snapshot_(std::move(snapshot)) {}

    /// Decides, consumes, records, attests; the reply comes when all of it is durable. Any thread.
    void evaluate(EvaluateCall call, Reply reply) const;

  private:
    store::Ledger& ledger_;
    const dsse::SigningKey& attestation_key_;
    std::shared_ptr<const Snapshot> snapshot_;
};

/// The identity of a request: the caller's, or derived where that is allowed. Errors: execution_id_required.
Result<decide::ExecutionId> identity_of(const decide::EvaluateRequest& request, const Snapshot& snapshot);

}  // namespace parmana::runtime
