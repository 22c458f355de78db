#include "runtime/events.hpp"

#include <future>
#include <memory>

namespace parmana::runtime {
namespace {

/// A change may come between the statement and its commit: then it is stated anew.
class Entering : public std::enable_shared_from_this<Entering> {
  public:
    Entering(const attest::Replays& event, const Snapshots& snapshots, store::Ledger& ledger)
        : event_(event), snapshots_(snapshots), ledger_(ledger) {}

    std::future<Status> begin() {
        submit();
        return done_.get_future();
    }

  private:
    void submit() {
        const auto snapshot = snapshots_.current();
        auto sealed = seal_event(store::EntryKind::replay, event_.execution_id.value(), event_.code,
                                 attest::state(event_, snapshot->scene()), *snapshot->attestation_key);
        if (!sealed) return done_.set_value(std::unexpected(sealed.error()));
        sealed->statement.epoch = snapshot->epoch;
        ledger_.submit(std::move(sealed->statement), std::move(sealed->leaf_body),
                       [self = shared_from_this()](const Result<store::Admission>& admission) {
                           if (admission) return self->done_.set_value({});
                           if (admission.error().code == Code::snapshot_stale) return self->submit();
                           self->done_.set_value(std::unexpected(admission.error()));
                       });
    }

    const attest::Replays event_;
    const Snapshots& snapshots_;
    store::Ledger& ledger_;
    std::promise<Status> done_;
};

}  // namespace

Result<store::Sealed> seal_event(store::EntryKind kind, std::string name, std::string code,
                                 attest::Stated stated, const dsse::SigningKey& key) {
    dsse::Envelope envelope = TRY(attest::sign(std::move(stated.statement), key));
    std::string body = attest::leaf_body(envelope, key.public_key());
    const merkle::LeafHash leaf = merkle::hash_leaf(body);
    return store::Sealed{{kind,
                          store::Attested::statement,
                          decide::ExecutionId(std::move(name)),
                          std::move(code),
                          {},
                          std::nullopt,
                          std::move(envelope),
                          leaf,
                          std::move(stated.record)},
                         std::move(body)};
}

Status enter_replays(std::span<const attest::Replays> events, const Snapshots& snapshots,
                     store::Ledger& ledger) {
    std::vector<std::future<Status>> open;
    for (const attest::Replays& event : events)
        open.push_back(std::make_shared<Entering>(event, snapshots, ledger)->begin());
    Status all;
    for (auto& each : open) {
        if (Status one = each.get(); !one && all) all = std::move(one);
    }
    return all;
}

}  // namespace parmana::runtime
