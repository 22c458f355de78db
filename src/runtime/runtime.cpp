#include "runtime/runtime.hpp"

#include <filesystem>
#include <future>

#include "base/log.hpp"
#include "runtime/authenticity.hpp"
#include "runtime/build_facts.hpp"
#include "runtime/events.hpp"
#include "store/embedded/embedded.hpp"

namespace parmana::runtime {
namespace {

Result<note::WitnessPolicy> read_witness_policy(const std::string& path) {
    constexpr std::size_t kPolicyBytesMax = 64 * 1024;
    const std::filesystem::path file(path);
    const auto directory = disk::open_disk(file.has_parent_path() ? file.parent_path().string() : ".");
    const auto text = directory ? (*directory)->read(file.filename().string(), kPolicyBytesMax)
                                : Result<std::string>(std::unexpected(directory.error()));
    if (!text) return fail(Code::configuration_invalid, "`" + path + "` cannot be read");
    return note::WitnessPolicy::parse(*text);
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(DataDirectory data, Clock& clock, Entropy& entropy,
                                               Options options) {
    auto runtime = std::make_unique<Runtime>(Key(), std::move(data));
    TRY(runtime->start(clock, entropy, std::move(options)));
    return runtime;
}

Runtime::~Runtime() {
    close();
}

Status Runtime::start(Clock& clock, Entropy& entropy, Options options) {
    TRY(data_.lock());
    blind_key_ = std::make_shared<const attest::BlindKey>(TRY(data_.load_blind_key()));
    const Digest cache_key = crypto::hmac_sha256(blind_key_->expose(), {"parmana index cache"});
    std::copy(cache_key.begin(), cache_key.end(), cache_key_.data());
    groups_ = std::make_unique<Groups>(snapshots_);
    TRY(open_ledger(clock, entropy, options));
    const trust::History& trust = data_.trust();
    if (options.decides && trust.newest().expires() <= to_seconds(clock.now()))
        return fail(Code::trust_expired, "the trust root expired at " + trust.newest().content().expires);
    PolicyBook book = TRY(read_policy_book(*ledger_));
    Installed installed = TRY(data_.load_policies());
    snapshots_.publish(TRY(make_snapshot(compose(installed, book, trust))));
    TRY(log_signer(trust.newest()));
    TRY(compare_with_outside(options));
    // From here on something may be signed.
    if (witnesses_) witnessing_ = std::make_unique<Witnessing>(*log_, *std::move(witnesses_));
    governance_ = std::make_unique<Governance>(Governance::Ground{data_, *ledger_, snapshots_, keys_, clock},
                                               std::move(installed), std::move(book));
    if (options.decides) TRY(governance_->begin_release());
    verifications_ = TRY(Verifications::open(data_.disk(), clock));
    TRY(make_sequencer(clock));
    road_ = std::make_unique<Road>(
        Road::Ground{*ledger_, *log_, snapshots_, *groups_, rejections_,
                     [this](Wait wait, store::LogIndex index, std::move_only_function<void(Status)> done) {
                         wait_for(wait, index, std::move(done));
                     }});
    return {};
}

Result<const crypto::Signer*> Runtime::log_signer(const trust::Root& root) {
    return &TRY(keys_.find(trust::Role::log, root))->signer();
}

Status Runtime::make_sequencer(Clock& clock) {
    const Config& config = data_.config();
    // Time passes for policies here, between decisions; what was turned away becomes entries.
    const auto flush = [this]() -> Status {
        TRY(governance_->end_expired());
        return enter_replays(rejections_.take(), snapshots_, *ledger_);
    };
    sequencer_ = std::make_unique<Sequencer>(
        *log_, *ledger_, [this](const trust::Root& root) { return log_signer(root); }, clock,
        Sequencer::Options{config.checkpoint_interval_ms,
                           static_cast<std::uint64_t>(config.checkpoint_entries_max), flush, high_water_,
                           [this](const tlog::Published&) {
                               if (witnessing_) witnessing_->published();
                           }});
    told_of_entries_ = sequencer_.get();
    return {};
}

Status Runtime::open_ledger(Clock& clock, Entropy& entropy, Options& options) {
    log_ = TRY(tlog::Log::open(data_.disk(), data_.trust(), tlog::Log::Side::writer));
    const auto published = log_->published();
    if (!published) return fail(Code::data_corrupt, "the published checkpoint is missing");
    store::EmbeddedOptions store_options{.origin = data_.trust().origin(), .tenant = data_.trust().tenant()};
    store_options.batch_max = static_cast<std::size_t>(data_.config().commit_batch_max);
    store_options.identities_max = static_cast<std::size_t>(data_.config().identities_max);
    store_options.checkpoint_size = published->head.size;
    store_options.leaf_bodies_from = log_->bodies_from();
    store_options.seal = [this](store::LogIndex first, std::span<const merkle::LeafHash> leaves) {
        return groups_->seal(first, leaves);
    };
    store_options.cache_key = &cache_key_;
    store_options.cache_rows_min = static_cast<std::size_t>(data_.config().index_file_entries);
    store_options.checks =
        make_entry_checks(data_.trust(), store_options.checkpoint_size,
                          [this](store::LogIndex index) { return log_->leaves(index, 1).front(); });
    store_options.on_failure = [this, on_failure = std::move(options.on_failure)](const Error& why) {
        failed_ = true;
        log::line(log::Level::error, "durable_write_failed", {{"detail", why.detail}});
        if (on_failure) on_failure();
    };
    ledger_ = TRY(store::open_embedded_ledger(data_.disk(), clock, entropy, std::move(store_options),
                                              [this](std::span<store::Leaf> leaves) {
                                                  groups_->committed(log_->size().value() + leaves.size());
                                                  log_->append(leaves);
                                                  if (Sequencer* sequencer = told_of_entries_)
                                                      sequencer->entered();
                                              }));
    TRY(log_->recover());
    const std::int64_t newest = data_.trust().newest().version();
    TRY(settle_roots(data_.trust(), *ledger_));
    if (data_.trust().newest().version() != newest) data_.forget_root(newest);
    return {};
}

/// An older copy of the directory is not told from the newest by anything in it.
Status Runtime::compare_with_outside(const Options& options) {
    const Config& config = data_.config();
    const std::string& high_water = options.high_water.empty() ? config.high_water : options.high_water;
    const std::string& witnesses = options.witnesses.empty() ? config.witnesses : options.witnesses;
    if (!high_water.empty()) {
        high_water_ = TRY(HighWater::open(high_water));
        TRY(high_water_->check(*log_, data_.trust()));
    }
    if (!witnesses.empty()) {
        auto policy = TRY(read_witness_policy(witnesses));
        witnesses_ = TRY(witness::Witnesses::make(std::move(policy)));
        TRY(check_witnesses(*witnesses_, *log_, data_.trust()));
    }
    return {};
}

void Runtime::wait_for(Wait wait, store::LogIndex index, std::move_only_function<void(Status)> done) {
    if (wait == Wait::witnessed && witnessing_) return witnessing_->request(index, std::move(done));
    if (index.value() < log_->published_size().value()) return done({});
    sequencer_->request([done = std::move(done)](const Result<tlog::Published>& published) mutable {
        done(published ? Status() : fail(Code::not_included, published.error().detail));
    });
}

Result<std::shared_ptr<const Snapshot>> Runtime::make_snapshot(decide::PolicySet policies) {
    std::string manifest = attest::runtime_manifest(TRY(runtime_facts()));
    TRY(data_.keep_runtime_manifest(manifest));
    // What may decide is kept first: evidence must be able to enclose it for as long as the ledger stands.
    for (const auto& governed : policies.all())
        TRY(data_.keep_policy(governed->bundle));
    const attest::RuntimeHash hash = attest::runtime_hash(manifest);
    const trust::History& trust = data_.trust();
    auto attestation_key = TRY(keys_.find(trust::Role::attestation, trust.newest()));
    return std::make_shared<const Snapshot>(
        Snapshot{0, std::move(policies), std::move(manifest), hash, trust.tenant(), trust.origin(),
                 blind_key_, data_.config().allow_derived_ids, std::move(attestation_key), std::nullopt});
}

void Runtime::close() {
    if (sequencer_ && !closed_) {
        // A round before the ledger closes: what was turned away still becomes entries.
        std::promise<void> done;
        sequencer_->request([&done](const Result<tlog::Published>&) { done.set_value(); });
        done.get_future().wait();
    }
    closed_ = true;
    if (ledger_) ledger_->close();
    told_of_entries_ = nullptr;
    if (sequencer_) sequencer_->stop();
    if (witnessing_) witnessing_->stop();
    // Not fatal when it fails: the next start writes the tiles again.
    if (log_ && ledger_ && !failed_) std::ignore = log_->settle();
}

}  // namespace parmana::runtime
