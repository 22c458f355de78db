// Decisions that the log attests: one statement behind them, in the same commit.
#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

Submission by_log(const std::string& id, int copy = 0) {
    Submission out = decision(id, copy);
    out.attested = Attested::log;
    out.attestation.key_id.clear();
    out.attestation.signature = {};
    return out;
}

struct Seals {
    std::vector<std::pair<std::uint64_t, std::vector<merkle::LeafHash>>> made;
    bool failing = false;

    EmbeddedOptions options() {
        EmbeddedOptions out = small_options();
        out.seal = [this](LogIndex first, std::span<const merkle::LeafHash> leaves) -> Result<Sealed> {
            if (failing) return fail(Code::internal, "no signature today");
            made.emplace_back(first.value(), std::vector(leaves.begin(), leaves.end()));
            return Sealed{submission(EntryKind::group, std::to_string(first.value()), "", 0, 0), "the seal"};
        };
        return out;
    }
};

TEST(StoreGroups, AStatementStandsBehindEveryCommitThatNeedsOne) {
    disk::SimulatedDisk disk = empty_store();
    Seals seals;
    TestLedger ledger(disk, seals.options());
    ASSERT_TRUE(ledger.admit(decision("signed")).has_value());
    EXPECT_TRUE(seals.made.empty());
    const auto results = ledger.admit_together(
        {by_log("a"), decision("b"), by_log("c"), by_log("a", 1), decision("c", 1), refusal("b", "code")});
    ASSERT_EQ(seals.made.size(), 1u);
    std::map<std::string, std::uint64_t> index;
    for (const auto& result : results) {
        ASSERT_TRUE(result.has_value());
        index.emplace(result->entry->content.execution_id.value(), result->entry->index.value());
    }
    // kick is 1; then those with signatures in their order, then those without, then the statement.
    EXPECT_EQ(index.at("a"), 4u);
    EXPECT_EQ(index.at("c"), 5u);
    EXPECT_EQ(seals.made[0].first, 4u);
    EXPECT_EQ(seals.made[0].second, (std::vector{by_log("a").leaf, by_log("c").leaf}));
    EXPECT_FALSE(results[3]->first) << "a follower of the same commit";
    EXPECT_EQ(results[3]->entry->index.value(), 4u);
    EXPECT_EQ(results[3]->entry->content, by_log("a"));
    EXPECT_EQ(ledger->size().value(), 7u);
    EXPECT_EQ(ledger->group_of(LogIndex(4)).value()->index.value(), 6u);
    EXPECT_EQ(ledger->group_of(LogIndex(5)).value()->index.value(), 6u);
    EXPECT_FALSE(ledger->group_of(LogIndex(7)).has_value());
}

TEST(StoreGroups, AreReadBackWithoutKeyAndSignature) {
    disk::SimulatedDisk disk = empty_store();
    Seals seals;
    {
        TestLedger ledger(disk, seals.options());
        ASSERT_TRUE(ledger.admit(by_log("a")).has_value());
    }
    TestLedger again(disk, seals.options());
    EXPECT_EQ(again.find("a")->content, by_log("a"));
    EXPECT_EQ(again->group_of(LogIndex(0)).value()->content.kind, EntryKind::group);
    EXPECT_EQ(again.leaves().size(), 2u);
}

TEST(StoreGroups, WithoutASignatureNothingIsEntered) {
    disk::SimulatedDisk disk = empty_store();
    Seals seals;
    TestLedger ledger(disk, seals.options());
    seals.failing = true;
    expect_code(ledger.admit(by_log("a")), Code::store_unavailable);
    EXPECT_EQ(ledger->size().value(), 0u);
    seals.failing = false;
    EXPECT_TRUE(ledger.admit(by_log("a"))->first) << "the identity was not used";
}

TEST(StoreGroups, APowerLossNeverLeavesAnEntryWithoutItsStatement) {
    for (std::uint64_t operation = 0;; ++operation) {
        disk::SimulatedDisk disk = empty_store();
        Seals seals;
        bool done = false;
        {
            TestLedger ledger(disk, seals.options());
            disk.fail_after(operation, disk::Fault::power_cut);
            done = ledger.admit(by_log("a")).has_value();
        }
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            disk::SimulatedDisk after = disk;
            after.power_loss(seed);
            TestLedger again(after, seals.options());
            ASSERT_FALSE(again.error().has_value()) << operation << " " << seed << again.error()->detail;
            const std::uint64_t size = again->size().value();
            EXPECT_TRUE(size == 2 || (size == 0 && !done)) << operation << " " << seed;
        }
        if (done) break;
    }
}

TEST(StoreGroups, EventsAreEnteredAsOftenAsTheyCome) {
    disk::SimulatedDisk disk = empty_store();
    Seals seals;
    TestLedger ledger(disk, seals.options());
    const Submission replay = submission(EntryKind::replay, "a", "execution_identity_consumed", 0, 0);
    const Submission policy = submission(EntryKind::policy, "p@1.0.0", "activated", 0, 0);
    for (const auto& result : ledger.admit_together({decision("a"), replay, replay, policy, decision("b")}))
        EXPECT_TRUE(result.has_value() && result->first);
    EXPECT_EQ(ledger->changes(), std::vector{LogIndex(4)});
    EXPECT_EQ(ledger.find("a")->content, decision("a"));
}

}  // namespace
}  // namespace parmana::store
