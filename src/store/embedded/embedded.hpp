// The embedded backend: an append-only segment log with group commit, on one machine with nothing beside it.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/entropy.hpp"
#include "disk/disk.hpp"
#include "store/ledger.hpp"

namespace parmana::store {

struct EmbeddedOptions {
    trust::Origin origin;
    trust::Tenant tenant;
    /// Most submissions in one durable write; 1 gives one sync per decision (for measuring).
    std::size_t batch_max = limits::kCommitBatchMax;
    std::size_t queue_max = limits::kCommitQueueMax;
    /// Identities held before decisions are refused with storage_full; 90 to 180 bytes of memory each.
    std::size_t identities_max = 50'000'000;
    /// Bytes of the disk that entries never take: below it they are refused, reading goes on. Enough to move
    /// the largest segment, which the next start needs.
    std::uint64_t reserve_bytes = std::uint64_t{80} << 20;
    /// Syncs the two families at the same time, and makes the next segment before it is needed, on threads of
    /// their own. Without, the same submissions make the same operations on the disk.
    bool helper_threads = true;
    /// Size of the first segment of each family; later ones double, up to 64 times this.
    std::uint64_t first_segment_bytes = std::uint64_t{1} << 20;
    /// Size of the last published checkpoint: a store that is shorter than that was rolled back or cut off.
    merkle::TreeSize checkpoint_size{0};
    /// Leaves found at opening come with their bodies from this index on.
    std::uint64_t leaf_bodies_from = 0;
    /// Authenticates the index below `cache/`, which spares a start from reading what it has read before.
    /// Without it there is none. It outlives the ledger.
    const Secret<32>* cache_key = nullptr;
    /// Entries of one file of the index.
    std::size_t cache_rows_min = 65'536;
    /// For submissions that are attested by the log; without it there are none.
    Seal seal = {};
    /// What makes an entry believable beyond the store's own digests.
    EntryChecks checks = {};
    /// Called once, on the commit thread, when a durable write failed and the process must stop; before
    /// anyone is told. It must not close the ledger.
    std::function<void(const Error&)> on_failure = {};
};

/// Makes the directories of an empty store.
Status create_embedded_store(disk::Disk& disk);

/// Opens for writing: recovers, repairs the tail, starts the commit thread. The caller holds the directory's
/// lock. Errors: data_corrupt (also for a store that ends before `checkpoint_size`), io_failed.
Result<std::unique_ptr<Ledger>> open_embedded_ledger(disk::Disk& disk, Clock& clock, Entropy& entropy,
                                                     EmbeddedOptions options, const LeafSink& leaves);

/// Opens for reading beside a server that may be writing; writes nothing. Leaves come with their bodies from
/// `leaf_bodies_from` on.
Result<std::unique_ptr<LedgerReader>> read_embedded_ledger(disk::Disk& disk, Entropy& entropy,
                                                           const trust::Origin& origin,
                                                           const trust::Tenant& tenant,
                                                           const EntryChecks& checks, const LeafSink& leaves,
                                                           std::uint64_t leaf_bodies_from = UINT64_MAX);

/// A file of the store, and how many of its first bytes hold entries.
struct Extent {
    std::string path;
    std::uint64_t bytes;
};
/// What holds the first `size` entries with their records, and nothing else. These bytes never change again,
/// whatever a server does meanwhile: groups are only appended, and a segment that a start moves keeps its
/// groups. Every digest and chain value up to there is checked. Errors: data_corrupt, also when no commit
/// ends with that entry; io_failed.
Result<std::vector<Extent>> extents_up_to(disk::Disk& disk, const trust::Origin& origin,
                                          const trust::Tenant& tenant, merkle::TreeSize size);

}  // namespace parmana::store
