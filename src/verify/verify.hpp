// The offline verifier: an evidence file and a pinned trust root in, one named check a line out. Pure over
// bytes; links no store, no server and no network code.
//
// Each check stands on its own feet: what one finds wrong does not turn another red, and what cannot be
// judged because of it says so. A key inside the file proves nothing; keys come from the trust root only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attest/attest.hpp"
#include "bundle/bundle.hpp"
#include "merkle/merkle.hpp"
#include "note/witness_policy.hpp"
#include "release/release.hpp"
#include "trust/history.hpp"

namespace parmana::verify {

/// The group that vouches for a decision without a signature of its own.
struct GroupProof {
    dsse::Envelope envelope;  // around the group statement
    merkle::Proof hashes;     // from the decision's leaf to the root of the group
};

/// The last head that does not cover the decision: with the time of `checkpoint` it brackets the time of the
/// decision.
struct Previous {
    std::string note;
    merkle::Proof consistency;  // from its size to `tree_size`
};

/// The entry that put a trust root in force, and where it stands under the checkpoint.
struct KeyEventProof {
    merkle::LeafIndex index;
    dsse::Envelope envelope;
    merkle::Proof hashes;
};

/// The trust roots from version 1 to the one in force under the checkpoint, each canonical JSON, and for each
/// but the first the event that put it in force.
struct TrustPath {
    std::vector<std::string> roots;
    std::vector<KeyEventProof> events;
};

/// Everything that a verifier needs about one execution, apart from the trust root.
struct Evidence {
    std::string record;          // canonical JSON
    dsse::Envelope attestation;  // without key id and signature when there is a group
    std::optional<GroupProof> group;
    bundle::Bundle policy;
    std::string runtime_manifest;  // canonical JSON
    merkle::LeafIndex log_index;
    merkle::TreeSize tree_size;
    merkle::Proof proof;
    std::string checkpoint;  // signed note
    /// Nothing in the first format, which some entries of old ledgers still have.
    std::optional<Previous> previous;
    TrustPath trust;  // empty in the first format
    std::optional<dsse::Signed> release;  // when the statement names one
};
/// The formats that are read.
inline constexpr std::string_view kEvidenceFormats[] = {"parmana-evidence/1", "parmana-evidence/2"};
/// The one spelling of an evidence file: canonical JSON without a final newline. `parmana-evidence/2`, or
/// `parmana-evidence/1` when there is no previous head.
std::string render(const Evidence& evidence);
/// Strict and closed. Errors: json_*, member_*.
Result<Evidence> parse_evidence(std::string_view text);

/// The enumerators are the wire spellings.
enum class Outcome : std::uint8_t { passed, failed, not_judged };
std::string_view wire_name(Outcome outcome);

struct Check {
    std::string name;
    Outcome outcome;
    std::string detail;
};

struct Report {
    std::string kind;  // `evidence`, `attestation`, `export`; of the command line `policy` or `release`
    std::optional<Digest> trust_fingerprint;
    std::vector<Check> checks;
    std::optional<policy::Verdict> verdict;  // as re-derived

    /// Every check passed.
    bool valid() const;
    /// 0 valid; 1 a check failed; 3 none failed, but something could not be judged.
    int exit_code() const;
};

/// What a verifier has from elsewhere. Each may be missing: what needs it is then not judged.
struct Held {
    const trust::Root* root = nullptr;
    const note::WitnessPolicy* witnesses = nullptr;  // whose cosignatures must be there
    std::optional<std::string> head = std::nullopt;  // the note of a head
    std::optional<UnixSeconds> at =
        std::nullopt;  // when to judge expiry, instead of the time of the checkpoint
};

/// Judges an evidence file, or a bare attestation (a DSSE envelope: signature and statement only).
Report verify(std::string_view text, const Held& held);

/// One line a check, the root's fingerprint, and the verdict.
std::string human_report(const Report& report);
/// Canonical JSON.
std::string json_report(const Report& report);

}  // namespace parmana::verify
