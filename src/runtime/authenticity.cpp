#include "runtime/authenticity.hpp"

namespace parmana::runtime {
namespace {

std::unexpected<Error> unbelievable(std::uint64_t index, std::string_view what) {
    return fail(Code::data_corrupt, "entry " + std::to_string(index) + " of the store: " + std::string(what));
}

std::string_view predicate_type_of(store::EntryKind kind) {
    return kind == store::EntryKind::decision ? attest::kDecisionType : attest::kRefusalType;
}

/// The statement ends as one of this kind about this identity; `record_digest_hex` is compared when it is not
/// empty.
bool is_about(std::string_view statement, store::EntryKind kind, const decide::ExecutionId& id,
              std::string_view record_digest_hex) {
    const std::string any_digest(64, '0');
    const bool compare = !record_digest_hex.empty();
    const std::string tail =
        attest::statement_tail(predicate_type_of(kind), compare ? record_digest_hex : any_digest, id);
    if (statement.size() < tail.size()) return false;
    const std::string_view end = statement.substr(statement.size() - tail.size());
    if (compare) return end == tail;
    const std::size_t digest = tail.find(any_digest);
    return end.substr(0, digest) == tail.substr(0, digest) &&
           end.substr(digest + 64) == tail.substr(digest + 64);
}

}  // namespace

store::EntryChecks make_entry_checks(const trust::Root& root, merkle::TreeSize checkpoint_size) {
    store::EntryChecks checks;
    checks.entry = [&root, checkpoint_size](store::LogIndex index, store::EntryKind kind, std::string_view id,
                                            const merkle::LeafHash& leaf,
                                            const dsse::Envelope& attestation) -> Status {
        const auto key = root.find(trust::Role::attestation, attestation.key_id);
        if (!key) return unbelievable(index.value(), "it is not by an attestation key of the trust root");
        if (attest::leaf_hash(attestation, *key) != leaf) {
            return unbelievable(index.value(), "its leaf is not that of its attestation");
        }
        if (!is_about(attestation.payload, kind, decide::ExecutionId(std::string(id)), {})) {
            return unbelievable(index.value(), "its statement is about another execution or of another kind");
        }
        if (index.value() >= checkpoint_size.value() && !dsse::verify(attestation, *key)) {
            return unbelievable(index.value(), "its signature does not verify");
        }
        return {};
    };
    checks.record = [](const store::Submission& content) -> Status {
        const std::string digest = to_hex(view_of(crypto::sha256(content.record)));
        if (is_about(content.attestation.payload, content.kind, content.execution_id, digest)) return {};
        return fail(Code::data_corrupt,
                    "the record of `" + content.execution_id.value() + "` is not the one that was attested");
    };
    return checks;
}

}  // namespace parmana::runtime
