// What a start need not read again: chunks of the index, and what happens to those that cannot be believed.
#include "store/embedded/chunk.hpp"

#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using embedded::chunk_path;
using embedded::ChunkKey;

ChunkKey make_key(std::uint8_t fill) {
    ChunkKey key;
    std::fill(key.data(), key.data() + ChunkKey::size(), fill);
    return key;
}

/// Opens with a cache, and counts the entries that were read from the segments.
struct Opened {
    explicit Opened(disk::Disk& disk, const ChunkKey& key) : ledger(disk, options(key)) {}

    EmbeddedOptions options(const ChunkKey& key) {
        EmbeddedOptions out = small_options();
        out.cache_key = &key;
        out.cache_rows_min = 10;
        out.leaf_bodies_from = UINT64_MAX;
        out.checks.entry = [this](const EntryChecks::Facts&, const dsse::Envelope&) -> Result<std::string> {
            ++read;
            return std::string();
        };
        return out;
    }

    int read = 0;
    TestLedger ledger;
};

class ChunkTest : public testing::Test {
  protected:
    ChunkTest() {
        Opened first(disk_, key_);
        for (int i = 0; i < kEntries; ++i)
            EXPECT_TRUE(first.ledger.admit(decision("id-" + std::to_string(i))).has_value());
    }
    /// All is there, no identity is free, and `read` entries came from the segments.
    void expect_whole(disk::Disk& disk, int read, const std::string& what) {
        Opened again(disk, key_);
        ASSERT_FALSE(again.ledger.error().has_value()) << what << ": " << again.ledger.error()->detail;
        EXPECT_EQ(again.read, read) << what;
        EXPECT_EQ(again.ledger.leaves().size(), static_cast<std::size_t>(kEntries)) << what;
        for (int i = 0; i < kEntries; ++i) {
            const auto admission = again.ledger.admit(decision("id-" + std::to_string(i), 1));
            ASSERT_TRUE(admission.has_value()) << what;
            EXPECT_FALSE(admission->first) << what << " " << i;
        }
        EXPECT_EQ(again.ledger->size().value(), static_cast<std::uint64_t>(kEntries));
    }

    static constexpr int kEntries = 35;
    const ChunkKey key_ = make_key(7);
    disk::SimulatedDisk disk_ = empty_store();
};

TEST_F(ChunkTest, AStartReadsOnlyWhatNoChunkCovers) {
    expect_whole(disk_, 5, "three chunks of ten");
    expect_whole(disk_, 5, "and again");
}

TEST_F(ChunkTest, WithoutTheCacheEverythingIsReadAndTheCacheIsThereAgain) {
    disk::SimulatedDisk disk = disk_;
    ASSERT_TRUE(disk.remove_directory("cache").has_value());
    expect_whole(disk, kEntries, "removed");
    expect_whole(disk, 5, "written anew");
}

TEST_F(ChunkTest, AChunkThatDoesNotVerifyIsNotThere) {
    for (int number = 0; number < 3; ++number) {
        const std::string path = chunk_path(static_cast<std::uint64_t>(number));
        const std::size_t bits = disk_.read(path, 1 << 20).value().size() * 8;
        for (std::size_t bit = 0; bit < bits; bit += 97) {
            disk::SimulatedDisk disk = disk_;
            disk.flip_bit(path, bit);
            Opened again(disk, key_);
            ASSERT_FALSE(again.ledger.error().has_value());
            EXPECT_EQ(again.read, kEntries - 10 * number) << path << " bit " << bit;
        }
    }
    const ChunkKey other = make_key(8);
    Opened again(disk_, other);
    EXPECT_EQ(again.read, kEntries) << "under another key";
}

TEST_F(ChunkTest, ChunksOfAnotherOrderOrAnOlderTimeAreNotBelieved) {
    disk::SimulatedDisk swapped = disk_;
    const std::string second = swapped.read(chunk_path(1), 1 << 20).value();
    ASSERT_TRUE(swapped.replace(chunk_path(0), second).has_value());
    expect_whole(swapped, kEntries, "the second one first");
    disk::SimulatedDisk repeated = disk_;
    ASSERT_TRUE(repeated.replace(chunk_path(1), repeated.read(chunk_path(0), 1 << 20).value()).has_value());
    expect_whole(repeated, kEntries - 10, "the first one twice");
}

TEST_F(ChunkTest, APowerLossTakesChunksAndNoEntries) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        disk::SimulatedDisk disk = disk_;
        disk.power_loss(seed);
        Opened again(disk, key_);
        ASSERT_FALSE(again.ledger.error().has_value()) << seed << " " << again.ledger.error()->detail;
        EXPECT_EQ(again.ledger->size().value(), static_cast<std::uint64_t>(kEntries)) << seed;
    }
}

TEST_F(ChunkTest, SegmentsThatAChunkSpeaksOfMustBeThere) {
    disk::SimulatedDisk disk = disk_;
    const auto names = disk.list("log").value();
    ASSERT_GT(names.size(), 2u);
    ASSERT_TRUE(disk.remove("log/" + names.front()).has_value());
    EXPECT_TRUE(Opened(disk, key_).ledger.error().has_value());
    disk::SimulatedDisk cut = disk_;
    for (std::size_t i = 2; i < names.size(); ++i)
        ASSERT_TRUE(cut.remove("log/" + names[i]).has_value());
    EXPECT_TRUE(Opened(cut, key_).ledger.error().has_value());
}

}  // namespace
}  // namespace parmana::store
