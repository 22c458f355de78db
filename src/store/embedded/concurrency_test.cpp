// Many threads submit the same identities, and readers look on.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "disk/temporary_test.hpp"
#include "store/embedded/ledger_test.hpp"

namespace parmana::store {
namespace {

using disk::SimulatedDisk;

constexpr int kThreads = 8;
constexpr int kIdentitiesPerThread = 2'000;
constexpr int kIdentities = kThreads * kIdentitiesPerThread;
constexpr int kCopies = 4;

std::string name(int i) {
    return "execution-" + std::to_string(i);
}

struct Tally {
    std::array<std::atomic<int>, kIdentities> firsts{};
    std::array<std::atomic<std::uint64_t>, kIdentities> index_of{};  // and one
    std::atomic<int> answers = 0;
    std::atomic<int> errors = 0;
    std::atomic<int> disagreements = 0;

    void count(int identity, const Result<Admission>& result) {
        if (!result) {
            ++errors;
        } else {
            auto& index = index_of[static_cast<std::size_t>(identity)];
            std::uint64_t nobody = 0;
            const std::uint64_t mine = result->entry->index.value() + 1;
            if (!index.compare_exchange_strong(nobody, mine) && nobody != mine) ++disagreements;
            if (result->first) ++firsts[static_cast<std::size_t>(identity)];
        }
        ++answers;
    }
};

/// The share of one thread: its part of each copy, in an order of its own. Four threads share every identity.
void submit_share(Ledger& ledger, Tally& tally, int thread) {
    for (int copy = 0; copy < kCopies; ++copy) {
        const int part = (thread + copy * (thread % 2 == 0 ? 1 : 3)) % kThreads;
        for (int i = 0; i < kIdentitiesPerThread; ++i) {
            const int identity = part * kIdentitiesPerThread + i * 7 % kIdentitiesPerThread;
            ledger.submit(
                decision(name(identity), thread * kCopies + copy), {},
                [&tally, identity](const Result<Admission>& result) { tally.count(identity, result); });
        }
    }
}

TEST(StoreConcurrency, AnEntryIsNotFoundBeforeItsLeafIsInTheTree) {
    SimulatedDisk disk = empty_store();
    SimulatedClock clock{UnixMillis(1'790'000'000'000)};
    SimulatedEntropy entropy{7};
    std::unique_ptr<Ledger> ledger;
    std::uint64_t in_tree = 0;
    // Whoever looks while the tree is being told must find as many entries as the tree has had.
    const LeafSink tree = [&](std::span<Leaf> leaves) {
        if (ledger) {
            EXPECT_EQ(ledger->size().value(), in_tree);
        }
        in_tree += leaves.size();
    };
    ledger = open_embedded_ledger(disk, clock, entropy, small_options(), tree).value();
    for (int i = 0; i < 5; ++i) {
        std::promise<bool> done;
        auto admitted = done.get_future();
        ledger->submit(decision(name(i)), {},
                       [&done](const Result<Admission>& result) { done.set_value(result.has_value()); });
        ASSERT_TRUE(admitted.get());
    }
    EXPECT_EQ(in_tree, 5u);
    EXPECT_EQ(ledger->size().value(), 5u);
    ledger->close();
}

TEST(StoreConcurrency, EachIdentityHasExactlyOneFirstAmongManyThreads) {
    SimulatedDisk disk = empty_store();
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = 1 << 18;
    options.helper_threads = true;
    options.queue_max = kIdentities * kCopies;
    auto tally = std::make_unique<Tally>();
    {
        TestLedger ledger(disk, options);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] { submit_share(*ledger, *tally, thread); });
        }
        for (int i = 0; i < 2'000; ++i) {
            const auto found = ledger->find(decide::ExecutionId(name(i * 8)));
            ASSERT_TRUE(found.has_value()) << found.error().detail;
        }
        for (std::thread& thread : threads)
            thread.join();
        ledger->close();
        EXPECT_EQ(ledger->size().value(), ledger.leaves().size());
    }
    EXPECT_EQ(tally->answers, kIdentities * kCopies);
    EXPECT_EQ(tally->errors, 0);
    EXPECT_EQ(tally->disagreements, 0) << "winner and losers are told the same entry";
    std::uint64_t entered = 0;
    for (std::size_t i = 0; i < kIdentities; ++i) {
        if (tally->index_of[i] == 0) continue;
        ++entered;
        ASSERT_EQ(tally->firsts[i], 1) << i;
    }
    TestLedger ledger(disk, options);
    EXPECT_EQ(ledger->size().value(), entered);
    for (int i = 0; i < kIdentities; i += 97) {
        const auto found = ledger.find(name(i));
        ASSERT_EQ(found ? found->index.value() + 1 : 0, tally->index_of[static_cast<std::size_t>(i)]);
    }
}

/// Reads beside a writer until `done`: the leaves of each reading are a beginning of `all`.
int read_until(disk::Disk& disk, const std::atomic<bool>& done,
               std::vector<std::vector<merkle::LeafHash>>& seen) {
    int readings = 0;
    while (!done || readings == 0) {
        SimulatedEntropy entropy(2);
        std::vector<merkle::LeafHash> leaves;
        const auto reader =
            read_embedded_ledger(disk, entropy, test_origin(), test_tenant(), {}, [&](std::span<Leaf> group) {
                for (const Leaf& leaf : group)
                    leaves.push_back(leaf.hash);
            });
        if (!reader) {
            ADD_FAILURE() << "reading " << readings << ": " << reader.error().detail;
            return readings;
        }
        EXPECT_EQ((*reader)->size().value(), leaves.size());
        for (std::size_t i = 0; i < leaves.size(); i += 1 + leaves.size() / 16) {
            const auto found = (*reader)->find(decide::ExecutionId(name(static_cast<int>(i))));
            EXPECT_TRUE(found && *found && (**found)->content.leaf == leaves[i]) << i;
        }
        seen.push_back(std::move(leaves));
        ++readings;
    }
    return readings;
}

void read_beside_a_writer(disk::Disk& disk, int entries, std::uint64_t segment_bytes) {
    ASSERT_TRUE(create_embedded_store(disk).has_value());
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = segment_bytes;
    options.helper_threads = true;
    std::atomic<bool> done = false;
    std::vector<std::vector<merkle::LeafHash>> seen;
    std::vector<merkle::LeafHash> all;
    std::thread reader([&] { read_until(disk, done, seen); });
    // Reopened twice: a reader must not mind a server that starts.
    for (int part = 0; part < 3; ++part) {
        TestLedger ledger(disk, options);
        ASSERT_FALSE(ledger.error().has_value());
        for (int i = part * entries / 3; i < (part + 1) * entries / 3; ++i) {
            ASSERT_TRUE(
                ledger.admit(decision(name(i), 0, static_cast<std::size_t>(i % 50) * 40)).has_value());
        }
        all = ledger.leaves();
    }
    done = true;
    reader.join();
    for (const auto& leaves : seen) {
        ASSERT_LE(leaves.size(), all.size());
        EXPECT_TRUE(std::equal(leaves.begin(), leaves.end(), all.begin()));
    }
    EXPECT_GT(seen.size(), 3u);
}

TEST(StoreConcurrency, AReaderBesideAWriterSeesABeginning) {
    disk::SimulatedDisk disk;
    read_beside_a_writer(disk, 3'000, 4096);
}

TEST(StoreConcurrency, AReaderBesideAWriterSeesABeginningOnTheRealDisk) {
    const disk::TemporaryDirectory directory;
    const auto disk = disk::open_disk(directory.path()).value();
    read_beside_a_writer(*disk, 300, 1 << 16);
}

/// Shows files as a reader sees them that is held up in the middle of each: the beginning older than the
/// rest.
class HeldUpDisk final : public ReadingDisk {
  public:
    HeldUpDisk(disk::Disk& below, std::function<void()> meanwhile)
        : ReadingDisk(below), meanwhile_(std::move(meanwhile)) {}

    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        const std::string before = TRY(below_.read(path, size_max));
        // The first group that comes meanwhile is seen torn, those behind it are seen whole.
        const std::size_t seen_late = std::min(before.find_last_not_of('\0') + 1 + 100, before.size());
        meanwhile_();
        return before.substr(0, seen_late) + TRY(below_.read(path, size_max)).substr(seen_late);
    }

  private:
    std::function<void()> meanwhile_;
};

TEST(StoreConcurrency, AReaderThatIsHeldUpWhileGroupsComeSeesABeginning) {
    disk::SimulatedDisk below = empty_store();
    EmbeddedOptions options = small_options();
    options.first_segment_bytes = 1 << 17;
    TestLedger writer(below, options);
    int next = 0;
    const auto enter_three = [&] {
        for (int i = 0; i < 3 && next < 100; ++i)
            EXPECT_TRUE(writer.admit(decision(name(next++)))->first);
    };
    enter_three();
    HeldUpDisk disk(below, enter_three);
    SimulatedEntropy entropy(2);
    std::vector<merkle::LeafHash> leaves;
    const auto reader =
        read_embedded_ledger(disk, entropy, test_origin(), test_tenant(), {}, [&](std::span<Leaf> group) {
            for (const Leaf& leaf : group)
                leaves.push_back(leaf.hash);
        });
    ASSERT_TRUE(reader.has_value()) << reader.error().detail;
    ASSERT_FALSE(leaves.empty());
    ASSERT_LE(leaves.size(), writer.leaves().size());
    EXPECT_TRUE(std::equal(leaves.begin(), leaves.end(), writer.leaves().begin()));
}

/// Enters groups into the store between the reading of the log and the reading of the records.
TEST(StoreConcurrency, AReaderLeavesOutGroupsThatCameAfterItReadTheLog) {
    disk::SimulatedDisk disk = empty_store();
    TestLedger writer(disk);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(writer.admit(decision(name(i))).has_value());
    disk::SimulatedDisk behind = disk;
    for (int i = 3; i < 9; ++i)
        ASSERT_TRUE(writer.admit(decision(name(i))).has_value());
    const auto files = disk.list("records").value();
    for (const std::string& file : files) {
        const std::string path = "records/" + file;
        ASSERT_TRUE(behind.replace(path, disk.read(path, 1 << 20).value()).has_value());
    }
    SimulatedEntropy entropy(2);
    const auto reader = read_embedded_ledger(behind, entropy, test_origin(), test_tenant(), {}, {});
    ASSERT_TRUE(reader.has_value()) << reader.error().detail;
    EXPECT_EQ((*reader)->size().value(), 3u);
    TestLedger opened(behind);
    ASSERT_TRUE(opened.error().has_value()) << "a writer accepts one such group and no more";
    EXPECT_EQ(opened.error()->code, Code::data_corrupt);
}

}  // namespace
}  // namespace parmana::store
