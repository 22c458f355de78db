#include <algorithm>

#include "base/invariant.hpp"
#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {
namespace {

constexpr std::uint64_t kFirstSegmentBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargestSegmentBytes = std::uint64_t{1} << 26;

/// A new directory stays small; a busy one soon gets segments that rarely need changing.
std::uint64_t planned_bytes(std::uint32_t number) {
    return std::min(kFirstSegmentBytes << std::min(number - 1, 10u), kLargestSegmentBytes);
}

std::string spare_path(Family family) { return family_directory(family) + "/spare"; }

}  // namespace

Appender::~Appender() {
    if (spare_.valid()) spare_.wait();
}

Status Appender::resume(const Tail& tail) {
    tail_ = tail;
    for (const std::string& name : TRY(disk_.list(family_directory(key_.family)))) {
        if (!name.ends_with(".seg")) TRY(disk_.remove(family_directory(key_.family) + "/" + name));
    }
    if (tail_.segment == 0) return {};

    const std::string path = segment_path(key_.family, tail_.segment);
    const std::string fresh = spare_path(key_.family);
    const std::string content = TRY(TRY(disk_.open(path, false))->read_at(0, tail_.offset));
    auto file = TRY(disk_.create(fresh, tail_.segment_bytes));
    TRY(file->write_at(0, content));
    // If we stop before the rename, the old segment still stands, and the next start begins here again.
    TRY(file->sync());
    TRY(disk_.rename(fresh, path));
    file_ = std::move(file);
    new_segments_.push_back(tail_.segment);
    return {};
}

Status Appender::reserve(std::size_t group_bytes) {
    if (tail_.segment != 0 && tail_.offset + group_bytes <= tail_.segment_bytes) return {};
    return start_segment(group_bytes);
}

Status Appender::start_segment(std::size_t group_bytes) {
    const std::uint32_t number = tail_.segment + 1;
    const std::uint64_t bytes = std::max<std::uint64_t>(planned_bytes(number), kSegmentHeaderBytes + group_bytes);
    const std::string spare = spare_path(key_.family);
    const bool prepared = spare_.valid() && spare_.get() && spare_bytes_ >= bytes;
    std::unique_ptr<disk::File> file;
    if (prepared) {
        file = TRY(disk_.open(spare, true));
    } else {
        std::ignore = disk_.remove(spare);  // a spare that is too small or half made; absence is as good
        auto created = disk_.create(spare, bytes);
        if (!created) return fail(Code::storage_full, "no room for another segment: " + created.error().detail);
        file = *std::move(created);
    }
    const SegmentHeader header{key_.family,      number,     tail_.next_sequence,
                               tail_.next_index, key_.store, tail_.chain};
    TRY(file->write_at(0, encode(header)));
    // If we stop here, a spare file is left that the next start removes.
    TRY(file->sync());
    TRY(disk_.rename(spare, segment_path(key_.family, number)));
    tail_.segment = number;
    tail_.segment_bytes = prepared ? spare_bytes_ : bytes;
    tail_.offset = kSegmentHeaderBytes;
    file_ = std::move(file);
    new_segments_.push_back(number);
    return {};
}

void Appender::prepare_next() {
    if (!prepare_ahead_ || spare_.valid() || tail_.offset * 2 < tail_.segment_bytes) return;
    spare_bytes_ = planned_bytes(tail_.segment + 1);
    spare_ = std::async(std::launch::async, [this, path = spare_path(key_.family), bytes = spare_bytes_] {
        return disk_.create(path, bytes).has_value();
    });
}

Result<Chain> Appender::append(std::uint32_t count, UnixMillis committed_at, const Chain& link,
                               std::string_view payload, std::vector<Place>& places) {
    const std::size_t bytes = group_bytes(payload.size());
    INVARIANT(tail_.segment != 0);
    INVARIANT(tail_.offset + bytes <= tail_.segment_bytes);
    std::string group = encode(GroupHeader{count, tail_.next_sequence, tail_.next_index, committed_at,
                                           payload.size(), link});
    const auto chain = next_chain(tail_.chain, group, payload);
    INVARIANT(chain.has_value());
    group.reserve(bytes);
    group += payload;
    group += view_of(chain->value());

    std::uint64_t offset = tail_.offset + kGroupHeaderBytes;
    for (std::string_view rest = payload; !rest.empty(); rest.remove_prefix(frame_bytes(rest))) {
        places.push_back({tail_.segment, static_cast<std::uint32_t>(offset)});
        offset += frame_bytes(rest);
    }
    TRY(file_->write_at(tail_.offset, group));
    tail_.offset += bytes;
    tail_.next_sequence += 1;
    tail_.next_index += count;
    tail_.chain = *chain;
    prepare_next();
    return *chain;
}

Status Appender::sync() { return file_->sync(); }

}  // namespace parmana::store::embedded
