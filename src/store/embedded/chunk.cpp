#include "store/embedded/chunk.hpp"

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"

namespace parmana::store::embedded {
namespace {

constexpr std::string_view kMagic("PARMIDX1", 8);
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kTailBytes = 4 + 8 + 8 + 8 + 8 + 32;
constexpr std::size_t kHeaderBytes = 8 + 8 + 8 + 8 + 2 * kTailBytes;
constexpr std::size_t kRowBytes = 1 + 8 + 8 + 8 + 16 + 32;
constexpr std::size_t kChunkBytesMax = std::size_t{256} << 20;

void append_place(std::string& out, const Place& place) {
    append_u32(out, place.segment);
    append_u32(out, place.offset);
}

Place read_place(std::string_view bytes) {
    return {read_u32(bytes), read_u32(bytes.substr(4))};
}

void append_tail(std::string& out, const Tail& tail) {
    append_u32(out, tail.segment);
    append_u64(out, tail.segment_bytes);
    append_u64(out, tail.offset);
    append_u64(out, tail.next_sequence);
    append_u64(out, tail.next_index);
    out += view_of(tail.chain.value());
}

Tail read_tail(std::string_view bytes) {
    return {read_u32(bytes),
            read_u64(bytes.substr(4)),
            read_u64(bytes.substr(12)),
            read_u64(bytes.substr(20)),
            read_u64(bytes.substr(28)),
            Chain(*array_from<32>(bytes.substr(36, 32)))};
}

ChunkRow read_row(std::string_view bytes) {
    return {static_cast<EntryKind>(bytes[0]),
            read_place(bytes.substr(1)),
            read_place(bytes.substr(9)),
            UnixMillis(static_cast<std::int64_t>(read_u64(bytes.substr(17)))),
            {read_u64(bytes.substr(25)), read_u64(bytes.substr(33))},
            merkle::LeafHash(*array_from<32>(bytes.substr(41, 32)))};
}

Digest make_mac(std::string_view content, const StoreId& store, const ChunkMac& before, const ChunkKey& key) {
    return crypto::hmac_sha256(key.expose(), {view_of(store.value()), view_of(before.value()), content});
}

}  // namespace

std::string encode_chunk(const Chunk& chunk, const StoreId& store, const ChunkMac& before,
                         const ChunkKey& key) {
    std::string out(kMagic);
    out.reserve(kHeaderBytes + chunk.rows.size() * kRowBytes + kMacBytes);
    append_u64(out, chunk.first_index);
    append_u64(out, chunk.rows.size());
    append_u64(out, static_cast<std::uint64_t>(chunk.last_commit.value()));
    append_tail(out, chunk.log);
    append_tail(out, chunk.records);
    for (const ChunkRow& row : chunk.rows) {
        out.push_back(static_cast<char>(row.kind));
        append_place(out, row.log);
        append_place(out, row.record);
        append_u64(out, static_cast<std::uint64_t>(row.committed_at.value()));
        append_u64(out, row.identity.first);
        append_u64(out, row.identity.second);
        out += view_of(row.leaf.value());
    }
    out += view_of(make_mac(out, store, before, key));
    return out;
}

ChunkMac mac_of(std::string_view chunk_bytes) {
    return ChunkMac(*array_from<32>(chunk_bytes.substr(chunk_bytes.size() - kMacBytes)));
}

std::optional<Chunk> decode_chunk(std::string_view bytes, const StoreId& store, const ChunkMac& before,
                                  const ChunkKey& key) {
    if (bytes.size() < kHeaderBytes + kMacBytes || !bytes.starts_with(kMagic)) return std::nullopt;
    const std::string_view content = bytes.substr(0, bytes.size() - kMacBytes);
    // Whoever wrote this had the key and wrote it whole: what follows need not be doubted.
    if (make_mac(content, store, before, key) != mac_of(bytes).value()) return std::nullopt;
    Chunk out;
    out.first_index = read_u64(content.substr(8));
    const std::uint64_t rows = read_u64(content.substr(16));
    if (rows != (content.size() - kHeaderBytes) / kRowBytes) return std::nullopt;
    out.last_commit = UnixMillis(static_cast<std::int64_t>(read_u64(content.substr(24))));
    out.log = read_tail(content.substr(32));
    out.records = read_tail(content.substr(32 + kTailBytes));
    out.rows.reserve(rows);
    for (std::string_view rest = content.substr(kHeaderBytes); rest.size() >= kRowBytes;
         rest.remove_prefix(kRowBytes))
        out.rows.push_back(read_row(rest));
    return out;
}

std::string chunk_path(std::uint64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
    return std::string(kCacheDirectory) + "/index-" + digits;
}

Status ChunkWriter::read(std::uint64_t end_max, const std::function<Status(const Chunk&)>& visit) {
    while (true) {
        const auto bytes = disk_.read(chunk_path(next_number_), kChunkBytesMax);
        if (!bytes) return {};
        const auto chunk = decode_chunk(*bytes, store_, before_, key_);
        if (!chunk || chunk->first_index != open_.first_index || chunk->end_index() > end_max) return {};
        TRY(visit(*chunk));
        before_ = mac_of(*bytes);
        ++next_number_;
        open_.first_index = chunk->end_index();
    }
}

void ChunkWriter::end_of_commit(const Tail& log, const Tail& records, UnixMillis last_commit) {
    if (open_.rows.size() < rows_min_) return;
    open_.log = log;
    open_.records = records;
    open_.last_commit = last_commit;
    if (!given_up_) write();
    open_ = {open_.end_index(), {}, {}, {}, {}};
}

void ChunkWriter::write() {
    const std::string bytes = encode_chunk(open_, store_, before_, key_);
    // Not synced: a chunk that a crash tears does not verify. A gap would hide every later one, so the first
    // failure is the last attempt.
    given_up_ =
        !disk_.make_directory(std::string(kCacheDirectory)) || !disk_.place(chunk_path(next_number_), bytes);
    before_ = mac_of(bytes);
    ++next_number_;
}

}  // namespace parmana::store::embedded
