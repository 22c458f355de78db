// What every Disk promises, asked of the real and of the simulated one.
#include "disk/disk.hpp"

#include <gtest/gtest.h>

#include "disk/sim.hpp"
#include "disk/temporary_test.hpp"

namespace parmana::disk {
namespace {

struct RealDisk {
    TemporaryDirectory directory;
    std::unique_ptr<Disk> disk = open_disk(directory.path()).value();
    Disk& get() { return *disk; }
};

struct Simulated {
    SimulatedDisk disk;
    Disk& get() { return disk; }
};

template <class Holder>
class DiskContract : public testing::Test {
  protected:
    Disk& disk() { return holder_.get(); }
    std::string content(const std::string& path) { return disk().read(path, 1 << 20).value(); }

  private:
    Holder holder_;
};

using Implementations = testing::Types<RealDisk, Simulated>;
TYPED_TEST_SUITE(DiskContract, Implementations);

TYPED_TEST(DiskContract, ACreatedFileIsFullOfZeros) {
    auto file = this->disk().create("segment", 3'000'000).value();
    EXPECT_EQ(file->size().value(), 3'000'000U);
    EXPECT_EQ(file->read_at(2'999'990, 100).value(), std::string(10, '\0'));
}

TYPED_TEST(DiskContract, AFileIsCreatedOnlyOnce) {
    ASSERT_TRUE(this->disk().create("a", 0).has_value());
    EXPECT_EQ(this->disk().create("a", 0).error().code, Code::io_failed);
}

TYPED_TEST(DiskContract, WhatIsWrittenIsRead) {
    auto file = this->disk().create("a", 8).value();
    ASSERT_TRUE(file->write_at(2, "xyz").has_value());
    ASSERT_TRUE(file->write_at(10, "!").has_value());
    ASSERT_TRUE(file->sync().has_value());
    const std::string expected("\0\0xyz\0\0\0\0\0!", 11);
    EXPECT_EQ(file->read_at(0, 100).value(), expected);
    EXPECT_EQ(this->content("a"), expected);
    EXPECT_EQ(file->read_at(11, 5).value(), "");
    EXPECT_EQ(file->read_at(99, 5).value(), "");
    EXPECT_EQ(file->read_at(3, 2).value(), "yz");
}

TYPED_TEST(DiskContract, AFileOpenForReadingTakesNoBytes) {
    ASSERT_TRUE(this->disk().create("a", 1).has_value());
    auto file = this->disk().open("a", false).value();
    EXPECT_EQ(file->write_at(0, "x").error().code, Code::io_failed);
}

TYPED_TEST(DiskContract, AMissingFileIsSaidToBeMissing) {
    EXPECT_EQ(this->disk().open("a", false).error().code, Code::data_missing);
    EXPECT_EQ(this->disk().read("a", 1).error().code, Code::data_missing);
    EXPECT_EQ(this->disk().read("no/a", 1).error().code, Code::data_missing);
    EXPECT_EQ(this->disk().remove("a").error().code, Code::data_missing);
    EXPECT_EQ(this->disk().rename("a", "b").error().code, Code::data_missing);
    EXPECT_EQ(this->disk().list("a").error().code, Code::data_missing);
}

TYPED_TEST(DiskContract, ReplaceCreatesAndReplacesWholeFiles) {
    ASSERT_TRUE(this->disk().replace("a", "first, and longer").has_value());
    EXPECT_EQ(this->content("a"), "first, and longer");
    ASSERT_TRUE(this->disk().replace("a", "second").has_value());
    EXPECT_EQ(this->content("a"), "second");
    ASSERT_TRUE(this->disk().replace("a", "").has_value());
    EXPECT_EQ(this->content("a"), "");
}

TYPED_TEST(DiskContract, PlacePutsWholeFilesThatCanBeSettled) {
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    ASSERT_TRUE(this->disk().place("d/a", "first, and longer").has_value());
    ASSERT_TRUE(this->disk().place("d/a", "second").has_value());
    EXPECT_EQ(this->content("d/a"), "second");
    EXPECT_TRUE(this->disk().settle("d/a").has_value());
    EXPECT_EQ(this->disk().settle("d/b").error().code, Code::data_missing);
    EXPECT_EQ(this->disk().place("no/a", "x").error().code, Code::data_missing);
}

TYPED_TEST(DiskContract, ADirectoryGoesWithItsFiles) {
    EXPECT_TRUE(this->disk().remove_directory("d").has_value());
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    ASSERT_TRUE(this->disk().place("d/a", "x").has_value());
    ASSERT_TRUE(this->disk().create("d/b.replacing", 5).has_value()) << "of an interrupted one";
    ASSERT_TRUE(this->disk().remove_directory("d").has_value());
    EXPECT_EQ(this->disk().list(".").value(), std::vector<std::string>());
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    EXPECT_EQ(this->disk().list("d").value(), std::vector<std::string>());
}

TYPED_TEST(DiskContract, ReplaceGetsOverTheRemainsOfAnInterruptedOne) {
    ASSERT_TRUE(this->disk().create("a.replacing", 5).has_value());
    EXPECT_EQ(this->disk().list(".").value(), std::vector<std::string>());
    ASSERT_TRUE(this->disk().replace("a", "x").has_value());
    EXPECT_EQ(this->content("a"), "x");
    EXPECT_EQ(this->disk().open("a.replacing", false).error().code, Code::data_missing);
}

TYPED_TEST(DiskContract, ReadRefusesMoreThanItsLimit) {
    ASSERT_TRUE(this->disk().replace("a", "12345").has_value());
    EXPECT_EQ(this->disk().read("a", 5).value(), "12345");
    EXPECT_EQ(this->disk().read("a", 4).error().code, Code::data_corrupt);
}

TYPED_TEST(DiskContract, RenameMovesAcrossDirectoriesAndOverFiles) {
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    ASSERT_TRUE(this->disk().replace("a", "new").has_value());
    ASSERT_TRUE(this->disk().replace("d/b", "old").has_value());
    ASSERT_TRUE(this->disk().rename("a", "d/b").has_value());
    EXPECT_EQ(this->content("d/b"), "new");
    EXPECT_EQ(this->disk().list(".").value(), std::vector<std::string>{"d"});
    ASSERT_TRUE(this->disk().rename("d", "e").has_value());
    EXPECT_EQ(this->content("e/b"), "new");
}

TYPED_TEST(DiskContract, ARemovedFileIsGoneAndItsNameIsFree) {
    ASSERT_TRUE(this->disk().replace("a", "x").has_value());
    ASSERT_TRUE(this->disk().remove("a").has_value());
    EXPECT_EQ(this->disk().open("a", false).error().code, Code::data_missing);
    EXPECT_TRUE(this->disk().create("a", 1).has_value());
}

TYPED_TEST(DiskContract, MakingADirectoryTwiceIsTheSameAsOnce) {
    EXPECT_TRUE(this->disk().make_directory("d").has_value());
    EXPECT_TRUE(this->disk().make_directory("d").has_value());
    EXPECT_TRUE(this->disk().make_directory("d/e").has_value());
    ASSERT_TRUE(this->disk().replace("file", "").has_value());
    EXPECT_FALSE(this->disk().make_directory("file").has_value());
    EXPECT_FALSE(this->disk().make_directory("no/e").has_value());
    EXPECT_EQ(this->disk().list("d").value(), std::vector<std::string>{"e"});
}

TYPED_TEST(DiskContract, NamesAreListedInOrder) {
    for (const char* name : {"10", "2", "b", "B"})
        ASSERT_TRUE(this->disk().create(name, 0).has_value());
    EXPECT_EQ(this->disk().list(".").value(), (std::vector<std::string>{"10", "2", "B", "b"}));
}

TYPED_TEST(DiskContract, NoPathLeadsOutOfTheRoot) {
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    const std::string with_nul("a\0b", 3);
    for (const std::string& path :
         {std::string(), std::string("/etc"), std::string("../a"), std::string("d/../a"), std::string("d//a"),
          std::string("d/"), std::string("./a"), with_nul, std::string(256, 'a')}) {
        EXPECT_EQ(this->disk().create(path, 0).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().open(path, true).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().read(path, 1).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().replace(path, "").error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().rename("d", path).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().remove(path).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().make_directory(path).error().code, Code::io_failed) << path;
        EXPECT_EQ(this->disk().list(path).error().code, Code::io_failed) << path;
    }
    EXPECT_EQ(this->disk().list(".").value(), std::vector<std::string>{"d"});
}

TYPED_TEST(DiskContract, ADirectoryIsNotAFile) {
    ASSERT_TRUE(this->disk().make_directory("d").has_value());
    EXPECT_EQ(this->disk().open("d", false).error().code, Code::io_failed);
    EXPECT_EQ(this->disk().remove("d").error().code, Code::io_failed);
}

TYPED_TEST(DiskContract, ThereIsRoomLeft) {
    EXPECT_GT(this->disk().free_bytes().value(), 0U);
}

}  // namespace
}  // namespace parmana::disk
