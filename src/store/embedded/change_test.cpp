// Changes of what is decided with: each in a commit of its own, and nothing made before it comes behind it.
#include <gtest/gtest.h>

#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

Submission of_epoch(std::uint64_t epoch, Submission out) {
    out.epoch = epoch;
    return out;
}

/// What happened to a change, in order.
struct Course {
    std::vector<std::string> steps;
    std::promise<Result<Admission>> done;

    Ledger::Change change(Result<Sealed> entry) {
        return {[this, entry = std::move(entry)](LogIndex index) {
                    steps.push_back("made at " + std::to_string(index.value()));
                    return entry;
                },
                [this] { steps.push_back("entered"); },
                [this](Result<Admission> admission) {
                    steps.push_back(admission ? "completed" : "refused");
                    done.set_value(std::move(admission));
                }};
    }
};

Sealed entry(EntryKind kind = EntryKind::key) {
    return {submission(kind, "2", "", 0, 0), "the body"};
}

TEST(StoreChanges, KnowTheirIndexAndAreToldBeforeAnybodyElse) {
    disk::SimulatedDisk disk = empty_store();
    TestLedger ledger(disk, small_options());
    ASSERT_TRUE(ledger.admit(decision("a")).has_value());
    Course course;
    ledger->submit_change(course.change(entry()));
    const auto admission = course.done.get_future().get();
    ASSERT_TRUE(admission.has_value());
    EXPECT_EQ(admission->entry->index.value(), 1u);
    EXPECT_EQ(course.steps, (std::vector<std::string>{"made at 1", "entered", "completed"}));
    EXPECT_EQ(ledger->changes(), std::vector{LogIndex(1)});
}

TEST(StoreChanges, WhatWasMadeBeforeIsRefusedBehindThem) {
    disk::SimulatedDisk disk = empty_store();
    TestLedger ledger(disk, small_options());
    Course course;
    ledger->submit_change(course.change(entry()));
    ASSERT_TRUE(course.done.get_future().get().has_value());
    expect_code(ledger.admit(of_epoch(0, decision("a"))), Code::snapshot_stale);
    expect_code(ledger.admit(of_epoch(0, refusal("a", "code"))), Code::snapshot_stale);
    expect_code(ledger.admit(of_epoch(2, decision("a"))), Code::snapshot_stale);
    EXPECT_EQ(ledger->size().value(), 1u);
    EXPECT_TRUE(ledger.admit(of_epoch(1, decision("a")))->first) << "the identity was not used";
}

TEST(StoreChanges, ThatCannotBeMadeChangeNothing) {
    disk::SimulatedDisk disk = empty_store();
    TestLedger ledger(disk, small_options());
    Course course;
    ledger->submit_change(course.change(fail(Code::io_failed, "no place for it")));
    expect_code(course.done.get_future().get(), Code::io_failed);
    EXPECT_EQ(course.steps, (std::vector<std::string>{"made at 0", "refused"}));
    EXPECT_TRUE(ledger.admit(decision("a"))->first) << "the epoch is the same";
}

TEST(StoreChanges, StandInACommitOfTheirOwn) {
    disk::SimulatedDisk disk = empty_store();
    TestLedger ledger(disk, small_options());
    Course first, second;
    std::vector<std::future<Result<Admission>>> open;
    ledger->submit_change(first.change(entry()));
    ledger->submit_change(second.change(entry(EntryKind::policy)));
    ASSERT_TRUE(first.done.get_future().get().has_value());
    ASSERT_TRUE(second.done.get_future().get().has_value());
    EXPECT_EQ(first.steps.front(), "made at 0");
    EXPECT_EQ(second.steps.front(), "made at 1") << "the second is made when the first is durable";
    EXPECT_TRUE(ledger.admit(of_epoch(2, decision("a")))->first);
}

TEST(StoreChanges, AreFoundAgain) {
    disk::SimulatedDisk disk = empty_store();
    {
        TestLedger ledger(disk, small_options());
        Course course;
        ledger->submit_change(course.change(entry(EntryKind::release)));
        ASSERT_TRUE(course.done.get_future().get().has_value());
    }
    TestLedger again(disk, small_options());
    EXPECT_EQ(again->changes(), std::vector{LogIndex(0)});
    EXPECT_EQ(again->read(LogIndex(0)).value()->content.kind, EntryKind::release);
    EXPECT_TRUE(again.admit(decision("a"))->first) << "epochs are counted from the opening on";
}

}  // namespace
}  // namespace parmana::store
