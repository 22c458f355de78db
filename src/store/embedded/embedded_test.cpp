#include "store/embedded/embedded.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "disk/temporary_test.hpp"
#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using disk::SimulatedDisk;

void expect_first(const Result<Admission>& result, std::uint64_t index, const Submission& submission) {
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    EXPECT_TRUE(result->first);
    EXPECT_EQ(result->entry->index.value(), index);
    EXPECT_EQ(result->entry->content, submission);
}

void expect_loser(const Result<Admission>& result, std::uint64_t winner, const Submission& submission) {
    ASSERT_TRUE(result.has_value()) << result.error().detail;
    EXPECT_FALSE(result->first);
    EXPECT_EQ(result->entry->index.value(), winner);
    EXPECT_EQ(result->entry->content, submission);
}

TEST(EmbeddedLedger, AdmitsAnIdentityOnce) {
    SimulatedDisk disk = empty_store();
    TestLedger ledger(disk);
    expect_first(ledger.admit(decision("a", 1)), 0, decision("a", 1));
    expect_first(ledger.admit(decision("b", 1)), 1, decision("b", 1));
    expect_loser(ledger.admit(decision("a", 2)), 0, decision("a", 1));
    EXPECT_EQ(ledger->size().value(), 2u);
    EXPECT_EQ(ledger.find("a")->content, decision("a", 1));
    EXPECT_EQ(ledger.find("nobody"), std::nullopt);
}

TEST(EmbeddedLedger, AdmitsAnIdentityOnceInOneGroup) {
    SimulatedDisk disk = empty_store();
    TestLedger ledger(disk);
    const auto results =
        ledger.admit_together({decision("a", 1), decision("b", 1), decision("a", 2), decision("a", 1)});
    expect_first(results[0], 1, decision("a", 1));
    expect_first(results[1], 2, decision("b", 1));
    expect_loser(results[2], 1, decision("a", 1));
    expect_loser(results[3], 1, decision("a", 1));
    EXPECT_EQ(ledger->size().value(), 3u);
}

TEST(EmbeddedLedger, AdmitsAnIdentityOnceAcrossARestart) {
    SimulatedDisk disk = empty_store();
    std::optional<Entry> before;
    {
        TestLedger ledger(disk);
        before = *ledger.admit(decision("a", 1))->entry;
    }
    TestLedger ledger(disk);
    expect_loser(ledger.admit(decision("a", 2)), 0, decision("a", 1));
    EXPECT_TRUE(same_entry(*ledger.find("a"), *before));
    expect_first(ledger.admit(decision("b")), 1, decision("b"));
}

TEST(EmbeddedLedger, BringsBackEveryFieldOfASubmission) {
    SimulatedDisk disk = empty_store();
    Submission with_key = decision(std::string(128, 'x'), 1, 60'000);
    with_key.idempotency = IdempotencyDigest(crypto::sha256("key"));
    with_key.attestation.payload.assign(70'000, '\xff');
    {
        TestLedger ledger(disk);
        expect_first(ledger.admit(with_key), 0, with_key);
        EXPECT_EQ(ledger.find(std::string(128, 'x'))->content, with_key) << "read back while open";
    }
    TestLedger ledger(disk);
    EXPECT_EQ(ledger.find(std::string(128, 'x'))->content, with_key);
    EXPECT_EQ(ledger.leaves(), std::vector{with_key.leaf});
}

TEST(EmbeddedLedger, ARefusalConsumesNothing) {
    SimulatedDisk disk = empty_store();
    TestLedger ledger(disk);
    expect_first(ledger.admit(refusal("a", "signal_range")), 0, refusal("a", "signal_range"));
    EXPECT_EQ(ledger.find("a"), std::nullopt);
    expect_first(ledger.admit(decision("a")), 1, decision("a"));
    expect_first(ledger.admit(refusal("a", "policy_unknown")), 2, refusal("a", "policy_unknown"));
    EXPECT_EQ(ledger.find("a")->content, decision("a"));
}

TEST(EmbeddedLedger, EntersARefusalOncePerIdentityAndCodeBetweenCheckpoints) {
    SimulatedDisk disk = empty_store();
    TestLedger ledger(disk);
    const auto together = ledger.admit_together(
        {refusal("a", "signal_range", 1), refusal("a", "signal_range", 2), refusal("a", "signal_type")});
    expect_first(together[0], 1, refusal("a", "signal_range", 1));
    expect_loser(together[1], 1, refusal("a", "signal_range", 1));
    expect_first(together[2], 2, refusal("a", "signal_type"));
    expect_loser(ledger.admit(refusal("a", "signal_range", 3)), 1, refusal("a", "signal_range", 1));

    ledger->checkpointed(merkle::TreeSize(2));
    expect_first(ledger.admit(refusal("a", "signal_range", 4)), 3, refusal("a", "signal_range", 4));
    expect_loser(ledger.admit(refusal("a", "signal_type", 5)), 2, refusal("a", "signal_type"));
    expect_loser(ledger.admit(refusal("a", "signal_range", 6)), 3, refusal("a", "signal_range", 4));
}

TEST(EmbeddedLedger, RemembersRefusalsSinceTheCheckpointAcrossARestart) {
    SimulatedDisk disk = empty_store();
    {
        TestLedger ledger(disk);
        expect_first(ledger.admit(refusal("a", "signal_range", 1)), 0, refusal("a", "signal_range", 1));
        expect_first(ledger.admit(refusal("b", "signal_range", 1)), 1, refusal("b", "signal_range", 1));
    }
    EmbeddedOptions options = small_options();
    options.checkpoint_size = merkle::TreeSize(1);
    TestLedger ledger(disk, options);
    expect_first(ledger.admit(refusal("a", "signal_range", 2)), 2, refusal("a", "signal_range", 2));
    expect_loser(ledger.admit(refusal("b", "signal_range", 2)), 1, refusal("b", "signal_range", 1));
}

TEST(EmbeddedLedger, TimeNeverDecreasesAlongTheLog) {
    SimulatedDisk disk = empty_store();
    {
        TestLedger ledger(disk);
        ledger.clock().set(UnixMillis(5'000'000'000'000));
        EXPECT_EQ(ledger.admit(decision("a"))->entry->committed_at.value(), 5'000'000'000'000);
        ledger.clock().set(UnixMillis(1));
        EXPECT_EQ(ledger.admit(decision("b"))->entry->committed_at.value(), 5'000'000'000'000);
    }
    TestLedger ledger(disk);
    EXPECT_EQ(ledger.admit(decision("c"))->entry->committed_at.value(), 5'000'000'000'000);
}

TEST(EmbeddedLedger, HandsEveryLeafOverOnceAndBeforeItsCompletion) {
    SimulatedDisk disk = empty_store();
    for (int round = 0; round < 3; ++round) {
        TestLedger ledger(disk);
        EXPECT_EQ(ledger.leaves().size(), static_cast<std::size_t>(round) * 2);
        EXPECT_TRUE(ledger.admit(decision("a" + std::to_string(round)))->first);
        std::size_t seen = 0;
        ledger->submit(decision("b" + std::to_string(round)), "",
                       [&](const Result<Admission>&) { seen = ledger.leaves().size(); });
        ledger->close();
        EXPECT_EQ(seen, static_cast<std::size_t>(round) * 2 + 2);
    }
}

TEST(EmbeddedLedger, RefusesWhateverComesAfterClose) {
    SimulatedDisk disk = empty_store();
    TestLedger ledger(disk);
    int answered = 0;
    for (int i = 0; i < 100; ++i) {
        ledger->submit(decision(std::to_string(i)), "", [&](const Result<Admission>& result) {
            EXPECT_TRUE(result.has_value());
            ++answered;
        });
    }
    ledger->close();
    EXPECT_EQ(answered, 100) << "close returns when the open ones are completed";
    expect_code(ledger.admit(decision("late")), Code::store_unavailable);
    EXPECT_EQ(ledger.find("7")->content, decision("7"));
    ledger->close();
}

TEST(EmbeddedLedger, IsOverloadedWhenTheQueueIsFull) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.queue_max = 2;
    TestLedger ledger(disk, options);
    const auto results = ledger.admit_together({decision("a"), decision("b"), decision("c"), decision("d")});
    expect_first(results[0], 1, decision("a"));
    expect_first(results[1], 2, decision("b"));
    expect_code(results[2], Code::overloaded);
    expect_code(results[3], Code::overloaded);
    expect_first(ledger.admit(decision("c")), 3, decision("c"));
}

TEST(EmbeddedLedger, PutsNoMoreIntoAGroupThanItMayHold) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.batch_max = 2;
    options.first_segment_bytes = 1 << 16;
    TestLedger ledger(disk, options);
    ASSERT_TRUE(ledger.admit(decision("kick")).has_value());
    const auto before = disk.operations();
    for (const auto& result :
         ledger.admit_together({decision("a"), decision("b"), decision("c"), decision("d")})) {
        ASSERT_TRUE(result.has_value());
    }
    EXPECT_EQ(disk.operations() - before, 8u) << "two groups: a write and a sync of each family";
}

TEST(EmbeddedLedger, MakesNoGroupLargerThanItsLimit) {
    const disk::TemporaryDirectory directory;
    const auto disk = disk::open_disk(directory.path()).value();
    ASSERT_TRUE(create_embedded_store(*disk).has_value());
    TestLedger ledger(*disk);
    const std::size_t half = limits::kGroupBytesMax / 2;
    const auto results = ledger.admit_together({decision("a", 0, half), decision("b", 0, half)});
    for (const auto& result : results)
        ASSERT_TRUE(result.has_value());
    const auto names = disk->list("records").value();
    for (const std::string& name : names) {
        EXPECT_LT(disk->open("records/" + name, false).value()->size().value(), limits::kGroupBytesMax)
            << name;
    }
}

TEST(EmbeddedLedger, TakesNoDecisionBeyondItsIdentities) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.identities_max = 3;
    TestLedger ledger(disk, options);
    const auto results =
        ledger.admit_together({refusal("c", "signal_range"), decision("a"), decision("b"), decision("b", 2),
                               decision("c"), decision("a", 2), refusal("c", "signal_type")});
    expect_first(results[0], 1, refusal("c", "signal_range"));  // consumes none
    expect_first(results[1], 2, decision("a"));
    expect_first(results[2], 3, decision("b"));
    expect_loser(results[3], 3, decision("b"));
    expect_code(results[4], Code::storage_full);
    expect_loser(results[5], 2, decision("a"));
    expect_first(results[6], 4, refusal("c", "signal_type"));
    expect_code(ledger.admit(decision("c")), Code::storage_full);
    expect_loser(ledger.admit(decision("a", 3)), 2, decision("a"));
    EXPECT_EQ(ledger.failures(), 0);
}

/// Fills the disk until nothing more is taken; the identities that were taken.
std::vector<std::string> fill(TestLedger& ledger) {
    std::vector<std::string> taken;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = "fill-" + std::to_string(i);
        const auto result = ledger.admit(decision(id));
        if (!result) {
            expect_code(result, Code::storage_full);
            return taken;
        }
        taken.push_back(id);
    }
    ADD_FAILURE() << "the disk never became full";
    return taken;
}

TEST(EmbeddedLedger, LosesNothingWhenTheDiskIsFullAndGoesOnWhenItIsNot) {
    for (const std::uint64_t room : {0, 1, 700, 1024, 3000, 5000, 9000}) {
        SimulatedDisk disk = empty_store();
        disk.set_free_bytes(room);
        std::vector<std::string> taken;
        {
            TestLedger ledger(disk);
            taken = fill(ledger);
            for (const std::string& id : taken)
                EXPECT_EQ(ledger.find(id)->content, decision(id));
            expect_code(ledger.admit(decision("refused")), Code::storage_full);
            EXPECT_EQ(ledger.failures(), 0);
            disk.set_free_bytes(1 << 20);
            expect_first(ledger.admit(decision("again")), taken.size(), decision("again"));
        }
        TestLedger ledger(disk);
        ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
        for (const std::string& id : taken)
            EXPECT_EQ(ledger.find(id)->content, decision(id));
        EXPECT_EQ(ledger->size().value(), taken.size() + 1);
    }
}

TEST(EmbeddedLedger, LeavesTheReserveOfTheDiskAlone) {
    SimulatedDisk disk = empty_store();
    constexpr std::uint64_t kReserve = 20'000;
    disk.set_free_bytes(kReserve + 30'000);
    EmbeddedOptions options = small_options();
    options.reserve_bytes = kReserve;
    std::size_t taken = 0;
    {
        TestLedger ledger(disk, options);
        taken = fill(ledger).size();
        EXPECT_GT(taken, 10u);
        EXPECT_GE(disk.free_bytes().value(), kReserve);
    }
    TestLedger ledger(disk, options);
    ASSERT_FALSE(ledger.error().has_value()) << "a full disk starts: " << ledger.error()->detail;
    EXPECT_EQ(ledger->size().value(), taken);
}

TEST(EmbeddedLedger, StartsOnADiskThatHasRoomForTheEntriesOnly) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = 1 << 16;
    {
        TestLedger ledger(disk, options);
        ASSERT_TRUE(ledger.admit(decision("a")).has_value());
    }
    disk.set_free_bytes(2048);
    {
        TestLedger ledger(disk, options);
        ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
        EXPECT_EQ(ledger.find("a")->content, decision("a"));
    }
    disk.set_free_bytes(1 << 20);
    TestLedger ledger(disk, options);
    expect_first(ledger.admit(decision("b")), 1, decision("b"));
}

/// Enters `count` identities in groups of various sizes.
void enter_many(TestLedger& ledger, int count) {
    std::vector<Submission> group;
    for (int i = 0; i < count; ++i) {
        group.push_back(decision("many-" + std::to_string(i), 0, static_cast<std::size_t>(i % 37) * 20));
        if (i % 11 != 0) continue;
        for (const auto& result : ledger.admit_together(group))
            ASSERT_TRUE(result.has_value());
        group.clear();
    }
    for (const auto& result : ledger.admit_together(group))
        ASSERT_TRUE(result.has_value());
}

void expect_many(TestLedger& ledger, int count) {
    ASSERT_FALSE(ledger.error().has_value()) << ledger.error()->detail;
    EXPECT_EQ(ledger->size().value(), static_cast<std::uint64_t>(count) + 1);
    for (int i = 0; i < count; ++i) {
        const std::string id = "many-" + std::to_string(i);
        const auto found = ledger.find(id);
        ASSERT_TRUE(found.has_value()) << id;
        EXPECT_EQ(found->content, decision(id, 0, static_cast<std::size_t>(i % 37) * 20));
    }
}

void fill_and_reopen(disk::Disk& disk, const EmbeddedOptions& options) {
    ASSERT_TRUE(create_embedded_store(disk).has_value());
    {
        TestLedger ledger(disk, options);
        enter_many(ledger, 300);
        expect_many(ledger, 300);
    }
    EXPECT_GT(disk.list("records").value().size(), 5u);
    EXPECT_GT(disk.list("log").value().size(), 5u);
    TestLedger ledger(disk, options);
    expect_many(ledger, 300);
    expect_first(ledger.admit(decision("next")), 301, decision("next"));
}

TEST(EmbeddedLedger, SpansManySegments) {
    SimulatedDisk disk;
    fill_and_reopen(disk, small_options());
}

TEST(EmbeddedLedger, SpansManySegmentsThatAreMadeAheadOnTheRealDisk) {
    const disk::TemporaryDirectory directory;
    const auto disk = disk::open_disk(directory.path()).value();
    EmbeddedOptions options = small_options();
    options.helper_threads = true;
    fill_and_reopen(*disk, options);
}

TEST(EmbeddedLedger, GoesOnWhenASegmentCannotBeMadeAhead) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.helper_threads = true;
    TestLedger ledger(disk, options);
    // A group that is larger than any segment that was made ahead for it.
    for (int i = 0; i < 6; ++i) {
        const auto submission =
            decision("a" + std::to_string(i), 0, static_cast<std::size_t>(i % 2) * 200'000);
        expect_first(ledger.admit(submission), static_cast<std::uint64_t>(i), submission);
    }
}

TEST(EmbeddedLedger, RefusesAFileThatIsNotASegment) {
    for (const std::string name : {"log/1.seg", "log/x.seg", "log/00000009.seg", "records/000000002.seg"}) {
        SimulatedDisk disk = empty_store();
        {
            ASSERT_TRUE(TestLedger(disk).admit(decision("a")).has_value());
        }
        ASSERT_TRUE(disk.create(name, 512).has_value());
        TestLedger ledger(disk);
        ASSERT_TRUE(ledger.error().has_value()) << name;
        EXPECT_EQ(ledger.error()->code, Code::data_corrupt) << ledger.error()->detail;
    }
}

TEST(EmbeddedLedger, RefusesASegmentUnderAnotherSpellingOfItsNumber) {
    SimulatedDisk disk = empty_store();
    {
        ASSERT_TRUE(TestLedger(disk).admit(decision("a")).has_value());
    }
    ASSERT_TRUE(disk.rename("log/00000001.seg", "log/1.seg").has_value());
    TestLedger ledger(disk);
    ASSERT_TRUE(ledger.error().has_value());
    EXPECT_EQ(ledger.error()->code, Code::data_corrupt) << ledger.error()->detail;
}

TEST(EmbeddedLedger, RemovesWhatAnInterruptedSegmentLeft) {
    SimulatedDisk disk = empty_store();
    {
        ASSERT_TRUE(TestLedger(disk).admit(decision("a")).has_value());
    }
    ASSERT_TRUE(disk.create("log/spare", 512).has_value());
    ASSERT_TRUE(disk.create("records/spare", 512).has_value());
    TestLedger ledger(disk);
    EXPECT_EQ(ledger.find("a")->content, decision("a"));
    EXPECT_EQ(disk.list("log").value(), std::vector<std::string>{"00000001.seg"});
    EXPECT_EQ(disk.list("records").value(), std::vector<std::string>{"00000001.seg"});
}

}  // namespace
}  // namespace parmana::store
