// The straight road: one evaluate request from its body to its answer. Read road.cpp top to bottom.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dsse/dsse.hpp"
#include "runtime/answer.hpp"
#include "runtime/groups.hpp"
#include "runtime/rejections.hpp"
#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

/// Takes the making of an answer, to run on the thread of its choice. Called exactly once, from any thread.
using Reply = std::move_only_function<void(std::function<Answer()>)>;

/// How long an answer waits: until its entry is durable, under a published head, or under a head that the
/// quorum of witnesses has cosigned. The enumerators are the wire spellings.
enum class Wait : std::uint8_t { committed, included, witnessed };

/// What a caller wants besides the decision.
struct Terms {
    std::optional<std::string> idempotency_key;
    store::Attested attested = store::Attested::statement;
    Wait wait = Wait::committed;
};

/// Calls back when the entry is under a head of this kind: with an error when that did not happen in time.
using WaitFor = std::function<void(Wait, store::LogIndex, std::move_only_function<void(Status)>)>;

class Road {
  public:
    /// What the road leads over. All outlive it.
    struct Ground {
        store::Ledger& ledger;
        const tlog::Log& log;
        const Snapshots& snapshots;
        Groups& groups;
        Rejections& rejections;
        WaitFor wait_for;
    };
    explicit Road(Ground ground) : ground_(std::move(ground)) {}

    /// Decides, consumes, records, attests; the reply comes when all of it is durable. Any thread.
    void evaluate(std::string_view body, const Terms& terms, Reply reply) const;
    /// Many identities in one request, each with a result of its own: `{"items":[…]}`.
    void evaluate_batch(std::string_view body, const Terms& terms, Reply reply) const;

  private:
    struct Caller;
    using Told = std::move_only_function<void(std::function<Answer()>)>;
    using Enter = std::function<void(store::Ledger::Entering)>;
    /// What one request needs on its way, also when it has to be decided anew.
    struct Passenger {
        std::shared_ptr<const decide::EvaluateRequest> request;
        Terms terms;
        AnswerForm form;
        int decided = 0;  // how often, so far
    };
    void admit(Passenger passenger, const Enter& enter, Told tell) const;
    /// To the commit thread, alone.
    Enter enter_alone() const;
    void finish(store::Admission admission, Caller caller, Told tell) const;
    Answer answer_from(const store::Admission& admission, const Caller& caller) const;

    Ground ground_;
};

/// The identity of a request: the caller's, or derived where that is allowed. Errors: execution_id_required.
Result<decide::ExecutionId> identity_of(const decide::EvaluateRequest& request, const Snapshot& snapshot);

}  // namespace parmana::runtime
