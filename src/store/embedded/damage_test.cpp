// Bits that rot, files that are missing or foreign, and groups that somebody made up.
#include <gtest/gtest.h>

#include "store/embedded/catalog.hpp"
#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using disk::SimulatedDisk;
using namespace embedded;

const std::vector<std::string> kIds{"kick", "one", "two"};
constexpr std::uint64_t kOneSegment = 1400;

/// Two groups, the entries of `kIds` in order.
SimulatedDisk small_store(std::uint64_t segment_bytes) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = segment_bytes;
    TestLedger ledger(disk, options);
    EXPECT_TRUE(ledger.admit_together({decision("one"), decision("two")})[1].has_value());
    return disk;
}

std::vector<std::string> segments_of(SimulatedDisk& disk) {
    std::vector<std::string> paths;
    for (const std::string family : {"log", "records"}) {
        const auto names = disk.list(family).value();
        for (const std::string& name : names)
            paths.push_back(family + "/" + name);
    }
    return paths;
}

std::uint64_t bits_of(SimulatedDisk& disk, const std::string& path) {
    return disk.open(path, false).value()->size().value() * 8;
}

/// Each identity gives its own entry, an error, or, from `kept` on, nothing.
void expect_no_wrong_entry(const LedgerReader& reader, std::size_t kept) {
    for (std::size_t i = 0; i < kIds.size(); ++i) {
        const auto found = reader.find(decide::ExecutionId(kIds[i]));
        if (!found) {
            EXPECT_EQ(found.error().code, Code::data_corrupt);
        } else if (!*found) {
            EXPECT_GE(i, kept) << "`" << kIds[i] << "` is gone";
        } else {
            EXPECT_EQ((**found)->index.value(), i);
            EXPECT_EQ((**found)->content, decision(kIds[i]));
        }
    }
}

/// What opening may do with damage: refuse, or cut the last group off.
void expect_refused_or_cut(SimulatedDisk& disk) {
    SimulatedEntropy entropy(1);
    const auto reader = read_embedded_ledger(disk, entropy, test_origin(), test_tenant(), {}, {});
    if (!reader) {
        EXPECT_EQ(reader.error().code, Code::data_corrupt);
        return;
    }
    EXPECT_TRUE((*reader)->size().value() == 3 || (*reader)->size().value() == 1)
        << (*reader)->size().value();
    expect_no_wrong_entry(**reader, (*reader)->size().value());
}

/// The same for the writing side when a checkpoint covers all: nothing may be cut off.
void expect_refused_or_whole(SimulatedDisk& disk) {
    EmbeddedOptions options = small_options();
    options.checkpoint_size = merkle::TreeSize(3);
    TestLedger ledger(disk, options);
    if (ledger.error()) {
        EXPECT_EQ(ledger.error()->code, Code::data_corrupt);
        return;
    }
    EXPECT_EQ(ledger->size().value(), 3u);
    expect_no_wrong_entry(*ledger, 3);
}

/// Flips every bit, or one of each byte.
void flip_bits(std::uint64_t segment_bytes, bool every) {
    SimulatedDisk whole = small_store(segment_bytes);
    const auto paths = segments_of(whole);
    EXPECT_EQ(paths.size() == 2, segment_bytes == kOneSegment);
    for (const std::string& path : paths) {
        for (std::uint64_t bit = 0; bit < bits_of(whole, path); ++bit) {
            const bool is_one_of_its_byte = bit % 8 == bit / 8 % 8;
            if (!every && !is_one_of_its_byte) continue;
            SimulatedDisk disk = whole;
            disk.flip_bit(path, bit);
            expect_refused_or_cut(disk);
            if (is_one_of_its_byte) expect_refused_or_whole(disk);
            ASSERT_FALSE(testing::Test::HasFailure()) << path << " bit " << bit;
        }
    }
}

TEST(StoreDamage, EveryFlippedBitOfOneSegmentIsRefusedOrCutsTheLastGroup) {
    flip_bits(kOneSegment, true);
}

TEST(StoreDamage, AFlippedBitOfEachByteOfManySegmentsIsRefusedOrCutsTheLastGroup) {
    flip_bits(600, false);
}

TEST(StoreDamage, EveryBitThatRotsWhileOpenIsFoundOnReading) {
    SimulatedDisk disk = small_store(kOneSegment);
    SimulatedEntropy entropy(1);
    const auto reader = read_embedded_ledger(disk, entropy, test_origin(), test_tenant(), {}, {}).value();
    int found = 0;
    for (const std::string& path : segments_of(disk)) {
        for (std::uint64_t bit = 0; bit < bits_of(disk, path); ++bit) {
            disk.flip_bit(path, bit);
            for (std::size_t i = 0; i < kIds.size(); ++i) {
                const auto entry = reader->find(decide::ExecutionId(kIds[i]));
                ASSERT_TRUE(entry ? entry->has_value() && (**entry)->content == decision(kIds[i])
                                  : entry.error().code == Code::data_corrupt)
                    << path << " bit " << bit;
                if (!entry) ++found;
            }
            disk.flip_bit(path, bit);
        }
    }
    EXPECT_GT(found, 8 * 3 * 200);
}

/// Remembers the longest piece that was asked for.
class MeasuredFile final : public disk::File {
  public:
    MeasuredFile(std::unique_ptr<disk::File> below, std::size_t& longest)
        : below_(std::move(below)), longest_(longest) {}
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
        longest_ = std::max(longest_, size);
        return below_->read_at(offset, size);
    }
    Status write_at(std::uint64_t offset, std::string_view bytes) override {
        return below_->write_at(offset, bytes);
    }
    Result<std::uint64_t> size() const override { return below_->size(); }
    Status sync() override { return below_->sync(); }

  private:
    std::unique_ptr<disk::File> below_;
    std::size_t& longest_;
};

class MeasuredDisk final : public ReadingDisk {
  public:
    using ReadingDisk::ReadingDisk;
    std::size_t longest = 0;
    Result<std::unique_ptr<disk::File>> open(const std::string& path, bool writable) override {
        return std::make_unique<MeasuredFile>(TRY(ReadingDisk::open(path, writable)), longest);
    }
};

TEST(StoreDamage, ALengthThatIsDamagedDoesNotBecomeARequestForMemory) {
    SimulatedDisk below = small_store(kOneSegment);
    MeasuredDisk disk(below);
    SimulatedEntropy entropy(1);
    const auto reader = read_embedded_ledger(disk, entropy, test_origin(), test_tenant(), {}, {}).value();
    // The highest bit of the length of the first record.
    below.flip_bit("records/00000001.seg", (kSegmentHeaderBytes + kGroupHeaderBytes) * 8 + 7);
    const auto found = reader->find(decide::ExecutionId("kick"));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, Code::data_corrupt);
    EXPECT_LT(disk.longest, 10'000u);
}

TEST(StoreDamage, AnIdentityWhoseEntryIsDamagedIsNotAdmittedAgain) {
    SimulatedDisk disk = small_store(kOneSegment);
    TestLedger ledger(disk);
    // The last bit of the first record's body.
    const std::uint64_t body = kSegmentHeaderBytes + kGroupHeaderBytes + kFrameHeaderBytes;
    disk.flip_bit("records/00000001.seg", (body + 20) * 8);
    expect_code(ledger.admit(decision("kick")), Code::data_corrupt);
    EXPECT_TRUE(ledger.admit(decision("three"))->first) << "others are not held up";
    EXPECT_EQ(ledger->size().value(), 4u);
}

Code refusal_of(SimulatedDisk& disk, EmbeddedOptions options = small_options()) {
    TestLedger ledger(disk, std::move(options));
    EXPECT_TRUE(ledger.error().has_value());
    return ledger.error() ? ledger.error()->code : Code::internal;
}

TEST(StoreDamage, AMissingSegmentIsRefused) {
    SimulatedDisk whole = small_store(600);
    ASSERT_GE(whole.list("log").value().size(), 2u);
    const auto paths = segments_of(whole);
    for (const std::string& path : paths) {
        SimulatedDisk disk = whole;
        ASSERT_TRUE(disk.remove(path).has_value());
        EmbeddedOptions options = small_options();
        options.checkpoint_size = merkle::TreeSize(3);
        EXPECT_EQ(refusal_of(disk, options), Code::data_corrupt) << path;
    }
}

TEST(StoreDamage, ASegmentOfAnotherLedgerIsRefused) {
    SimulatedDisk disk = small_store(kOneSegment);
    EmbeddedOptions options = small_options();
    options.origin = trust::Origin("localhost/ffffffffffffffff");
    EXPECT_EQ(refusal_of(disk, options), Code::data_corrupt);
    options = small_options();
    options.tenant = trust::Tenant("another");
    EXPECT_EQ(refusal_of(disk, options), Code::data_corrupt);
}

TEST(StoreDamage, FamiliesThatAreSwappedOrExchangedAreRefused) {
    SimulatedDisk disk = small_store(kOneSegment);
    SimulatedDisk other = empty_store();
    {
        ASSERT_TRUE(TestLedger(other).admit(decision("kick", 9)).has_value());
    }
    const std::string log = disk.read("log/00000001.seg", 1 << 20).value();
    SimulatedDisk swapped = disk;
    ASSERT_TRUE(swapped.replace("records/00000001.seg", log).has_value());
    EXPECT_EQ(refusal_of(swapped), Code::data_corrupt);
    const std::string records = other.read("records/00000001.seg", 1 << 20).value();
    ASSERT_TRUE(disk.replace("records/00000001.seg", records).has_value());
    EXPECT_EQ(refusal_of(disk), Code::data_corrupt) << "records of the same ledger, but of another history";
}

TEST(StoreDamage, AStoreThatEndsBelowItsCheckpointIsRefused) {
    const SimulatedDisk whole = small_store(kOneSegment);
    SimulatedDisk disk = whole;
    // The last group of the log goes, as a torn write would take it.
    ASSERT_EQ(disk.list("log").value().size(), 1u);
    const std::string log = disk.read("log/00000001.seg", 1 << 20).value();
    disk.flip_bit("log/00000001.seg", log.find_last_not_of('\0') * 8);
    for (std::uint64_t size = 0; size <= 3; ++size) {
        SimulatedDisk copy = disk;
        EmbeddedOptions options = small_options();
        options.checkpoint_size = merkle::TreeSize(size);
        const TestLedger ledger(copy, options);
        EXPECT_EQ(ledger.error().has_value(), size > 1);
        EXPECT_TRUE(!ledger.error() || ledger.error()->code == Code::data_corrupt);
    }
    EmbeddedOptions options = small_options();
    options.checkpoint_size = merkle::TreeSize(4);
    disk::SimulatedDisk copy = whole;
    EXPECT_EQ(refusal_of(copy, options), Code::data_corrupt);
}

TEST(StoreDamage, AFileCutAnywhereIsRefusedOrLosesTheLastGroupOnly) {
    SimulatedDisk whole = small_store(kOneSegment);
    for (const std::string path : {"log/00000001.seg", "records/00000001.seg"}) {
        const std::string bytes = whole.read(path, 1 << 20).value();
        for (std::size_t size = 0; size < bytes.size(); size += 3) {
            SimulatedDisk disk = whole;
            ASSERT_TRUE(disk.replace(path, bytes.substr(0, size)).has_value());
            EmbeddedOptions options = small_options();
            options.checkpoint_size = merkle::TreeSize(1);
            TestLedger ledger(disk, options);
            if (ledger.error()) {
                EXPECT_EQ(ledger.error()->code, Code::data_corrupt) << path << " " << size;
            } else {
                expect_no_wrong_entry(*ledger, 1);
                EXPECT_TRUE(ledger.admit(decision("next")).has_value()) << path << " " << size;
            }
        }
    }
}

/// A log whose only group is the one given, with a chain that fits.
std::string made_up_segment(const GroupHeader& header, std::string_view payload) {
    const StoreId store = make_store_id(test_origin(), test_tenant());
    std::string bytes = encode(SegmentHeader{Family::log, 1, 1, 0, store, Chain()});
    const std::string group = encode(header);
    bytes += group;
    bytes += payload;
    bytes += view_of(next_chain(Chain(), group, payload).value_or(Chain()).value());
    bytes.resize(2048, '\0');
    return bytes;
}

TEST(StoreDamage, AGroupThatSomebodyMadeUpIsNotBelieved) {
    const std::string frame = encode_log_frame(decision("made-up"));
    const std::vector<std::pair<GroupHeader, std::string>> groups{
        {{0, 1, 0, UnixMillis(0), 0, Chain()}, ""},
        {{1, 1, 0, UnixMillis(0), 0, Chain()}, ""},
        {{1, 1, 0, UnixMillis(0), frame.size(), Chain()}, frame},
        {{2, 1, 0, UnixMillis(0), frame.size(), Chain()}, frame},
        {{1, 1, 0, UnixMillis(0), ~std::uint64_t{0}, Chain()}, frame},
        {{1, 1, 0, UnixMillis(0), 36, Chain()}, encode_frame("")},
        {{1, 1, 0, UnixMillis(0), 36 + 3, Chain()}, encode_frame("\1\0\7")},
    };
    for (const auto& [header, payload] : groups) {
        SimulatedDisk disk = empty_store();
        ASSERT_TRUE(disk.replace("log/00000001.seg", made_up_segment(header, payload)).has_value());
        TestLedger ledger(disk);
        if (ledger.error()) {
            EXPECT_EQ(ledger.error()->code, Code::data_corrupt);
        } else {
            EXPECT_EQ(ledger->size().value(), 0u);
        }
    }
    // And with a group of `records` that fits to the empty one.
    SimulatedDisk disk = empty_store();
    const GroupHeader empty{0, 1, 0, UnixMillis(0), 0, Chain()};
    std::string records = made_up_segment(empty, "");
    const StoreId store = make_store_id(test_origin(), test_tenant());
    records.replace(0, kSegmentHeaderBytes, encode(SegmentHeader{Family::records, 1, 1, 0, store, Chain()}));
    const GroupHeader linked{0, 1, 0, UnixMillis(0), 0, *next_chain(Chain(), encode(empty), "")};
    ASSERT_TRUE(disk.replace("records/00000001.seg", records).has_value());
    ASSERT_TRUE(disk.replace("log/00000001.seg", made_up_segment(linked, "")).has_value());
    TestLedger ledger(disk);
    EXPECT_TRUE(ledger.error() || ledger->size().value() == 0);
}

std::size_t second_group(std::string_view segment) {
    const auto first = decode_group_header(segment.substr(kSegmentHeaderBytes));
    return kSegmentHeaderBytes + kGroupHeaderBytes + first.value().payload_bytes + kGroupTrailerBytes;
}

TEST(StoreDamage, TextOfACallerDoesNotLookLikeALaterGroup) {
    SimulatedDisk disk = empty_store();
    // A caller can choose the text in front of a digest, and some bytes of the digest by trying.
    Submission hostile = decision("PGR1abcd");
    Digest digest;
    digest.fill(0xee);
    for (std::size_t i = 0; i < 7; ++i)
        digest[i] = 0;
    digest[7] = 9;  // reads as the ninth group of the ledger
    hostile.request_digest = decide::RequestDigest(digest);
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = 8192;
    {
        TestLedger ledger(disk, options);
        ASSERT_TRUE(ledger.admit(decision("first")).has_value());
        ASSERT_TRUE(ledger.admit(hostile).has_value());
    }
    // A power loss took the log's last group, and of the records' the beginning.
    std::string log = disk.read("log/00000001.seg", 1 << 20).value();
    std::string records = disk.read("records/00000001.seg", 1 << 20).value();
    std::fill(log.begin() + static_cast<std::ptrdiff_t>(second_group(log)), log.end(), '\0');
    records.replace(second_group(records), kGroupHeaderBytes, std::string(kGroupHeaderBytes, '\0'));
    ASSERT_TRUE(disk.replace("log/00000001.seg", log).has_value());
    ASSERT_TRUE(disk.replace("records/00000001.seg", records).has_value());
    TestLedger ledger(disk, options);
    ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
    EXPECT_EQ(ledger->size().value(), 1u);
    EXPECT_TRUE(ledger.admit(hostile)->first);
}

}  // namespace
}  // namespace parmana::store
