#include "runtime/releases.hpp"

namespace parmana::runtime {

Result<std::optional<attest::ReleaseEvent>> logged_release(const store::LedgerReader& ledger) {
    std::optional<attest::ReleaseEvent> last;
    for (const store::LogIndex index : ledger.changes()) {
        const auto entry = TRY(ledger.read(index));
        if (entry->content.kind != store::EntryKind::release) continue;
        const auto said = TRY(attest::parse_release_event_statement(entry->content.attestation.payload));
        if (last && said.event.counter <= last->counter)
            return fail(Code::data_corrupt,
                        "entry " + std::to_string(index.value()) + " goes back to an older release");
        last = said.event;
    }
    return last;
}

Status check_release(const release::Release& release, const trust::Root& root,
                     const attest::RuntimeHash& runtime, const std::optional<attest::ReleaseEvent>& logged) {
    TRY(release::check_signatures(release.envelope, root));
    TRY(release::check_runtime(release.manifest, runtime.value()));
    if (!logged) return {};
    const std::string number = std::to_string(release.manifest.counter);
    if (release.manifest.counter < logged->counter) {
        return fail(Code::rollback_refused, "release " + number + " is below " +
                                                std::to_string(logged->counter) +
                                                ", which was in force already");
    }
    if (release.manifest.counter == logged->counter &&
        release::release_hash(release) != logged->release_digest)
        return fail(Code::rollback_refused, "release " + number + " was in force with other content");
    if (release.manifest.counter > logged->counter && release.manifest.previous != logged->release_digest)
        return fail(Code::release_invalid,
                    "release " + number + " does not name the one in force as the one before it");
    return {};
}

}  // namespace parmana::runtime
