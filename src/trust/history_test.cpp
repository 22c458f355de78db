#include "trust/history.hpp"

#include <gtest/gtest.h>

#include "trust/samples_test.hpp"

namespace parmana::trust {
namespace {

using samples::content;
using samples::members;
using samples::root;
using samples::signed_root;

/// The version behind `before` with another attestation key.
RootContent rotated(const Root& before, std::uint64_t from, std::uint64_t seed) {
    RootContent next = successor_of(before, from);
    next.roles[Role::attestation] = members({seed});
    return next;
}

TEST(Chain, TheNextVersionIsSignedByTheThresholdsOfBoth) {
    RootContent one = content();
    one.roles[Role::root] = members({1, 11, 12}, 2);
    const Root first = root(one, {1, 11});
    RootContent two = successor_of(first, 0);
    two.roles[Role::root] = members({21, 22, 23}, 2);
    const auto follows = [&](std::initializer_list<std::uint64_t> signers) {
        const auto next = Root::parse(signed_root(two, signers));
        return next ? check_successor(first, *next) : Status(std::unexpected(next.error()));
    };
    EXPECT_TRUE(follows({1, 12, 21, 23}));
    EXPECT_FALSE(follows({1, 21, 22})) << "one of two of the version before";
    EXPECT_FALSE(follows({21, 22, 23})) << "none of the version before";
    EXPECT_FALSE(follows({1, 11, 12, 21})) << "one of two of its own";
    EXPECT_FALSE(follows({1, 12, 21, 23, 4})) << "a policy key has no place there";
}

TEST(Chain, RefusesAnotherWayBack) {
    const Root first = root(content());
    const Root second = root(rotated(first, 0, 6));
    EXPECT_TRUE(check_successor(first, second));
    EXPECT_EQ(check_successor(second, first).error().code, Code::rollback_refused);
    EXPECT_EQ(check_successor(second, second).error().code, Code::rollback_refused);
    const Root third = root(rotated(second, 7, 7));
    EXPECT_EQ(check_successor(first, third).error().code, Code::trust_invalid) << "version 2 is missing";
    RootContent elsewhere = rotated(first, 0, 6);
    elsewhere.origin = Origin("localhost/another");
    EXPECT_FALSE(check_successor(first, root(elsewhere)));
    RootContent forgetful = rotated(second, 7, 7);
    forgetful.history[0].fingerprint[0] ^= 1;
    EXPECT_FALSE(check_successor(second, root(forgetful)));
}

TEST(Chain, ACompromiseIsNotTakenBack) {
    const Root first = root(content());
    const std::string old_key = samples::key(2).id();
    RootContent next = rotated(first, 0, 6);
    next.compromised[old_key] = 5;
    const Root second = root(next);
    ASSERT_TRUE(check_successor(first, second));
    RootContent later = successor_of(second, 9);
    EXPECT_TRUE(check_successor(second, root(later)));
    later.compromised[old_key] = 4;
    EXPECT_TRUE(check_successor(second, root(later))) << "it may turn out to be older";
    later.compromised[old_key] = 6;
    EXPECT_FALSE(check_successor(second, root(later)));
    later.compromised.clear();
    EXPECT_FALSE(check_successor(second, root(later)));
    next.compromised.clear();
    next.compromised[samples::key(6).id()] = 1;
    EXPECT_FALSE(Root::parse(signed_root(next, {1}))) << "a compromised key plays no role";
}

TEST(History, AKeyIsValidByPosition) {
    const Root first = root(content());
    History history(first);
    ASSERT_TRUE(history.add(root(rotated(first, 0, 6)), 10));
    const Root second = history.newest();
    ASSERT_TRUE(history.add(root(rotated(second, 10, 7)), 20));
    const auto valid = [&](std::uint64_t seed, std::uint64_t index) {
        return history.find(Role::attestation, samples::key(seed).id(), index).has_value();
    };
    EXPECT_TRUE(valid(2, 0) && valid(2, 9));
    EXPECT_FALSE(valid(2, 10)) << "the entry that says so is the first under the new root";
    EXPECT_FALSE(valid(6, 9));
    EXPECT_TRUE(valid(6, 10) && valid(6, 19));
    EXPECT_FALSE(valid(6, 20));
    EXPECT_TRUE(valid(7, 20) && valid(7, 1'000'000));
    EXPECT_EQ(history.at_head(0).version(), 1);
    EXPECT_EQ(history.at_head(10).version(), 1);
    EXPECT_EQ(history.at_head(11).version(), 2)
        << "a head that covers the event is signed by the new log key";
}

TEST(History, TheHeadOverNothingIsOfTheFirstRootWhateverTheFirstEntrySays) {
    History history(root(content()));
    ASSERT_TRUE(history.add(root(rotated(history.newest(), 0, 6)), 0));
    EXPECT_EQ(history.at(0).version(), 2);
    EXPECT_EQ(history.at_head(0).version(), 1) << "it was signed before there was an entry";
    EXPECT_EQ(history.at_head(1).version(), 2);
}

TEST(History, RefusesPlacesThatTheChainDoesNotSay) {
    const Root first = root(content());
    History history(first);
    ASSERT_TRUE(history.add(root(rotated(first, 0, 6)), 10));
    EXPECT_FALSE(history.add(root(rotated(history.newest(), 9, 7)), 20)) << "it says 9 of the version before";
    EXPECT_FALSE(history.add(root(rotated(history.newest(), 10, 7)), 10));
}

TEST(History, ANewerRootSaysWhatHeldBefore) {
    const Root first = root(content()), second = root(rotated(first, 0, 6));
    RootContent third = rotated(second, 10, 7);
    third.compromised[samples::key(6).id()] = 12;
    const Root newest = root(third);
    History history(first);
    EXPECT_TRUE(history.heed(first, 100));
    EXPECT_TRUE(history.heed(second, 100)) << "where version 2 came into force, it does not know itself";
    EXPECT_TRUE(history.heed(newest, 9));
    EXPECT_FALSE(history.heed(newest, 10)) << "version 2 was in force there, and is not enclosed";
    ASSERT_TRUE(history.add(second, 10));
    EXPECT_TRUE(history.heed(first, 100)) << "an older one is walked from";
    EXPECT_TRUE(history.heed(newest, 100));
    EXPECT_EQ(history.compromised(samples::key(6).id(), 11), std::nullopt);
    EXPECT_EQ(history.compromised(samples::key(6).id(), 12), 12u);
    RootContent other = content();
    other.expires = "2037-01-01T00:00:00Z";
    EXPECT_FALSE(history.heed(root(other), 0));
    History elsewhere(first);
    ASSERT_TRUE(elsewhere.add(second, 11));
    EXPECT_FALSE(elsewhere.heed(newest, 100)) << "the newest says that it was 10";
}

}  // namespace
}  // namespace parmana::trust
