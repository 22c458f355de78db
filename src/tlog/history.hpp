// The heads that were published, oldest first: what a verifier is shown as the last head before an entry and
// the first one behind it. Private to the module.
//
// `heads` holds the notes one after the other, `heads.index` twenty-four bytes for each: its tree
// size, where it begins, its length. Neither is synced: a head that a crash takes away makes a bracket wider,
// never wrong.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "disk/disk.hpp"
#include "note/note.hpp"

namespace parmana::tlog {

/// One thread writes; any thread may read beside it.
class History {
  public:
    /// Makes the files of an empty history in `directory`.
    static Status create(disk::Disk& disk, const std::string& directory);
    /// What a crash left half written at the end is forgotten; a directory without history gets an empty one
    /// when it is opened for writing. Errors: io_failed.
    static Result<History> open(disk::Disk& disk, const std::string& directory, bool writable);

    /// Sizes never decrease; of heads with one size the last one counts.
    Status append(const note::Head& head, std::string_view note);
    std::uint64_t count() const { return count_; }
    /// The last head with at most `size` entries: the later of equals; of those that are still whole. Errors:
    /// io_failed.
    Result<std::optional<std::string>> last_up_to(merkle::TreeSize size) const;
    /// The first head with more than `size` entries; of equals the last one. `witnessed`: rather one of the
    /// next that has cosignatures of witnesses.
    Result<std::optional<std::string>> first_above(merkle::TreeSize size, bool witnessed = false) const;

  private:
    struct Row {
        std::uint64_t size;
        std::uint64_t offset;
        std::uint64_t length;
    };
    static Row decode(std::string_view bytes);
    Status count_whole_rows();
    Result<Row> row(std::uint64_t number) const;
    /// Nothing when a crash has taken it.
    Result<std::optional<std::string>> read(std::uint64_t number) const;
    /// Number of heads with at most this many entries.
    Result<std::uint64_t> count_up_to(std::uint64_t size) const;

    std::shared_ptr<disk::File> heads_;
    std::shared_ptr<disk::File> index_;
    std::uint64_t count_ = 0;
    std::uint64_t heads_end_ = 0;
};

}  // namespace parmana::tlog
