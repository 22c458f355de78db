#include "tlog/tiles.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/crypto.hpp"
#include "crypto/shared_vectors.hpp"
#include "disk/sim.hpp"

namespace parmana::tlog {
namespace {

std::string entry(std::uint64_t i) {
    return "entry-" + std::to_string(i);
}

class TilesTest : public testing::Test {
  protected:
    TilesTest() { EXPECT_TRUE(disk_.make_directory("tlog").has_value()); }

    void grow(TileWriter& writer, std::uint64_t size) {
        while (tree_.size().value() < size) {
            const std::string body = entry(tree_.size().value());
            tree_.append(merkle::hash_leaf(body));
            writer.add(body);
        }
    }
    void write(TileWriter& writer, std::uint64_t size) {
        grow(writer, size);
        ASSERT_TRUE(writer.write(writer.render(tree_, size, false)).has_value());
    }
    bool is_there(const std::string& path) { return disk_.read("tlog/" + path, 1 << 20).has_value(); }

    disk::SimulatedDisk disk_;
    merkle::Tree tree_;
};

TEST_F(TilesTest, PathsAreThoseOfTheSpecification) {
    EXPECT_EQ(tile_path(0, 1'234'067, 256), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path(1, 0, 17), "tile/1/000.p/17");
    EXPECT_EQ(bundle_path(273, 112), "tile/entries/273.p/112");
    for (const char* good :
         {"tile/0/000", "tile/63/x001/234", "tile/entries/x001/x234/067.p/255", "tile/0/000.p/1"})
        EXPECT_TRUE(is_tile_path(good)) << good;
    for (const char* bad : {"",
                            "tile",
                            "tile/",
                            "tile/0",
                            "tile/0/",
                            "tile/0/00",
                            "tile/0/0000",
                            "tile/64/000",
                            "tile/00/000",
                            "tile/0/000/",
                            "tile/0/000.p",
                            "tile/0/000.p/",
                            "tile/0/000.p/0",
                            "tile/0/000.p/256",
                            "tile/0/000.p/01",
                            "tile/0/../000",
                            "tile/entries",
                            "tile/entries/x00/000",
                            "tile/0/x001",
                            "checkpoint",
                            "settled",
                            "tile/0/x000/x000/x000/x000/x000/x000/x000/000"})
        EXPECT_FALSE(is_tile_path(bad)) << bad;
}

TEST_F(TilesTest, TheFilesOfEachSizeAreThere) {
    TileWriter writer(disk_, "tlog");
    writer.start(0);
    write(writer, 1);
    EXPECT_TRUE(is_there("tile/0/000.p/1") && is_there("tile/entries/000.p/1"));
    write(writer, 255);
    EXPECT_TRUE(is_there("tile/0/000.p/1") && is_there("tile/0/000.p/255"));
    write(writer, 300);
    EXPECT_FALSE(is_there("tile/0/000.p/255")) << "the full tile is there instead";
    EXPECT_TRUE(is_there("tile/0/000") && is_there("tile/0/001.p/44") && is_there("tile/1/000.p/1"));
    EXPECT_TRUE(is_there("tile/entries/000") && is_there("tile/entries/001.p/44"));
    EXPECT_FALSE(is_there("tile/entries/000.p/255"));
    write(writer, 70'000);
    EXPECT_TRUE(is_there("tile/0/273.p/112") && is_there("tile/1/000") && is_there("tile/1/001.p/17"));
    EXPECT_TRUE(is_there("tile/2/000.p/1"));
    EXPECT_FALSE(is_there("tile/1/000.p/1"));
    std::string bundle;
    for (std::uint64_t i = 0; i < 256; ++i)
        append_entry(bundle, entry(256 + i));
    EXPECT_EQ(disk_.read("tlog/tile/entries/001", 1 << 20).value(), bundle);
}

TEST_F(TilesTest, TheSharedVectorsAreReproduced) {
    const auto text = test::shared_vectors("tiles.json");
    if (!text) GTEST_SKIP() << "no shared vectors";
    const auto vectors = nlohmann::json::parse(*text);
    int compared = 0;
    for (const auto& sample : vectors["trees"]) {
        disk::SimulatedDisk disk;
        ASSERT_TRUE(disk.make_directory("tlog").has_value());
        TileWriter writer(disk, "tlog");
        writer.start(0);
        merkle::Tree tree;
        const std::uint64_t size = sample["size"];
        for (std::uint64_t i = 0; i < size; ++i) {
            tree.append(merkle::hash_leaf(entry(i)));
            writer.add(entry(i));
        }
        ASSERT_TRUE(writer.write(writer.render(tree, size, false)).has_value());
        nlohmann::json files = sample["tiles"];
        files.insert(files.end(), sample["entry_bundles"].begin(), sample["entry_bundles"].end());
        for (const auto& tile : files) {
            const std::string path = tile["path"], wanted = tile["sha256"];
            const auto bytes = disk.read("tlog/" + path, 1 << 20);
            ASSERT_TRUE(bytes.has_value()) << path << " of " << size;
            EXPECT_EQ(to_hex(view_of(crypto::sha256(*bytes))), wanted) << path;
            ++compared;
        }
    }
    EXPECT_GT(compared, 20);
}

TEST_F(TilesTest, WhatIsBehindTheMarkIsWrittenAgain) {
    TileWriter writer(disk_, "tlog");
    EXPECT_EQ(writer.read_mark().value(), 0u);
    writer.start(0);
    write(writer, 700);
    ASSERT_TRUE(writer.settle().has_value());
    EXPECT_EQ(writer.read_mark().value(), 512u);
    write(writer, 1100);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        disk::SimulatedDisk after = disk_;
        after.power_loss(seed);
        TileWriter again(after, "tlog");
        ASSERT_EQ(again.read_mark().value(), 512u);
        again.start(512);
        for (std::uint64_t i = 512; i < 1100; ++i)
            again.add(entry(i));
        ASSERT_TRUE(again.write(again.render(tree_, 1100, false)).has_value());
        for (std::uint64_t index = 0; index < 4; ++index) {
            const std::string path = "tlog/" + tile_path(0, index, 256);
            EXPECT_EQ(after.read(path, 1 << 20).value(), tile_bytes(tree_, 0, index, 256))
                << seed << " " << index;
            EXPECT_TRUE(after.read("tlog/" + bundle_path(index, 256), 1 << 20).has_value());
        }
    }
}

TEST_F(TilesTest, TheMarkIsTrueWhereverSettlingIsCutOff) {
    TileWriter writer(disk_, "tlog");
    writer.start(0);
    write(writer, 700);
    for (std::uint64_t operation = 0, done = 0; done == 0; ++operation) {
        disk::SimulatedDisk run = disk_;
        TileWriter settling(run, "tlog");
        settling.start(0);
        for (std::uint64_t i = 0; i < 700; ++i)
            settling.add(entry(i));
        settling.render(tree_, 700, false);  // what `disk_` holds, and nothing of it is durable
        run.fail_after(operation, disk::Fault::power_cut);
        done = settling.settle().has_value() ? 1 : 0;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            disk::SimulatedDisk after = run;
            after.power_loss(seed);
            const std::uint64_t mark = TileWriter(after, "tlog").read_mark().value();
            EXPECT_TRUE(mark == 512 || (mark == 0 && done == 0)) << operation;
            for (std::uint64_t index = 0; index < mark / 256; ++index) {
                const auto tile = after.read("tlog/" + tile_path(0, index, 256), 1 << 20);
                ASSERT_TRUE(tile.has_value()) << operation << " " << seed;
                EXPECT_EQ(*tile, tile_bytes(tree_, 0, index, 256));
                EXPECT_TRUE(after.read("tlog/" + bundle_path(index, 256), 1 << 20).has_value());
            }
        }
    }
}

TEST_F(TilesTest, ADamagedMarkIsRefused) {
    TileWriter writer(disk_, "tlog");
    for (const char* text : {"", "256", "x\n", "0256\n", "255\n", "256\n\n"}) {
        ASSERT_TRUE(disk_.replace("tlog/settled", text).has_value());
        EXPECT_FALSE(writer.read_mark().has_value()) << text;
    }
}

}  // namespace
}  // namespace parmana::tlog
