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

/// True when a group with a later number stands in `bytes`. What callers send cannot look like one: their text has
/// no NUL bytes, and a sequence number begins with some.
bool has_later_group(std::string_view bytes, std::uint64_t sequence) {
    for (auto at = bytes.find(kGroupMagic); at != std::string_view::npos; at = bytes.find(kGroupMagic, at + 1)) {
        const auto header = decode_group_header(bytes.substr(at));
        if (header && header->sequence > sequence && header->sequence < sequence + (1u << 20)) return true;
    }
    return false;
}

Result<std::vector<std::uint32_t>> segment_numbers(disk::Disk& disk, Family family) {
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : TRY(disk.list(family_directory(family)))) {
        if (!name.ends_with(".seg")) continue;  // a spare or a temporary file that no group stands in
        std::uint32_t number = 0;
        const char* end = name.data() + name.size() - 4;
        if (std::from_chars(name.data(), end, number).ptr != end) {
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
    SegmentScan(std::string path, std::string bytes, std::uint32_t number, const Visit& visit)
        : path_(std::move(path)), bytes_(std::move(bytes)), number_(number), visit_(visit) {}

    Status check_header(const FamilyKey& key, const Tail& before) const {
        const SegmentHeader expected{key.family,        number_,   before.next_sequence,
                                     before.next_index, key.store, before.chain};
        const auto header = decode_segment_header(bytes_);
        if (!header) return damaged(path_, 0, "the header of the segment is damaged");
        if (header->store != key.store) return damaged(path_, 0, "the segment belongs to another ledger");
        if (*header != expected) return damaged(path_, 0, "the segment does not continue the one before");
        return {};
    }

    /// Advances `tail` over every intact group. True when the segment ends cleanly (zeros behind the last group).
    Result<bool> walk(Tail& tail) const {
        tail.segment = number_;
        tail.segment_bytes = bytes_.size();
        tail.offset = kSegmentHeaderBytes;
        while (TRY(step(tail))) {
        }
        return all_zero(std::string_view(bytes_).substr(tail.offset));
    }

    /// A tail that is not clean is a group that never committed, unless a later one stands behind it.
    Status check_torn(const Tail& tail) const {
        if (has_later_group(std::string_view(bytes_).substr(tail.offset), tail.next_sequence)) {
            return damaged(path_, tail.offset, "a group is damaged, and a later one stands behind it");
        }
        return {};
    }

  private:
    Result<bool> step(Tail& tail) const {
        const std::string_view rest = std::string_view(bytes_).substr(tail.offset);
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
        if (!chain || rest.substr(kGroupHeaderBytes + payload.size(), 32) != view_of(chain->value())) return false;
        std::vector<ScannedFrame> frames;
        if (!read_frames(payload, tail.offset + kGroupHeaderBytes, frames)) return false;
        if (frames.size() != header->count) return false;
        TRY(visit_(*header, *chain, frames));
        tail.offset += Appender::group_bytes(payload.size());
        tail.next_sequence += 1;
        tail.next_index += header->count;
        tail.chain = *chain;
        return true;
    }

    bool read_frames(std::string_view payload, std::uint64_t offset, std::vector<ScannedFrame>& frames) const {
        while (!payload.empty()) {
            const auto body = decode_frame(payload);
            if (!body) return false;
            frames.push_back({{number_, static_cast<std::uint32_t>(offset)}, *body});
            offset += frame_bytes(payload);
            payload.remove_prefix(frame_bytes(payload));
        }
        return true;
    }

    std::string path_;
    std::string bytes_;
    std::uint32_t number_;
    const Visit& visit_;
};

}  // namespace

std::string family_directory(Family family) { return family == Family::log ? "log" : "records"; }

std::string segment_path(Family family, std::uint64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
    return family_directory(family) + "/" + digits + ".seg";
}

Result<Tail> scan(disk::Disk& disk, const FamilyKey& key, const Visit& visit) {
    Tail tail;
    const auto numbers = TRY(segment_numbers(disk, key.family));
    for (const std::uint32_t number : numbers) {
        const std::string path = segment_path(key.family, number);
        const SegmentScan segment(path, TRY(disk.read(path, kSegmentBytesMax)), number, visit);
        TRY(segment.check_header(key, tail));
        const bool clean = TRY(segment.walk(tail));
        if (clean) continue;
        // Only the last segment can have been cut off in the middle of a write.
        if (number != numbers.size()) return damaged(path, tail.offset, "a group is damaged");
        TRY(segment.check_torn(tail));
    }
    return tail;
}

}  // namespace parmana::store::embedded
