// The reading side of the embedded store: where every entry stands, and which entry consumed an identity.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "store/embedded/chunk.hpp"
#include "store/embedded/identity_index.hpp"
#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {

/// One writer adds; any thread reads.
class Catalog {
  public:
    using ReadCheck = std::function<Status(LogIndex, const Submission&)>;
    Catalog(disk::Disk& disk, IdentityIndex index, ReadCheck check = {})
        : disk_(disk), check_(std::move(check)), index_(std::move(index)) {}

    /// What is known of one entry.
    ChunkRow row_of(EntryKind kind, std::string_view name, UnixMillis committed_at, Place log, Place record,
                    const merkle::LeafHash& leaf) const;
    /// Entries in index order, all of one commit together.
    void add(std::span<const ChunkRow> rows);
    /// Opens a segment for reading, anew when it was replaced.
    Status open_segment(Family family, std::uint32_t number);

    /// Index of the first group statement at or behind `index`.
    std::optional<std::uint64_t> group_behind(std::uint64_t index) const;
    /// Indices of all entries that changed what is decided with.
    std::vector<LogIndex> changes() const;
    /// The decision that consumed the identity. A candidate that cannot be read is an error, not a miss.
    Result<std::optional<Entry>> find(std::string_view execution_id) const;
    /// Reads an entry back and checks the digests of its frames and its record. Errors: data_corrupt,
    /// io_failed.
    Result<Entry> read(std::uint64_t index) const;
    std::uint64_t size() const;
    std::size_t identities() const;
    /// Memory held for entries and identities.
    std::size_t bytes() const;

  private:
    struct Row {
        Place log;
        Place record;
        UnixMillis committed_at;
    };
    Result<std::string> read_frame(Family family, Place place) const;

    disk::Disk& disk_;
    const ReadCheck check_;
    mutable std::shared_mutex mutex_;
    IdentityIndex index_;
    std::vector<Row> rows_;
    std::vector<std::uint64_t> groups_;  // indices of group statements, ascending
    std::vector<LogIndex> changes_;
    std::map<std::pair<Family, std::uint32_t>, std::shared_ptr<disk::File>> files_;
};

/// The state of a store as its files tell it.
struct Scanned {
    Tail log;
    Tail records;
    UnixMillis last_commit;
};
/// Receives the facts of each log frame with its index.
using FactSink = std::function<void(std::uint64_t, const LogFacts&)>;
enum class Side : std::uint8_t { writer, reader };
/// Reads both families into the catalog and hands every leaf to `leaves`; `facts`, when given, sees each log
/// frame's facts with its index. The last group of either family, without its counterpart in the other, was
/// never committed; anything else is data_corrupt. A reader leaves out whatever a writer at work adds
/// meanwhile.
struct LoadOptions {
    const LeafSink& leaves;
    const FactSink& facts;
    const EntryChecks& checks;
    std::uint64_t leaf_bodies_from = UINT64_MAX;  // leaves come with their bodies from here on
    ChunkWriter* chunks = nullptr;                // gives what was read before, and takes what is read now
};
Result<Scanned> load(disk::Disk& disk, StoreId store, Side side, Catalog& catalog,
                     const LoadOptions& options);

}  // namespace parmana::store::embedded
