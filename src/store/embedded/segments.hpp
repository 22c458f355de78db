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

/// Reads a family from `from`, which a default value makes the beginning, to its end. A group that is
/// incomplete at the very end was never committed and is left out; damage anywhere else is data_corrupt with
/// the place. Writes nothing, and may run beside a writer: it then ends somewhere in what the writer adds
/// meanwhile.
Result<Tail> scan(disk::Disk& disk, const FamilyKey& key, const Tail& from, const Visit& visit);

/// How segments are made.
struct SegmentPlan {
    bool prepare_ahead;                // make the next segment on another thread before it is needed
    std::uint64_t first_bytes;         // size of the first segment; the next ones double, up to 64 times this
    std::uint64_t disk_reserve_bytes;  // free bytes of the disk that no new segment may take
};

/// The writing side. One thread.
class Appender {
  public:
    Appender(disk::Disk& disk, FamilyKey key, SegmentPlan plan) : disk_(disk), key_(key), plan_(plan) {}
    ~Appender();

    /// Continues behind `tail`. Moves everything up to it into a fresh file and renames that over the last
    /// segment: whatever the page cache showed, from here on only what is on the disk counts. Idempotent.
    Status resume(const Tail& tail);

    /// Makes room for a group of this many bytes. Errors: storage_full, store_unavailable (nothing of the
    /// family has changed, and a later call may succeed); io_failed (a sync failed: nothing may be appended
    /// any more).
    Status reserve(std::size_t group_bytes);
    /// Writes one group; not durable yet. The room was reserved. Returns the group's chain value.
    Result<Chain> append(std::uint32_t count, UnixMillis committed_at, const Chain& link,
                         std::string_view payload, std::vector<Place>& places);
    Status sync();

    const Tail& tail() const { return tail_; }
    /// Size of a group with this payload.
    static std::size_t group_bytes(std::size_t payload_bytes) {
        return kGroupHeaderBytes + payload_bytes + kGroupTrailerBytes;
    }
    /// Hands every segment made or replaced since then to `open`; one that cannot be opened comes again next
    /// time.
    template <class Open>
    Status hand_over_segments(Open open) {
        for (; !new_segments_.empty(); new_segments_.pop_back())
            TRY(open(new_segments_.back()));
        return {};
    }

  private:
    std::uint64_t planned_bytes(std::uint32_t number) const;
    Result<std::uint64_t> free_bytes() const;
    Status start_segment(std::size_t group_bytes);
    Status open_spare(std::uint32_t number, std::uint64_t bytes_min);
    void prepare_next();

    disk::Disk& disk_;
    FamilyKey key_;
    const SegmentPlan plan_;
    Tail tail_;
    std::unique_ptr<disk::File> file_;
    std::future<bool> prepared_;         // true: the spare file is there
    std::unique_ptr<disk::File> spare_;  // on its way to be the next segment
    std::uint64_t spare_bytes_ = 0;
    std::vector<std::uint32_t> new_segments_;
};

}  // namespace parmana::store::embedded
