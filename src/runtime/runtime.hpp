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
#include "runtime/road.hpp"
#include "runtime/sequencer.hpp"
#include "verify/verify.hpp"

namespace parmana::runtime {

/// One dry run: nothing is signed, consumed or logged. `{"reason":…,"rule":…,"trace":[…],"wouldDecide":…}`.
/// Errors: those of parse_request, and the refusal with its code.
Result<std::string> simulate(std::string_view body, const decide::PolicySet& policies);

/// The evidence of one execution. Errors: execution_unknown, not_included, data_corrupt.
Result<std::string> assemble_evidence(const DataDirectory& data, const store::LedgerReader& ledger,
                                      const tlog::Log& log, const decide::ExecutionId& id);

class Runtime {
  public:
    struct Options {
        /// A durable write failed: stop serving and end with an error. Called once, on the commit thread.
        std::function<void()> on_failure;
    };
    /// Locks the directory, recovers the store, self-checks. Errors: anything that DataDirectory, store and
    /// tlog say.
    static Result<std::unique_ptr<Runtime>> open(DataDirectory data, Clock& clock, Entropy& entropy,
                                                 Options options);
    ~Runtime();

    const Road& road() const { return *road_; }
    const Snapshot& snapshot() const { return *snapshot_; }
    const DataDirectory& data() const { return data_; }

    Answer simulate(std::string_view body) const;
    Answer execution(std::string_view id) const;
    /// Waits for a checkpoint that covers the execution.
    void evidence(std::string id, Reply reply);
    Answer verify(std::string_view body) const;
    Answer manifest() const;
    Answer policies() const;
    Answer policy(std::string_view id, std::string_view version) const;
    Answer ready() const;
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
    Runtime(Key, DataDirectory data) : data_(std::move(data)) {}

  private:
    Status start(Clock& clock, Entropy& entropy, Options options);
    Result<std::shared_ptr<const Snapshot>> make_snapshot(attest::BlindKey blind_key) const;

    DataDirectory data_;
    std::unique_ptr<dsse::SigningKey> attestation_key_;
    std::unique_ptr<crypto::Signer> log_key_;
    std::shared_ptr<const Snapshot> snapshot_;
    std::unique_ptr<tlog::Log> log_;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<Road> road_;
    std::unique_ptr<Sequencer> sequencer_;
    std::atomic<bool> failed_ = false;
};

}  // namespace parmana::runtime
