#include "store/embedded/embedded.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/invariant.hpp"
#include "store/embedded/catalog.hpp"
#include "store/embedded/sync_helper.hpp"

namespace parmana::store {
namespace {

using namespace embedded;

/// A submission on its way to the commit thread, with its frames made on the caller's.
struct Pending {
    Submission submission;
    std::string leaf_body;
    Ledger::Completion completion;
    std::string log_frame;
    std::string record_frame;
    /// Of a change, which is made when its index is known.
    std::optional<Ledger::Change> change;

    void encode() {
        log_frame = encode_log_frame(submission);
        record_frame = encode_record_frame(submission);
    }
};

SegmentPlan segment_plan(const EmbeddedOptions& options) {
    return {options.helper_threads, options.first_segment_bytes, options.reserve_bytes};
}

/// What both sides answer from the catalog.
template <class Seam>
class CatalogReader : public Seam {
  public:
    CatalogReader(disk::Disk& disk, const IdentityIndex::Key& key, const EntryChecks& checks)
        : catalog_(disk, IdentityIndex(key), checks.read) {}
    Catalog& catalog() { return catalog_; }

    Result<std::optional<Committed<Entry>>> find(const decide::ExecutionId& id) const override {
        auto entry = TRY(catalog_.find(id.value()));
        if (!entry) return std::nullopt;
        return this->committed(*std::move(entry));
    }
    Result<Committed<Entry>> read(LogIndex index) const override {
        return this->committed(TRY(catalog_.read(index.value())));
    }
    Result<Committed<Entry>> group_of(LogIndex index) const override {
        const auto group = catalog_.group_behind(index.value());
        if (!group) {
            return fail(Code::data_corrupt,
                        "entry " + std::to_string(index.value()) + " has no group statement");
        }
        return read(LogIndex(*group));
    }
    std::vector<LogIndex> changes() const override { return catalog_.changes(); }
    merkle::TreeSize size() const override { return merkle::TreeSize(catalog_.size()); }

  protected:
    Catalog catalog_;
};
using Reader = CatalogReader<LedgerReader>;

/// The same at every start when there is a cache to be read.
IdentityIndex::Key index_key(const EmbeddedOptions& options, Entropy& entropy) {
    if (options.cache_key == nullptr) return IdentityIndex::random_key(entropy);
    const Digest derived = crypto::hmac_sha256(options.cache_key->expose(), {"parmana identity index"});
    return *array_from<16>(view_of(derived).substr(0, 16));
}

class EmbeddedLedger final : public CatalogReader<Ledger> {
  public:
    EmbeddedLedger(disk::Disk& disk, Clock& clock, Entropy& entropy, EmbeddedOptions options, LeafSink leaves)
        : CatalogReader(disk, index_key(options, entropy), options.checks),
          disk_(disk),
          clock_(clock),
          options_(std::move(options)),
          leaves_(std::move(leaves)),
          store_(make_store_id(options_.origin, options_.tenant)),
          chunks_(
              options_.cache_key != nullptr
                  ? std::make_unique<ChunkWriter>(disk, store_, *options_.cache_key, options_.cache_rows_min)
                  : nullptr),
          log_(disk, {Family::log, store_}, segment_plan(options_)),
          records_(disk, {Family::records, store_}, segment_plan(options_)) {
        INVARIANT(options_.batch_max > 0 && options_.queue_max > 0);
        INVARIANT(options_.first_segment_bytes > 0);
    }
    ~EmbeddedLedger() override { close(); }

    /// Recovery is the opening: it runs at every start, whatever stopped the process before, and may itself
    /// be stopped at any point.
    Status open() {
        const FactSink remember_refusal = [this](std::uint64_t index, const LogFacts& facts) {
            if (facts.kind == EntryKind::refusal && index >= options_.checkpoint_size.value()) {
                refusals_.emplace(RefusalKey(facts.execution_id, facts.code), index);
            }
        };
        const Scanned scanned =
            TRY(load(disk_, store_, Side::writer, catalog_,
                     {leaves_, remember_refusal, options_.checks, options_.leaf_bodies_from, chunks_.get()}));
        if (scanned.log.next_index < options_.checkpoint_size.value()) {
            return fail(Code::data_corrupt, "the store has " + std::to_string(scanned.log.next_index) +
                                                " entries, but a checkpoint over " +
                                                std::to_string(options_.checkpoint_size.value()) +
                                                " was published");
        }
        TRY(records_.resume(scanned.records));
        TRY(log_.resume(scanned.log));
        TRY(open_new_segments());
        last_commit_ = scanned.last_commit;
        checkpoint_size_ = options_.checkpoint_size.value();
        if (options_.helper_threads) sync_helper_.emplace(records_);
        thread_ = std::thread([this] { run(); });
        return {};
    }

    void submit_all(std::vector<Entering> entering) override {
        std::vector<Pending> pending;
        pending.reserve(entering.size());
        for (Entering& each : entering)
            pending.push_back(prepare(std::move(each)));
        enqueue(std::move(pending));
    }

    void submit_change(Change change) override {
        std::vector<Pending> one(1);
        one.front().completion = std::move(change.completion);
        one.front().change = std::move(change);
        enqueue(std::move(one));
    }

    void checkpointed(merkle::TreeSize size) override { checkpoint_size_ = size.value(); }

    void close() override {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

  private:
    void enqueue(std::vector<Pending> pending) {
        std::optional<Error> refused;
        {
            const std::lock_guard lock(mutex_);
            if (closed_ || failed_) {
                refused = Error{Code::store_unavailable, "the store takes no more entries"};
            } else if (queue_.size() + pending.size() > options_.queue_max) {
                refused = Error{Code::overloaded, "too many commits are waiting"};
            } else {
                queue_.insert(queue_.end(), std::make_move_iterator(pending.begin()),
                              std::make_move_iterator(pending.end()));
            }
        }
        if (refused) return refuse_all(pending, *refused);
        wake_.notify_one();
    }

    /// The frames are made on the caller's thread.
    Pending prepare(Entering entering) const {
        const Submission& submission = entering.submission;
        INVARIANT(submission.kind != EntryKind::decision || submission.code.empty());
        INVARIANT(submission.attested == Attested::statement ||
                  (submission.kind == EntryKind::decision && options_.seal));
        Pending pending{std::move(entering.submission),
                        std::move(entering.leaf_body),
                        std::move(entering.completion),
                        {},
                        {},
                        {}};
        pending.encode();
        return pending;
    }

    using RefusalKey = std::pair<std::string, std::string>;  // identity, code

    /// What becomes of one batch.
    struct Plan {
        std::vector<Pending*> entered;  // in index order; those that the log attests come last
        std::vector<std::pair<Pending*, std::size_t>> follow;  // loser, position of its winner in `entered`
        std::vector<std::pair<Pending*, std::uint64_t>> committed;  // loser, index of the earlier entry
        std::vector<std::pair<Pending*, Error>> refused;            // it cannot be looked up or taken
        std::optional<Pending> seal;  // the statement about those that the log attests; entered behind them

        std::size_t count() const { return entered.size() + (seal ? 1 : 0); }
        /// Of all frames of the log, and of all records.
        std::pair<std::size_t, std::size_t> bytes() const {
            std::pair<std::size_t, std::size_t> out{0, 0};
            for (std::size_t i = 0; i < count(); ++i) {
                out.first += at(i).log_frame.size();
                out.second += at(i).record_frame.size();
            }
            return out;
        }
        /// In index order, the seal included.
        const Pending& at(std::size_t i) const { return i < entered.size() ? *entered[i] : *seal; }
    };

    void run() {
        std::vector<Pending> batch;
        while (take(batch)) {
            if (failed_) {
                refuse_all(batch, {Code::store_unavailable, "the store takes no more entries"});
            } else {
                commit(batch);
            }
            batch.clear();
        }
    }

    /// Waits for work; false when closed and drained.
    bool take(std::vector<Pending>& batch) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
        const std::size_t count = count_for_one_group();
        std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count),
                  std::back_inserter(batch));
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
        return count > 0;
    }

    /// As many as one group may hold by number and by size.
    std::size_t count_for_one_group() const {
        const std::size_t count_max = std::min(queue_.size(), options_.batch_max);
        std::size_t count = 0, bytes = 0;
        if (count_max > 0 && queue_.front().change) return 1;
        while (count < count_max && !queue_[count].change) {
            bytes += queue_[count].log_frame.size() + queue_[count].record_frame.size();
            if (bytes > limits::kGroupBytesMax && count > 0) break;
            ++count;
        }
        return count;
    }

    /// The one transaction. Nobody else consumes identities, so what is looked up here still holds at the
    /// write.
    void commit(std::vector<Pending>& batch) {
        if (batch.front().change) {
            if (const Status made = make_change(batch.front()); !made)
                return batch.front().completion(std::unexpected(made.error()));
        }
        Plan plan = decide_winners(batch);
        if (!plan.entered.empty()) {
            Status room = seal_group(plan);
            if (room) room = make_room(plan);
            if (!room) {
                if (room.error().code == Code::io_failed) {
                    return fail_durably(batch, Code::store_unavailable, room.error());
                }
                // Nothing was written. Those that lost to a committed entry still get their answer.
                for (Pending* pending : plan.entered)
                    pending->completion(std::unexpected(room.error()));
                for (const auto& [pending, winner] : plan.follow)
                    pending->completion(std::unexpected(room.error()));
                return answer_losers(plan);
            }
            const auto written = write(plan);
            if (!written) return fail_durably(batch, Code::outcome_unknown, written.error());
            if (batch.front().change) begin_epoch(*batch.front().change);
            publish(plan, *written);
            answer_winners(plan, *written);
        }
        answer_losers(plan);
    }

    /// If we stop here, nothing was written.
    Status make_change(Pending& pending) {
        Sealed made = TRY(pending.change->make(LogIndex(log_.tail().next_index)));
        pending.submission = std::move(made.statement);
        pending.submission.epoch = epoch_;
        pending.leaf_body = std::move(made.leaf_body);
        pending.encode();
        return {};
    }

    /// Whatever was made before is stale now. Nobody was told of the change yet, so nobody relies on what
    /// was.
    void begin_epoch(Change& change) {
        ++epoch_;
        change.entered();
    }

    Plan decide_winners(std::vector<Pending>& batch) {
        Plan plan;
        std::map<RefusalKey, std::size_t> in_batch;  // a decision has an empty code
        std::size_t identities = catalog_.identities();
        forget_checkpointed_refusals();
        for (Pending& pending : batch) {
            const Submission& submission = pending.submission;
            RefusalKey key(submission.execution_id.value(), submission.code);
            const auto earlier = find_committed(submission, key);
            if (submission.epoch != epoch_) {
                plan.refused.emplace_back(&pending,
                                          Error{Code::snapshot_stale, "policies or keys changed meanwhile"});
            } else if (!earlier) {
                plan.refused.emplace_back(&pending, earlier.error());
            } else if (*earlier) {
                plan.committed.emplace_back(&pending, **earlier);
            } else if (const auto winner = in_batch.find(key);
                       is_unique(submission.kind) && winner != in_batch.end()) {
                plan.follow.emplace_back(&pending, winner->second);
            } else if (submission.kind == EntryKind::decision && identities >= options_.identities_max) {
                plan.refused.emplace_back(
                    &pending, Error{Code::storage_full, "the store holds as many identities as it may"});
            } else {
                if (submission.kind == EntryKind::decision) ++identities;
                if (is_unique(submission.kind)) in_batch.emplace(std::move(key), plan.entered.size());
                plan.entered.push_back(&pending);
            }
        }
        move_sealed_to_the_end(plan);
        return plan;
    }

    /// So that one statement covers one range.
    static void move_sealed_to_the_end(Plan& plan) {
        const auto by_log = [](const Pending* pending) {
            return pending->submission.attested == Attested::log;
        };
        if (std::none_of(plan.entered.begin(), plan.entered.end(), by_log)) return;
        const std::vector<Pending*> before = plan.entered;
        std::stable_partition(plan.entered.begin(), plan.entered.end(), std::not_fn(by_log));
        std::map<const Pending*, std::size_t> place;
        for (std::size_t i = 0; i < plan.entered.size(); ++i)
            place.emplace(plan.entered[i], i);
        for (auto& [pending, winner] : plan.follow)
            winner = place.at(before[winner]);
    }

    /// Signs for what is attested by the log. If we stop here, nothing was written.
    Status seal_group(Plan& plan) {
        std::vector<merkle::LeafHash> leaves;
        for (const Pending* pending : plan.entered) {
            if (pending->submission.attested == Attested::log) leaves.push_back(pending->submission.leaf);
        }
        if (leaves.empty()) return {};
        const std::uint64_t first = log_.tail().next_index + plan.entered.size() - leaves.size();
        auto sealed = options_.seal(LogIndex(first), leaves);
        if (!sealed)
            return fail(Code::store_unavailable, "the group cannot be signed: " + sealed.error().detail);
        plan.seal.emplace();
        plan.seal->submission = std::move(sealed->statement);
        plan.seal->leaf_body = std::move(sealed->leaf_body);
        plan.seal->encode();
        return {};
    }

    static bool is_unique(EntryKind kind) {
        return kind == EntryKind::decision || kind == EntryKind::refusal;
    }

    Result<std::optional<std::uint64_t>> find_committed(const Submission& submission, const RefusalKey& key) {
        if (submission.kind == EntryKind::decision) {
            const auto entry = TRY(catalog_.find(submission.execution_id.value()));
            return entry ? std::optional(entry->index.value()) : std::nullopt;
        }
        if (submission.kind != EntryKind::refusal) return std::nullopt;
        const auto found = refusals_.find(key);
        if (found == refusals_.end()) return std::nullopt;
        return found->second;
    }

    void forget_checkpointed_refusals() {
        const std::uint64_t size = checkpoint_size_;
        if (size == forgotten_below_) return;
        forgotten_below_ = size;
        std::erase_if(refusals_, [size](const auto& refusal) { return refusal.second < size; });
    }

    Status make_room(const Plan& plan) {
        const auto [log_bytes, record_bytes] = plan.bytes();
        const auto free = disk_.free_bytes();
        if (!free) return fail(Code::store_unavailable, free.error().detail);
        if (*free < options_.reserve_bytes) return fail(Code::storage_full, "the disk is nearly full");
        TRY(records_.reserve(Appender::group_bytes(record_bytes)));
        TRY(log_.reserve(Appender::group_bytes(log_bytes)));
        if (const Status opened = open_new_segments(); !opened) {
            return fail(Code::store_unavailable, opened.error().detail);
        }
        return {};
    }

    struct Written {
        UnixMillis committed_at;
        std::uint64_t first_index;
        std::vector<Place> log;
        std::vector<Place> records;
    };

    Result<Written> write(const Plan& plan) {
        Written out{std::max(clock_.now(), last_commit_), log_.tail().next_index, {}, {}};
        std::string log_payload, record_payload;
        const auto [log_bytes, record_bytes] = plan.bytes();
        log_payload.reserve(log_bytes);
        record_payload.reserve(record_bytes);
        for (std::size_t i = 0; i < plan.count(); ++i) {
            log_payload += plan.at(i).log_frame;
            record_payload += plan.at(i).record_frame;
        }
        const auto count = static_cast<std::uint32_t>(plan.count());
        // If we stop here, nothing has happened: recovery finds the store as it was.
        const Chain link =
            TRY(records_.append(count, out.committed_at, Chain(), record_payload, out.records));
        TRY(log_.append(count, out.committed_at, link, log_payload, out.log));
        // If we stop here, either family may hold its group or a part of it: recovery cuts off a group whose
        // counterpart is not whole.
        TRY(sync_both());
        // From here on the group is committed: if we stop now, recovery finds it, and whoever asks again is
        // told so.
        last_commit_ = out.committed_at;
        return out;
    }

    /// Both durable on return. The second sync runs beside the first: a commit waits for the disk once.
    Status sync_both() {
        if (!options_.helper_threads) {
            TRY(records_.sync());
            return log_.sync();
        }
        sync_helper_->begin();
        const Status log = log_.sync();
        TRY(sync_helper_->end());
        return log;
    }

    void publish(Plan& plan, const Written& written) {
        std::vector<ChunkRow> rows;
        std::vector<Leaf> leaves;
        for (std::size_t i = 0; i < plan.count(); ++i) {
            const Submission& submission = plan.at(i).submission;
            rows.push_back(catalog_.row_of(submission.kind, submission.execution_id.value(),
                                           written.committed_at, written.log[i], written.records[i],
                                           submission.leaf));
            if (chunks_) chunks_->add(rows.back());
            std::string& body = i < plan.entered.size() ? plan.entered[i]->leaf_body : plan.seal->leaf_body;
            leaves.push_back({submission.leaf, std::move(body)});
            if (submission.kind == EntryKind::refusal) {
                refusals_.emplace(RefusalKey(submission.execution_id.value(), submission.code),
                                  written.first_index + i);
            }
        }
        // The tree first: whoever finds an entry can compare it with the tree.
        if (leaves_) leaves_(leaves);
        catalog_.add(rows);
        if (chunks_) chunks_->end_of_commit(log_.tail(), records_.tail(), written.committed_at);
    }

    void answer_winners(Plan& plan, const Written& written) {
        const auto entry_of = [&](std::size_t i, Submission content) {
            return committed(
                Entry{LogIndex(written.first_index + i), written.committed_at, std::move(content)});
        };
        // Followers first: they copy what the winner then takes along.
        for (const auto& [pending, winner] : plan.follow) {
            pending->completion(Admission{false, entry_of(winner, plan.entered[winner]->submission)});
        }
        for (std::size_t i = 0; i < plan.entered.size(); ++i) {
            plan.entered[i]->completion(Admission{true, entry_of(i, std::move(plan.entered[i]->submission))});
        }
    }

    void answer_losers(const Plan& plan) {
        for (const auto& [pending, error] : plan.refused)
            pending->completion(std::unexpected(error));
        for (const auto& [pending, index] : plan.committed) {
            auto entry = catalog_.read(index);
            if (!entry) {
                pending->completion(std::unexpected(entry.error()));
            } else {
                pending->completion(Admission{false, committed(*std::move(entry))});
            }
        }
    }

    /// After a failed write nothing is known about what the disk holds. No answer of this batch may claim
    /// anything, and no later one may follow: a second sync could report success for data that the kernel has
    /// dropped. `code` says whether something of the batch may have been entered.
    void fail_durably(std::vector<Pending>& batch, Code code, const Error& why) {
        {
            const std::lock_guard lock(mutex_);
            failed_ = true;
        }
        if (options_.on_failure) options_.on_failure(why);
        refuse_all(batch, {code, "the durable write failed: " + why.detail});
    }

    static void refuse_all(std::vector<Pending>& batch, const Error& error) {
        for (Pending& pending : batch)
            pending.completion(std::unexpected<Error>(error));
    }

    Status open_new_segments() {
        const auto open = [this](Family family) {
            return [this, family](std::uint32_t number) { return catalog_.open_segment(family, number); };
        };
        TRY(records_.hand_over_segments(open(Family::records)));
        return log_.hand_over_segments(open(Family::log));
    }

    disk::Disk& disk_;
    Clock& clock_;
    const EmbeddedOptions options_;
    const LeafSink leaves_;
    const StoreId store_;

    // The commit thread's own.
    std::unique_ptr<ChunkWriter> chunks_;
    Appender log_;
    Appender records_;
    std::optional<SyncHelper> sync_helper_;         // of the records
    std::map<RefusalKey, std::uint64_t> refusals_;  // since the last checkpoint
    std::uint64_t forgotten_below_ = 0;
    UnixMillis last_commit_;
    std::uint64_t epoch_ = 0;  // number of changes since the opening; the commit thread's own

    std::atomic<std::uint64_t> checkpoint_size_ = 0;
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Pending> queue_;  // guarded by mutex_
    bool closed_ = false;         // guarded by mutex_
    std::thread thread_;
};

}  // namespace

Status create_embedded_store(disk::Disk& disk) {
    TRY(disk.make_directory(family_directory(Family::log)));
    return disk.make_directory(family_directory(Family::records));
}

Result<std::unique_ptr<Ledger>> open_embedded_ledger(disk::Disk& disk, Clock& clock, Entropy& entropy,
                                                     EmbeddedOptions options, const LeafSink& leaves) {
    auto ledger = std::make_unique<EmbeddedLedger>(disk, clock, entropy, std::move(options), leaves);
    TRY(ledger->open());
    return ledger;
}

Result<std::unique_ptr<LedgerReader>> read_embedded_ledger(disk::Disk& disk, Entropy& entropy,
                                                           const trust::Origin& origin,
                                                           const trust::Tenant& tenant,
                                                           const EntryChecks& checks, const LeafSink& leaves,
                                                           std::uint64_t leaf_bodies_from) {
    // A directory listed while a server starts may show neither the old nor the new name of a segment: look
    // again.
    constexpr int kAttempts = 5;
    const StoreId store = make_store_id(origin, tenant);
    for (int attempt = 1;; ++attempt) {
        std::vector<Leaf> found;
        auto reader = std::make_unique<Reader>(disk, IdentityIndex::random_key(entropy), checks);
        const LeafSink keep = [&](std::span<Leaf> group) {
            found.insert(found.end(), std::make_move_iterator(group.begin()),
                         std::make_move_iterator(group.end()));
        };
        const auto scanned =
            load(disk, store, Side::reader, reader->catalog(), {keep, {}, checks, leaf_bodies_from, nullptr});
        if (scanned) {
            if (leaves) leaves(found);
            return reader;
        }
        if (attempt == kAttempts || scanned.error().code != Code::data_corrupt) {
            return std::unexpected(scanned.error());
        }
    }
}

}  // namespace parmana::store
