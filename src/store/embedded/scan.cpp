#include <algorithm>
#include <charconv>

#include "store/embedded/segments.hpp"

namespace parmana::store::embedded {
namespace {

constexpr std::size_t kSegmentBytesMax = std::size_t{1} << 31;

std::unexpected<Error> damaged(const std::string& path, std::uint64_t offset, std::string_view what) {
    return fail(Code::data_corrupt,
                "`" + path + "` at byte " + std::to_string(offset) + ": " + std::string(what));
}

bool all_zero(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

/// True when a group with a later number stands in `bytes`. What callers send cannot look like one: their
/// text has no NUL bytes, and the digests that stand between are too short to meet all of these conditions by
/// trying.
bool has_later_group(std::string_view bytes, const Tail& tail) {
    constexpr std::uint64_t kGroupsMax = std::uint64_t{1} << 20;
    constexpr std::uint64_t kEntriesMax = std::uint64_t{1} << 31;
    for (auto at = bytes.find(kGroupMagic); at != std::string_view::npos;
         at = bytes.find(kGroupMagic, at + 1)) {
        const auto header = decode_group_header(bytes.substr(at));
        if (header && header->sequence > tail.next_sequence &&
            header->sequence - tail.next_sequence < kGroupsMax && header->first_index > tail.next_index &&
            header->first_index - tail.next_index < kEntriesMax &&
            header->payload_bytes <= kSegmentBytesMax) {
            return true;
        }
    }
    return false;
}

Result<std::vector<std::uint32_t>> segment_numbers(disk::Disk& disk, Family family) {
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : TRY(disk.list(family_directory(family)))) {
        if (!name.ends_with(".seg")) continue;  // a spare or a temporary file that no group stands in
        std::uint32_t number = 0;
        const char* end = name.data() + name.size() - 4;
        const bool is_number = std::from_chars(name.data(), end, number).ptr == end;
        if (!is_number || segment_path(family, number) != family_directory(family) + "/" + name) {
            return fail(Code::data_corrupt, "`" + name + "` is not the name of a segment");
        }
        numbers.push_back(number);
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != i + 1) {
            return fail(Code::data_corrupt, "`" + segment_path(family, i + 1) + "` is missing");
        }
    }
    return numbers;
}

/// Walks the groups of one segment.
class SegmentScan {
  public:
    SegmentScan(disk::Disk& disk, Family family, std::uint32_t number, const Visit& visit)
        : disk_(disk), path_(segment_path(family, number)), number_(number), visit_(visit) {}

    Status read() {
        bytes_ = TRY(disk_.read(path_, kSegmentBytesMax));
        return {};
    }

    /// Of the segment that reading begins in: what stands before the beginning is known already.
    Status check_header_of_first(const FamilyKey& key) const {
        const auto header = decode_segment_header(bytes_);
        if (!header) return damaged(path_, 0, "the header of the segment is damaged");
        if (header->store != key.store || header->family != key.family || header->number != number_)
            return damaged(path_, 0, "the segment belongs to another ledger");
        return {};
    }

    Status check_header(const FamilyKey& key, const Tail& before) const {
        const SegmentHeader expected{key.family,        number_,   before.next_sequence,
                                     before.next_index, key.store, before.chain};
        const auto header = decode_segment_header(bytes_);
        if (!header) return damaged(path_, 0, "the header of the segment is damaged");
        if (header->store != key.store) return damaged(path_, 0, "the segment belongs to another ledger");
        if (*header != expected) return damaged(path_, 0, "the segment does not continue the one before");
        return {};
    }

    /// Moves `tail` behind the last group. A tail that is not clean is a group that never committed; that can
    /// only stand in the last segment, and no later group can stand behind it.
    Status walk(Tail& tail, std::uint64_t offset, bool is_last) {
        tail.segment = number_;
        tail.segment_bytes = bytes_.size();
        tail.offset = offset;
        TRY(step_over_groups(tail));
        while (!ends_cleanly(tail)) {
            if (!is_last) return damaged(path_, tail.offset, "a group is damaged");
            if (!has_later_group(rest_from(tail), tail)) return {};
            // A writer at work may have completed the group after these bytes were read, and a later one
            // before the bytes behind them were. Then it is whole by now; if it is not, it is damaged.
            const std::uint64_t before = tail.offset;
            TRY(read());
            TRY(step_over_groups(tail));
            if (tail.offset == before) {
                return damaged(path_, tail.offset, "a group is damaged, and a later one stands behind it");
            }
        }
        return {};
    }

  private:
    std::string_view rest_from(const Tail& tail) const {
        return std::string_view(bytes_).substr(std::min<std::size_t>(tail.offset, bytes_.size()));
    }
    bool ends_cleanly(const Tail& tail) const { return all_zero(rest_from(tail)); }
    Status step_over_groups(Tail& tail) const {
        while (TRY(step(tail))) {
        }
        return {};
    }

    Result<bool> step(Tail& tail) const {
        const std::string_view rest = rest_from(tail);
        const auto header = decode_group_header(rest);
        if (!header || header->sequence != tail.next_sequence || header->first_index != tail.next_index) {
            return false;
        }
        if (header->payload_bytes > rest.size() ||
            Appender::group_bytes(header->payload_bytes) > rest.size()) {
            return false;
        }
        const std::string_view payload = rest.substr(kGroupHeaderBytes, header->payload_bytes);
        const auto chain = next_chain(tail.chain, rest.substr(0, kGroupHeaderBytes), payload);
        if (!chain || rest.substr(kGroupHeaderBytes + payload.size(), 32) != view_of(chain->value()))
            return false;
        std::vector<ScannedFrame> frames;
        if (!read_frames(payload, tail.offset + kGroupHeaderBytes, frames)) return false;
        if (frames.empty() || frames.size() != header->count) return false;
        TRY(visit_(*header, *chain, frames));
        tail.offset += Appender::group_bytes(payload.size());
        tail.next_sequence += 1;
        tail.next_index += header->count;
        tail.chain = *chain;
        return true;
    }

    bool read_frames(std::string_view payload, std::uint64_t offset,
                     std::vector<ScannedFrame>& frames) const {
        while (!payload.empty()) {
            const auto body = decode_frame(payload);
            if (!body) return false;
            frames.push_back({{number_, static_cast<std::uint32_t>(offset)}, *body});
            offset += frame_bytes(payload);
            payload.remove_prefix(frame_bytes(payload));
        }
        return true;
    }

    disk::Disk& disk_;
    const std::string path_;
    std::string bytes_;
    const std::uint32_t number_;
    const Visit& visit_;
};

}  // namespace

std::string family_directory(Family family) {
    return family == Family::log ? "log" : "records";
}

std::string segment_path(Family family, std::uint64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
    return family_directory(family) + "/" + digits + ".seg";
}

Result<Tail> scan(disk::Disk& disk, const FamilyKey& key, const Tail& from, const Visit& visit) {
    Tail tail = from;
    const auto numbers = TRY(segment_numbers(disk, key.family));
    if (from.segment > numbers.size())
        return fail(Code::data_corrupt, "`" + segment_path(key.family, from.segment) + "` is missing");
    for (const std::uint32_t number : numbers) {
        if (number < from.segment) continue;
        SegmentScan segment(disk, key.family, number, visit);
        TRY(segment.read());
        const bool begins_within = number == from.segment;
        TRY(begins_within ? segment.check_header_of_first(key) : segment.check_header(key, tail));
        TRY(segment.walk(tail, begins_within ? from.offset : kSegmentHeaderBytes, number == numbers.size()));
    }
    return tail;
}

}  // namespace parmana::store::embedded
