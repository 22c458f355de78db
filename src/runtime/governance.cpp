#include "runtime/governance.hpp"

#include <future>

#include "attest/order.hpp"
#include "runtime/events.hpp"
#include "runtime/releases.hpp"

namespace parmana::runtime {
namespace {

using attest::PolicyEvent;

std::string on_entry(store::LogIndex index, std::string_view what) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("entry").integer(static_cast<std::int64_t>(index.value()));
    writer.name("what").string(what).end();
    return out;
}

std::string about(const PolicyEvent& event) {
    return "policy " + event.policy_id + "@" + event.policy_version + " " +
           std::string(wire_name(event.change));
}

}  // namespace

Result<PolicyBook> read_policy_book(const store::LedgerReader& ledger) {
    PolicyBook book;
    for (const store::LogIndex index : ledger.changes()) {
        const auto entry = TRY(ledger.read(index));
        if (entry->content.kind != store::EntryKind::policy) continue;
        const auto said = TRY(attest::parse_policy_event_statement(entry->content.attestation.payload));
        TRY(book.apply(said.event, index.value()));
    }
    return book;
}

Status settle_roots(trust::History& history, const store::LedgerReader& ledger) {
    const auto corrupt = [](std::int64_t version) {
        return fail(Code::data_corrupt, "version " + std::to_string(version) +
                                            " of the trust root did not come into force where its file says");
    };
    if (history.newest().version() > 1 && history.newest_from() >= ledger.size().value())
        history.drop_newest();
    std::size_t in_ledger = 1;
    for (const store::LogIndex index : ledger.changes()) {
        const auto entry = TRY(ledger.read(index));
        in_ledger += entry->content.kind == store::EntryKind::key ? 1 : 0;
    }
    const auto all = history.all();
    if (in_ledger != all.size())
        return fail(Code::data_corrupt, "the ledger knows " + std::to_string(in_ledger) +
                                            " versions of the trust root, and there are " +
                                            std::to_string(all.size()));
    for (const auto& [root, from] : all) {
        if (root->version() == 1) continue;
        const auto entry = TRY(ledger.read(store::LogIndex(from)));
        const auto said = attest::parse_key_event_statement(entry->content.attestation.payload);
        if (!said || said->event != attest::KeyEvent{root->version(), root->fingerprint()})
            return corrupt(root->version());
    }
    return {};
}

std::shared_ptr<Snapshot> Governance::next_snapshot() const {
    auto next = std::make_shared<Snapshot>(*ground_.snapshots.current());
    ++next->epoch;
    return next;
}

Status Governance::check_unexpired(const trust::Root& root) const {
    if (root.expires() > to_seconds(ground_.clock.now())) return {};
    return fail(Code::trust_expired, "version " + std::to_string(root.version()) +
                                         " of the trust root expired at " + root.content().expires);
}

Result<store::LogIndex> Governance::enter(
    std::move_only_function<Result<store::Sealed>(store::LogIndex)> make,
    std::shared_ptr<const Snapshot> next, std::move_only_function<void()> undo) {
    std::promise<Result<store::LogIndex>> done;
    // If we stop before the entry is durable, nothing has changed; from there on every start finds it.
    ground_.ledger.submit_change({std::move(make), [&] { ground_.snapshots.publish(next); },
                                  [&](const Result<store::Admission>& admission) {
                                      if (!admission && admission.error().code != Code::outcome_unknown)
                                          undo();
                                      done.set_value(admission
                                                         ? Result<store::LogIndex>(admission->entry->index)
                                                         : std::unexpected(admission.error()));
                                  }});
    return done.get_future().get();
}

Result<std::string> Governance::change(const ChangeRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.what == ChangeRequest::What::root_activate) return activate_root(request.document);
    if (request.what == ChangeRequest::What::release_activate) return activate_release(request.document);
    return change_policy(request);
}

Result<PolicyEvent> Governance::event_of(const ChangeRequest& request, Installed& installed) const {
    using What = ChangeRequest::What;
    const PolicyBook::Key key(request.policy_id, request.policy_version);
    if (request.what == What::policy_deactivate) return book_.deactivation(key.first, key.second);
    std::optional<std::string> version;
    if (!key.second.empty()) version = key.second;
    PolicyBook::Key wanted = key;
    if (request.what == What::policy_rollback)
        wanted.second = TRY(book_.rollback(key.first, version)).policy_version;
    // Read anew, once: what is hashed, parsed and compiled is what will govern.
    auto policy = std::make_shared<const decide::GovernedPolicy>(
        TRY(ground_.data.load_policy(wanted.first, wanted.second)));
    const std::string digest = to_hex(view_of(policy->hash.value()));
    const auto manifest = TRY(bundle::parse_manifest(policy->bundle.envelope.payload));
    TRY(ground_.data.keep_policy(policy->bundle));
    installed.policies.insert_or_assign(wanted, std::move(policy));
    installed.faults.erase(wanted);
    if (request.what == What::policy_activate)
        return book_.activation(
            {wanted.first, wanted.second, digest, manifest.counter, request.keep, request.expires});
    PolicyEvent event = TRY(book_.rollback(key.first, version));
    if (event.policy_digest != digest)
        return fail(Code::policy_altered, "what is installed is not what governed before");
    return event;
}

Result<std::string> Governance::change_policy(const ChangeRequest& request) {
    const trust::Root& root = ground_.data.trust().newest();
    Installed installed = installed_;
    PolicyEvent event = TRY(event_of(request, installed));
    if (request.only_order) return attest::render_order(event, root);
    if (event.begins()) {
        TRY(check_unexpired(root));
        TRY(attest::check_order(request.order, event, root));
        event.order = request.order;
        if (event.order.ends_with('\n')) event.order.pop_back();
    }
    return enter_policy_event(event, std::move(installed));
}

Result<std::string> Governance::enter_policy_event(const PolicyEvent& event, Installed installed) {
    PolicyBook book = book_;
    TRY(book.apply(event, ground_.ledger.size().value()));
    const auto now = ground_.snapshots.current();
    const auto next = next_snapshot();
    next->policies = compose(installed, book, ground_.data.trust());
    const auto make = [&](store::LogIndex) {
        return seal_event(store::EntryKind::policy, event.policy_id + "@" + event.policy_version,
                          std::string(wire_name(event.change)), attest::state(event, now->scene()),
                          *now->attestation_key);
    };
    const store::LogIndex index = TRY(enter(make, next, [] {}));
    TRY(book_.apply(event, index.value()));
    installed_ = std::move(installed);
    return on_entry(index, about(event));
}

Result<std::string> Governance::activate_root(const std::string& text) {
    trust::History& history = ground_.data.trust();
    const trust::Root root = TRY(trust::Root::parse(text));
    TRY(trust::check_successor(history.newest(), root));
    if (root.content().history.back().from != history.newest_from()) {
        return fail(Code::trust_invalid,
                    "the version before came into force with entry " + std::to_string(history.newest_from()) +
                        ", and this document says " + std::to_string(root.content().history.back().from));
    }
    TRY(check_unexpired(root));
    const auto next = next_snapshot();
    next->attestation_key = TRY(ground_.keys.find(trust::Role::attestation, root));
    TRY(ground_.keys.find(trust::Role::log, root));
    // What decides under the new root must be admitted by its release keys, too.
    const auto release = TRY(release_for(root));
    if (release) TRY(ground_.data.keep_release(*release));
    next->release = release ? std::optional(release::release_hash(*release)) : std::nullopt;
    bool added = false;
    const auto undo = [&] {
        if (added) history.drop_newest();
        ground_.data.forget_root(root.version());
    };
    const auto make = [&](store::LogIndex index) -> Result<store::Sealed> {
        // Its file comes first, so that whoever finds the entry finds the root. If we stop before the entry
        // is durable, the next start sees that the ledger does not reach there and takes the root back.
        TRY(ground_.data.keep_root(root, index.value()));
        TRY(history.add(root, index.value()));
        added = true;
        next->policies = compose(installed_, book_, history);
        return seal_event(store::EntryKind::key, std::to_string(root.version()), "",
                          attest::state(attest::KeyEvent{root.version(), root.fingerprint()}, next->scene()),
                          *next->attestation_key);
    };
    const store::LogIndex index = TRY(enter(make, next, undo));
    if (release) TRY(enter_release(*release));
    return on_entry(index, "trust root " + std::to_string(root.version()) + " activated");
}

Result<std::optional<release::Release>> Governance::release_for(const trust::Root& root) const {
    if (root.keys(trust::Role::release).empty()) return std::nullopt;
    auto release = TRY(ground_.data.release());
    if (!release) {
        return fail(
            Code::runtime_unknown,
            "the trust root asks for a release that admits this runtime, and there is no `release.json`");
    }
    TRY(check_release(*release, root, ground_.snapshots.current()->runtime_hash,
                      TRY(logged_release(ground_.ledger))));
    return release;
}

Status Governance::enter_release(const release::Release& release) {
    const auto logged = TRY(logged_release(ground_.ledger));
    if (logged && logged->counter == release.manifest.counter) return {};
    const auto now = ground_.snapshots.current();
    const auto next = next_snapshot();
    next->release = release::release_hash(release);
    const attest::ReleaseEvent event{release.manifest.counter, *next->release};
    const auto make = [&](store::LogIndex) {
        return seal_event(store::EntryKind::release, std::to_string(event.counter), "",
                          attest::state(event, now->scene()), *now->attestation_key);
    };
    TRY(enter(make, next, [] {}));
    return {};
}

Result<std::string> Governance::activate_release(const std::string& text) {
    const release::Release release = TRY(release::parse(text));
    const trust::Root& root = ground_.data.trust().newest();
    TRY(check_unexpired(root));
    if (root.keys(trust::Role::release).empty())
        return fail(Code::release_unsigned, "the trust root has no release key");
    const auto logged = TRY(logged_release(ground_.ledger));
    if (logged && release.manifest.counter == logged->counter)
        return fail(Code::rollback_refused, "a release with this counter is in force already");
    TRY(check_release(release, root, ground_.snapshots.current()->runtime_hash, logged));
    // If we stop behind this line, the next start enters it.
    TRY(ground_.data.keep_release(release));
    TRY(enter_release(release));
    return on_entry(ground_.ledger.changes().back(), "release " + release.manifest.version + " activated");
}

Status Governance::begin_release() {
    const std::lock_guard lock(mutex_);
    const auto release = TRY(release_for(ground_.data.trust().newest()));
    if (!release) return {};
    TRY(ground_.data.keep_release(*release));
    TRY(enter_release(*release));
    auto same = std::make_shared<Snapshot>(*ground_.snapshots.current());
    same->release = release::release_hash(*release);
    ground_.snapshots.publish(std::move(same));
    return {};
}

Status Governance::end_expired() {
    const std::lock_guard lock(mutex_);
    expired_ = !check_unexpired(ground_.data.trust().newest());
    for (auto ended = book_.expirations(to_seconds(ground_.clock.now())); !ended.empty();
         ended = book_.expirations(to_seconds(ground_.clock.now()))) {
        for (const PolicyEvent& event : ended)
            TRY(enter_policy_event(event, installed_));
    }
    return {};
}

}  // namespace parmana::runtime
