// Writes, syncs, renames and everything else fails at every operation while the machine lives on.
#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using disk::Fault;
using disk::SimulatedDisk;

const std::vector<Submission>& script() {
    // A large group needs a segment of its own; the small one after it would still fit into the one before.
    static const std::vector<Submission> submissions{
        decision("a"),          decision("b"),    refusal("b2", "signal_range"),
        decision("c", 0, 1500), decision("d"),    decision("e", 0, 600),
        decision("f"),          decision("a", 2), decision("g"),
    };
    return submissions;
}

/// Runs the script and checks that no success follows a failure of the durable write.
void run(TestLedger& ledger, Account& account) {
    bool stopped = false;
    for (const Submission& submission : script()) {
        const auto result = ledger.admit(submission);
        account.told(submission, result);
        EXPECT_FALSE(stopped && result.has_value()) << "a success after the failure";
        if (result) continue;
        const Code code = result.error().code;
        EXPECT_TRUE(code == Code::outcome_unknown || code == Code::store_unavailable ||
                    code == Code::storage_full)
            << wire_name(code);
        stopped = stopped || ledger.failures() > 0;
        EXPECT_TRUE(code != Code::outcome_unknown || ledger.failures() == 1);
        EXPECT_TRUE(code != Code::storage_full || ledger.failures() == 0);
    }
    EXPECT_LE(ledger.failures(), 1);
}

/// After a restart of the process alone, and then after a power loss, everything told is there.
void expect_recovered(SimulatedDisk& disk, Account account, std::uint64_t seed) {
    disk.clear_fault();
    disk.restart();
    {
        TestLedger ledger(disk);
        ASSERT_TRUE(account.holds_in(ledger));
        run(ledger, account);
        ASSERT_EQ(ledger.failures(), 0);
    }
    disk.power_loss(seed);
    TestLedger ledger(disk);
    ASSERT_TRUE(account.holds_in(ledger));
    for (const auto& id : {"a", "b", "c", "d", "e", "f", "g"})
        ASSERT_TRUE(ledger.find(id).has_value()) << id;
}

void fail_at_every_operation(Fault fault) {
    std::uint64_t operation = 0;
    for (bool struck = true; struck; ++operation) {
        SimulatedDisk disk = empty_store();
        Account account;
        const std::uint64_t before = disk.operations();
        disk.fail_after(operation, fault);
        {
            TestLedger ledger(disk);
            ASSERT_FALSE(ledger.error().has_value());
            run(ledger, account);
        }
        struck = disk.operations() - before > operation;
        ASSERT_EQ(disk.forbidden_syncs(), 0u);
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            SimulatedDisk copy = disk;
            expect_recovered(copy, account, seed);
            ASSERT_FALSE(testing::Test::HasFailure()) << "operation " << operation << ", seed " << seed;
            SimulatedDisk dark = disk;
            dark.power_loss(seed);
            TestLedger ledger(dark);
            ASSERT_TRUE(account.holds_in(ledger)) << "operation " << operation << ", seed " << seed;
        }
    }
    EXPECT_GT(operation, 60u);
}

TEST(StoreFailure, NothingToldIsLostWhenOneOperationFails) {
    fail_at_every_operation(Fault::error_once);
}

TEST(StoreFailure, NothingToldIsLostWhenEveryOperationFailsFromSomeMomentOn) {
    fail_at_every_operation(Fault::error_for_ever);
}

TEST(StoreFailure, EveryFailureOfTheGroupItselfIsAnUnknownOutcome) {
    // Write and sync of the records, write and sync of the log.
    for (std::uint64_t operation = 0; operation < 4; ++operation) {
        SimulatedDisk disk = empty_store();
        EmbeddedOptions options = small_options();
        options.first_segment_bytes = 1 << 16;
        TestLedger ledger(disk, options);
        ASSERT_TRUE(ledger.admit(decision("a")).has_value());
        disk.fail_after(operation, Fault::error_once);
        const auto together = ledger.admit_together({decision("b"), decision("b", 2), decision("c")});
        for (const auto& result : together)
            expect_code(result, Code::store_unavailable);  // behind `kick`, which hit it
        EXPECT_EQ(ledger.failures(), 1);
        expect_code(ledger.admit(decision("a", 2)), Code::store_unavailable);
        EXPECT_EQ(ledger.failures(), 1);
        EXPECT_EQ(ledger.find("a")->content, decision("a")) << "reading goes on";
        EXPECT_EQ(ledger.find("kick"), std::nullopt) << "what is not known to be durable is not shown";
    }
}

TEST(StoreFailure, EveryMemberOfAFailedGroupIsTold) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = 1 << 16;
    TestLedger ledger(disk, options);
    ASSERT_TRUE(ledger.admit(decision("kick")).has_value());
    disk.fail_after(3, Fault::error_once);
    const auto together =
        ledger.admit_together({decision("b"), decision("b", 2), decision("kick", 2), decision("c")});
    for (const auto& result : together)
        expect_code(result, Code::outcome_unknown);
    EXPECT_EQ(ledger.failures(), 1);
}

TEST(StoreFailure, ASegmentThatMayHaveBeenRenamedStopsTheStore) {
    // Nine operations make a segment: file, zeros, sync, name; header, sync; rename and its two names.
    int stopped = 0;
    for (std::uint64_t operation = 0; operation < 9; ++operation) {
        SimulatedDisk disk = empty_store();
        {
            TestLedger ledger(disk);
            ASSERT_TRUE(ledger.admit(decision("a")).has_value());
            disk.fail_after(operation, Fault::error_once);
            ASSERT_FALSE(ledger.admit(decision("large", 0, 1500)).has_value()) << operation;
            stopped += ledger.failures();
            EXPECT_EQ(ledger.admit(decision("small")).has_value(), ledger.failures() == 0);
        }
        TestLedger ledger(disk);
        ASSERT_FALSE(ledger.error().has_value()) << operation << ": " << ledger.error()->detail;
        EXPECT_EQ(ledger.find("a")->content, decision("a"));
    }
    EXPECT_EQ(stopped, 4) << "the sync of the header, and the three steps of the rename";
}

/// Fails to open segments for reading while it is told to.
class FewFiles final : public disk::Disk {
  public:
    explicit FewFiles(disk::Disk& below) : below_(below) {}
    bool exhausted = false;

    Result<std::unique_ptr<disk::File>> open(const std::string& path, bool writable) override {
        if (exhausted) return fail(Code::io_failed, "open of `" + path + "` failed: too many open files");
        return below_.open(path, writable);
    }
    Result<std::unique_ptr<disk::File>> create(const std::string& path, std::uint64_t size) override {
        return below_.create(path, size);
    }
    Status replace(const std::string& path, std::string_view bytes) override {
        return below_.replace(path, bytes);
    }
    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        return below_.read(path, size_max);
    }
    Status rename(const std::string& from, const std::string& to) override { return below_.rename(from, to); }
    Status remove(const std::string& path) override { return below_.remove(path); }
    Status place(const std::string& path, std::string_view bytes) override {
        return below_.place(path, bytes);
    }
    Status settle(const std::string& path) override { return below_.settle(path); }
    Status remove_directory(const std::string& path) override { return below_.remove_directory(path); }
    Status make_directory(const std::string& path) override { return below_.make_directory(path); }
    Result<std::vector<std::string>> list(const std::string& path) override { return below_.list(path); }
    Result<std::uint64_t> free_bytes() override { return below_.free_bytes(); }

  private:
    disk::Disk& below_;
};

TEST(StoreFailure, ASegmentThatCouldNotBeOpenedForReadingIsOpenedLater) {
    SimulatedDisk below = empty_store();
    FewFiles disk(below);
    TestLedger ledger(disk);
    ASSERT_TRUE(ledger.admit(decision("a")).has_value());
    disk.exhausted = true;
    expect_code(ledger.admit(decision("large", 0, 1500)), Code::store_unavailable);
    disk.exhausted = false;
    ASSERT_TRUE(ledger.admit(decision("large", 1, 1500)).has_value());
    EXPECT_EQ(ledger.find("large")->content, decision("large", 1, 1500));
    EXPECT_EQ(ledger.find("a")->content, decision("a"));
    EXPECT_EQ(ledger.failures(), 0);
}

}  // namespace
}  // namespace parmana::store
