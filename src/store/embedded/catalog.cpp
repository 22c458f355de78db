#include "store/embedded/catalog.hpp"

#include <algorithm>
#include <mutex>

#include "base/invariant.hpp"

namespace parmana::store::embedded {

ChunkRow Catalog::row_of(EntryKind kind, std::string_view name, UnixMillis committed_at, Place log,
                         Place record, const merkle::LeafHash& leaf) const {
    const bool consumes = kind == EntryKind::decision;
    return {kind, log, record, committed_at, consumes ? index_.hash_of(name) : IdentityHash{}, leaf};
}

void Catalog::add(std::span<const ChunkRow> rows) {
    const std::unique_lock lock(mutex_);
    for (const ChunkRow& row : rows) {
        const std::uint64_t index = rows_.size();
        if (row.kind == EntryKind::decision) index_.insert(row.identity, index);
        if (row.kind == EntryKind::group) groups_.push_back(index);
        if (row.kind >= EntryKind::policy) changes_.push_back(LogIndex(index));
        rows_.push_back({row.log, row.record, row.committed_at});
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
        // A damaged length must not become a request for memory: no frame is longer than its segment.
        const std::uint64_t bytes_max = TRY(file->size()) - place.offset;
        bytes = TRY(file->read_at(place.offset, std::min<std::uint64_t>(frame_bytes(bytes), bytes_max)));
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
    Submission content = TRY(join(log, record));
    if (check_) TRY(check_(LogIndex(index), content));
    return Entry{LogIndex(index), row.committed_at, std::move(content)};
}

std::optional<std::uint64_t> Catalog::group_behind(std::uint64_t index) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::lower_bound(groups_.begin(), groups_.end(), index);
    return found == groups_.end() ? std::nullopt : std::optional(*found);
}

std::vector<LogIndex> Catalog::changes() const {
    const std::shared_lock lock(mutex_);
    return changes_;
}

Result<std::optional<Entry>> Catalog::find(std::string_view execution_id) const {
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
        Entry entry = TRY(read(index));
        if (entry.content.execution_id.value() == execution_id) return entry;
    }
    return std::nullopt;
}

namespace {

/// Matches the groups of `records` with those of the log.
class Loader {
  public:
    Loader(Side side, Catalog& catalog, const LoadOptions& options, const Scanned& known)
        : side_(side), catalog_(catalog), options_(options), last_commit_(known.last_commit) {
        index_ = known.log.next_index;
        committed_ = known.records;
        last_chain_ = known.log.chain;
    }

    Status add_log_group(const GroupHeader& header, const Chain& chain,
                         std::span<const ScannedFrame> frames) {
        Group group{header.link, header.committed_at, {}, {}};
        std::uint64_t index = header.first_index;
        for (const ScannedFrame& frame : frames) {
            LogFacts facts = TRY(read_log_facts(frame.body));
            std::string body;
            if (options_.checks.entry) {
                const dsse::Envelope attestation = TRY(read_attestation(frame.body));
                body = TRY(options_.checks.entry(
                    {LogIndex(index), facts.kind, facts.attested, facts.execution_id, facts.code, facts.leaf},
                    attestation));
                if (index < options_.leaf_bodies_from) body.clear();
            }
            ++index;
            group.entries.push_back({frame.place, std::move(facts), std::move(body)});
        }
        if (options_.checks.end) TRY(options_.checks.end());
        before_last_ = {frames[0].place.segment,
                        0,
                        frames[0].place.offset - kGroupHeaderBytes,
                        header.sequence,
                        header.first_index,
                        std::exchange(last_chain_, chain)};
        group.behind = {before_last_.segment,
                        0,
                        before_last_.offset + Appender::group_bytes(header.payload_bytes),
                        header.sequence + 1,
                        header.first_index + header.count,
                        chain};
        groups_.push_back(std::move(group));
        return {};
    }

    Status match_record_group(const GroupHeader& header, const Chain& chain,
                              std::span<const ScannedFrame> frames) {
        if (next_ == groups_.size() && side_ == Side::reader) return {};  // not in the log when we read it
        if (next_ == groups_.size()) {
            // Records without their log group: never committed, never answered.
            ++next_;
            return {};
        }
        if (next_ > groups_.size() || groups_[next_].link != chain ||
            groups_[next_].entries.size() != frames.size()) {
            return fail(Code::data_corrupt, "group " + std::to_string(header.sequence) +
                                                " of `records` is not the one that the log names");
        }
        Group& group = groups_[next_++];
        enter(group, frames);
        const auto group_offset = frames[0].place.offset - kGroupHeaderBytes;
        committed_ = {frames[0].place.segment,
                      0,
                      group_offset + Appender::group_bytes(header.payload_bytes),
                      header.sequence + 1,
                      header.first_index + header.count,
                      chain};
        if (options_.chunks != nullptr)
            options_.chunks->end_of_commit(group.behind, committed_, last_commit_);
        group = {};
        return {};
    }

    /// Where the log continues: at its end, or before a last group whose records did not become durable.
    Result<Tail> log_tail(const Tail& found) const {
        if (next_ >= groups_.size()) return found;
        if (next_ + 1 < groups_.size()) return fail(Code::data_corrupt, "`records` ends before the log does");
        Tail tail = before_last_;
        tail.segment_bytes = found.segment_bytes;
        return tail;
    }

    /// Where `records` continues: at its end, or where the log ends when an orphan has to be cut off.
    Result<Tail> records_tail(const Tail& found) const {
        if (next_ <= groups_.size()) return found;
        Tail tail = committed_;
        if (tail.segment != found.segment) {
            // It stood alone in a new segment, which keeps its header.
            tail.segment = found.segment;
            tail.offset = kSegmentHeaderBytes;
        }
        tail.segment_bytes = found.segment_bytes;
        return tail;
    }

    UnixMillis last_commit() const { return last_commit_; }

  private:
    struct LogEntry {
        Place place;
        LogFacts facts;
        std::string leaf_body;
    };
    struct Group {
        Chain link;
        UnixMillis committed_at;
        std::vector<LogEntry> entries;
        Tail behind;  // where the log continues after it
    };

    void enter(Group& group, std::span<const ScannedFrame> record_frames) {
        std::vector<ChunkRow> rows;
        std::vector<Leaf> leaves;
        for (std::size_t i = 0; i < record_frames.size(); ++i) {
            auto& [place, fact, body] = group.entries[i];
            if (options_.facts) options_.facts(index_, fact);
            ++index_;
            rows.push_back(catalog_.row_of(fact.kind, fact.execution_id, group.committed_at, place,
                                           record_frames[i].place, fact.leaf));
            leaves.push_back({fact.leaf, std::move(body)});
            if (options_.chunks != nullptr) options_.chunks->add(rows.back());
        }
        catalog_.add(rows);
        if (options_.leaves) options_.leaves(leaves);
        last_commit_ = group.committed_at;
    }

    const Side side_;
    Catalog& catalog_;
    const LoadOptions& options_;
    std::vector<Group> groups_;  // of the log
    std::size_t next_ = 0;       // group of the log to be matched; one beyond the end after an orphan
    std::uint64_t index_ = 0;
    Tail committed_;    // end of `records` up to the last group that the log knows
    Tail before_last_;  // end of the log without its last group
    Chain last_chain_;
    UnixMillis last_commit_;
};

}  // namespace

Result<Scanned> load(disk::Disk& disk, StoreId store, Side side, Catalog& catalog,
                     const LoadOptions& options) {
    Scanned known{};
    if (options.chunks != nullptr) {
        TRY(options.chunks->read(options.leaf_bodies_from, [&](const Chunk& chunk) -> Status {
            std::vector<Leaf> leaves;
            for (const ChunkRow& row : chunk.rows)
                leaves.push_back({row.leaf, {}});
            catalog.add(chunk.rows);
            if (options.leaves) options.leaves(leaves);
            known = {chunk.log, chunk.records, chunk.last_commit};
            return {};
        }));
    }
    Loader loader(side, catalog, options, known);
    Scanned out{};
    // The log first: a writer that is at work meanwhile writes records before their log entries.
    const Tail log = TRY(scan(
        disk, {Family::log, store}, known.log,
        [&](const GroupHeader& header, const Chain& chain, std::span<const ScannedFrame> frames) -> Status {
            return loader.add_log_group(header, chain, frames);
        }));
    const Tail records = TRY(scan(
        disk, {Family::records, store}, known.records,
        [&](const GroupHeader& header, const Chain& chain, std::span<const ScannedFrame> frames) -> Status {
            return loader.match_record_group(header, chain, frames);
        }));
    out.log = TRY(loader.log_tail(log));
    out.records = TRY(loader.records_tail(records));
    out.last_commit = loader.last_commit();
    for (std::uint32_t n = 1; n <= out.log.segment; ++n)
        TRY(catalog.open_segment(Family::log, n));
    for (std::uint32_t n = 1; n <= out.records.segment; ++n)
        TRY(catalog.open_segment(Family::records, n));
    return out;
}

}  // namespace parmana::store::embedded
