#include "tlog/tlog.hpp"

#include <gtest/gtest.h>

#include "trust/samples_test.hpp"

#include "disk/sim.hpp"

namespace parmana::tlog {
namespace {

using disk::Fault;
using disk::SimulatedDisk;

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

Log::LogKeys giving(const crypto::Signer& key) {
    return [&key](const trust::Root&) -> Result<const crypto::Signer*> { return &key; };
}

/// The one that a test needs; they are few.
const trust::History& make_trust_root(const std::string& origin = "localhost/0123456789abcdef") {
    static std::deque<trust::History> all;
    return all.emplace_back(trust::samples::root(trust::samples::content(origin)));
}

std::string entry(int i, const std::string& history = "") {
    return history + std::to_string(i);
}

std::vector<merkle::LeafHash> leaves(int from, int to, const std::string& history = "") {
    std::vector<merkle::LeafHash> out;
    for (int i = from; i < to; ++i)
        out.push_back(merkle::hash_leaf(entry(i, history)));
    return out;
}

void append(Log& log, int from, int to, const std::string& history = "") {
    std::vector<store::Leaf> out;
    for (int i = from; i < to; ++i)
        out.push_back({merkle::hash_leaf(entry(i, history)), entry(i, history)});
    log.append(out);
}

constexpr UnixSeconds kNow(1'790'000'000);

const char* const kPath = "tlog/checkpoint";

class TlogTest : public testing::Test {
  protected:
    TlogTest() { EXPECT_TRUE(create_log(disk_).has_value()); }

    /// A log as at the start of a process, over what is published on `disk`.
    std::unique_ptr<Log> open(disk::Disk& disk, int size, const std::string& history = "") {
        auto log = Log::open(disk, root_, Log::Side::writer);
        EXPECT_TRUE(log.has_value()) << log.error().detail;
        append(**log, 0, size, history);
        return *std::move(log);
    }
    std::string on_disk() { return disk_.read(kPath, 1 << 16).value(); }

    SimulatedDisk disk_;
    const trust::History& root_ = make_trust_root();
    const std::unique_ptr<crypto::Signer> key_ = signer(3);
    const Log::LogKeys keys_ = giving(*key_);
};

template <class T>
void expect_corrupt(const Result<T>& result) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::data_corrupt) << result.error().detail;
}

TEST_F(TlogTest, PublishesACheckpointThatOthersCanRead) {
    EXPECT_FALSE(read_published(disk_, root_).value().has_value());
    const auto log = open(disk_, 5);
    EXPECT_EQ(log->published_size().value(), 0u);
    const auto published = log->publish(keys_, kNow);
    ASSERT_TRUE(published.has_value()) << published.error().detail;
    merkle::Tree tree;
    for (const auto& leaf : leaves(0, 5))
        tree.append(leaf);
    EXPECT_EQ(published->head, (note::Checkpoint{root_.origin().value(), merkle::TreeSize(5), tree.root()}));
    EXPECT_EQ(published->note, on_disk());
    EXPECT_EQ(read_published(disk_, root_).value()->head, published->head);
    EXPECT_EQ(log->published_size().value(), 5u);
}

TEST_F(TlogTest, SignsNothingWhenNothingIsNew) {
    const auto log = open(disk_, 5);
    const std::string first = log->publish(keys_, kNow)->note;
    const std::uint64_t operations = disk_.operations();
    SimulatedEntropy entropy(3);
    const auto failing = crypto::make_failing_signer(crypto::generate_secret(entropy), 0);
    EXPECT_EQ(log->publish(giving(*failing), kNow)->note, first);
    EXPECT_EQ(disk_.operations(), operations);
}

TEST_F(TlogTest, EachCheckpointExtendsTheOneBefore) {
    const auto log = open(disk_, 1);
    merkle::Tree tree;
    tree.append(leaves(0, 1)[0]);
    note::Checkpoint before = log->publish(keys_, kNow)->head;
    for (int size = 2; size < 40; ++size) {
        append(*log, size - 1, size);
        tree.append(leaves(size - 1, size)[0]);
        const note::Checkpoint head = log->publish(keys_, kNow)->head;
        EXPECT_TRUE(merkle::verify_consistency(
            before.size, head.size, tree.prove_consistency(before.size, head.size), before.root, head.root));
        before = head;
    }
}

TEST_F(TlogTest, ProvesTheInclusionOfEveryEntryUnderTheCheckpoint) {
    const auto log = open(disk_, 300);
    const auto early = log->prove_inclusion(merkle::LeafIndex(0));
    ASSERT_FALSE(early.has_value());
    EXPECT_EQ(early.error().code, Code::not_included);
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    append(*log, 300, 310);
    for (int i = 0; i < 300; ++i) {
        const merkle::LeafIndex index(static_cast<std::uint64_t>(i));
        const auto inclusion = log->prove_inclusion(index);
        ASSERT_TRUE(inclusion.has_value()) << inclusion.error().detail;
        const auto head = note::open_checkpoint(inclusion->note, key_->public_key());
        ASSERT_TRUE(head.has_value());
        EXPECT_EQ(head->size, inclusion->size);
        EXPECT_TRUE(merkle::verify_inclusion(index, inclusion->size, leaves(i, i + 1)[0], inclusion->proof,
                                             head->root));
    }
    const auto uncovered = log->prove_inclusion(merkle::LeafIndex(300));
    ASSERT_FALSE(uncovered.has_value());
    EXPECT_EQ(uncovered.error().code, Code::not_included);
}

TEST_F(TlogTest, RefusesToSignOverAnOlderCheckpointThatWasPutBack) {
    const auto log = open(disk_, 5);
    const std::string older = log->publish(keys_, kNow)->note;
    append(*log, 5, 8);
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    ASSERT_TRUE(disk_.replace(kPath, older).has_value());
    append(*log, 8, 9);
    expect_corrupt(log->publish(keys_, kNow));
    EXPECT_EQ(on_disk(), older) << "and leaves it as it is";
    EXPECT_EQ(log->published_size().value(), 8u);
}

TEST_F(TlogTest, RefusesToSignOverACheckpointOfAnotherSigner) {
    const auto log = open(disk_, 5);
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    const auto other = open(disk_, 7);
    const std::string theirs = other->publish(keys_, kNow)->note;
    append(*log, 5, 6);
    expect_corrupt(log->publish(keys_, kNow));
    EXPECT_EQ(on_disk(), theirs);
}

TEST_F(TlogTest, RefusesToSignWhenTheCheckpointIsGoneOrAppeared) {
    const auto log = open(disk_, 5);
    const auto other = open(disk_, 5);
    ASSERT_TRUE(other->publish(keys_, kNow).has_value());
    expect_corrupt(log->publish(keys_, kNow));
    ASSERT_TRUE(disk_.remove(kPath).has_value());
    append(*other, 5, 6);
    expect_corrupt(other->publish(keys_, kNow));
}

TEST_F(TlogTest, RefusesToSignATreeThatIsShorterOrForked) {
    ASSERT_TRUE(open(disk_, 5)->publish(keys_, kNow).has_value());
    const std::string before = on_disk();
    for (const int size : {0, 1, 4}) {
        const auto shorter = open(disk_, size);
        expect_corrupt(shorter->recover());
        expect_corrupt(shorter->publish(keys_, kNow));
    }
    for (const int size : {6, 9}) {
        const auto forked = open(disk_, size, "forked ");
        expect_corrupt(forked->recover());
        expect_corrupt(forked->publish(keys_, kNow));
    }
    expect_corrupt(open(disk_, 5, "forked ")->recover());
    EXPECT_TRUE(open(disk_, 5)->recover().has_value());
    EXPECT_TRUE(open(disk_, 6)->recover().has_value());
    EXPECT_EQ(on_disk(), before);
}

TEST_F(TlogTest, ATreeThatIsShorterThanItsCheckpointProvesNothing) {
    ASSERT_TRUE(open(disk_, 5)->publish(keys_, kNow).has_value());
    const auto shorter = open(disk_, 3);
    for (std::uint64_t i = 0; i < 6; ++i) {
        const auto inclusion = shorter->prove_inclusion(merkle::LeafIndex(i));
        ASSERT_FALSE(inclusion.has_value());
        EXPECT_EQ(inclusion.error().code, Code::not_included);
    }
}

TEST_F(TlogTest, ReadsOnlyACheckpointOfItsOwnOriginAndLogKey) {
    const note::Checkpoint head{root_.origin().value(), merkle::TreeSize(1),
                                merkle::Root(leaves(0, 1)[0].value())};
    ASSERT_TRUE(disk_.replace(kPath, note::sign_checkpoint(head, *signer(2)).value()).has_value());
    expect_corrupt(read_published(disk_, root_));
    note::Checkpoint foreign = head;
    foreign.origin = "localhost/ffffffffffffffff";
    ASSERT_TRUE(disk_.replace(kPath, note::sign_checkpoint(foreign, *key_).value()).has_value());
    expect_corrupt(read_published(disk_, root_));
    for (const std::string text : {"", "\n", "checkpoint"}) {
        ASSERT_TRUE(disk_.replace(kPath, text).has_value());
        expect_corrupt(read_published(disk_, root_));
    }
    ASSERT_TRUE(disk_.replace(kPath, std::string(70'000, 'x')).has_value());
    expect_corrupt(read_published(disk_, root_));
    ASSERT_TRUE(disk_.replace(kPath, note::sign_checkpoint(head, *key_).value()).has_value());
    EXPECT_EQ(read_published(disk_, root_).value()->head, head);
}

TEST_F(TlogTest, EveryFlippedBitOfTheCheckpointIsNoticed) {
    ASSERT_TRUE(open(disk_, 5)->publish(keys_, kNow).has_value());
    const note::Checkpoint head = read_published(disk_, root_).value()->head;
    for (std::uint64_t bit = 0; bit < on_disk().size() * 8; ++bit) {
        disk_.flip_bit(kPath, bit);
        expect_corrupt(read_published(disk_, root_));
        disk_.flip_bit(kPath, bit);
    }
    EXPECT_EQ(read_published(disk_, root_).value()->head, head);
}

TEST_F(TlogTest, ASignerThatFailsLeavesEverythingAsItWas) {
    const auto log = open(disk_, 5);
    const std::string before = log->publish(keys_, kNow)->note;
    append(*log, 5, 6);
    SimulatedEntropy entropy(3);
    const auto failing = crypto::make_failing_signer(crypto::generate_secret(entropy), 0);
    const auto failed = log->publish(giving(*failing), kNow);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, Code::store_unavailable);
    EXPECT_EQ(on_disk(), before);
    EXPECT_EQ(log->publish(keys_, kNow)->head.size.value(), 6u);
}

TEST_F(TlogTest, APowerLossBetweenSigningAndPublishingIsHarmless) {
    const note::Checkpoint first = open(disk_, 5)->publish(keys_, kNow)->head;
    int kept = 0, replaced = 0;
    for (std::uint64_t operation = 0;; ++operation) {
        SimulatedDisk run = disk_;
        const auto log = open(run, 8);
        run.fail_after(operation, Fault::power_cut);
        const bool done = log->publish(keys_, kNow).has_value();
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            SimulatedDisk after = run;
            after.power_loss(seed);
            const auto published = read_published(after, root_);
            ASSERT_TRUE(published.has_value() && published->has_value()) << operation << " " << seed;
            const bool is_first = (*published)->head == first;
            EXPECT_FALSE(done && is_first) << "what was told is published";
            ++(is_first ? kept : replaced);
            const auto next = open(after, 9);
            ASSERT_TRUE(next->recover().has_value());
            ASSERT_EQ(next->publish(keys_, kNow)->head.size.value(), 9u);
        }
        if (done) break;
    }
    EXPECT_GT(kept, 50);
    EXPECT_GT(replaced, 50);
}

TEST_F(TlogTest, APublicationThatFailsIsRepeatedOrRefusedAndNeverContradicts) {
    ASSERT_TRUE(open(disk_, 5)->publish(keys_, kNow).has_value());
    for (std::uint64_t operation = 0;; ++operation) {
        SimulatedDisk run = disk_;
        const auto log = open(run, 8);
        run.fail_after(operation, Fault::error_once);
        if (log->publish(keys_, kNow).has_value()) break;
        append(*log, 8, 9);
        const auto again = log->publish(keys_, kNow);
        ASSERT_TRUE(again.has_value()) << "operation " << operation << ": " << again.error().detail;
        EXPECT_EQ(again->head.size.value(), 9u);
        EXPECT_TRUE(open(run, 9)->recover().has_value());
    }
}

TEST_F(TlogTest, TellsAnOlderCopyFromWhatIsRememberedOutside) {
    const auto log = open(disk_, 8);
    const note::Checkpoint newest = log->publish(keys_, kNow)->head;
    EXPECT_TRUE(log->check_remembers(newest).has_value());
    SimulatedDisk older_disk;
    ASSERT_TRUE(create_log(older_disk).has_value());
    const auto older = open(older_disk, 5);
    EXPECT_EQ(older->check_remembers(newest).error().code, Code::rollback_detected);
    const auto forked = open(older_disk, 9, "forked ");
    EXPECT_EQ(forked->check_remembers(newest).error().code, Code::rollback_detected);
    EXPECT_TRUE(log->check_remembers(older->publish(keys_, kNow)->head).has_value());
}

TEST_F(TlogTest, TheTimeOfTheLogNeverGoesBack) {
    const auto log = open(disk_, 1);
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    append(*log, 1, 2);
    const auto head = note::parse_head(log->publish(keys_, UnixSeconds(5))->note).value();
    EXPECT_EQ(note::verify_cosignature(head.text, head.time, head.checkpoint.origin, key_->public_key()),
              kNow);
    const auto again = open(disk_, 3);
    const auto later = note::parse_head(again->publish(keys_, UnixSeconds(6))->note).value();
    EXPECT_EQ(note::verify_cosignature(later.text, later.time, later.checkpoint.origin, key_->public_key()),
              kNow);
}

TEST_F(TlogTest, EntriesStandBetweenTheHeadsAroundThem) {
    const auto log = open(disk_, 0);
    for (const int size : {0, 3, 10, 300}) {
        append(*log, static_cast<int>(log->size().value()), size);
        ASSERT_TRUE(log->publish(keys_, UnixSeconds(kNow.value() + size)).has_value());
    }
    for (std::uint64_t i = 0; i < 300; ++i) {
        const auto inclusion = log->prove_inclusion(merkle::LeafIndex(i)).value();
        ASSERT_TRUE(inclusion.previous.has_value());
        const auto before = note::parse_head(inclusion.previous->note)->checkpoint;
        const auto after = note::parse_head(inclusion.note)->checkpoint;
        EXPECT_EQ(before.size.value(), i < 3 ? 0u : i < 10 ? 3u : 10u);
        EXPECT_EQ(after.size.value(), i < 3 ? 3u : i < 10 ? 10u : 300u);
        EXPECT_TRUE(merkle::verify_consistency(before.size, after.size, inclusion.previous->consistency,
                                               before.root, after.root));
        EXPECT_TRUE(merkle::verify_inclusion(merkle::LeafIndex(i), after.size,
                                             merkle::hash_leaf(entry(static_cast<int>(i))), inclusion.proof,
                                             after.root));
    }
}

TEST_F(TlogTest, AHeadIsRememberedBeforeItIsPublic) {
    const auto log = open(disk_, 3);
    const std::string before = log->publish(keys_, kNow).value().note;
    append(*log, 3, 4);
    const Log::Remember unable = [](const Published&) { return Status(fail(Code::io_failed, "no memory")); };
    EXPECT_EQ(log->publish(keys_, kNow, unable).error().code, Code::io_failed);
    EXPECT_EQ(on_disk(), before);
    EXPECT_EQ(log->published_size().value(), 3u);
    int asked = 0;
    const Log::Remember able = [&](const Published& head) {
        ++asked;
        EXPECT_EQ(head.head.size.value(), 4u);
        EXPECT_EQ(on_disk(), before) << "not yet";
        return Status();
    };
    const Published published = log->publish(keys_, kNow, able).value();
    EXPECT_EQ(on_disk(), published.note);
    EXPECT_EQ(log->publish(keys_, kNow, able).value().note, published.note);
    EXPECT_EQ(asked, 1);
}

TEST_F(TlogTest, AHeadWithoutATimeIsSignedAgain) {
    const auto first = open(disk_, 3);
    note::Checkpoint head = first->publish(keys_, kNow)->head;
    ASSERT_TRUE(disk_.replace(kPath, note::sign_checkpoint(head, *key_).value()).has_value());
    const auto log = open(disk_, 3);
    ASSERT_TRUE(log->recover().has_value());
    const auto again = log->publish(keys_, kNow);
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_EQ(again->head, head);
    EXPECT_TRUE(note::parse_head(on_disk()).has_value());
}

TEST_F(TlogTest, AHistoryThatIsLostBeginsAgainWithNothing) {
    ASSERT_TRUE(open(disk_, 3)->publish(keys_, kNow).has_value());
    ASSERT_TRUE(History::create(disk_, "tlog").has_value());
    const auto log = open(disk_, 3);
    ASSERT_TRUE(log->recover().has_value());
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    for (std::uint64_t i = 0; i < 3; ++i) {
        const auto inclusion = log->prove_inclusion(merkle::LeafIndex(i)).value();
        ASSERT_TRUE(inclusion.previous.has_value());
        const auto before = note::parse_head(inclusion.previous->note).value();
        EXPECT_EQ(before.checkpoint.size.value(), 0u);
        EXPECT_EQ(
            note::verify_cosignature(before.text, before.time, before.checkpoint.origin, key_->public_key()),
            UnixSeconds(0));
    }
}

TEST_F(TlogTest, CosignaturesJoinTheHeadTheyAreOf) {
    const auto log = open(disk_, 3);
    const Published head = log->publish(keys_, kNow).value();
    const auto witness = signer(9);
    const auto text = note::parse_head(head.note)->text;
    const std::vector<std::string> lines{note::cosign(text, "w.example", *witness, kNow).value()};
    EXPECT_EQ(note::parse_head(log->add_cosignatures(head, lines, true)->note)->witnesses.size(), 1u);
    EXPECT_EQ(note::parse_head(on_disk())->witnesses.size(), 1u);
    append(*log, 3, 4);
    const Published next = log->publish(keys_, kNow).value();
    ASSERT_TRUE(log->add_cosignatures(head, lines, true).has_value());
    EXPECT_EQ(on_disk(), next.note) << "too late";
}

TEST_F(TlogTest, AProofCanLeadToTheHeadThatTheQuorumCosigned) {
    using Under = Log::Under;
    const auto log = open(disk_, 3);
    const Published head = log->publish(keys_, kNow).value();
    append(*log, 3, 4);
    ASSERT_TRUE(log->publish(keys_, kNow).has_value());
    const auto witness = signer(9);
    const std::vector<std::string> lines{
        note::cosign(note::parse_head(head.note)->text, "w.example", *witness, kNow).value()};
    const std::string without = log->prove_inclusion(merkle::LeafIndex(0)).value().note;
    ASSERT_TRUE(log->add_cosignatures(head, lines, false).has_value());
    EXPECT_EQ(log->prove_inclusion(merkle::LeafIndex(0)).value().note, without) << "no quorum";
    EXPECT_EQ(log->prove_inclusion(merkle::LeafIndex(0), Under::quorum).error().code, Code::not_included);
    const Published cosigned = log->add_cosignatures(head, lines, true).value();
    EXPECT_EQ(note::parse_head(cosigned.note)->witnesses.size(), 1u);
    for (const auto under : {Under::first_head, Under::quorum}) {
        const auto inclusion = log->prove_inclusion(merkle::LeafIndex(2), under).value();
        EXPECT_EQ(inclusion.note, cosigned.note);
        EXPECT_TRUE(merkle::verify_inclusion(merkle::LeafIndex(2), inclusion.size,
                                             merkle::hash_leaf(entry(2)), inclusion.proof,
                                             cosigned.head.root));
    }
    EXPECT_EQ(log->prove_inclusion(merkle::LeafIndex(3), Under::quorum).error().code, Code::not_included);
    EXPECT_EQ(log->prove_inclusion(merkle::LeafIndex(3)).value().size.value(), 4u);
}

}  // namespace
}  // namespace parmana::tlog
