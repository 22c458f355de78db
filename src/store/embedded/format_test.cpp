#include "store/embedded/format.hpp"

#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store::embedded {
namespace {

Digest filled(std::uint8_t byte) {
    Digest out;
    out.fill(byte);
    return out;
}

SegmentHeader segment_header() {
    return {Family::log,        7, 0x0102030405060708, 0x1112131415161718, StoreId(filled(0x51)),
            Chain(filled(0xc4))};
}

GroupHeader group_header() {
    return {2,     0x0102030405060708, 0x1112131415161718, UnixMillis(0x2122232425262728),
            0x313, Chain(filled(0x77))};
}

Submission fixed(std::optional<IdempotencyDigest> idempotency) {
    std::array<std::uint8_t, 64> signature;
    signature.fill(0x5a);
    return {
        EntryKind::refusal,
        Attested::statement,
        decide::ExecutionId("id-1"),
        "signal_range",
        decide::RequestDigest(filled(0x99)),
        idempotency,
        {std::string(attest::kPayloadType), "PAYLOAD", std::string(64, 'a'), crypto::Signature(signature)},
        merkle::LeafHash(filled(0x1e)),
        "RECORD"};
}

std::string repeated(std::string_view hex, int times) {
    std::string out;
    for (int i = 0; i < times; ++i)
        out += hex;
    return out;
}

/// The body of a frame, after the frame around it was checked.
std::string_view body_of(std::string_view frame) {
    const auto body = decode_frame(frame);
    EXPECT_TRUE(body.has_value());
    EXPECT_EQ(frame.size(), frame_bytes(frame));
    return body.value_or("");
}

TEST(StoreFormat, TheSegmentHeaderHasTheseBytes) {
    const std::string bytes = encode(segment_header());
    ASSERT_EQ(bytes.size(), 512u);
    EXPECT_EQ(to_hex(bytes.substr(0, 104)),
              "5041524d53454731"  // PARMSEG1
              "000000000000004c"
              "0000000000000007"
              "0102030405060708"
              "1112131415161718" +
                  repeated("51", 32) + repeated("c4", 32));
    EXPECT_EQ(bytes.substr(104, 32), view_of(crypto::sha256(bytes.substr(0, 104))));
    EXPECT_EQ(bytes.substr(136), std::string(512 - 136, '\0'));
    EXPECT_EQ(decode_segment_header(bytes), segment_header());
}

TEST(StoreFormat, TheGroupHeaderHasTheseBytes) {
    const std::string bytes = encode(group_header());
    EXPECT_EQ(to_hex(bytes),
              "50475231"  // PGR1
              "00000002"
              "0102030405060708"
              "1112131415161718"
              "2122232425262728"
              "0000000000000313" +
                  repeated("77", 32));
    EXPECT_EQ(decode_group_header(bytes), group_header());
}

TEST(StoreFormat, TheFramesOfASubmissionHaveTheseBytes) {
    const std::string log_frame = encode_log_frame(fixed(std::nullopt));
    const std::string_view log = body_of(log_frame);
    EXPECT_EQ(to_hex(log),
              "02000469642d31"
              "000c7369676e616c5f72616e6765" +
                  repeated("1e", 32) + repeated("aa", 32) + repeated("5a", 64) + "000000075041594c4f4144");
    EXPECT_EQ(to_hex(log_frame.substr(0, 4)), "000000a0");
    EXPECT_EQ(log_frame.substr(4, 32), view_of(crypto::sha256(log)));

    const std::string record_frame = encode_record_frame(fixed(std::nullopt));
    EXPECT_EQ(to_hex(body_of(record_frame)),
              "000469642d31" + repeated("99", 32) + "00" + "000000065245434f5244");
    const std::string with_key = encode_record_frame(fixed(IdempotencyDigest(filled(0x1d))));
    EXPECT_EQ(to_hex(body_of(with_key)),
              "000469642d31" + repeated("99", 32) + "01" + repeated("1d", 32) + "000000065245434f5244");
}

TEST(StoreFormat, TheChainAndTheStoreIdentityHaveTheseValues) {
    const std::string payload = encode_frame("first") + encode_frame("second");
    std::string hashed(32, '\x0c');
    hashed += encode(group_header());
    hashed += payload.substr(0, 36) + payload.substr(36 + 5, 36);
    EXPECT_EQ(next_chain(Chain(filled(0x0c)), encode(group_header()), payload),
              Chain(crypto::sha256(hashed)));
    EXPECT_EQ(make_store_id(trust::Origin("o"), trust::Tenant("t")),
              StoreId(crypto::sha256(std::string_view("o\0t", 3))));
}

TEST(StoreFormat, AWholeStoreHasTheseBytes) {
    disk::SimulatedDisk disk = empty_store();
    {
        TestLedger ledger(disk);
        ASSERT_TRUE(ledger.admit(decision("one")).has_value());
        ASSERT_TRUE(
            ledger.admit_together({decision("two"), refusal("three", "signal_range")})[1].has_value());
    }
    const std::string log =
        disk.read("log/00000001.seg", 1 << 20).value() + disk.read("log/00000002.seg", 1 << 20).value();
    const std::string records = disk.read("records/00000001.seg", 1 << 20).value() +
                                disk.read("records/00000002.seg", 1 << 20).value();
    EXPECT_EQ(to_hex(view_of(crypto::sha256(log))),
              "4bb31de87b7b0fac1f861f61c7598bb808e46b87e9b2a34d654c0255fad2aaf1");
    EXPECT_EQ(to_hex(view_of(crypto::sha256(records))),
              "4e992551bc3e391cd54403d76fc9c0c6fa17dc073d84ff114474a071ba82d0c2");
}

TEST(StoreFormat, EveryFieldComesBackFromItsFrames) {
    for (const auto& idempotency :
         {std::optional<IdempotencyDigest>(), std::optional(IdempotencyDigest(filled(3)))}) {
        const Submission content = fixed(idempotency);
        const std::string log = encode_log_frame(content);
        const std::string record = encode_record_frame(content);
        const auto joined = join(body_of(log), body_of(record));
        ASSERT_TRUE(joined.has_value()) << joined.error().detail;
        EXPECT_EQ(*joined, content);
        const LogFacts facts = read_log_facts(body_of(log)).value();
        EXPECT_EQ(facts.kind, content.kind);
        EXPECT_EQ(facts.execution_id, "id-1");
        EXPECT_EQ(facts.code, "signal_range");
        EXPECT_EQ(facts.leaf, content.leaf);
    }
}

TEST(StoreFormat, ABodyThatIsShorterOrLongerIsRefused) {
    const std::string log_frame = encode_log_frame(fixed(std::nullopt));
    const std::string record_frame = encode_record_frame(fixed(IdempotencyDigest(filled(3))));
    const std::string log(body_of(log_frame)), record(body_of(record_frame));
    for (std::size_t size = 0; size < log.size(); ++size)
        EXPECT_FALSE(join(log.substr(0, size), record)) << size;
    for (std::size_t size = 0; size < record.size(); ++size)
        EXPECT_FALSE(join(log, record.substr(0, size))) << size;
    EXPECT_FALSE(join(log + '\0', record).has_value());
    EXPECT_FALSE(join(log, record + '\0').has_value());
}

TEST(StoreFormat, ABodyOfAnotherKindOrAnotherExecutionIsRefused) {
    const std::string log_frame = encode_log_frame(fixed(std::nullopt));
    const std::string record_frame = encode_record_frame(fixed(std::nullopt));
    std::string log(body_of(log_frame)), record(body_of(record_frame));
    const auto is_refused = [&] { return !join(log, record).has_value(); };
    ASSERT_FALSE(is_refused());
    for (const char unknown : {'\0', '\10', '\x42', '\x82'}) {
        log[0] = unknown;
        EXPECT_TRUE(is_refused()) << "an unknown kind, or a refusal without a signature of its own";
    }
    log[0] = 2;
    record[5] = '2';
    EXPECT_TRUE(is_refused()) << "the record of another execution";
    record[5] = '1';
    record[38] = 2;
    EXPECT_TRUE(is_refused()) << "a marker that is neither 0 nor 1";
}

TEST(StoreFormat, EveryFlippedBitOfAHeaderOrAFrameIsNoticed) {
    const std::string header = encode(segment_header());
    for (std::size_t bit = 0; bit < 136 * 8; ++bit) {
        std::string damaged = header;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(decode_segment_header(damaged).has_value()) << bit;
    }
    const std::string frame = encode_frame("the body of a frame");
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        std::string damaged = frame;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        // A shorter length is noticed by the digest, a longer one by the size.
        EXPECT_FALSE(decode_frame(damaged).has_value()) << bit;
    }
}

}  // namespace
}  // namespace parmana::store::embedded
