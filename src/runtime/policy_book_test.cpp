#include "runtime/policy_book.hpp"

#include <gtest/gtest.h>

namespace parmana::runtime {
namespace {

using State = PolicyBook::State;

/// A book that takes what it plans, as the ledger would.
struct Desk {
    PolicyBook book;
    std::uint64_t index = 0;

    Result<attest::PolicyEvent> activate(const std::string& version, std::int64_t counter,
                                         std::vector<std::string> kept = {},
                                         const std::string& expires = {}) {
        return take(
            book.activation({"refunds", version, "digest of " + version, counter, std::move(kept), expires}));
    }
    Result<attest::PolicyEvent> take(Result<attest::PolicyEvent> event) {
        if (event) {
            EXPECT_TRUE(book.apply(*event, index++));
        }
        return event;
    }
    State state(const std::string& version) const { return book.find("refunds", version)->state; }
};

TEST(PolicyBook, ANewVersionSupersedesTheOldOnes) {
    Desk desk;
    ASSERT_TRUE(desk.activate("1.0.0", 1));
    ASSERT_TRUE(desk.activate("1.1.0", 2));
    EXPECT_EQ(desk.state("1.0.0"), State::superseded);
    EXPECT_EQ(desk.state("1.1.0"), State::active);
    ASSERT_TRUE(desk.activate("2.0.0", 3, {"1.1.0"}));
    EXPECT_EQ(desk.state("1.1.0"), State::active) << "kept by name";
    EXPECT_EQ(desk.activate("3.0.0", 4, {"1.0.0"}).error().code, Code::member_invalid)
        << "it does not govern";
}

TEST(PolicyBook, AnOlderCounterIsRefused) {
    Desk desk;
    ASSERT_TRUE(desk.activate("2.0.0", 5));
    EXPECT_EQ(desk.activate("1.0.0", 4).error().code, Code::rollback_refused);
    EXPECT_EQ(desk.activate("2.1.0", 5).error().code, Code::rollback_refused) << "one counter, one content";
    EXPECT_TRUE(desk.activate("2.0.0", 5)) << "the same once more";
    EXPECT_EQ(desk.take(desk.book.activation({"refunds", "2.0.0", "other bytes", 6, {}, {}})).error().code,
              Code::policy_altered)
        << "versions never change";
}

TEST(PolicyBook, RollbackIsSaidToBeOne) {
    Desk desk;
    EXPECT_EQ(desk.book.rollback("refunds", std::nullopt).error().code, Code::policy_inactive);
    ASSERT_TRUE(desk.activate("1.0.0", 1));
    EXPECT_EQ(desk.book.rollback("refunds", std::nullopt).error().code, Code::policy_inactive)
        << "nothing before";
    ASSERT_TRUE(desk.activate("1.1.0", 2));
    const auto back = desk.take(desk.book.rollback("refunds", std::nullopt));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->change, attest::PolicyChange::rolled_back);
    EXPECT_EQ(back->policy_version, "1.0.0");
    EXPECT_EQ(desk.state("1.0.0"), State::active);
    EXPECT_EQ(desk.state("1.1.0"), State::superseded);
    EXPECT_EQ(desk.activate("1.0.1", 1).error().code, Code::rollback_refused) << "the mark stays";
    EXPECT_TRUE(desk.activate("1.2.0", 3));
}

TEST(PolicyBook, AStopIsAStop) {
    Desk desk;
    ASSERT_TRUE(desk.activate("1.0.0", 1));
    ASSERT_TRUE(desk.take(desk.book.deactivation("refunds", "1.0.0")));
    EXPECT_EQ(desk.state("1.0.0"), State::deactivated);
    EXPECT_EQ(desk.book.deactivation("refunds", "1.0.0").error().code, Code::policy_inactive);
    EXPECT_TRUE(desk.activate("1.0.0", 1));
    EXPECT_EQ(desk.state("1.0.0"), State::active);
}

TEST(PolicyBook, TimeEndsAPolicyByAnEvent) {
    Desk desk;
    ASSERT_TRUE(desk.activate("1.0.0", 1, {}, "2026-01-01T00:00:00Z"));
    EXPECT_TRUE(desk.book.expirations(UnixSeconds(1767225599)).empty());
    const auto ended = desk.book.expirations(UnixSeconds(1767225600));
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(desk.state("1.0.0"), State::active) << "until the event says so";
    ASSERT_TRUE(desk.take(ended.front()));
    EXPECT_EQ(desk.state("1.0.0"), State::expired);
    EXPECT_TRUE(desk.book.expirations(UnixSeconds(1767225600)).empty());
}

TEST(PolicyBook, EventsHaveOneOrder) {
    Desk desk;
    const auto first = desk.activate("1.0.0", 1);
    ASSERT_TRUE(first);
    EXPECT_EQ(desk.book.apply(*first, 9).error().code, Code::data_corrupt) << "an event counts once";
    auto skipped = *desk.book.activation({"refunds", "2.0.0", "digest", 2, {}, {}});
    ++skipped.sequence;
    EXPECT_EQ(desk.book.apply(skipped, 9).error().code, Code::data_corrupt);
}

TEST(PolicyBook, EventsOfBeforeThereWereNumbersSupersedeNothing) {
    PolicyBook book;
    for (const char* version : {"1.0.0", "2.0.0"})
        ASSERT_TRUE(book.apply({attest::PolicyChange::activated, "refunds", version, "digest"}, 0));
    EXPECT_EQ(book.find("refunds", "1.0.0")->state, State::active);
    EXPECT_TRUE(book.activation({"refunds", "3.0.0", "digest", 0, {}, {}})) << "a bundle of the first format";
}

}  // namespace
}  // namespace parmana::runtime
