// Witnesses as a log sees them (C2SP tlog-witness over plain HTTP): asking them for cosignatures of a new
// checkpoint, and at a start for the newest checkpoint that they hold.
//
// Promise: a cosignature counts when it verifies under the witness's key of the policy, whatever else is
// answered, and no call takes longer than its time. TLS is the business of a proxy on this machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "http/client.hpp"
#include "note/witness_policy.hpp"
#include "witness/request.hpp"

namespace parmana::witness {

inline constexpr int kTimeoutMs = 5'000;

/// What a witness that answered `add-checkpoint` said: signature lines, not yet verified, or the size of the
/// newest checkpoint that it holds.
struct Conflict {
    merkle::TreeSize size;
};
using Added = std::variant<std::string, Conflict>;

/// One request to one witness at `url`. Errors: configuration_invalid for the URL, witness_unavailable,
/// witness_refused.
Result<Added> add_checkpoint(std::string_view url, const Request& request, int timeout_ms = kTimeoutMs);
/// The newest checkpoint of a log that the witness at `url` holds, not yet verified; nothing when it holds
/// none. Errors: as above.
Result<std::optional<std::string>> latest(std::string_view url, std::string_view origin,
                                          int timeout_ms = kTimeoutMs);

/// Of one witness, by its name in the policy.
struct Failure {
    std::string witness;
    Error error;
};

/// What a round of `collect` brought.
struct Collected {
    std::vector<std::string> lines;  // valid cosignatures, one a witness, for note::add_cosignatures
    std::vector<Failure> failures;   // witness_unavailable, witness_refused; checkpoint_conflict: it has
                                     // cosigned a tree that is not of this log's history
    bool quorum = false;
};

/// What the witnesses hold.
struct Known {
    struct Held {
        std::string witness;
        note::Checkpoint checkpoint;
        std::string note;  // signed by the log's key
    };
    std::vector<Held> held;
    std::size_t asked = 0;     // witnesses with a URL
    std::size_t answered = 0;  // of those, with a checkpoint or saying that they have none
    std::vector<Failure>
        failures;  // witness_unavailable; witness_refused: an answer that is not signed by the log

    /// The largest, or nothing.
    const Held* newest() const;
};

/// The witnesses of one log. Any thread, one call at a time.
class Witnesses {
  public:
    /// Proves to a witness that holds `from` that the tree of size `to` extends it. Called on the thread of
    /// `collect`. It need not know whether `from` is of our history: the witness compares.
    using Prove = std::function<Result<merkle::Proof>(merkle::TreeSize from, merkle::TreeSize to)>;

    /// Errors: configuration_invalid for a URL that is not `http://ADDRESS[:PORT][/PREFIX]`, for more than 14
    /// witnesses with a URL (a checkpoint has no room for more), or when those with one make no quorum.
    static Result<Witnesses> make(note::WitnessPolicy policy, int timeout_ms = kTimeoutMs);

    /// Asks all witnesses at once to cosign `head` (note::parse_head). A witness that holds another size than
    /// it is believed to is asked a second time with a proof from there, when the log is not smaller. Errors:
    /// member_invalid for a note that is no head; what the witnesses do is in the value.
    Result<Collected> collect(std::string_view head, const Prove& prove);

    /// For the start of a log: compare each that is held with the tree (its size not beyond the log's, its
    /// root the tree's there) before anything is signed.
    Known newest_known(std::string_view origin, const crypto::PublicKey& log_key);

    const note::WitnessPolicy& policy() const { return policy_; }

  private:
    struct Party {
        std::string name;  // in the policy
        note::VerifierKey key;
        http::Url url;
        merkle::TreeSize believed{};  // what it holds, as far as it told
    };
    class Round;
    Witnesses(note::WitnessPolicy policy, int timeout_ms)
        : policy_(std::move(policy)), timeout_ms_(timeout_ms) {}

    note::WitnessPolicy policy_;
    int timeout_ms_;
    std::vector<Party> parties_;
};

}  // namespace parmana::witness
