#include "disk/sim.hpp"

#include <gtest/gtest.h>

#include <set>

namespace parmana::disk {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::uint64_t kSeeds = 200;

std::string sectors(std::string_view letters) {
    std::string bytes;
    for (const char letter : letters)
        bytes.append(kSector, letter);
    return bytes;
}

/// One letter a sector; `?` where a sector is not of one letter.
std::string letters(const std::string& bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += kSector) {
        const std::string sector = bytes.substr(at, kSector);
        const bool whole = sector.find_first_not_of(sector[0]) == std::string::npos;
        out += whole ? (sector[0] == '\0' ? '0' : sector[0]) : '?';
    }
    return out;
}

/// All contents that `path` can have after a power loss; `-` when it is not there.
std::set<std::string> outcomes(const SimulatedDisk& disk, const std::string& path) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SimulatedDisk after = disk;
        after.power_loss(seed);
        const Result<std::string> bytes = after.read(path, 1 << 20);
        seen.insert(bytes.has_value() ? letters(*bytes) : "-");
    }
    return seen;
}

using Set = std::set<std::string>;

TEST(SimulatedDisk, KeepsWhatWasSynced) {
    SimulatedDisk disk;
    auto file = disk.create("a", 2 * kSector).value();
    ASSERT_TRUE(file->write_at(0, sectors("xy")).has_value());
    ASSERT_TRUE(file->sync().has_value());
    EXPECT_EQ(outcomes(disk, "a"), Set{"xy"});
}

TEST(SimulatedDisk, KeepsOrLosesEachUnsyncedSectorOnItsOwn) {
    SimulatedDisk disk;
    auto file = disk.create("a", 2 * kSector).value();
    ASSERT_TRUE(file->write_at(0, sectors("xy")).has_value());
    EXPECT_EQ(letters(disk.read("a", 9999).value()), "xy");
    EXPECT_EQ(outcomes(disk, "a"), (Set{"00", "0y", "x0", "xy"}));
}

TEST(SimulatedDisk, MayKeepAnyOfTheContentsThatASectorHadSinceTheLastSync) {
    SimulatedDisk disk;
    auto file = disk.create("a", kSector).value();
    ASSERT_TRUE(file->write_at(0, sectors("x")).has_value());
    ASSERT_TRUE(file->write_at(0, sectors("y")).has_value());
    EXPECT_EQ(outcomes(disk, "a"), (Set{"0", "x", "y"}));
}

TEST(SimulatedDisk, MayLoseTheGrowthOfAFile) {
    SimulatedDisk disk;
    auto file = disk.create("a", kSector).value();
    ASSERT_TRUE(file->write_at(kSector, sectors("x")).has_value());
    const Set seen = outcomes(disk, "a");
    EXPECT_TRUE(seen.contains("0"));
    EXPECT_TRUE(seen.contains("0x"));
    EXPECT_TRUE(seen.contains("00")) << "the size may be there before the bytes are";
}

TEST(SimulatedDisk, ReplacesAtomicallyAtEveryOperation) {
    for (std::uint64_t n = 0;; ++n) {
        SimulatedDisk disk;
        ASSERT_TRUE(disk.replace("a", sectors("xx")).has_value());
        disk.fail_after(n, Fault::power_cut);
        if (disk.replace("a", sectors("yy")).has_value()) {
            EXPECT_EQ(outcomes(disk, "a"), Set{"yy"});
            EXPECT_EQ(n, 5U) << "create, write, sync, rename, sync of the directory";
            break;
        }
        for (const std::string& seen : outcomes(disk, "a")) {
            EXPECT_TRUE(seen == "xx" || (seen == "yy" && n >= 3)) << n << " " << seen;
        }
    }
}

TEST(SimulatedDisk, CutsTheCreationOfAFileAtEveryOperation) {
    std::vector<Set> seen;
    for (std::uint64_t n = 0;; ++n) {
        SimulatedDisk disk;
        disk.fail_after(n, Fault::power_cut);
        const bool done = disk.create("a", kSector).has_value();
        seen.push_back(outcomes(disk, "a"));
        if (done) break;
    }
    const std::vector<Set> expected{{"", "-"}, {"", "-", "0", "?"}, {"", "-", "0"}, {"-", "0"}, {"0"}};
    ASSERT_EQ(seen.size(), expected.size());
    EXPECT_EQ(seen[0], expected[0]);
    EXPECT_EQ(seen[3], expected[3]);
    EXPECT_EQ(seen[4], expected[4]);
    EXPECT_TRUE(seen[1].contains("") && seen[1].contains("-") && seen[1].contains("0"));
    EXPECT_TRUE(seen[2].contains("") && seen[2].contains("-") && seen[2].contains("0"));
}

TEST(SimulatedDisk, DoesARenameWhollyOrNotAtAll) {
    SimulatedDisk disk;
    ASSERT_TRUE(disk.make_directory("d").has_value());
    ASSERT_TRUE(disk.replace("a", sectors("x")).has_value());
    disk.fail_after(1, Fault::power_cut);
    ASSERT_FALSE(disk.rename("a", "d/b").has_value());
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        SimulatedDisk after = disk;
        after.power_loss(seed);
        EXPECT_NE(after.read("a", 999).has_value(), after.read("d/b", 999).has_value());
    }
    EXPECT_EQ(outcomes(disk, "a"), (Set{"-", "x"}));
}

TEST(SimulatedDisk, MayLoseADirectoryWithAllThatIsInIt) {
    SimulatedDisk disk;
    disk.fail_after(1, Fault::error_once);
    ASSERT_FALSE(disk.make_directory("d").has_value());
    ASSERT_TRUE(disk.replace("d/a", sectors("x")).has_value());
    EXPECT_EQ(outcomes(disk, "d/a"), (Set{"-", "x"}));
}

TEST(SimulatedDisk, DropsWhatAFailedSyncCoveredEvenWhenALaterSyncSucceeds) {
    SimulatedDisk disk;
    auto file = disk.create("a", 2 * kSector).value();
    ASSERT_TRUE(file->write_at(0, sectors("xx")).has_value());
    disk.fail_after(0, Fault::error_once);
    EXPECT_EQ(file->sync().error().code, Code::io_failed);
    EXPECT_EQ(letters(disk.read("a", 9999).value()), "xx") << "a read still sees it";

    auto again = disk.open("a", true).value();
    ASSERT_TRUE(again->sync().has_value());
    EXPECT_EQ(outcomes(disk, "a"), Set{"00"});

    ASSERT_TRUE(again->write_at(kSector, sectors("x")).has_value());
    ASSERT_TRUE(again->sync().has_value());
    EXPECT_EQ(outcomes(disk, "a"), Set{"0x"}) << "only what was written again";
}

TEST(SimulatedDisk, DropsTheGrowthThatAFailedSyncCovered) {
    SimulatedDisk disk;
    auto file = disk.create("a", 0).value();
    ASSERT_TRUE(file->write_at(0, sectors("x")).has_value());
    disk.fail_after(0, Fault::error_once);
    ASSERT_FALSE(file->sync().has_value());
    ASSERT_TRUE(disk.open("a", true).value()->sync().has_value());
    EXPECT_EQ(outcomes(disk, "a"), Set{""});
}

TEST(SimulatedDisk, CountsTheForbiddenSecondSync) {
    SimulatedDisk disk;
    auto file = disk.create("a", 0).value();
    disk.fail_after(0, Fault::error_once);
    EXPECT_FALSE(file->sync().has_value());
    EXPECT_EQ(disk.forbidden_syncs(), 0U);
    EXPECT_FALSE(file->sync().has_value());
    EXPECT_EQ(disk.forbidden_syncs(), 1U);
}

TEST(SimulatedDisk, FailsOnceOrForEver) {
    SimulatedDisk disk;
    auto file = disk.create("a", 0).value();
    disk.fail_after(1, Fault::error_once);
    EXPECT_TRUE(file->write_at(0, "x").has_value());
    EXPECT_FALSE(file->write_at(0, "x").has_value());
    EXPECT_TRUE(file->write_at(0, "x").has_value());
    disk.fail_after(0, Fault::error_for_ever);
    EXPECT_FALSE(file->write_at(0, "x").has_value());
    EXPECT_FALSE(disk.replace("b", "").has_value());
    disk.clear_fault();
    EXPECT_TRUE(disk.replace("b", "").has_value());
}

TEST(SimulatedDisk, LeavesHalfOfAFailedWrite) {
    SimulatedDisk disk;
    auto file = disk.create("a", 0).value();
    disk.fail_after(0, Fault::error_once);
    EXPECT_FALSE(file->write_at(0, "abcd").has_value());
    EXPECT_EQ(disk.read("a", 9).value(), "ab");
}

TEST(SimulatedDisk, IsDarkBetweenThePowerCutAndTheNextStart) {
    SimulatedDisk disk;
    auto file = disk.create("a", kSector).value();
    disk.fail_after(0, Fault::power_cut);
    EXPECT_FALSE(file->write_at(0, sectors("x")).has_value());
    EXPECT_FALSE(file->read_at(0, 1).has_value());
    EXPECT_FALSE(disk.list(".").has_value());
    EXPECT_EQ(outcomes(disk, "a"), (Set{"0", "x"}));
    disk.power_loss(1);
    EXPECT_FALSE(file->read_at(0, 1).has_value()) << "opened before the restart";
    EXPECT_TRUE(disk.open("a", true).value()->sync().has_value());
}

TEST(SimulatedDisk, LosesNothingWhenOnlyTheProcessEnds) {
    SimulatedDisk disk;
    auto file = disk.create("a", kSector).value();
    ASSERT_TRUE(file->write_at(0, sectors("x")).has_value());
    disk.restart();
    EXPECT_FALSE(file->sync().has_value());
    EXPECT_EQ(letters(disk.read("a", 999).value()), "x");
    EXPECT_EQ(outcomes(disk, "a"), (Set{"0", "x"}));
}

TEST(SimulatedDisk, CopiesShareNothingThatCanBeSeen) {
    SimulatedDisk disk;
    auto file = disk.create("a", kSector).value();
    const SimulatedDisk before = disk;
    ASSERT_TRUE(file->write_at(0, sectors("x")).has_value());
    SimulatedDisk copy = before;
    EXPECT_EQ(letters(copy.read("a", 999).value()), "0");
    ASSERT_TRUE(copy.remove("a").has_value());
    EXPECT_EQ(letters(disk.read("a", 999).value()), "x");
}

TEST(SimulatedDisk, RunsOutOfSpaceAndGetsItBack) {
    SimulatedDisk disk;
    disk.set_free_bytes(1000);
    auto file = disk.create("a", 600).value();
    EXPECT_FALSE(file->write_at(600, std::string(500, 'x')).has_value());
    EXPECT_EQ(file->size().value(), 1000U) << "what fits is written";
    EXPECT_EQ(disk.free_bytes().value(), 0U);
    EXPECT_TRUE(file->write_at(0, "overwriting needs no space").has_value());
    ASSERT_TRUE(disk.remove("a").has_value());
    EXPECT_EQ(disk.free_bytes().value(), 1000U);
}

TEST(SimulatedDisk, RotsOneBit) {
    SimulatedDisk disk;
    ASSERT_TRUE(disk.replace("a", "ab").has_value());
    disk.flip_bit("a", 8);
    EXPECT_EQ(disk.read("a", 9).value(), "ac");
    disk.power_loss(0);
    EXPECT_EQ(disk.read("a", 9).value(), "ac");
}

TEST(SimulatedDisk, DoesTheSameForTheSameSeed) {
    SimulatedDisk disk;
    auto file = disk.create("a", 64 * kSector).value();
    ASSERT_TRUE(file->write_at(0, std::string(64 * kSector, 'x')).has_value());
    std::set<std::string> different;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SimulatedDisk one = disk;
        SimulatedDisk other = disk;
        one.power_loss(seed);
        other.power_loss(seed);
        const std::string content = one.read("a", 1 << 20).value();
        EXPECT_EQ(content, other.read("a", 1 << 20).value());
        different.insert(content);
    }
    EXPECT_GT(different.size(), 8U);
}

TEST(SimulatedDiskTest, WhatWasPlacedIsLostUnlessItWasSettled) {
    bool lost = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SimulatedDisk disk;
        ASSERT_TRUE(disk.place("settled", "content").has_value());
        ASSERT_TRUE(disk.settle("settled").has_value());
        ASSERT_TRUE(disk.place("placed", "content").has_value());
        disk.power_loss(seed);
        EXPECT_EQ(disk.read("settled", 100).value(), "content");
        lost = lost || !disk.read("placed", 100) || *disk.read("placed", 100) != "content";
    }
    EXPECT_TRUE(lost);
}

}  // namespace
}  // namespace parmana::disk
