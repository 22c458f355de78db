// The bytes of the embedded store: segments, groups, frames. Pure. docs/formats/store.md is the
// specification.
//
// Two families of segments grow in step: `records` (what may be erased) and `log` (what stays). A group is
// one commit; the log's group names the chain value of the records' group, so neither counts without the
// other. The chain value of a group is SHA-256 over the previous one, the group's header and the digests of
// its frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/ledger.hpp"

namespace parmana::store::embedded {

enum class Family : std::uint8_t { log = 'L', records = 'R' };

using Chain = Strong<struct ChainTag, Digest>;
/// SHA-256(origin ‖ 0 ‖ tenant): a segment of another ledger is not ours.
using StoreId = Strong<struct StoreIdTag, Digest>;
StoreId make_store_id(const trust::Origin& origin, const trust::Tenant& tenant);

inline constexpr std::size_t kSegmentHeaderBytes = 512;
inline constexpr std::size_t kGroupHeaderBytes = 72;
inline constexpr std::size_t kGroupTrailerBytes = 32;
inline constexpr std::size_t kFrameHeaderBytes = 36;

struct SegmentHeader {
    Family family;
    std::uint64_t number;          // from 1
    std::uint64_t first_sequence;  // of the first group that can stand in it
    std::uint64_t first_index;
    StoreId store;
    Chain chain;  // of the group before
    bool operator==(const SegmentHeader&) const = default;
};
std::string encode(const SegmentHeader& header);
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

struct GroupHeader {
    std::uint32_t count;
    std::uint64_t sequence;  // from 1, dense
    std::uint64_t first_index;
    UnixMillis committed_at;
    std::uint64_t payload_bytes;
    Chain link;  // log: the chain value of the records' group; records: zero
    bool operator==(const GroupHeader&) const = default;
};
inline constexpr std::string_view kGroupMagic("PGR1", 4);
std::string encode(const GroupHeader& header);
std::optional<GroupHeader> decode_group_header(std::string_view bytes);

/// `length ‖ SHA-256(body) ‖ body`.
std::string encode_frame(std::string_view body);
/// The body at the front of `bytes`, or nothing when it is incomplete or its digest does not match.
std::optional<std::string_view> decode_frame(std::string_view bytes);
/// Size of the whole frame by its length field; `bytes` has at least four.
std::size_t frame_bytes(std::string_view bytes);

/// The next chain value over a header and the frames of a payload (their headers only, which hold the
/// digests).
std::optional<Chain> next_chain(const Chain& before, std::string_view group_header, std::string_view payload);

/// One submission as the frame of each family; `join` is the inverse. The execution identity stands in both.
std::string encode_log_frame(const Submission& submission);
std::string encode_record_frame(const Submission& submission);
Result<Submission> join(std::string_view log_body, std::string_view record_body);

/// What recovery needs of a log frame.
struct LogFacts {
    EntryKind kind;
    Attested attested;
    std::string execution_id;
    std::string code;
    merkle::LeafHash leaf;
};
Result<LogFacts> read_log_facts(std::string_view log_body);
/// The attestation in a log frame.
Result<dsse::Envelope> read_attestation(std::string_view log_body);

}  // namespace parmana::store::embedded
