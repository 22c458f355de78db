#include "runtime/runtime.hpp"

#include "base/log.hpp"
#include "runtime/authenticity.hpp"
#include "runtime/build_facts.hpp"
#include "store/embedded/embedded.hpp"

namespace parmana::runtime {
namespace {

/// The key signs what its public half accepts, and nothing else: before the first request, not during one.
Status self_check(const crypto::Signer& signer) {
    const auto signature = TRY(signer.sign("parmana self-check"));
    if (!crypto::verify(signer.public_key(), "parmana self-check", signature) ||
        crypto::verify(signer.public_key(), "parmana self-check.", signature)) {
        return fail(Code::internal, "a signature of this process does not verify");
    }
    return {};
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
    auto keys = TRY(data_.load_serving_keys());
    TRY(self_check(keys.attestation.signer()));
    TRY(self_check(*keys.log));
    attestation_key_ = std::make_unique<dsse::SigningKey>(std::move(keys.attestation));
    log_key_ = std::move(keys.log);
    snapshot_ = TRY(make_snapshot(std::move(keys.blind)));

    auto published = TRY(tlog::read_published(data_.disk(), data_.trust_root()));
    store::EmbeddedOptions store_options{.origin = data_.trust_root().origin(),
                                         .tenant = data_.trust_root().tenant()};
    store_options.batch_max = static_cast<std::size_t>(data_.config().commit_batch_max);
    store_options.identities_max = static_cast<std::size_t>(data_.config().identities_max);
    if (!published) return fail(Code::data_corrupt, "the published checkpoint is missing");
    store_options.checkpoint_size = published->head.size;
    store_options.checks = make_entry_checks(data_.trust_root(), store_options.checkpoint_size);
    store_options.on_failure = [this, on_failure = std::move(options.on_failure)](const Error& why) {
        failed_ = true;
        log::line(log::Level::error, "durable_write_failed", {{"detail", why.detail}});
        if (on_failure) on_failure();
    };
    log_ = std::make_unique<tlog::Log>(data_.disk(), data_.trust_root(), std::move(published));
    ledger_ = TRY(store::open_embedded_ledger(
        data_.disk(), clock, entropy, std::move(store_options),
        [log = log_.get()](std::span<const merkle::LeafHash> leaves) { log->append(leaves); }));
    TRY(log_->check_extends());
    road_ = std::make_unique<Road>(*ledger_, *attestation_key_, snapshot_);
    sequencer_ = std::make_unique<Sequencer>(*log_, *ledger_, *log_key_);
    return {};
}

Result<std::shared_ptr<const Snapshot>> Runtime::make_snapshot(attest::BlindKey blind_key) const {
    std::string manifest = attest::runtime_manifest(TRY(runtime_facts()));
    TRY(data_.keep_runtime_manifest(manifest));
    auto policies = TRY(data_.load_policies());
    // What may decide is kept first: evidence must be able to enclose it for as long as the ledger stands.
    for (const decide::GovernedPolicy* governed : policies.all())
        TRY(data_.keep_policy(governed->bundle));
    const attest::RuntimeHash hash = attest::runtime_hash(manifest);
    return std::make_shared<const Snapshot>(Snapshot{std::move(policies), std::move(manifest), hash,
                                                     data_.trust_root().tenant(), data_.trust_root().origin(),
                                                     std::move(blind_key), data_.config().allow_derived_ids});
}

void Runtime::close() {
    if (ledger_) ledger_->close();
    if (sequencer_) sequencer_->stop();
}

}  // namespace parmana::runtime
