// Groups of decisions that one statement vouches for: sealing them, and proving each decision in its group.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "dsse/dsse.hpp"
#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

struct Group {
    merkle::LeafIndex first;
    merkle::Batch tree;
    dsse::Envelope envelope;  // around the group statement
};

/// Any thread.
class Groups {
  public:
    explicit Groups(const Snapshots& snapshots) : snapshots_(snapshots) {}

    /// For the ledger: the statement about a group that is about to be committed.
    Result<store::Sealed> seal(store::LogIndex first, std::span<const merkle::LeafHash> leaves);
    /// The ledger has committed everything below `size`: what was sealed last is durable when it ends there.
    void committed(std::uint64_t size);
    /// The group that vouches for a committed entry. Errors: data_corrupt, io_failed.
    Result<std::shared_ptr<const Group>> of(store::LogIndex index, const store::LedgerReader& ledger,
                                            const tlog::Log& log);

  private:
    static constexpr std::size_t kRecentMax = 16;

    const Snapshots& snapshots_;
    std::mutex mutex_;
    std::shared_ptr<const Group> sealed_;              // guarded by mutex_; not durable yet
    std::deque<std::shared_ptr<const Group>> recent_;  // guarded by mutex_; durable
};

/// The same from the ledger alone.
Result<std::shared_ptr<const Group>> read_group(store::LogIndex index, const store::LedgerReader& ledger,
                                                const tlog::Log& log);

}  // namespace parmana::runtime
