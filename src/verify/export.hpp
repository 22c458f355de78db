// A range of the ledger in one file of JSON lines, and its verifier, which sees one line after the other.
// Pure over bytes. docs/formats/export.md is the specification.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "verify/entry.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// What an export tells of each entry: everything, or nothing that signals could be guessed from. The
/// enumerators are the wire spellings.
enum class Level : std::uint8_t { full, statements };
std::string_view wire_name(Level level);

/// The first line: what the file is about, and the proof that nothing of it is missing.
struct Manifest {
    Level level;
    std::string origin;
    std::string tenant;
    merkle::LeafIndex first;
    std::uint64_t count;
    std::string checkpoint;            // the head that covers the range: a signed note
    std::optional<Previous> previous;  // the last head with at most `first` entries, when there is one
    merkle::Proof range;               // merkle::Tree::prove_range
    TrustPath trust;
};

/// One entry. `attestation` is without key id and signature when `by_log`: a group statement in the ledger
/// behind it vouches for it.
struct ExportedEntry {
    merkle::LeafIndex index;
    EntryKind kind;
    bool by_log;
    dsse::Envelope attestation;
    std::string record;  // canonical JSON; empty at level `statements`
};

/// Lines without their newline: canonical JSON. A policy, a release and a runtime manifest stand once, before
/// the first entry that names them, at level `full` only.
std::string render(const Manifest& manifest);
std::string render(const ExportedEntry& entry);
std::string render_policy_line(const bundle::Bundle& policy);
std::string render_release_line(const dsse::Signed& release);
std::string render_runtime_line(std::string_view runtime_manifest);
/// Strict, closed, canonical. Errors: json_*, member_*.
Result<Manifest> parse_manifest(std::string_view line);
/// True for the first line of an export, whether or not it is a good one.
bool looks_like_export(std::string_view first_line);

/// Longer lines are not read.
inline constexpr std::size_t kExportLineBytesMax = limits::kVerifyBodyBytesMax;

/// Judges an export. One thread. Memory grows with policies and, 24 bytes each, with decisions.
class ExportVerifier {
  public:
    explicit ExportVerifier(Held given);
    ~ExportVerifier();

    /// The next line, without its newline. False: it cannot be read, and no further one counts.
    bool line(std::string_view text);
    /// The last line did not end in a newline, or was over the limit.
    void broken(std::string why);
    /// Entries seen, and those that the manifest promises.
    std::uint64_t seen() const;
    std::uint64_t promised() const;
    /// The report over everything; called once, at the end.
    Report finish();

  private:
    class Judge;
    std::unique_ptr<Judge> judge_;
};

}  // namespace parmana::verify
