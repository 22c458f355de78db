#include "tlog/history.hpp"

#include <gtest/gtest.h>

#include "disk/sim.hpp"

namespace parmana::tlog {
namespace {

class HistoryTest : public testing::Test {
  protected:
    HistoryTest() {
        EXPECT_TRUE(disk_.make_directory("tlog").has_value());
        EXPECT_TRUE(History::create(disk_, "tlog").has_value());
    }
    /// Heads differ in their time.
    std::string head(std::uint64_t size, std::int64_t time) const {
        return note::sign_head({"localhost/0", merkle::TreeSize(size), merkle::empty_root()}, *key_,
                               UnixSeconds(time))
            .value();
    }
    void append(History& history, std::uint64_t size, std::int64_t time) const {
        const std::string note = head(size, time);
        ASSERT_TRUE(history.append(note::parse_head(note).value(), note).has_value());
    }
    static merkle::TreeSize size(std::uint64_t value) { return merkle::TreeSize(value); }

    SimulatedEntropy entropy_{1};
    const std::unique_ptr<crypto::Signer> key_ =
        crypto::make_ed25519_signer(crypto::generate_secret(entropy_));
    disk::SimulatedDisk disk_;
};

TEST_F(HistoryTest, FindsTheHeadsAroundAnEntry) {
    auto history = History::open(disk_, "tlog", true).value();
    EXPECT_EQ(history.last_up_to(size(5)).value(), std::nullopt);
    EXPECT_EQ(history.first_above(size(5)).value(), std::nullopt);
    for (const std::uint64_t each : {0, 3, 7})
        append(history, each, static_cast<std::int64_t>(each));
    append(history, 7, 100);  // cosigned later
    append(history, 20, 20);
    for (int opened = 0; opened < 2; ++opened) {
        const History again = History::open(disk_, "tlog", opened == 1).value();
        EXPECT_EQ(again.last_up_to(size(2)).value(), head(0, 0));
        EXPECT_EQ(again.last_up_to(size(3)).value(), head(3, 3));
        EXPECT_EQ(again.last_up_to(size(9)).value(), head(7, 100));
        EXPECT_EQ(again.first_above(size(2)).value(), head(3, 3));
        EXPECT_EQ(again.first_above(size(3)).value(), head(7, 100));
        EXPECT_EQ(again.first_above(size(7)).value(), head(20, 20));
        EXPECT_EQ(again.first_above(size(20)).value(), std::nullopt);
    }
}

TEST_F(HistoryTest, PrefersAHeadThatWitnessesCosigned) {
    auto history = History::open(disk_, "tlog", true).value();
    for (const std::uint64_t each : {3, 7, 9})
        append(history, each, static_cast<std::int64_t>(each));
    EXPECT_EQ(history.first_above(size(2), true).value(), head(3, 3)) << "when there is none, the first";
    const std::string plain = head(9, 9);
    const auto line = note::cosign(note::parse_head(plain)->text, "w.example", *key_, UnixSeconds(1)).value();
    const std::string cosigned = note::add_cosignatures(plain, std::vector{line}).value();
    ASSERT_TRUE(history.append(note::parse_head(cosigned).value(), cosigned).has_value());
    EXPECT_EQ(history.first_above(size(2), true).value(), cosigned);
    EXPECT_EQ(history.first_above(size(2)).value(), head(3, 3));
}

TEST_F(HistoryTest, ACrashTakesHeadsAndNothingElse) {
    std::size_t fewest = 100;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        disk::SimulatedDisk disk = disk_;
        auto history = History::open(disk, "tlog", true).value();
        for (std::uint64_t i = 1; i <= 50; ++i)
            append(history, i, static_cast<std::int64_t>(i));
        disk.power_loss(seed);
        auto after = History::open(disk, "tlog", true).value();
        fewest = std::min<std::size_t>(fewest, after.count());
        append(after, 51, 51);
        const auto again = History::open(disk, "tlog", false).value();
        EXPECT_EQ(again.last_up_to(size(60)).value(), head(51, 51)) << seed;
        for (std::uint64_t i = 0; i < 51; ++i) {
            const auto above = again.first_above(size(i));
            ASSERT_TRUE(above.has_value() && above->has_value()) << seed << " " << i;
            EXPECT_GT(note::parse_head(**above)->checkpoint.size.value(), i);
        }
    }
    EXPECT_LT(fewest, 50u);
}

}  // namespace
}  // namespace parmana::tlog
