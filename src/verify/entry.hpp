// What one entry of the ledger says, whatever its kind, and whether its record says the same. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "attest/attest.hpp"
#include "trust/trust.hpp"

namespace parmana::verify {

/// The enumerators are the wire spellings.
enum class EntryKind : std::uint8_t { decision, refusal, group, replay, policy, key, release };
std::string_view wire_name(EntryKind kind);
std::optional<EntryKind> entry_kind_from_wire(std::string_view text);

/// The statement of an entry.
struct EntryStatement {
    std::variant<attest::DecisionStatement, attest::RefusalStatement, attest::GroupStatement,
                 attest::ReplaysStatement, attest::PolicyEventStatement, attest::KeyEventStatement,
                 attest::ReleaseEventStatement>
        said;
    std::string origin;
    std::string tenant;
    std::optional<std::string> policy_digest;   // hexadecimal: the policy that decided, or that it is about
    std::optional<std::string> runtime_digest;  // hexadecimal
    std::optional<std::string> release_digest;  // hexadecimal: the release that admitted the runtime

    template <class T>
    const T* as() const {
        return std::get_if<T>(&said);
    }
};
/// Strict, canonical, and of the predicate type of the kind. Errors: json_*, member_*.
Result<EntryStatement> parse_entry_statement(EntryKind kind, std::string_view payload);
/// The record, in canonical form, is the one that the statement is about.
bool is_record_of(const EntryStatement& statement, std::string_view payload, std::string_view record);

/// The member in which the statement and its record, or the trust root, do not agree; empty when they do.
std::string find_mismatch(const attest::DecisionStatement& said, const attest::DecisionRecord& kept,
                          const trust::Root* root);
std::string find_mismatch(const attest::RefusalStatement& said, const attest::RefusalRecord& kept,
                          const trust::Root* root);

}  // namespace parmana::verify
