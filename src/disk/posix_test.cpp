#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/disk.hpp"
#include "disk/temporary_test.hpp"

namespace parmana::disk {
namespace {

class PosixDisk : public testing::Test {
  protected:
    mode_t mode_of(const std::string& path) {
        struct stat facts{};
        EXPECT_EQ(lstat((root_.path() + "/" + path).c_str(), &facts), 0) << path;
        return facts.st_mode & 0777;
    }

    TemporaryDirectory root_;
    std::unique_ptr<Disk> disk_ = open_disk(root_.path()).value();
};

TEST_F(PosixDisk, FilesAndDirectoriesBelongToTheirOwnerAlone) {
    const mode_t before = umask(0);
    EXPECT_TRUE(disk_->create("created", 1).has_value());
    EXPECT_TRUE(disk_->replace("replaced", "x").has_value());
    EXPECT_TRUE(disk_->make_directory("directory").has_value());
    umask(before);
    EXPECT_EQ(mode_of("created"), 0600U);
    EXPECT_EQ(mode_of("replaced"), 0600U);
    EXPECT_EQ(mode_of("directory"), 0700U);
}

TEST_F(PosixDisk, NoSymbolicLinkIsFollowed) {
    TemporaryDirectory outside;
    std::unique_ptr<Disk> other = open_disk(outside.path()).value();
    ASSERT_TRUE(other->replace("secret", "x").has_value());
    ASSERT_EQ(symlink((outside.path() + "/secret").c_str(), (root_.path() + "/file").c_str()), 0);
    ASSERT_EQ(symlink(outside.path().c_str(), (root_.path() + "/directory").c_str()), 0);
    EXPECT_EQ(disk_->open("file", false).error().code, Code::io_failed);
    EXPECT_EQ(disk_->read("directory/secret", 10).error().code, Code::io_failed);
    EXPECT_EQ(disk_->list("directory").error().code, Code::io_failed);
    EXPECT_EQ(disk_->make_directory("directory").error().code, Code::io_failed);
    EXPECT_EQ(disk_->create("file", 1).error().code, Code::io_failed);
    // Replacing puts a file where the link was and leaves the link's target alone.
    EXPECT_TRUE(disk_->replace("file", "y").has_value());
    EXPECT_EQ(other->read("secret", 10).value(), "x");
}

TEST_F(PosixDisk, APipeIsNotWaitedFor) {
    ASSERT_EQ(mkfifo((root_.path() + "/pipe").c_str(), 0600), 0);
    EXPECT_EQ(disk_->open("pipe", false).error().code, Code::io_failed);
    EXPECT_EQ(disk_->open("pipe", true).error().code, Code::io_failed);
}

TEST_F(PosixDisk, AMissingRootIsSaidToBeMissing) {
    EXPECT_EQ(open_disk(root_.path() + "/no").error().code, Code::data_missing);
}

TEST_F(PosixDisk, AnErrorNamesTheOperationThePathAndTheCause) {
    EXPECT_EQ(disk_->open("log/7", false).error().detail,
              "open of `log/7` failed: No such file or directory");
}

TEST_F(PosixDisk, AFailedCreationOrReplacementLeavesNothingBehind) {
    // The limit on the size of a file stands in for a full disk.
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = before;
    small.rlim_cur = 4096;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const Result<std::unique_ptr<File>> created = disk_->create("a", 10'000);
    const Status replaced = disk_->replace("b", std::string(10'000, 'x'));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(created.error().code, Code::io_failed);
    EXPECT_EQ(replaced.error().code, Code::io_failed);
    EXPECT_EQ(disk_->open("a", false).error().code, Code::data_missing);
    EXPECT_EQ(disk_->open("b.replacing", false).error().code, Code::data_missing);
}

/// The number of this process's descriptor that is open on `path`.
int descriptor_of(const std::string& path) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (std::filesystem::read_symlink(entry.path(), gone) == path) {
            return std::stoi(entry.path().filename().string());
        }
    }
    return -1;
}

TEST_F(PosixDisk, AfterAFailedSyncTheKernelIsNotAskedAgain) {
    auto file = disk_->create("a", 1).value();
    const int number = descriptor_of(root_.path() + "/a");
    ASSERT_GE(number, 0);
    const int kept = dup(number);
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    // A pipe in the file's place: it cannot be synced.
    ASSERT_EQ(dup2(pipe_ends[1], number), number);
    EXPECT_EQ(file->sync().error().detail, "sync of `a` failed: Invalid argument");
    ASSERT_EQ(dup2(kept, number), number);
    for (const int end : {kept, pipe_ends[0], pipe_ends[1]})
        close(end);
    EXPECT_EQ(file->sync().error().code, Code::io_failed);
    EXPECT_TRUE(disk_->open("a", true).value()->sync().has_value()) << "the file itself could be synced";
}

TEST_F(PosixDisk, OffsetsBeyondTheSystemAreRefused) {
    auto file = disk_->create("a", 1).value();
    const std::uint64_t beyond = std::uint64_t{1} << 63;
    EXPECT_EQ(file->write_at(beyond, "x").error().code, Code::io_failed);
    EXPECT_EQ(file->read_at(beyond, 1).error().code, Code::io_failed);
}

}  // namespace
}  // namespace parmana::disk
