// For tests of the embedded store: submissions, an opened ledger that answers synchronously, and its account.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>
#include <vector>

#include "disk/sim.hpp"
#include "store/embedded/embedded.hpp"

namespace parmana::store {

inline trust::Origin test_origin() {
    return trust::Origin("localhost/0123456789abcdef");
}
inline trust::Tenant test_tenant() {
    return trust::Tenant("default");
}

/// `copy` tells submissions of one identity apart: leaf, record and request digest depend on it.
inline Submission submission(EntryKind kind, const std::string& id, const std::string& code, int copy,
                             std::size_t padding) {
    const std::string name = id + "|" + code + "|" + std::to_string(copy);
    const Digest key = crypto::sha256("key");
    std::array<std::uint8_t, 64> signature{};
    for (std::size_t i = 0; i < 32; ++i)
        signature[i] = crypto::sha256(name)[i];
    return {kind,
            Attested::statement,
            decide::ExecutionId(id),
            code,
            decide::RequestDigest(crypto::sha256("request " + name)),
            std::nullopt,
            {std::string(attest::kPayloadType), "{\"of\":\"" + name + "\"}", to_hex(view_of(key)),
             crypto::Signature(signature)},
            merkle::hash_leaf(name),
            "{\"record\":\"" + name + std::string(padding, '.') + "\"}"};
}
inline Submission decision(const std::string& id, int copy = 0, std::size_t padding = 0) {
    return submission(EntryKind::decision, id, "", copy, padding);
}
inline Submission refusal(const std::string& id, const std::string& code, int copy = 0) {
    return submission(EntryKind::refusal, id, code, copy, 0);
}

/// Small segments, and nothing on another thread: the same submissions make the same operations.
inline EmbeddedOptions small_options() {
    EmbeddedOptions options{.origin = test_origin(), .tenant = test_tenant()};
    options.helper_threads = false;
    options.reserve_bytes = 0;
    options.first_segment_bytes = 1024;
    return options;
}

/// A disk with an empty store.
inline disk::SimulatedDisk empty_store() {
    disk::SimulatedDisk disk;
    EXPECT_TRUE(create_embedded_store(disk).has_value());
    return disk;
}

/// Hands reading through to another disk, and refuses everything else.
class ReadingDisk : public disk::Disk {
  public:
    explicit ReadingDisk(disk::Disk& below) : below_(below) {}
    Result<std::unique_ptr<disk::File>> open(const std::string& path, bool writable) override {
        return below_.open(path, writable);
    }
    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        return below_.read(path, size_max);
    }
    Result<std::vector<std::string>> list(const std::string& path) override { return below_.list(path); }
    Result<std::uint64_t> free_bytes() override { return below_.free_bytes(); }
    Result<std::unique_ptr<disk::File>> create(const std::string&, std::uint64_t) override {
        return refused();
    }
    Status replace(const std::string&, std::string_view) override { return refused(); }
    Status rename(const std::string&, const std::string&) override { return refused(); }
    Status remove(const std::string&) override { return refused(); }
    Status place(const std::string&, std::string_view) override { return refused(); }
    Status settle(const std::string&) override { return refused(); }
    Status remove_directory(const std::string&) override { return refused(); }
    Status make_directory(const std::string&) override { return refused(); }

  protected:
    disk::Disk& below_;

  private:
    static std::unexpected<Error> refused() { return fail(Code::io_failed, "a reader writes nothing"); }
};

inline bool same_entry(const Entry& a, const Entry& b) {
    return a.index == b.index && a.committed_at == b.committed_at && a.content == b.content;
}

/// An opened ledger.
class TestLedger {
  public:
    explicit TestLedger(disk::Disk& disk, EmbeddedOptions options = small_options()) {
        options.on_failure = [this](const Error&) { ++failures_; };
        auto opened =
            open_embedded_ledger(disk, clock_, entropy_, std::move(options), [this](std::span<Leaf> group) {
                for (const Leaf& leaf : group)
                    leaves_.push_back(leaf.hash);
            });
        if (opened) {
            ledger_ = *std::move(opened);
        } else {
            error_ = opened.error();
        }
    }

    /// Why it did not open.
    const std::optional<Error>& error() const { return error_; }
    Ledger& operator*() { return *ledger_; }
    Ledger* operator->() { return ledger_.get(); }
    SimulatedClock& clock() { return clock_; }
    /// All leaves so far; not while a submission is open.
    const std::vector<merkle::LeafHash>& leaves() const { return leaves_; }
    int failures() const { return failures_; }

    Result<Admission> admit(Submission submission) { return submit(std::move(submission)).get(); }

    /// Submits from inside a completion, so that the commit thread finds all of them at once: one group. The
    /// entry `kick` comes before them, when it is not there yet.
    std::vector<Result<Admission>> admit_together(const std::vector<Submission>& submissions) {
        using Futures = std::vector<std::future<Result<Admission>>>;
        std::promise<Futures> kicked;
        std::future<Futures> futures = kicked.get_future();
        ledger_->submit(decision("kick"), "kick",
                        [&, kicked = std::move(kicked)](const Result<Admission>&) mutable {
                            Futures open;
                            for (const Submission& each : submissions)
                                open.push_back(submit(each));
                            kicked.set_value(std::move(open));
                        });
        std::vector<Result<Admission>> results;
        Futures open = futures.get();
        for (auto& each : open)
            results.push_back(each.get());
        return results;
    }

    /// The decision on `id`; fails the test when the store cannot tell.
    std::optional<Entry> find(const std::string& id) {
        auto found = ledger_->find(decide::ExecutionId(id));
        EXPECT_TRUE(found.has_value()) << found.error().detail;
        if (!found || !*found) return std::nullopt;
        return ***found;
    }

  private:
    std::future<Result<Admission>> submit(Submission submission) {
        // The completion owns its promise: whoever waits may be gone before it returns.
        std::promise<Result<Admission>> done;
        auto result = done.get_future();
        std::string body = "leaf of " + submission.execution_id.value();
        ledger_->submit(
            std::move(submission), std::move(body),
            [done = std::move(done)](Result<Admission> r) mutable { done.set_value(std::move(r)); });
        return result;
    }

    SimulatedClock clock_{UnixMillis(1'790'000'000'000)};
    SimulatedEntropy entropy_{7};
    std::vector<merkle::LeafHash> leaves_;
    int failures_ = 0;
    std::optional<Error> error_;
    std::unique_ptr<Ledger> ledger_;  // last: its thread uses the others
};

inline void expect_code(const Result<Admission>& result, Code code) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code) << result.error().detail;
}

/// What a run was told, to be compared with what a later one finds.
class Account {
  public:
    void told(const Submission& submission, const Result<Admission>& result) {
        submitted_.push_back(submission);
        if (result) entries_.push_back(*result->entry);
    }
    std::size_t successes() const { return entries_.size(); }

    /// Nothing that was told is gone, nothing is there twice, and nothing is there that nobody submitted.
    testing::AssertionResult holds_in(TestLedger& ledger) const {
        if (ledger.error())
            return testing::AssertionFailure() << "it does not open: " << ledger.error()->detail;
        const auto& leaves = ledger.leaves();
        if (ledger->size().value() != leaves.size())
            return testing::AssertionFailure() << "entries without leaves";
        std::map<std::uint64_t, const Entry*> told;
        for (const Entry& entry : entries_) {
            const std::uint64_t index = entry.index.value();
            if (index >= leaves.size() || leaves[index] != entry.content.leaf) {
                return testing::AssertionFailure()
                       << "`" << entry.content.execution_id.value() << "` is lost";
            }
            told[index] = &entry;
        }
        return decisions_are_unique(ledger, told);
    }

  private:
    testing::AssertionResult decisions_are_unique(TestLedger& ledger,
                                                  const std::map<std::uint64_t, const Entry*>& told) const {
        std::map<Digest, const Submission*> known;
        for (const Submission& each : submitted_)
            known[each.leaf.value()] = &each;
        std::map<std::string, std::size_t> index_of;
        for (std::size_t i = 0; i < ledger.leaves().size(); ++i) {
            const auto submission = known.find(ledger.leaves()[i].value());
            if (submission == known.end())
                return testing::AssertionFailure() << "nobody submitted entry " << i;
            if (submission->second->kind == EntryKind::refusal) continue;
            const std::string& id = submission->second->execution_id.value();
            if (!index_of.emplace(id, i).second)
                return testing::AssertionFailure() << "`" << id << "` is twice there";
            const auto found = ledger.find(id);
            const auto entry = told.find(i);
            if (!found || found->index.value() != i || found->content != *submission->second ||
                (entry != told.end() && !same_entry(*found, *entry->second))) {
                return testing::AssertionFailure() << "`" << id << "` is not what was submitted";
            }
        }
        return testing::AssertionSuccess();
    }

    std::vector<Submission> submitted_;
    std::vector<Entry> entries_;
};

}  // namespace parmana::store
