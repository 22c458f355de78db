// The Ledger seam: one durable transaction decides who used an execution identity.
//
// Guarantee of `submit`: when its completion says success, the entry, its record and the consumption of its
// identity are durable together, under an index that no other entry has or will have; the same for what a
// loser is told about the winner. At most one decision per identity is ever admitted, across threads, crashes
// and restarts. After a failed sync nothing is promised to anyone any more: every open and later completion
// is an error. An attacker of the store can withhold and destroy; what he alters is found by digest, chain or
// signed checkpoint.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attest/attest.hpp"
#include "base/clock.hpp"
#include "decide/decide.hpp"
#include "dsse/dsse.hpp"
#include "merkle/merkle.hpp"

namespace parmana::store {

/// Position in the ledger: dense from 0, the leaf's index in the tree.
using LogIndex = merkle::LeafIndex;
/// HMAC-SHA-256 under the blind key, over identity and Idempotency-Key; the key itself is never kept.
using IdempotencyDigest = Strong<struct IdempotencyDigestTag, Digest>;

/// What an entry tells. Only a decision consumes an identity. A refusal is entered at most once per identity
/// and code between two checkpoints; the others as often as they are submitted.
enum class EntryKind : std::uint8_t {
    decision = 1,
    refusal = 2,
    group = 3,    // vouches for decisions before it that have no signature of their own
    replay = 4,   // requests that were turned away, with their number
    policy = 5,   // a policy begins or ceases to govern
    key = 6,      // a version of the trust root comes into force
    release = 7,  // a release manifest comes into force
};

/// How a decision is attested: by a signature of its own, or by that of the group it was committed in.
enum class Attested : std::uint8_t { statement = 0, log = 1 };

/// What is to be committed.
struct Submission {
    EntryKind kind;
    Attested attested;
    decide::ExecutionId execution_id;  // or the name of what another kind is about
    std::string code;                  // of a refusal or replay: its code; of a policy event: what happened
    decide::RequestDigest request_digest;
    std::optional<IdempotencyDigest> idempotency;
    dsse::Envelope attestation;  // without key id and signature when attested by the log
    merkle::LeafHash leaf;
    std::string record;  // canonical JSON
    /// Of a decision, for its first answer; not stored.
    std::shared_ptr<const attest::Told> told = nullptr;
    /// Which changes were in force when it was made; not stored.
    std::uint64_t epoch = 0;

    bool operator==(const Submission&) const = default;
};

/// A submission with its place.
struct Entry {
    LogIndex index;
    UnixMillis committed_at;  // informational; never decreases along the log
    Submission content;
};

/// What the tree hashes for an entry: the hash, and the body where somebody asked for it.
struct Leaf {
    merkle::LeafHash hash;
    std::string body;
};

/// A value that is durable. Only a ledger can make one, and only a Committed can be rendered as success:
/// an answer before its record does not compile.
template <class T>
class Committed {
  public:
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }

  private:
    friend class LedgerReader;
    explicit Committed(T value) : value_(std::move(value)) {}
    T value_;
};

/// What a submission came to. `first`: this submission was entered; otherwise the entry is the earlier one.
struct Admission {
    bool first;
    Committed<Entry> entry;
};

/// The reading half. Any thread.
class LedgerReader {
  public:
    virtual ~LedgerReader() = default;
    /// The decision that consumed the identity. Errors: data_corrupt, io_failed.
    virtual Result<std::optional<Committed<Entry>>> find(const decide::ExecutionId& id) const = 0;
    /// The entry at an index below `size()`. Errors: data_corrupt, io_failed.
    virtual Result<Committed<Entry>> read(LogIndex index) const = 0;
    /// The group statement that vouches for an entry that is attested by the log. Errors: data_corrupt,
    /// io_failed.
    virtual Result<Committed<Entry>> group_of(LogIndex index) const = 0;
    /// Indices of all entries that changed what is decided with (policy, key, release), ascending.
    virtual std::vector<LogIndex> changes() const = 0;
    /// Number of committed entries.
    virtual merkle::TreeSize size() const = 0;

  protected:
    template <class T>
    static Committed<T> committed(T value) {
        return Committed<T>(std::move(value));
    }
};

/// An entry that is made on the commit thread.
struct Sealed {
    Submission statement;
    std::string leaf_body;
};

class Ledger : public LedgerReader {
  public:
    /// Called once, on the ledger's own thread or, when refused at once, on the submitter's; must not block.
    using Completion = std::move_only_function<void(Result<Admission>)>;
    /// Any thread; returns at once. `leaf_body` is what `submission.leaf` is the hash of. Errors reach the
    /// completion: overloaded, storage_full, store_unavailable (nothing was entered), outcome_unknown (it may
    /// have been), snapshot_stale (nothing was entered).
    struct Entering {
        Submission submission;
        std::string leaf_body;
        Completion completion;
    };
    /// All of them at once: as far as there is room, they stand in one commit.
    virtual void submit_all(std::vector<Entering> entering) = 0;
    void submit(Submission submission, std::string leaf_body, Completion completion) {
        std::vector<Entering> one;
        one.push_back({std::move(submission), std::move(leaf_body), std::move(completion)});
        submit_all(std::move(one));
    }
    /// A change of what is decided with: of policies, keys or releases. It stands in a commit of its own, and
    /// whatever was made before it and is not committed yet is refused as `snapshot_stale`: it goes back to
    /// be decided anew.
    struct Change {
        /// Makes the entry, whose index is known; on the commit thread, before anything is written.
        std::move_only_function<Result<Sealed>(LogIndex)> make;
        /// It is durable, and nobody was told yet; on the commit thread. From here on all is of the next
        /// epoch.
        std::move_only_function<void()> entered;
        Completion completion;
    };
    virtual void submit_change(Change change) = 0;
    /// A checkpoint over `size` entries was published: refusals below it may be entered anew.
    virtual void checkpointed(merkle::TreeSize size) = 0;
    /// No further submissions; returns when the open ones are completed.
    virtual void close() = 0;
};

/// What the store cannot know of its entries, asked of whoever knows the keys: so that an entry that was
/// altered together with its digests is found. Either may be empty. Both return data_corrupt for what they do
/// not believe.
struct EntryChecks {
    /// Of every log entry, at opening and in order: its place, what the store goes by, its leaf and
    /// attestation. Gives the body of the leaf.
    struct Facts {
        LogIndex index;
        EntryKind kind;
        Attested attested;
        std::string_view name;
        std::string_view code;
        merkle::LeafHash leaf;
    };
    std::function<Result<std::string>(const Facts&, const dsse::Envelope&)> entry = {};
    /// Behind the last entry of each commit: nothing was left open.
    std::function<Status()> end = {};
    /// Of every entry that is read back, at its place: it is the one that the tree has there, and its record
    /// is the one that the attestation speaks of.
    std::function<Status(LogIndex, const Submission&)> read = {};
};

/// Makes the statement about a group of entries that have no signature of their own: `leaves` from `first`
/// on. It is committed behind them, in the same group: there is no time at which they stand without it.
/// Called on the commit thread.
using Seal = std::function<Result<Sealed>(LogIndex first, std::span<const merkle::LeafHash> leaves)>;

/// Receives every durable leaf once, in order: first those found at opening, then each group as it commits,
/// before its completions run. May take the bodies.
using LeafSink = std::function<void(std::span<Leaf>)>;

}  // namespace parmana::store
