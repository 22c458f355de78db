#include "store/embedded/format.hpp"

#include "base/invariant.hpp"

namespace parmana::store::embedded {
namespace {

constexpr std::string_view kSegmentMagic("PARMSEG1", 8);
constexpr std::size_t kSegmentFieldBytes = 8 + 8 + 8 + 8 + 8 + 32 + 32;

/// Takes fixed parts from the front of a body; every part is checked.
class Cursor {
  public:
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}

    Result<std::string_view> take(std::size_t size) {
        if (rest_.size() < size) return fail(Code::data_corrupt, "an entry of the store is too short");
        const std::string_view part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }
    Result<std::string_view> take_sized_u16() { return take(read_u16(TRY(take(2)))); }
    Result<std::string_view> take_sized_u32() { return take(read_u32(TRY(take(4)))); }
    template <std::size_t N>
    Result<std::array<std::uint8_t, N>> take_array() {
        return *array_from<N>(TRY(take(N)));
    }
    Status finish() const {
        if (!rest_.empty()) return fail(Code::data_corrupt, "an entry of the store is too long");
        return {};
    }

  private:
    std::string_view rest_;
};

void append_sized_u16(std::string& out, std::string_view bytes) {
    INVARIANT(bytes.size() <= 0xffff);
    append_u16(out, static_cast<std::uint16_t>(bytes.size()));
    out += bytes;
}

void append_sized_u32(std::string& out, std::string_view bytes) {
    INVARIANT(bytes.size() <= 0xffffffff);
    append_u32(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
}

constexpr std::uint8_t kAttestedByLog = 0x40;

struct Kind {
    EntryKind kind;
    Attested attested;
};

std::uint8_t kind_byte(const Submission& submission) {
    const auto kind = static_cast<std::uint8_t>(submission.kind);
    return submission.attested == Attested::log ? kind | kAttestedByLog : kind;
}

Result<Kind> take_kind(Cursor& cursor) {
    const auto byte = static_cast<std::uint8_t>(TRY(cursor.take(1))[0]);
    const bool by_log = (byte & kAttestedByLog) != 0;
    const std::uint8_t kind = byte & ~kAttestedByLog;
    const bool known = kind >= static_cast<std::uint8_t>(EntryKind::decision) &&
                       kind <= static_cast<std::uint8_t>(EntryKind::release);
    if (!known || (by_log && kind != static_cast<std::uint8_t>(EntryKind::decision)))
        return fail(Code::data_corrupt, "an entry of the store is of an unknown kind");
    return Kind{static_cast<EntryKind>(kind), by_log ? Attested::log : Attested::statement};
}

}  // namespace

StoreId make_store_id(const trust::Origin& origin, const trust::Tenant& tenant) {
    return StoreId(crypto::sha256({origin.value(), std::string_view("\0", 1), tenant.value()}));
}

std::string encode(const SegmentHeader& header) {
    std::string out(kSegmentMagic);
    append_u64(out, static_cast<std::uint64_t>(header.family));
    append_u64(out, header.number);
    append_u64(out, header.first_sequence);
    append_u64(out, header.first_index);
    out += view_of(header.store.value());
    out += view_of(header.chain.value());
    out += view_of(crypto::sha256(out));
    out.resize(kSegmentHeaderBytes, '\0');
    return out;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
    if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) return std::nullopt;
    const std::string_view fields = bytes.substr(0, kSegmentFieldBytes);
    if (bytes.substr(kSegmentFieldBytes, 32) != view_of(crypto::sha256(fields))) return std::nullopt;
    return SegmentHeader{static_cast<Family>(fields[15]),
                         read_u64(fields.substr(16)),
                         read_u64(fields.substr(24)),
                         read_u64(fields.substr(32)),
                         StoreId(*array_from<32>(fields.substr(40, 32))),
                         Chain(*array_from<32>(fields.substr(72, 32)))};
}

std::string encode(const GroupHeader& header) {
    std::string out(kGroupMagic);
    append_u32(out, header.count);
    append_u64(out, header.sequence);
    append_u64(out, header.first_index);
    append_u64(out, static_cast<std::uint64_t>(header.committed_at.value()));
    append_u64(out, header.payload_bytes);
    out += view_of(header.link.value());
    INVARIANT(out.size() == kGroupHeaderBytes);
    return out;
}

std::optional<GroupHeader> decode_group_header(std::string_view bytes) {
    if (bytes.size() < kGroupHeaderBytes || !bytes.starts_with(kGroupMagic)) return std::nullopt;
    return GroupHeader{
        read_u32(bytes.substr(4)),  read_u64(bytes.substr(8)),
        read_u64(bytes.substr(16)), UnixMillis(static_cast<std::int64_t>(read_u64(bytes.substr(24)))),
        read_u64(bytes.substr(32)), Chain(*array_from<32>(bytes.substr(40, 32)))};
}

std::string encode_frame(std::string_view body) {
    std::string out;
    out.reserve(kFrameHeaderBytes + body.size());
    append_u32(out, static_cast<std::uint32_t>(body.size()));
    out += view_of(crypto::sha256(body));
    out += body;
    return out;
}

std::size_t frame_bytes(std::string_view bytes) {
    return kFrameHeaderBytes + read_u32(bytes);
}

std::optional<std::string_view> decode_frame(std::string_view bytes) {
    if (bytes.size() < kFrameHeaderBytes || bytes.size() < frame_bytes(bytes)) return std::nullopt;
    const std::string_view body = bytes.substr(kFrameHeaderBytes, read_u32(bytes));
    if (bytes.substr(4, 32) != view_of(crypto::sha256(body))) return std::nullopt;
    return body;
}

std::optional<Chain> next_chain(const Chain& before, std::string_view group_header,
                                std::string_view payload) {
    crypto::Sha256 hash;
    hash.update(view_of(before.value()));
    hash.update(group_header);
    while (!payload.empty()) {
        if (payload.size() < kFrameHeaderBytes || payload.size() < frame_bytes(payload)) return std::nullopt;
        hash.update(payload.substr(0, kFrameHeaderBytes));
        payload.remove_prefix(frame_bytes(payload));
    }
    return Chain(hash.finish());
}

std::string encode_log_frame(const Submission& submission) {
    // No key signed what the log attests: key id and signature are zeros.
    const bool by_log = submission.attested == Attested::log;
    const auto key_id = by_log ? std::string(32, '\0') : from_hex(submission.attestation.key_id);
    INVARIANT(key_id && key_id->size() == 32);
    INVARIANT(submission.attestation.payload_type == attest::kPayloadType);
    std::string body;
    body.reserve(submission.attestation.payload.size() + 320);
    body.push_back(static_cast<char>(kind_byte(submission)));
    append_sized_u16(body, submission.execution_id.value());
    append_sized_u16(body, submission.code);
    body += view_of(submission.leaf.value());
    body += *key_id;
    body += view_of(submission.attestation.signature.value());
    append_sized_u32(body, submission.attestation.payload);
    return encode_frame(body);
}

std::string encode_record_frame(const Submission& submission) {
    std::string body;
    body.reserve(submission.record.size() + 256);
    append_sized_u16(body, submission.execution_id.value());
    body += view_of(submission.request_digest.value());
    body.push_back(submission.idempotency ? '\1' : '\0');
    if (submission.idempotency) body += view_of(submission.idempotency->value());
    append_sized_u32(body, submission.record);
    return encode_frame(body);
}

Result<LogFacts> read_log_facts(std::string_view log_body) {
    Cursor cursor(log_body);
    const Kind kind = TRY(take_kind(cursor));
    std::string id(TRY(cursor.take_sized_u16()));
    std::string code(TRY(cursor.take_sized_u16()));
    const merkle::LeafHash leaf(TRY(cursor.take_array<32>()));
    return LogFacts{kind.kind, kind.attested, std::move(id), std::move(code), leaf};
}

Result<dsse::Envelope> read_attestation(std::string_view log_body) {
    Cursor cursor(log_body);
    const Kind kind = TRY(take_kind(cursor));
    TRY(cursor.take_sized_u16());  // identity
    TRY(cursor.take_sized_u16());  // code
    TRY(cursor.take(32));          // leaf
    std::string key_id = to_hex(TRY(cursor.take(32)));
    if (kind.attested == Attested::log) key_id.clear();
    const crypto::Signature signature(TRY(cursor.take_array<64>()));
    std::string payload(TRY(cursor.take_sized_u32()));
    TRY(cursor.finish());
    return dsse::Envelope{std::string(attest::kPayloadType), std::move(payload), std::move(key_id),
                          signature};
}

Result<Submission> join(std::string_view log_body, std::string_view record_body) {
    LogFacts facts = TRY(read_log_facts(log_body));
    dsse::Envelope attestation = TRY(read_attestation(log_body));
    Cursor record(record_body);
    if (TRY(record.take_sized_u16()) != facts.execution_id) {
        return fail(Code::data_corrupt, "an entry and its record are of different executions");
    }
    const decide::RequestDigest request_digest(TRY(record.take_array<32>()));
    std::optional<IdempotencyDigest> idempotency;
    const char has_idempotency = TRY(record.take(1))[0];
    if (has_idempotency != 0 && has_idempotency != 1) {
        return fail(Code::data_corrupt, "a record of the store is malformed");
    }
    if (has_idempotency == 1) idempotency = IdempotencyDigest(TRY(record.take_array<32>()));
    std::string record_json(TRY(record.take_sized_u32()));
    TRY(record.finish());
    return Submission{facts.kind,
                      facts.attested,
                      decide::ExecutionId(std::move(facts.execution_id)),
                      std::move(facts.code),
                      request_digest,
                      idempotency,
                      std::move(attestation),
                      facts.leaf,
                      std::move(record_json)};
}

}  // namespace parmana::store::embedded
