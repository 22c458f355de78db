// Sequencing: the tree over the committed entries, the signed heads that are published over it, and the files
// that anybody can check it with (C2SP tlog-tiles).
//
// Promise: no two heads of this log contradict each other. A head is signed only when the one that is
// published is still the one we know (compare-and-swap on size and root) and the tree extends it. Recovery is
// the same code as a round.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "crypto/crypto.hpp"
#include "disk/disk.hpp"
#include "merkle/merkle.hpp"
#include "note/note.hpp"
#include "store/ledger.hpp"
#include "tlog/history.hpp"
#include "tlog/tiles.hpp"
#include "trust/history.hpp"

namespace parmana::tlog {

/// A checkpoint as published: what it says, and the signed note.
struct Published {
    note::Checkpoint head;
    std::string note;
};

/// Reads the published checkpoint and checks its signature. Nothing when none was published yet.
/// Errors: data_corrupt (also for a note that no log key signed that was in force at its size), io_failed.
Result<std::optional<Published>> read_published(disk::Disk& disk, const trust::History& trust);
/// The note is a checkpoint of the origin, signed by a log key of the root in force at its size. Errors:
/// data_corrupt.
Result<note::Checkpoint> open_own(std::string_view note, const trust::History& trust);

/// Makes the directory of an empty log.
Status create_log(disk::Disk& disk);

/// A file of the log by its path behind `/log/`: `checkpoint`, or a tile as C2SP tlog-tiles names it. Errors:
/// route_unknown, io_failed.
Result<std::string> read_log_file(disk::Disk& disk, std::string_view path);

/// A proof that an entry stands under a published checkpoint, and did not under an earlier one.
struct Inclusion {
    merkle::TreeSize size;
    merkle::Proof proof;
    std::string note;
    /// The last head that does not cover the entry; nothing when none is known.
    struct Previous {
        std::string note;
        merkle::Proof consistency;
    };
    std::optional<Previous> previous;
};

/// Any thread.
class Log {
  public:
    enum class Side : std::uint8_t { writer, reader };
    /// Reads what is published. Entries come by `append`, from the first one on; then `recover`. Errors:
    /// data_corrupt, io_failed.
    static Result<std::unique_ptr<Log>> open(disk::Disk& disk, const trust::History& trust, Side side);

    /// Entries from this index on must come with their bodies.
    std::uint64_t bodies_from() const { return bodies_from_; }
    /// For the ledger to hand every committed leaf to. Takes the bodies.
    void append(std::span<store::Leaf> leaves);
    /// The tree extends the published checkpoint, and (a writer's) every file under it is there again.
    /// Errors: data_corrupt, io_failed.
    Status recover();

    /// One sequencing round: writes the tiles, signs and publishes a head over all committed entries. Does
    /// nothing when the published one covers them already. `keys` gives the signer of a log key of the root
    /// in force there. `time` never goes back from head to head. `remember` is given a new head before
    /// anybody else: when it fails, the head is not published. Errors: data_corrupt, io_failed, the signer's.
    using LogKeys = std::function<Result<const crypto::Signer*>(const trust::Root& in_force)>;
    using Remember = std::function<Status(const Published&)>;
    Result<Published> publish(const LogKeys& keys, UnixSeconds time, const Remember& remember = {});
    /// Adds cosignature lines of witnesses to the published head; they were verified. When another head was
    /// published meanwhile the files stay as they are; with a `quorum` the head with its lines is kept for
    /// proofs either way.
    Result<Published> add_cosignatures(const Published& to, std::span<const std::string> lines, bool quorum);
    /// Makes the tiles durable, so that the next start has little to do.
    Status settle();

    /// What a proof leads to: the first head over the entry, if it can be one that has cosignatures; or a
    /// head that the quorum has cosigned since this log was opened.
    enum class Under : std::uint8_t { first_head, quorum };
    /// Errors: not_included when no such checkpoint covers the index; data_corrupt, io_failed.
    Result<Inclusion> prove_inclusion(merkle::LeafIndex index, Under under = Under::first_head) const;
    /// From the first size to the second, both covered by committed entries. Errors: not_included.
    Result<merkle::Proof> prove_consistency(merkle::TreeSize from, merkle::TreeSize to) const;
    /// In the tree over `size`, which committed entries cover. Errors: not_included.
    Result<merkle::Proof> prove_inclusion_in(merkle::LeafIndex index, merkle::TreeSize size) const;
    Result<merkle::Proof> prove_range(merkle::LeafIndex first, std::uint64_t count,
                                      merkle::TreeSize size) const;
    /// The head of exactly this size that was published last, if there was one. Errors: io_failed.
    Result<std::optional<std::string>> note_at(merkle::TreeSize size) const;
    /// The leaves [first, first + count), which are committed.
    std::vector<merkle::LeafHash> leaves(merkle::LeafIndex first, std::uint64_t count) const;
    /// A head that was published from this log once, as somebody outside remembers it, is a beginning of the
    /// tree. Errors: rollback_detected.
    Status check_remembers(const note::Checkpoint& head) const;
    std::optional<Published> published() const;
    merkle::TreeSize published_size() const;
    merkle::TreeSize size() const;

  private:
    struct Key {};  // only open() makes one

  public:
    Log(Key, disk::Disk& disk, const trust::History& trust, Side side, std::optional<Published> published,
        History history);

  private:
    Status check_extends_locked() const;
    Result<Published> head_over_locked(merkle::LeafIndex index, Under under) const;
    /// The last head with at most so many entries that is not by a key which was compromised by then.
    Result<std::optional<std::string>> head_before_locked(merkle::TreeSize size) const;
    Status compare_with_disk(const std::optional<Published>& known);
    Status write_tiles(merkle::TreeSize size);
    void write_recovered_tiles_locked();
    Status begin_history(const LogKeys& keys);
    Result<Published> swap(Published next);

    disk::Disk& disk_;
    const trust::History& trust_;
    const Side side_;
    std::uint64_t bodies_from_ = 0;
    mutable std::mutex mutex_;
    merkle::Tree tree_;                   // guarded by mutex_
    std::vector<std::string> arrived_;    // guarded by mutex_; bodies that no tile holds yet
    std::optional<Published> published_;  // guarded by mutex_
    std::optional<Published> cosigned_;   // guarded by mutex_; the newest one that the quorum cosigned
    History history_;                     // guarded by mutex_
    Status recovering_;       // guarded by mutex_; why tiles could not be written before `recover`
    bool recovered_ = false;  // guarded by mutex_
    std::mutex publishing_;   // one round at a time
    TileWriter tiles_;        // guarded by publishing_; before `recover` by mutex_
    std::vector<TileWriter::File> unwritten_;  // guarded by publishing_; what a failed round left
    std::optional<note::Checkpoint> tried_;    // guarded by publishing_; signed last, published or not
    UnixSeconds last_time_{0};                 // guarded by publishing_
};

}  // namespace parmana::tlog
