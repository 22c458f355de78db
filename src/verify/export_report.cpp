// What is judged when the last line of an export has been seen.
#include <algorithm>

#include "verify/export_judge.hpp"

namespace parmana::verify {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun);
}

constexpr auto kFile = "the file";

}  // namespace

Report ExportVerifier::Judge::finish() {
    report_.kind = "export";
    if (format_failure_.empty() && !manifest_) format_failure_ = "the file is empty";
    if (format_failure_.empty() && (fresh_policy_ || fresh_release_ || fresh_runtime_))
        format_failure_ = "the last line encloses what no entry names";
    add("format", format_failure_.empty(),
        "export of " + counted(seen_, "entries, each line in its one spelling"), format_failure_);
    if (root_ != nullptr) {
        report_.trust_fingerprint = root_->fingerprint();
        add({"trust_root", Outcome::passed,
             "version " + std::to_string(root_->version()) + ", " + to_wire(root_->fingerprint())});
    } else {
        add({"trust_root", Outcome::not_judged, "no trust root was given"});
    }
    if (!manifest_) return std::move(report_);
    close_groups();
    report_heads();
    report_range();
    report_attestations();
    report_contents();
    report_identities();
    return std::move(report_);
}

/// Unsigned entries at the end: their group stands behind the range, or nowhere.
void ExportVerifier::Judge::close_groups() {
    if (open_group_.size().value() == 0 || !format_failure_.empty()) return;
    const std::string where = "entry " + std::to_string(open_first_);
    if (frontier_.size() == head_->checkpoint.size) {
        groups_.fail(where, "it has neither a signature nor a group behind it");
    } else {
        groups_.skip(where, "its group ends behind the range");
    }
}

void ExportVerifier::Judge::report_heads() {
    const auto no_root = [this](const char* name) {
        add({name, Outcome::not_judged, "no trust root was given"});
    };
    if (root_ == nullptr) {
        for (const char* name : {"trust_chain", "checkpoint_signature", "trust_expiry", "checkpoint_time",
                                 "previous_checkpoint"})
            no_root(name);
        return;
    }
    const note::Checkpoint& head = head_->checkpoint;
    const trust::History& trust = *trusted_.history;
    add(trusted_.check);
    if (!manifest_->trust.events.empty()) add(judge_key_events(manifest_->trust, trust, head));
    add("checkpoint_signature", is_signed_head(manifest_->checkpoint, trust),
        head.origin + " at size " + std::to_string(head.size.value()),
        "the checkpoint is not signed by a log key that the trust root had at its size");
    const auto after = time_of(*head_, trust);
    add(judge_expiry(trust, after, at_));
    if (!manifest_->previous) {
        add("checkpoint_time", after.has_value(),
            "decided before " + (after ? in_words(*after) : "") + ", by the clock of the log",
            "the time is not signed by a log key of the trust root");
        return add(
            {"previous_checkpoint", Outcome::not_judged, "the export encloses no head before the range"});
    }
    const note::Head previous = note::parse_head(manifest_->previous->note).value();
    const auto before = time_of(previous, trust);
    const bool in_time = before && after && *before <= *after;
    add("checkpoint_time", in_time,
        in_time ? "decided between " + in_words(*before) + " and " + in_words(*after) +
                      ", by the clock of the log"
                : "",
        before && after ? "the head before has a later time than the head behind"
                        : "a time is not signed by a log key of the trust root");
    const note::Checkpoint& old = previous.checkpoint;
    std::string why;
    if (!is_signed_head(manifest_->previous->note, trust)) {
        why = "the head before is not signed by a log key of the trust root, for its origin";
    } else if (old.size.value() > manifest_->first.value()) {
        why = "the head before covers entries of the range already";
    } else if (!merkle::verify_consistency(old.size, head.size, manifest_->previous->consistency, old.root,
                                           head.root)) {
        why = "the checkpoint does not extend the head before";
    }
    add("previous_checkpoint", why.empty(), "the log only grew from size " + std::to_string(old.size.value()),
        why);
}

void ExportVerifier::Judge::report_range() {
    if (format_failure_.empty() && seen_ < manifest_->count) {
        order_.fail(kFile,
                    "it ends after " + std::to_string(seen_) + " of " + counted(manifest_->count, "entries"));
    }
    add(order_.check("order", counted(seen_, "entries from ") + std::to_string(manifest_->first.value()) +
                                  " on, one after the other"));
    const bool in_order = format_failure_.empty() && order_.good();
    bool holds = false;
    if (!frontier_failure_.empty()) {
        add({"range", Outcome::failed, frontier_failure_});
    } else if (!in_order || !frontier_good_) {
        add({"range", Outcome::not_judged,
             in_order ? "a leaf needs the attestation key" : "the entries are not those of the range"});
    } else {
        const auto right =
            std::span(manifest_->range).subspan(merkle::Frontier::subtrees_of(manifest_->first));
        holds = frontier_.root_over(head_->checkpoint.size, right) == head_->checkpoint.root;
        add("range", holds,
            "nothing is missing between entry " + std::to_string(manifest_->first.value()) + " and entry " +
                std::to_string(frontier_.size().value() - 1) + " of " +
                std::to_string(head_->checkpoint.size.value()),
            "the entries do not lead to the root of the checkpoint");
    }
    if (held_) report_held(holds);
}

void ExportVerifier::Judge::report_held(bool range_holds) {
    std::vector<KnownRoot> known{{head_->checkpoint.size, head_->checkpoint.root}};
    if (manifest_->previous) {
        const auto previous = note::parse_head(manifest_->previous->note).value().checkpoint;
        known.push_back({previous.size, previous.root});
    }
    if (range_holds && root_at_held_) known.push_back({*held_size_, *root_at_held_});
    add(judge_held(*held_, known, trusted_.history.get()));
}

void ExportVerifier::Judge::report_attestations() {
    add(signatures_.check("attestation_signature", counted(signatures_.passed(), "signatures")));
    if (groups_.any())
        add(groups_.check("group", counted(groups_.passed(), "groups, each over the entries before it")));
    add(statements_.check("statement", counted(statements_.passed(), "statements")));
}

std::string ExportVerifier::Judge::verdict_words() const {
    return counted(verdict_.passed(), "verdicts re-derived; attested: ") +
           counted(verdicts_[0], "approved, ") + counted(verdicts_[1], "rejected, ") +
           counted(verdicts_[2], "override_required, ") + counted(refusals_, "refused");
}

void ExportVerifier::Judge::report_contents() {
    if (root_ != nullptr &&
        (manifest_->origin != root_->origin().value() || manifest_->tenant != root_->tenant().value()))
        binding_.fail(kFile, "it is of another origin or tenant than the trust root");
    if (manifest_->level == Level::statements) {
        add(binding_.check("binding", "the statements are of " + manifest_->origin));
        for (const char* name : {"record_digest", "policy_hash", "policy_signature", "policy_bundle",
                                 "runtime_hash", "release", "signals_schema", "verdict"})
            add({name, Outcome::not_judged, "an export of statements encloses no records and no policies"});
        return;
    }
    add(record_digests_.check("record_digest",
                              counted(record_digests_.passed(), "records are the attested ones")));
    add(binding_.check("binding", "statements, records and trust root agree on " + manifest_->origin));
    add(policy_hashes_.check("policy_hash",
                             counted(policies_.size(), "policies, of every statement that names one")));
    add(policy_signatures_.check("policy_signature",
                                 counted(policy_signatures_.passed(), "policies are signed")));
    add(policy_bundles_.check("policy_bundle", counted(policies_.size(), "policies compiled")));
    add(runtime_hashes_.check(
        "runtime_hash", counted(runtimes_.size(), "runtime manifests (as the runtimes say of themselves)")));
    add(release_.check("release", releases_.empty() ? "DEVELOPMENT: no release admits a runtime, and the trust root asks for none"
                                                    : counted(releases_.size(), "releases, of every statement that names one")));
    add(schemas_.check("signals_schema", counted(schemas_.passed(), "requests are within their schemas")));
    add(verdict_.check("verdict", verdict_words()));
}

void ExportVerifier::Judge::report_identities() {
    std::sort(identities_.begin(), identities_.end());
    const auto same =
        std::adjacent_find(identities_.begin(), identities_.end(),
                           [](const Identity& a, const Identity& b) { return a.digest == b.digest; });
    const bool unique = same == identities_.end();
    add("identities", unique, counted(identities_.size(), "identities, each consumed once within the range"),
        unique ? ""
               : "entries " + std::to_string(same->index) + " and " + std::to_string(std::next(same)->index) +
                     " consume the same identity");
    std::optional<note::Head> before;
    if (manifest_->previous) before = note::parse_head(manifest_->previous->note).value();
    add(judge_witnesses(*head_, before ? &*before : nullptr, witnesses_));
}

}  // namespace parmana::verify
