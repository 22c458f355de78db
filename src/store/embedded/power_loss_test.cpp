// The power goes at every operation of a run, and again at every operation of the recovery after it.
#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using disk::Fault;
using disk::SimulatedDisk;

/// Groups of one and of several, losers, refusals, a large group before a small one, several segments.
const std::vector<std::vector<Submission>>& script() {
    static const std::vector<std::vector<Submission>> groups{
        {decision("a", 1)},
        {decision("b", 1), decision("c", 1), decision("b", 2), refusal("d", "signal_range", 1)},
        {decision("a", 2), refusal("d", "signal_range", 2), decision("d", 1)},
        {decision("e", 1, 1500)},
        {decision("f", 1), decision("e", 2)},
        {refusal("g", "policy_unknown", 1), decision("g", 1), decision("h", 1, 300)},
    };
    return groups;
}

/// Runs the script; false when the store did not open. Refusals may come again behind the third group.
bool run(TestLedger& ledger, Account& account) {
    if (ledger.error()) return false;
    for (std::size_t i = 0; i < script().size(); ++i) {
        const auto results = ledger.admit_together(script()[i]);
        for (std::size_t j = 0; j < results.size(); ++j)
            account.told(script()[i][j], results[j]);
        if (i == 2) ledger->checkpointed(ledger->size());
    }
    account.told(decision("kick"), ledger.admit(decision("kick")));
    return true;
}

/// What is there after a crash is what was told; opening twice shows the same; the store takes more.
void expect_recovered(SimulatedDisk& disk, const Account& account, bool go_on) {
    std::vector<merkle::LeafHash> leaves;
    {
        TestLedger ledger(disk);
        ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
        leaves = ledger.leaves();
    }
    TestLedger again(disk);
    ASSERT_TRUE(account.holds_in(again));
    ASSERT_EQ(again.leaves(), leaves) << "recovery is idempotent";
    if (!go_on) return;
    Account more = account;
    ASSERT_TRUE(run(again, more));
    ASSERT_EQ(again.failures(), 0);
    ASSERT_TRUE(more.holds_in(again));
    for (const auto& id : {"a", "b", "c", "d", "e", "f", "g", "h"})
        ASSERT_TRUE(again.find(id).has_value()) << id;
}

struct Struck {
    SimulatedDisk disk;  // as it was when the power went
    Account account;
};

/// The script, struck at the given operation. Nothing when it came to its end before.
std::optional<Struck> strike(std::uint64_t operation) {
    Struck struck{empty_store(), {}};
    struck.disk.fail_after(operation, Fault::power_cut);
    TestLedger ledger(struck.disk);
    const bool finished =
        run(ledger, struck.account) && ledger.failures() == 0 && struck.account.successes() == 15;
    if (finished) return std::nullopt;
    return struck;
}

constexpr std::uint64_t kSeeds = 125;

TEST(StorePowerLoss, EverythingToldSurvivesAPowerLossAtEveryOperation) {
    std::uint64_t states = 0, operation = 0;
    for (;; ++operation) {
        const auto struck = strike(operation);
        if (!struck) break;
        for (std::uint64_t seed = 0; seed < kSeeds; ++seed, ++states) {
            SimulatedDisk disk = struck->disk;
            disk.power_loss(seed);
            expect_recovered(disk, struck->account, seed % 20 == 0);
            ASSERT_FALSE(HasFailure()) << "operation " << operation << ", seed " << seed;
        }
    }
    RecordProperty("operations", static_cast<int>(operation));
    RecordProperty("states", static_cast<int>(states));
    EXPECT_GT(states, 10'000u);
}

/// Strikes the recovery of `crashed` at every operation; the number of crash states.
std::uint64_t strike_recovery(const SimulatedDisk& crashed, const Account& account, std::uint64_t seed) {
    for (std::uint64_t operation = 0; !testing::Test::HasFailure(); ++operation) {
        SimulatedDisk disk = crashed;
        disk.fail_after(operation, Fault::power_cut);
        if (!TestLedger(disk).error()) return operation;
        disk.power_loss(seed * 31 + operation);
        TestLedger ledger(disk);
        EXPECT_TRUE(account.holds_in(ledger)) << "operation " << operation << " of the recovery";
    }
    return 0;
}

TEST(StorePowerLoss, EverythingToldSurvivesASecondPowerLossAtEveryOperationOfTheRecovery) {
    std::uint64_t states = 0;
    for (std::uint64_t operation = 0;; ++operation) {
        const auto struck = strike(operation);
        if (!struck) break;
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            SimulatedDisk disk = struck->disk;
            disk.power_loss(seed);
            states += strike_recovery(disk, struck->account, seed);
            ASSERT_FALSE(HasFailure()) << "operation " << operation << ", seed " << seed;
        }
    }
    RecordProperty("states", static_cast<int>(states));
    EXPECT_GT(states, 10'000u);
}

/// The store after `records` got a group that the log did not get.
SimulatedDisk orphaned(std::uint64_t segment_bytes, std::size_t padding) {
    for (std::uint64_t operation = 0; operation < 100; ++operation) {
        SimulatedDisk disk = empty_store();
        EmbeddedOptions options = small_options();
        options.first_segment_bytes = segment_bytes;
        {
            TestLedger ledger(disk, options);
            EXPECT_TRUE(ledger.admit(decision("kept")).has_value());
            disk.fail_after(operation, Fault::power_cut);
            EXPECT_FALSE(ledger.admit(decision("orphan", 0, padding)).has_value());
        }
        const auto durable = [&](const std::string& family) {
            SimulatedDisk copy = disk;
            copy.power_loss(0);
            std::string bytes;
            const auto names = copy.list(family).value();
            for (const std::string& name : names) {
                bytes += copy.read(family + "/" + name, 1 << 20).value();
            }
            return bytes.find("orphan") != std::string::npos;
        };
        if (!durable("records")) continue;
        EXPECT_FALSE(durable("log"));
        disk.power_loss(0);
        return disk;
    }
    ADD_FAILURE() << "records are never durable before the log";
    return empty_store();
}

TEST(StorePowerLoss, RecordsThatTheLogDoesNotKnowAreCutOff) {
    for (const std::size_t padding : {0, 3000}) {
        for (const std::uint64_t segment_bytes : {600, 4096}) {
            SimulatedDisk disk = orphaned(segment_bytes, padding);
            for (const std::string id : {"next", "orphan"}) {
                TestLedger ledger(disk);
                ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
                EXPECT_TRUE(ledger.find("kept").has_value());
                EXPECT_EQ(ledger.find("orphan"), std::nullopt);
                EXPECT_TRUE(ledger.admit(decision(id, 5))->first);
            }
            TestLedger ledger(disk);
            ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
            EXPECT_EQ(ledger->size().value(), 3u);
            EXPECT_EQ(ledger.find("orphan")->content, decision("orphan", 5));
        }
    }
}

}  // namespace
}  // namespace parmana::store
