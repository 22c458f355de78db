// Chunks of the index: what a start must know of entries that were read and checked once, so that it need not
// read them again. Files below `cache/`, which may be deleted at any time. Pure but for reading and writing
// them.
//
// A chunk covers whole commits and says where the families continue behind it. It is authenticated with a key
// that an attacker of the disk does not have, each chunk over the one before; whatever does not verify is not
// there, and the entries are read from the segments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "disk/disk.hpp"
#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {

using ChunkKey = Secret<32>;
using IdentityHash = std::pair<std::uint64_t, std::uint64_t>;

/// One entry as the catalog and the tree need it.
struct ChunkRow {
    EntryKind kind;
    Place log;
    Place record;
    UnixMillis committed_at;
    IdentityHash identity;  // zero for what is no decision
    merkle::LeafHash leaf;
    bool operator==(const ChunkRow&) const = default;
};

struct Chunk {
    std::uint64_t first_index = 0;
    std::vector<ChunkRow> rows;
    Tail log, records;  // behind the last row
    UnixMillis last_commit;

    std::uint64_t end_index() const { return first_index + rows.size(); }
};

using ChunkMac = Strong<struct ChunkMacTag, Digest>;

/// Bytes of a chunk, its MAC at the end: over the store, the MAC of the chunk before, and everything in it.
std::string encode_chunk(const Chunk& chunk, const StoreId& store, const ChunkMac& before,
                         const ChunkKey& key);
/// Nothing when it does not verify.
std::optional<Chunk> decode_chunk(std::string_view bytes, const StoreId& store, const ChunkMac& before,
                                  const ChunkKey& key);
ChunkMac mac_of(std::string_view chunk_bytes);

std::string chunk_path(std::uint64_t number);
inline constexpr std::string_view kCacheDirectory = "cache";

/// Collects rows as they are committed or read, and writes a chunk when there are enough. One thread.
class ChunkWriter {
  public:
    ChunkWriter(disk::Disk& disk, StoreId store, const ChunkKey& key, std::size_t rows_min)
        : disk_(disk), store_(store), key_(key), rows_min_(rows_min) {}

    /// Reads all chunks that verify and end at or before `end_max`, oldest first; later ones will be written
    /// anew. `visit` takes each.
    Status read(std::uint64_t end_max, const std::function<Status(const Chunk&)>& visit);
    void add(ChunkRow row) { open_.rows.push_back(std::move(row)); }
    /// Behind a whole commit. A chunk that cannot be written is no harm: the next start reads more.
    void end_of_commit(const Tail& log, const Tail& records, UnixMillis last_commit);

  private:
    void write();

    disk::Disk& disk_;
    const StoreId store_;
    const ChunkKey& key_;
    const std::size_t rows_min_;
    Chunk open_;
    ChunkMac before_;
    std::uint64_t next_number_ = 0;
    bool given_up_ = false;
};

}  // namespace parmana::store::embedded
