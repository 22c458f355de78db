#include "store/embedded/identity_index.hpp"

#include <gtest/gtest.h>

#include "store/embedded/catalog.hpp"
#include "store/embedded/ledger_test.hpp"

namespace parmana::store::embedded {
namespace {

std::string name(std::uint64_t i) {
    return "execution-" + std::to_string(i);
}

/// Every one of `count` identities is found as itself, and no other one is.
void expect_each_found(IdentityIndex& index, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
        index.insert(index.hash_of(name(i)), i);
    EXPECT_EQ(index.size(), count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto is_same = [i](std::uint64_t entry) { return entry == i; };
        EXPECT_EQ(index.find(name(i), is_same), i);
    }
    EXPECT_EQ(index.find("nobody", [](std::uint64_t) { return false; }), std::nullopt);
}

TEST(IdentityIndex, FindsEveryIdentityAcrossGrowth) {
    SimulatedEntropy entropy(1);
    IdentityIndex index(IdentityIndex::random_key(entropy));
    expect_each_found(index, 20'000);
    EXPECT_EQ(index.find("nobody", [](std::uint64_t) { return true; }), std::nullopt)
        << "no hash is the same";
}

TEST(IdentityIndex, FindsEveryIdentityWhenAllCollide) {
    SimulatedEntropy entropy(1);
    IdentityIndex index(IdentityIndex::random_key(entropy), 0);
    expect_each_found(index, 1'500);
}

TEST(IdentityIndex, ASharedHashIsConfirmedByTheCaller) {
    SimulatedEntropy entropy(1);
    IdentityIndex colliding(IdentityIndex::random_key(entropy), 0);
    colliding.insert(colliding.hash_of("a"), 0);
    std::vector<std::uint64_t> asked;
    colliding.find("b", [&](std::uint64_t entry) {
        asked.push_back(entry);
        return false;
    });
    EXPECT_EQ(asked, std::vector<std::uint64_t>{0})
        << "a candidate that shares the hash is confirmed by the caller";
}

TEST(Catalog, IdentitiesThatShareAHashBothStayUsable) {
    disk::SimulatedDisk disk = empty_store();
    std::vector<Submission> submissions;
    for (std::uint64_t i = 0; i < 40; ++i)
        submissions.push_back(decision(name(i)));
    {
        TestLedger ledger(disk);
        for (const auto& result : ledger.admit_together(submissions))
            ASSERT_TRUE(result.has_value());
    }
    SimulatedEntropy entropy(1);
    Catalog catalog(disk, IdentityIndex(IdentityIndex::random_key(entropy), 0));
    const StoreId store = make_store_id(test_origin(), test_tenant());
    ASSERT_TRUE(load(disk, store, Side::reader, catalog, {{}, {}, {}}).has_value());
    for (const Submission& submission : submissions) {
        const auto entry = catalog.find(submission.execution_id.value());
        ASSERT_TRUE(entry.has_value() && entry->has_value());
        EXPECT_EQ((*entry)->content, submission);
    }
    EXPECT_FALSE(catalog.find("nobody").value().has_value());
    EXPECT_EQ(catalog.identities(), 41u) << "and the first one";
}

}  // namespace
}  // namespace parmana::store::embedded
