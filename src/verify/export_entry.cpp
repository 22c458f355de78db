// The checks of one entry of an export.
#include <algorithm>

#include "verify/export_judge.hpp"
#include "verify/judge_release.hpp"

namespace parmana::verify {

using attest::DecisionRecord;
using attest::DecisionStatement;
using attest::RefusalRecord;
using attest::RefusalStatement;

/// Gives the leaf: nothing when its key is not known.
std::optional<merkle::LeafHash> ExportVerifier::Judge::attestation(const Seen& seen) {
    const dsse::Envelope& envelope = seen.entry.attestation;
    if (seen.entry.by_log) return merkle::hash_leaf(attest::statement_leaf_body(envelope.payload));
    if (root_ == nullptr) {
        signatures_.skip(seen.where, "no trust root was given");
        return std::nullopt;
    }
    const std::uint64_t index = seen.entry.index.value();
    const auto key = trusted_.history->find(trust::Role::attestation, envelope.key_id, index);
    if (!key) {
        signatures_.fail(seen.where, "the key is not an attestation key that the trust root had there");
        return std::nullopt;
    }
    if (const auto from = trusted_.history->compromised(envelope.key_id, index)) {
        signatures_.fail(seen.where,
                         "the attestation key is compromised from entry " + std::to_string(*from) + " on");
        return attest::leaf_hash(envelope, *key);
    }
    if (envelope.payload_type != attest::kPayloadType) {
        signatures_.fail(seen.where, "the payload is not an in-toto statement");
    } else if (!dsse::verify(envelope, *key)) {
        signatures_.fail(seen.where, "the signature does not verify");
    } else {
        signatures_.pass();
    }
    return attest::leaf_hash(envelope, *key);
}

void ExportVerifier::Judge::order_and_leaf(const Seen& seen, const std::optional<merkle::LeafHash>& leaf) {
    const std::uint64_t expected = manifest_->first.value() + seen_;
    if (seen_ >= manifest_->count) {
        order_.fail(seen.where, "it stands behind the end of the range");
    } else if (seen.entry.index.value() != expected) {
        order_.fail(seen.where, "it stands in the place of entry " + std::to_string(expected));
    } else {
        order_.pass();
    }
    if (!leaf) frontier_good_ = false;
    if (!frontier_good_) return;
    frontier_.append(*leaf);
    if (held_size_ == frontier_.size()) root_at_held_ = frontier_.root();
}

/// Entries without a signature of their own stand right before the statement that vouches for them.
void ExportVerifier::Judge::group(const Seen& seen, const std::optional<merkle::LeafHash>& leaf) {
    const std::uint64_t open = open_group_.size().value(), index = seen.entry.index.value();
    if (seen.entry.by_log) {
        if (open == 0) open_first_ = index;
        open_group_.append(*leaf);
        return;
    }
    const auto* said = seen.statement != nullptr ? seen.statement->as<attest::GroupStatement>() : nullptr;
    if (said != nullptr) {
        // A group that began before the range: its first leaves are not here.
        const bool is_cut = said->group.first < manifest_->first && seen_ == open &&
                            said->group.first.value() + said->group.count == index;
        if (is_cut) {
            if (open > 0)
                groups_.skip("entry " + std::to_string(open_first_), "its group begins before the range");
        } else if (const std::string why = group_mismatch(said->group, index); !why.empty()) {
            groups_.fail(seen.where, why);
        } else {
            groups_.pass();
        }
    } else if (open > 0) {
        groups_.fail("entry " + std::to_string(open_first_),
                     "it has neither a signature nor a group behind it");
    }
    open_group_ = {};
}

std::string ExportVerifier::Judge::group_mismatch(const attest::Group& said, std::uint64_t index) const {
    const std::uint64_t count = open_group_.size().value();
    if (said.first.value() + said.count != index || said.count != count)
        return "the group is not that of the entries before it";
    if (said.root != open_group_.root()) return "the root of the group is not that of the entries before it";
    return {};
}

void ExportVerifier::Judge::statement_of(const Seen& seen) {
    const EntryStatement& said = *seen.statement;
    statements_.pass();
    const std::string* identity = nullptr;
    const std::string* subject = nullptr;
    if (const auto* decision = said.as<DecisionStatement>()) {
        identity = &decision->execution_id;
        subject = &decision->subject_name;
        const Digest digest = crypto::sha256(*identity);
        Identity entry{{}, seen.entry.index.value()};
        std::copy_n(digest.begin(), entry.digest.size(), entry.digest.begin());
        identities_.push_back(entry);
        verdicts_[static_cast<std::size_t>(decision->decision)] += 1;
    } else if (const auto* refusal = said.as<RefusalStatement>()) {
        identity = &refusal->execution_id;
        subject = &refusal->subject_name;
        ++refusals_;
    }
    const auto id =
        identity != nullptr ? decide::parse_execution_id(*identity) : Result<decide::ExecutionId>();
    if (!id) return binding_.fail(seen.where, "`executionId` is none");
    if (subject != nullptr && *subject != attest::subject_name(*id))
        return binding_.fail(seen.where, "`subject` does not agree");
    if (said.origin != manifest_->origin || said.tenant != manifest_->tenant)
        return binding_.fail(seen.where, "it is of another origin or tenant than the export");
    // At the other level the record has a say, too.
    if (manifest_->level == Level::statements || subject == nullptr) binding_.pass();
}

void ExportVerifier::Judge::enclosures(const Seen& seen) {
    const EntryStatement& said = *seen.statement;
    if (said.policy_digest) {
        policies_.contains(*said.policy_digest)
            ? policy_hashes_.pass()
            : policy_hashes_.fail(seen.where, "the policy that it names is not enclosed");
    }
    if (const auto* decision = said.as<DecisionStatement>()) release(seen, decision->release);
    if (const auto* refusal = said.as<RefusalStatement>()) release(seen, refusal->release);
    if (said.runtime_digest) {
        runtimes_.contains(*said.runtime_digest)
            ? runtime_hashes_.pass()
            : runtime_hashes_.fail(seen.where, "the runtime manifest that it names is not enclosed");
    }
}

void ExportVerifier::Judge::release(const Seen& seen, const std::optional<attest::SaidRelease>& said) {
    const auto found = seen.statement->release_digest ? releases_.find(*seen.statement->release_digest) : releases_.end();
    const Check check =
        judge_release(said, seen.statement->runtime_digest.value_or(""),
                      found == releases_.end() ? nullptr : &found->second, trusted_.history.get(), seen.entry.index.value());
    if (check.outcome == Outcome::passed) return release_.pass();
    check.outcome == Outcome::failed ? release_.fail(seen.where, check.detail) : release_.skip(seen.where, check.detail);
}

void ExportVerifier::Judge::contents(const Seen& seen) {
    const std::string& record = seen.entry.record;
    if (!is_record_of(*seen.statement, seen.entry.attestation.payload, record)) {
        record_digests_.fail(seen.where, "the record is not the one that was attested");
        return;
    }
    record_digests_.pass();
    const auto document = json::parse(record);
    if (!document) return binding_.fail(seen.where, document.error().detail);
    if (const auto* said = seen.statement->as<DecisionStatement>()) decision(seen, *said, *document);
    if (const auto* said = seen.statement->as<RefusalStatement>()) refusal(seen, *said, *document);
}

void ExportVerifier::Judge::decision(const Seen& seen, const DecisionStatement& said,
                                     const json::Document& document) {
    const auto record = attest::parse_decision_record(document.root(), "/record");
    if (!record) return binding_.fail(seen.where, record.error().detail);
    const std::string member = find_mismatch(said, *record, root_);
    if (!member.empty()) return binding_.fail(seen.where, "`" + member + "` does not agree");
    binding_.pass();
    if (const policy::Policy* policy = policy_of(seen, said)) verdict(seen, *record, *policy);
}

/// The policy that decided, when it is there and the one that the statement describes.
const policy::Policy* ExportVerifier::Judge::policy_of(const Seen& seen, const DecisionStatement& said) {
    const auto found = policies_.find(said.policy_digest);
    if (found == policies_.end() || !found->second.policy) {
        verdict_.skip(seen.where,
                      found == policies_.end() ? "its policy is not enclosed" : found->second.why_not);
        return nullptr;
    }
    const policy::Policy& policy = *found->second.policy;
    const bool same = policy.id().value() == said.policy_id &&
                      policy.version().value() == said.policy_version &&
                      to_hex(view_of(policy.schema_digest())) == said.schema_digest &&
                      policy.language_profile() == said.language_profile;
    if (same) return &policy;
    policy_bundles_.fail(seen.where,
                         "its policy has another identity, schema or language profile than it says");
    verdict_.skip(seen.where, "its policy is another one");
    return nullptr;
}

void ExportVerifier::Judge::verdict(const Seen& seen, const DecisionRecord& record,
                                    const policy::Policy& policy) {
    const auto signals = json::parse(record.signals_json).value();
    std::optional<json::Document> action;
    if (!record.action_json.empty()) action = json::parse(record.action_json).value();
    const auto rule =
        decide::judge(policy, signals.root(), action ? std::optional(action->root()) : std::nullopt);
    if (!rule) {
        policy::Slots slots;
        if (const Status bound = policy.bind(signals.root(), slots); !bound) {
            schemas_.fail(seen.where,
                          std::string(parmana::wire_name(bound.error().code)) + ": " + bound.error().detail);
            return verdict_.skip(seen.where, "the signals are outside the schema");
        }
        schemas_.pass();
        return verdict_.fail(seen.where, "the policy refuses these signals: " + rule.error().detail);
    }
    schemas_.pass();
    const policy::Outcome& outcome = (*rule)->outcome;
    if (outcome.verdict == record.decision && (*rule)->id == record.rule && outcome.reason == record.reason)
        return verdict_.pass();
    verdict_.fail(seen.where, "re-derived: " + std::string(policy::wire_name(outcome.verdict)) +
                                  " by rule `" + (*rule)->id +
                                  "`, attested: " + std::string(policy::wire_name(record.decision)) +
                                  " by rule `" + record.rule + "`");
}

void ExportVerifier::Judge::refusal(const Seen& seen, const RefusalStatement& said,
                                    const json::Document& document) {
    const auto record = attest::parse_refusal_record(document.root(), "/record");
    if (!record) return binding_.fail(seen.where, record.error().detail);
    const std::string member = find_mismatch(said, *record, root_);
    if (!member.empty()) return binding_.fail(seen.where, "`" + member + "` does not agree");
    binding_.pass();
    if (!said.policy_digest) return;  // no policy could be asked: there is nothing to derive it from
    const auto found = policies_.find(*said.policy_digest);
    if (found == policies_.end() || !found->second.policy) {
        return verdict_.skip(seen.where,
                             found == policies_.end() ? "its policy is not enclosed" : found->second.why_not);
    }
    refused_by(seen, *record, found->second);
}

void ExportVerifier::Judge::refused_by(const Seen& seen, const RefusalRecord& record,
                                       const Enclosed& enclosed) {
    const auto signals = json::parse(record.signals_json).value();
    std::optional<json::Document> action;
    if (!record.action_json.empty()) action = json::parse(record.action_json).value();
    const auto rule = decide::judge(*enclosed.policy, signals.root(),
                                    action ? std::optional(action->root()) : std::nullopt);
    if (rule)
        return verdict_.fail(seen.where, "refused, and re-derived: decided by rule `" + (*rule)->id + "`");
    const std::string code(parmana::wire_name(rule.error().code));
    if (code == record.code && rule.error().pointer == record.pointer) return verdict_.pass();
    verdict_.fail(seen.where, "re-derived: refused with " + code + ", attested: with " + record.code);
}

}  // namespace parmana::verify
