// The runtime: an opened data directory that decides. Assembles the parts of the road, checks itself before
// the first request, and answers what can be asked about executions.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/entropy.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/governance.hpp"
#include "runtime/road.hpp"
#include "runtime/sequencer.hpp"
#include "runtime/verifications.hpp"
#include "runtime/witnessing.hpp"
#include "verify/verify.hpp"

namespace parmana::runtime {

/// One dry run: nothing is signed, consumed or logged. `{"reason":…,"rule":…,"trace":[…],"wouldDecide":…}`.
/// Errors: those of parse_request, and the refusal with its code.
Result<std::string> simulate(std::string_view body, const decide::PolicySet& policies);

/// The trust roots up to the one in force under a head of this size, with the entries that say so. Errors:
/// data_corrupt, io_failed.
Result<verify::TrustPath> gather_trust(const trust::History& trust, const store::LedgerReader& ledger,
                                       const tlog::Log& log, merkle::TreeSize size);

/// The evidence of one execution. Errors: execution_unknown, not_included, data_corrupt.
Result<verify::Evidence> gather_evidence(const DataDirectory& data, const store::LedgerReader& ledger,
                                         const tlog::Log& log, const decide::ExecutionId& id);

class Runtime {
  public:
    struct Options {
        /// Go before the configuration's own where they are not empty. Where neither says anything:
        /// `rollback_undetectable`.
        std::string high_water = {};
        std::string witnesses = {};
        /// An expired trust root may still be changed, but nothing is decided under it.
        bool decides = true;
        /// A durable write failed: stop serving and end with an error. Called once, on the commit thread.
        std::function<void()> on_failure;
    };
    /// Locks the directory, recovers the store, self-checks, compares with what is remembered outside, and
    /// enters which policies govern. Errors: anything that DataDirectory, store, tlog and witness say.
    static Result<std::unique_ptr<Runtime>> open(DataDirectory data, Clock& clock, Entropy& entropy,
                                                 Options options);
    ~Runtime();

    const Road& road() const { return *road_; }
    Governance& governance() { return *governance_; }
    const DataDirectory& data() const { return data_; }
    const trust::Origin& origin() const { return data_.trust().origin(); }
    attest::RuntimeHash runtime_hash() const { return snapshots_.current()->runtime_hash; }

    Answer simulate(std::string_view body) const;
    Answer execution(std::string_view id) const;
    /// Waits for a checkpoint that covers the execution.
    void evidence(std::string id, Reply reply);
    Answer verify(std::string_view body) const;
    /// What was verified here before: by the id of a verification or of an execution.
    Answer verifications(std::string_view id) const;
    Answer manifest() const;
    Answer capabilities() const;
    Answer policies() const;
    Answer policy(std::string_view id, std::string_view version) const;
    Answer ready() const;
    /// A file of the log: its published head, or a tile.
    Answer log_file(std::string_view path) const;
    bool has_witnesses() const { return witnessing_ != nullptr; }
    /// Publishes a checkpoint over everything committed so far.
    void checkpoint(Sequencer::Done done) { sequencer_->request(std::move(done)); }

    /// Commits what is queued, publishes a last checkpoint. Afterwards everything is refused.
    void close();
    bool failed() const { return failed_; }
    /// The last sequencing round could not publish.
    bool checkpoint_failing() const { return sequencer_->failing(); }

  private:
    struct Key {};  // only open() makes a runtime

  public:
    Runtime(Key, DataDirectory data)
        : data_(std::move(data)), keys_(data_.keys_path(), data_.passphrases()) {}

  private:
    Status start(Clock& clock, Entropy& entropy, Options options);
    Status open_ledger(Clock& clock, Entropy& entropy, Options& options);
    Status make_sequencer(Clock& clock);
    Status compare_with_outside(const Options& options);
    void wait_for(Wait wait, store::LogIndex index, std::move_only_function<void(Status)> done);
    Result<std::shared_ptr<const Group>> group_of(const store::Entry& entry) const;
    Result<const crypto::Signer*> log_signer(const trust::Root& root);
    Result<std::shared_ptr<const Snapshot>> make_snapshot(decide::PolicySet policies);

    DataDirectory data_;
    KeyRing keys_;
    std::shared_ptr<const attest::BlindKey> blind_key_;
    Snapshots snapshots_;
    Secret<32> cache_key_;  // of the index that spares a start from reading everything
    std::unique_ptr<tlog::Log> log_;
    std::unique_ptr<Groups> groups_;
    Rejections rejections_;
    std::atomic<Sequencer*> told_of_entries_ = nullptr;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<Governance> governance_;
    std::unique_ptr<Verifications> verifications_;
    std::unique_ptr<Road> road_;
    std::optional<HighWater> high_water_;
    std::optional<witness::Witnesses> witnesses_;  // until witnessing_ has them
    std::unique_ptr<Witnessing> witnessing_;
    std::unique_ptr<Sequencer> sequencer_;
    std::atomic<bool> failed_ = false;
    bool closed_ = false;
};

}  // namespace parmana::runtime
