#include "runtime/events.hpp"

#include <future>

namespace parmana::runtime {
namespace {

struct About {
    store::EntryKind kind;
    std::string name;
    std::string code;
};

About about(const attest::Replays& event) {
    return {store::EntryKind::replay, event.execution_id.value(), event.code};
}
About about(const attest::PolicyEvent& event) {
    return {store::EntryKind::policy, event.policy_id + "@" + event.policy_version,
            event.active ? "activated" : "deactivated"};
}

template <class Event>
Status enter(std::span<const Event> events, const Snapshot& snapshot, const dsse::SigningKey& key,
             store::Ledger& ledger) {
    std::vector<std::future<Status>> open;
    for (const Event& event : events) {
        About what = about(event);
        auto sealed = TRY(seal_event(what.kind, std::move(what.name), std::move(what.code),
                                     attest::state(event, snapshot.scene()), key));
        std::promise<Status> done;
        open.push_back(done.get_future());
        ledger.submit(
            std::move(sealed.statement), std::move(sealed.leaf_body),
            [done = std::move(done)](Result<store::Admission> admission) mutable {
                done.set_value(admission ? Status() : std::unexpected(std::move(admission).error()));
            });
    }
    Status all;
    for (auto& each : open) {
        if (Status one = each.get(); !one && all) all = std::move(one);
    }
    return all;
}

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

Status enter_events(std::span<const attest::Replays> events, const Snapshot& snapshot,
                    const dsse::SigningKey& key, store::Ledger& ledger) {
    return enter(events, snapshot, key, ledger);
}

Status enter_events(std::span<const attest::PolicyEvent> events, const Snapshot& snapshot,
                    const dsse::SigningKey& key, store::Ledger& ledger) {
    return enter(events, snapshot, key, ledger);
}

void LoggedPolicies::add(const attest::PolicyEvent& event) {
    const std::pair key(event.policy_id, event.policy_version);
    if (event.active) {
        digests_.insert_or_assign(key, event.policy_digest);
    } else {
        digests_.erase(key);
    }
}

std::vector<attest::PolicyEvent> LoggedPolicies::missing(const decide::PolicySet& policies) const {
    std::vector<attest::PolicyEvent> out;
    auto ended = digests_;
    for (const decide::GovernedPolicy* governed : policies.all()) {
        const std::string digest = to_hex(view_of(governed->hash.value()));
        const std::pair key(governed->policy.id().value(), governed->policy.version().value());
        const auto logged = ended.find(key);
        const bool is_logged = logged != ended.end() && logged->second == digest;
        if (is_logged) {
            ended.erase(logged);
        } else {
            out.push_back({true, key.first, key.second, digest});
        }
    }
    // What ceased comes first: one identity may cease with one content and begin with another.
    std::vector<attest::PolicyEvent> all;
    for (const auto& [key, digest] : ended)
        all.push_back({false, key.first, key.second, digest});
    all.insert(all.end(), out.begin(), out.end());
    return all;
}

}  // namespace parmana::runtime
