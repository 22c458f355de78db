#include "runtime/authenticity.hpp"

#include <memory>

namespace parmana::runtime {
namespace {

using store::Attested;
using store::EntryKind;

std::unexpected<Error> unbelievable(std::uint64_t index, std::string_view what) {
    return fail(Code::data_corrupt, "entry " + std::to_string(index) + " of the store: " + std::string(what));
}

struct Subject {
    std::string_view predicate_type;
    std::string name;
};

/// What the statement of an entry must be about, from what the store goes by.
Subject subject_of(EntryKind kind, std::string_view name) {
    const std::string text(name);
    switch (kind) {
        case EntryKind::decision:
            return {attest::kDecisionType, "execution:" + text};
        case EntryKind::refusal:
            return {attest::kRefusalType, "execution:" + text};
        case EntryKind::replay:
            return {attest::kReplayType, "execution:" + text};
        case EntryKind::group:
            return {attest::kGroupType, "group:" + text};
        case EntryKind::policy:
            return {attest::kPolicyEventType, "policy:" + text};
        case EntryKind::key:
            return {attest::kKeyEventType, "root:" + text};
        case EntryKind::release:
            return {attest::kReleaseEventType, "release:" + text};
    }
    return {};
}

/// The statement ends as one of this kind under this name; `record_digest_hex` is compared when it is not
/// empty.
bool is_about(std::string_view statement, EntryKind kind, std::string_view name,
              std::string_view record_digest_hex) {
    const std::string any_digest(64, '0');
    const bool compare = !record_digest_hex.empty();
    const Subject subject = subject_of(kind, name);
    const std::string tail = attest::statement_tail(subject.predicate_type,
                                                    compare ? record_digest_hex : any_digest, subject.name);
    if (statement.size() < tail.size()) return false;
    const std::string_view end = statement.substr(statement.size() - tail.size());
    if (compare) return end == tail;
    const std::size_t digest = tail.find(any_digest);
    return end.substr(0, digest) == tail.substr(0, digest) &&
           end.substr(digest + 64) == tail.substr(digest + 64);
}

/// What the tree has to have hashed for it.
Result<std::string> leaf_body_of(const trust::History& trust, store::LogIndex index, Attested attested,
                                 const dsse::Envelope& attestation) {
    if (attested == Attested::log) return attest::statement_leaf_body(attestation.payload);
    const auto key = trust.find(trust::Role::attestation, attestation.key_id, index.value());
    if (!key)
        return unbelievable(index.value(), "it is not by an attestation key that the trust root had there");
    return attest::leaf_body(attestation, *key);
}

/// Judges the entries of a store in order.
class Judge {
  public:
    Judge(const trust::History& trust, merkle::TreeSize checkpoint_size)
        : trust_(trust), checkpoint_size_(checkpoint_size) {}

    Result<std::string> judge(const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation) {
        const std::uint64_t index = facts.index.value();
        if (index == 0) open_group_ = {};  // a reader looks again
        if (!is_about(attestation.payload, facts.kind, facts.name, {})) {
            return unbelievable(index, "its statement is about another execution or of another kind");
        }
        std::string body = TRY(leaf_body_of(trust_, facts.index, facts.attested, attestation));
        if (merkle::hash_leaf(body) != facts.leaf)
            return unbelievable(index, "its leaf is not that of its attestation");
        if (facts.attested == Attested::log) {
            open_group_.append(facts.leaf);
            return body;
        }
        const auto key = trust_.find(trust::Role::attestation, attestation.key_id, index);
        if (index >= checkpoint_size_.value() && !dsse::verify(attestation, *key))
            return unbelievable(index, "its signature does not verify");
        TRY(close_group(facts, attestation));
        return body;
    }

    Status end() const {
        if (open_group_.size().value() == 0) return {};
        return fail(Code::data_corrupt, "the last entries of a commit have neither a signature nor a group");
    }

  private:
    /// Entries without a signature of their own stand right before the statement that vouches for them.
    Status close_group(const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation) {
        const std::uint64_t index = facts.index.value(), count = open_group_.size().value();
        if (facts.kind != EntryKind::group) {
            if (count == 0) return {};
            return unbelievable(index, "the entries before it have neither a signature nor a group");
        }
        const auto statement = TRY(attest::parse_group_statement(attestation.payload));
        const attest::Group expected{merkle::LeafIndex(index - count), count, open_group_.root()};
        open_group_ = {};
        if (statement.group != expected) return unbelievable(index, "it is not about the group before it");
        return {};
    }

    const trust::History& trust_;
    const merkle::TreeSize checkpoint_size_;
    merkle::Tree open_group_;
};

}  // namespace

store::EntryChecks make_entry_checks(const trust::History& trust, merkle::TreeSize checkpoint_size,
                                     LeafOf leaf_of) {
    const auto judge = std::make_shared<Judge>(trust, checkpoint_size);
    store::EntryChecks checks;
    checks.entry = [judge](const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation) {
        return judge->judge(facts, attestation);
    };
    checks.end = [judge] { return judge->end(); };
    checks.read = [&trust, leaf_of = std::move(leaf_of)](store::LogIndex index,
                                                         const store::Submission& content) -> Status {
        const std::string body = TRY(leaf_body_of(trust, index, content.attested, content.attestation));
        if (merkle::hash_leaf(body) != leaf_of(index))
            return unbelievable(index.value(), "it is not the one that the tree has there");
        const std::string digest = to_hex(view_of(crypto::sha256(content.record)));
        const std::string& name = content.execution_id.value();
        if (is_about(content.attestation.payload, content.kind, name, digest)) return {};
        return fail(Code::data_corrupt, "the record of `" + name + "` is not the one that was attested");
    };
    return checks;
}

}  // namespace parmana::runtime
