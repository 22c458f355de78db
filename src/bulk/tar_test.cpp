#include "bulk/tar.hpp"

#include <gtest/gtest.h>

namespace parmana::bulk {
namespace {

struct Archive {
    std::string bytes;
    TarWriter tar{[this](std::string_view more) {
                      bytes += more;
                      return Status();
                  },
                  UnixSeconds(1'790'000'000)};
    std::string field(std::size_t at, std::size_t size) const {
        return std::string(bytes.substr(at, size).c_str());
    }
};

TEST(Tar, WritesHeadersThatEveryTarReads) {
    Archive archive;
    ASSERT_TRUE(archive.tar.file("log/00000001.seg", "hello"));
    EXPECT_EQ(archive.bytes.size(), 1024U);
    EXPECT_EQ(archive.field(0, 100), "log/00000001.seg");
    EXPECT_EQ(archive.field(100, 8), "0000600");
    EXPECT_EQ(archive.field(124, 12), "00000000005");
    EXPECT_EQ(archive.field(136, 12), "15254235600");
    EXPECT_EQ(archive.bytes[156], '0');
    EXPECT_EQ(archive.bytes.substr(257, 8), std::string("ustar\00000", 8));
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 512; ++i)
        sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(archive.bytes[i]);
    EXPECT_EQ(std::stoull(archive.field(148, 6), nullptr, 8), sum);
    EXPECT_EQ(archive.bytes.substr(512, 6), std::string("hello\0", 6));
}

TEST(Tar, SplitsALongPathAtASlash) {
    Archive archive;
    const std::string id(128, 'p');
    ASSERT_TRUE(archive.tar.file("policies/" + id + "/1.0.0/policy.json", ""));
    EXPECT_EQ(archive.field(345, 155), "policies/" + id);
    EXPECT_EQ(archive.field(0, 100), "1.0.0/policy.json");
}

TEST(Tar, SaysAPathThatDoesNotFitInAHeaderOfItsOwn) {
    Archive archive;
    const std::string path = "policies/" + std::string(128, 'p');
    ASSERT_TRUE(archive.tar.directory(path));
    EXPECT_EQ(archive.bytes[156], 'x');
    EXPECT_EQ(archive.field(512, 512), "148 path=" + path + "/\n");
    EXPECT_EQ(archive.bytes[1024 + 156], '5');
    EXPECT_EQ(archive.bytes.size(), 1536U);
}

TEST(Tar, AFileThatBecameShorterIsAnError) {
    Archive archive;
    ASSERT_TRUE(archive.tar.begin("a", 10));
    ASSERT_TRUE(archive.tar.append("12345"));
    EXPECT_FALSE(archive.tar.end());
}

TEST(Tar, EndsWithTwoEmptyBlocks) {
    Archive archive;
    ASSERT_TRUE(archive.tar.finish());
    EXPECT_EQ(archive.bytes, std::string(1024, '\0'));
}

}  // namespace
}  // namespace parmana::bulk
