#include "runtime/verifications.hpp"

#include <gtest/gtest.h>

#include "disk/sim.hpp"

namespace parmana::runtime {
namespace {

verify::Report report_about(const std::string& id, verify::Outcome outcome) {
    verify::Report out;
    out.kind = "evidence";
    out.execution_id = id;
    out.checks.push_back({"verdict", outcome, "as it may be"});
    return out;
}

struct Fixture : testing::Test {
    disk::SimulatedDisk disk;
    SimulatedClock clock{UnixMillis(1'700'000'000'000)};
};

using VerificationHistory = Fixture;

TEST_F(VerificationHistory, IsToldByItsOwnIdAndByThatOfTheExecution) {
    const auto history = Verifications::open(disk, clock).value();
    const std::string first = history->keep("a file", report_about("pay-1", verify::Outcome::passed));
    const std::string second = history->keep("a file", report_about("pay-1", verify::Outcome::failed));
    EXPECT_NE(first, second) << "the same file once more is another verification";
    EXPECT_EQ(history->find("pay-2"), std::nullopt);
    const auto one = json::parse(history->find(first).value()).value();
    ASSERT_EQ(one.root().find("verifications")->size(), 1u);
    const auto both = json::parse(history->find("pay-1").value()).value();
    ASSERT_EQ(both.root().find("verifications")->size(), 2u);
    const auto newest = *both.root().find("verifications")->elements().begin();
    EXPECT_EQ(newest.find("verificationId")->string(), second);
    EXPECT_FALSE(newest.find("results")->find("verdict")->boolean());
}

TEST_F(VerificationHistory, OutlivesTheServer) {
    const std::string id = Verifications::open(disk, clock)
                               .value()
                               ->keep("a file", report_about("pay-1", verify::Outcome::passed));
    const auto again = Verifications::open(disk, clock).value();
    EXPECT_TRUE(again->find(id));
    EXPECT_TRUE(again->find("pay-1"));
}

TEST_F(VerificationHistory, ForgetsTheOldestAndNothingElse) {
    const auto history = Verifications::open(disk, clock).value();
    const std::string first = history->keep("a file", report_about("pay-0", verify::Outcome::passed));
    std::string last;
    for (int i = 1; i <= 10'000; ++i)
        last = history->keep("a file", report_about("pay-" + std::to_string(i), verify::Outcome::passed));
    EXPECT_EQ(history->find(first), std::nullopt);
    EXPECT_TRUE(history->find("pay-1"));
    EXPECT_TRUE(history->find(last));
}

TEST_F(VerificationHistory, LeavesOutATornLine) {
    const std::string id = Verifications::open(disk, clock)
                               .value()
                               ->keep("a file", report_about("pay-1", verify::Outcome::passed));
    const std::string text = disk.read("verifications.jsonl", 1 << 20).value();
    ASSERT_TRUE(disk.place("verifications.jsonl", text + text.substr(0, text.size() / 2)));
    EXPECT_TRUE(Verifications::open(disk, clock).value()->find(id));
}

}  // namespace
}  // namespace parmana::runtime
