// One family of segment files: finding its end, repairing its tail, appending groups.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "disk/disk.hpp"
#include "store/embedded/format.hpp"

namespace parmana::store::embedded {

/// Where a frame stands.
struct Place {
    std::uint32_t segment;
    std::uint32_t offset;
};

struct ScannedFrame {
    Place place;
    std::string_view body;  // valid during the visit
};
/// Called for every intact group in order; `chain` is the group's own value.
using Visit = std::function<Status(const GroupHeader&, const Chain& chain, std::span<const ScannedFrame>)>;

/// The end of a family: where the next group goes, and what it continues.
struct Tail {
    std::uint32_t segment = 0;  // number of the last segment; 0 when there is none
    std::uint64_t segment_bytes = 0;
    std::uint64_t offset = 0;  // in that segment
    std::uint64_t next_sequence = 1;
    std::uint64_t next_index = 0;
    Chain chain;
};

struct FamilyKey {
    Family family;
    StoreId store;
};
std::string family_directory(Family family);
std::string segment_path(Family family, std::uint64_t number);

/// Reads a family from its first segment to its end. A group that is incomplete at the very end was never
/// committed and is left out; damage anywhere else is data_corrupt with the place. Writes nothing.
Result<Tail> scan(disk::Disk& disk, const FamilyKey& key, const Visit& visit);

/// The writing side. One thread.
class Appender {
  public:
    /// `prepare_ahead`: make the next segment on another thread before it is needed.
    Appender(disk::Disk& disk, FamilyKey key, bool prepare_ahead)
        : disk_(disk), key_(key), prepare_ahead_(prepare_ahead) {}
    ~Appender();

    /// Continues behind `tail`. Moves everything up to it into a fresh file and renames that over the last segment:
    /// whatever the page cache showed, from here on only what is on the disk counts. Idempotent.
    Status resume(const Tail& tail);

    /// Makes room for a group of this many bytes; nothing of the family changes when it fails (storage_full).
    Status reserve(std::size_t group_bytes);
    /// Writes one group; not durable yet. The room was reserved. Returns the group's chain value.
    Result<Chain> append(std::uint32_t count, UnixMillis committed_at, const Chain& link, std::string_view payload,
                         std::vector<Place>& places);
    Status sync();

    const Tail& tail() const { return tail_; }
    /// Size of a group with this payload.
    static std::size_t group_bytes(std::size_t payload_bytes) {
        return kGroupHeaderBytes + payload_bytes + kGroupTrailerBytes;
    }
    /// Segments made or replaced since the last call, for the reading side to open.
    std::vector<std::uint32_t> take_new_segments() { return std::exchange(new_segments_, {}); }

  private:
    Status start_segment(std::size_t group_bytes);
    void prepare_next();

    disk::Disk& disk_;
    FamilyKey key_;
    bool prepare_ahead_;
    Tail tail_;
    std::unique_ptr<disk::File> file_;
    std::future<bool> spare_;  // true: the spare file is there
    std::uint64_t spare_bytes_ = 0;
    std::vector<std::uint32_t> new_segments_;
};

}  // namespace parmana::store::embedded
