#include "store/embedded/catalog.hpp"

#include <mutex>

#include "base/invariant.hpp"

namespace parmana::store::embedded {

void Catalog::add(std::span<const CatalogEntry> entries) {
    const std::unique_lock lock(mutex_);
    for (const CatalogEntry& entry : entries) {
        if (entry.kind == EntryKind::decision) index_.insert(entry.execution_id, rows_.size());
        rows_.push_back({entry.log, entry.record, entry.committed_at});
    }
}

Status Catalog::open_segment(Family family, std::uint32_t number) {
    std::shared_ptr<disk::File> file = TRY(disk_.open(segment_path(family, number), false));
    const std::unique_lock lock(mutex_);
    files_[{family, number}] = std::move(file);
    return {};
}

std::uint64_t Catalog::size() const {
    const std::shared_lock lock(mutex_);
    return rows_.size();
}

std::size_t Catalog::identities() const {
    const std::shared_lock lock(mutex_);
    return index_.size();
}

std::size_t Catalog::bytes() const {
    const std::shared_lock lock(mutex_);
    return index_.bytes() + rows_.capacity() * sizeof(Row);
}

Result<std::string> Catalog::read_frame(Family family, Place place) const {
    constexpr std::size_t kUsualBytes = 4096;
    std::shared_ptr<disk::File> file;
    {
        const std::shared_lock lock(mutex_);
        const auto found = files_.find({family, place.segment});
        INVARIANT(found != files_.end());
        file = found->second;
    }
    std::string bytes = TRY(file->read_at(place.offset, kUsualBytes));
    if (bytes.size() >= kFrameHeaderBytes && frame_bytes(bytes) > bytes.size()) {
        bytes = TRY(file->read_at(place.offset, frame_bytes(bytes)));
    }
    const auto body = decode_frame(bytes);
    if (!body) {
        return fail(Code::data_corrupt, "`" + segment_path(family, place.segment) + "` at byte " +
                                            std::to_string(place.offset) + ": an entry is damaged");
    }
    return std::string(*body);
}

Result<Entry> Catalog::read(std::uint64_t index) const {
    Row row;
    {
        const std::shared_lock lock(mutex_);
        INVARIANT(index < rows_.size());
        row = rows_[index];
    }
    const std::string log = TRY(read_frame(Family::log, row.log));
    const std::string record = TRY(read_frame(Family::records, row.record));
    return Entry{LogIndex(index), row.committed_at, TRY(join(log, record))};
}

Result<std::optional<std::uint64_t>> Catalog::find(std::string_view execution_id) const {
    // Candidates first, under the lock; reading them to compare the full identity happens outside.
    std::vector<std::uint64_t> candidates;
    {
        const std::shared_lock lock(mutex_);
        index_.find(execution_id, [&](std::uint64_t entry) {
            candidates.push_back(entry);
            return false;
        });
    }
    for (const std::uint64_t index : candidates) {
        if (TRY(read(index)).content.execution_id.value() == execution_id) return index;
    }
    return std::nullopt;
}

Result<Scanned> load(disk::Disk& disk, StoreId store, Catalog& catalog, const LeafSink& leaves,
                     const std::function<void(std::uint64_t, const LogFacts&)>& facts) {
    struct Group {
        Chain link;
        UnixMillis committed_at;
        std::vector<std::pair<Place, LogFacts>> entries;
    };
    std::vector<Group> groups;
    Scanned out{};
    // The log first: a writer that is at work meanwhile makes records durable before their log entries.
    out.log = TRY(scan(disk, {Family::log, store}, [&](const GroupHeader& header, const Chain&,
                                                              std::span<const ScannedFrame> frames) -> Status {
        Group group{header.link, header.committed_at, {}};
        for (const ScannedFrame& frame : frames) {
            group.entries.emplace_back(frame.place, TRY(read_log_facts(frame.body)));
        }
        groups.push_back(std::move(group));
        return {};
    }));
    std::size_t next = 0;
    std::uint64_t index = 0;
    Tail committed;  // end of `records` up to the last group that the log knows
    const auto match = [&](const GroupHeader& header, const Chain& chain,
                           std::span<const ScannedFrame> frames) -> Status {
        if (next == groups.size()) {
            // Records without their log group: never committed, never answered.
            ++next;
            return {};
        }
        if (next > groups.size() || groups[next].link != chain || groups[next].entries.size() != frames.size()) {
            return fail(Code::data_corrupt, "group " + std::to_string(header.sequence) +
                                                " of `records` is not the one that the log names");
        }
        const Group& group = groups[next++];
        std::vector<CatalogEntry> rows;
        std::vector<merkle::LeafHash> hashes;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const auto& [place, fact] = group.entries[i];
            if (facts) facts(index++, fact);
            rows.push_back({fact.kind, fact.execution_id, group.committed_at, place, frames[i].place});
            hashes.push_back(fact.leaf);
        }
        catalog.add(rows);
        if (leaves) leaves(hashes);
        committed = {frames[0].place.segment,
                     0,
                     frames[0].place.offset - kGroupHeaderBytes + Appender::group_bytes(header.payload_bytes),
                     header.sequence + 1,
                     header.first_index + header.count,
                     chain};
        out.last_commit = group.committed_at;
        return {};
    };
    out.records = TRY(scan(disk, {Family::records, store}, match));
    if (next < groups.size()) {
        return fail(Code::data_corrupt, "`records` ends before the log does");
    }
    if (next > groups.size()) {
        // The orphan is cut off: `records` continues where the log ends.
        if (committed.segment == out.records.segment || committed.segment == 0) {
            committed.segment_bytes = out.records.segment_bytes;
            if (committed.segment == 0) {
                committed.segment = out.records.segment;
                committed.offset = kSegmentHeaderBytes;
            }
        } else {
            // It stood alone in a new segment, which keeps its header.
            committed.segment = out.records.segment;
            committed.segment_bytes = out.records.segment_bytes;
            committed.offset = kSegmentHeaderBytes;
        }
        out.records = committed;
    }
    for (std::uint32_t n = 1; n <= out.log.segment; ++n) TRY(catalog.open_segment(Family::log, n));
    for (std::uint32_t n = 1; n <= out.records.segment; ++n) TRY(catalog.open_segment(Family::records, n));
    return out;
}

}  // namespace parmana::store::embedded
