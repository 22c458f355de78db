// Sequencing: the tree over the committed entries, and the signed checkpoint that is published over it.
//
// Promise: no two checkpoints of this log contradict each other. A checkpoint is signed only when the one
// that is published is still the one we know (compare-and-swap on size and root) and the tree extends it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "crypto/crypto.hpp"
#include "disk/disk.hpp"
#include "merkle/merkle.hpp"
#include "note/note.hpp"
#include "store/ledger.hpp"
#include "trust/trust.hpp"

namespace parmana::tlog {

/// A checkpoint as published: what it says, and the signed note.
struct Published {
    note::Checkpoint head;
    std::string note;
};

/// Reads the published checkpoint and checks its signature. Nothing when none was published yet.
/// Errors: data_corrupt (also for a note that no log key of the root signed), io_failed.
Result<std::optional<Published>> read_published(disk::Disk& disk, const trust::Root& root);

/// Makes the directory of an empty log.
Status create_log(disk::Disk& disk);

/// A proof that an entry stands under a published checkpoint.
struct Inclusion {
    merkle::TreeSize size;
    merkle::Proof proof;
    std::string note;
};

/// Any thread.
class Log {
  public:
    /// `published`: what `read_published` gave at the start.
    Log(disk::Disk& disk, const trust::Root& root, std::optional<Published> published)
        : disk_(disk), root_(root), published_(std::move(published)) {}

    /// For the ledger to hand every committed leaf to.
    void append(std::span<const merkle::LeafHash> leaves);
    /// The tree extends the published checkpoint. Errors: data_corrupt.
    Status check_extends() const;

    /// One sequencing round: signs and publishes a checkpoint over all committed entries, durably. Does
    /// nothing when the published one covers them already. Errors: data_corrupt, io_failed, the signer's.
    Result<Published> publish(const crypto::Signer& log_key);

    /// Errors: not_included when the published checkpoint does not cover the index.
    Result<Inclusion> prove_inclusion(merkle::LeafIndex index) const;
    merkle::TreeSize published_size() const;
    merkle::TreeSize size() const;

  private:
    Status check_extends_locked() const;

    disk::Disk& disk_;
    const trust::Root& root_;
    mutable std::mutex mutex_;
    merkle::Tree tree_;                      // guarded by mutex_
    std::optional<Published> published_;     // guarded by mutex_
    std::mutex publishing_;                  // one round at a time
    std::optional<note::Checkpoint> tried_;  // guarded by publishing_; signed last, published or not
};

}  // namespace parmana::tlog
