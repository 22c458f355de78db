#include <algorithm>

#include "base/invariant.hpp"
#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {
namespace {

constexpr std::uint32_t kDoublingsMax = 6;

std::string spare_path(Family family) {
    return family_directory(family) + "/spare";
}

/// The family is as it was; whoever waits for the group may come again.
std::unexpected<Error> unchanged(Code code, const Error& why) {
    return fail(code, "no new segment: " + why.detail);
}

}  // namespace

Appender::~Appender() {
    if (prepared_.valid()) prepared_.wait();
}

/// A new directory stays small; a busy one soon gets segments that rarely need changing.
std::uint64_t Appender::planned_bytes(std::uint32_t number) const {
    return plan_.first_bytes << std::min(number - 1, kDoublingsMax);
}

/// What a new segment may take.
Result<std::uint64_t> Appender::free_bytes() const {
    const std::uint64_t free = TRY(disk_.free_bytes());
    return free > plan_.disk_reserve_bytes ? free - plan_.disk_reserve_bytes : 0;
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
    auto file = disk_.create(fresh, tail_.segment_bytes);
    if (!file) {
        // On a full disk the entries alone may still find room: what is there can be read, even if nothing is
        // added.
        tail_.segment_bytes = tail_.offset;
        file = disk_.create(fresh, tail_.segment_bytes);
    }
    if (!file) return std::unexpected(file.error());
    TRY((*file)->write_at(0, content));
    // If we stop before the rename, the old segment still stands, and the next start begins here again.
    TRY((*file)->sync());
    TRY(disk_.rename(fresh, path));
    file_ = *std::move(file);
    new_segments_.push_back(tail_.segment);
    return {};
}

Status Appender::reserve(std::size_t group_bytes) {
    if (tail_.segment != 0 && tail_.offset + group_bytes <= tail_.segment_bytes) return {};
    return start_segment(group_bytes);
}

Status Appender::open_spare(std::uint32_t number, std::uint64_t bytes_min) {
    const std::string path = spare_path(key_.family);
    if (prepared_.valid() && prepared_.get() && spare_bytes_ >= bytes_min) {
        auto opened = disk_.open(path, true);
        if (!opened) return unchanged(Code::store_unavailable, opened.error());
        spare_ = *std::move(opened);
        return {};
    }
    std::ignore = disk_.remove(path);  // a spare that is too small or half made; absence is as good
    const auto free = free_bytes();
    if (!free) return unchanged(Code::store_unavailable, free.error());
    if (*free < bytes_min) return fail(Code::storage_full, "the disk is nearly full");
    spare_bytes_ = std::min(std::max(planned_bytes(number), bytes_min), *free);
    auto created = disk_.create(path, spare_bytes_);
    if (!created) return unchanged(Code::storage_full, created.error());
    spare_ = *std::move(created);
    return {};
}

Status Appender::start_segment(std::size_t group_bytes) {
    const std::uint32_t number = tail_.segment + 1;
    TRY(open_spare(number, kSegmentHeaderBytes + group_bytes));
    const SegmentHeader header{key_.family,      number,     tail_.next_sequence,
                               tail_.next_index, key_.store, tail_.chain};
    if (const Status written = spare_->write_at(0, encode(header)); !written) {
        return unchanged(Code::store_unavailable, written.error());
    }
    // If we stop here, a spare file is left that the next start removes.
    TRY(spare_->sync());
    // A rename that failed may have happened. The segment would then stand there and must stay the last one
    // and empty, so nobody may append to the one before it.
    TRY(disk_.rename(spare_path(key_.family), segment_path(key_.family, number)));
    tail_.segment = number;
    tail_.segment_bytes = spare_bytes_;
    tail_.offset = kSegmentHeaderBytes;
    file_ = std::move(spare_);
    new_segments_.push_back(number);
    return {};
}

void Appender::prepare_next() {
    if (!plan_.prepare_ahead || prepared_.valid() || tail_.offset * 2 < tail_.segment_bytes) return;
    const std::uint64_t bytes = planned_bytes(tail_.segment + 1);
    const auto free = free_bytes();
    if (!free || *free < bytes) return;
    spare_bytes_ = bytes;
    prepared_ = std::async(std::launch::async, [this, path = spare_path(key_.family), bytes] {
        return disk_.create(path, bytes).has_value();
    });
}

Result<Chain> Appender::append(std::uint32_t count, UnixMillis committed_at, const Chain& link,
                               std::string_view payload, std::vector<Place>& places) {
    const std::size_t bytes = group_bytes(payload.size());
    INVARIANT(tail_.segment != 0);
    INVARIANT(tail_.offset + bytes <= tail_.segment_bytes);
    std::string group =
        encode(GroupHeader{count, tail_.next_sequence, tail_.next_index, committed_at, payload.size(), link});
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

Status Appender::sync() {
    return file_->sync();
}

}  // namespace parmana::store::embedded
