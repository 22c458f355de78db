// The ledger as a whole: exported, proved from, checked and copied. Everything here only reads the data
// directory, and does so beside a server at work.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/entropy.hpp"
#include "runtime/data_directory.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"
#include "verify/export.hpp"

namespace parmana::bulk {

/// A ledger opened for reading: what was committed when it was opened, and the head that was published before
/// that.
struct OpenLedger {
    std::unique_ptr<tlog::Log> log;
    std::unique_ptr<store::LedgerReader> ledger;
};
/// Errors: data_corrupt, io_failed.
Result<OpenLedger> open_ledger(const runtime::DataDirectory& data, Entropy& entropy);

/// Takes bytes in order. Errors: io_failed.
using Sink = std::function<Status(std::string_view)>;
/// How far a long work is; called now and then, from one thread at a time.
using Progress = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t all)>;

struct ExportOptions {
    /// Entries [from, to): from the first one, and up to the published head, when nothing is said.
    std::optional<std::uint64_t> from = std::nullopt;
    std::optional<std::uint64_t> to = std::nullopt;
    verify::Level level = verify::Level::full;
};
struct Exported {
    std::uint64_t first;
    std::uint64_t count;
};
/// Writes an export (docs/formats/export.md). A range that cuts through a group of entries that are attested
/// together is widened to the whole group. Errors: not_included, data_corrupt, io_failed.
Result<Exported> export_range(const runtime::DataDirectory& data, const OpenLedger& open,
                              const ExportOptions& options, const Sink& sink, const Progress& progress);

/// `{"checkpoint"?,"hashes","leaf","logIndex","treeSize"}`: that the entry, by its index or the identity that
/// it consumed, is in the tree over `size` entries, the published one when nothing is said. `checkpoint` is
/// the head of that size, when one was published. Errors: execution_unknown, not_included, data_corrupt,
/// io_failed.
Result<std::string> prove_inclusion(const OpenLedger& open, const std::string& entry,
                                    std::optional<std::uint64_t> size);
/// `{"fromCheckpoint"?,"fromSize","hashes","toCheckpoint"?,"toSize"}`.
Result<std::string> prove_consistency(const OpenLedger& open, std::uint64_t from,
                                      std::optional<std::uint64_t> to);

/// Something that is not as it must be.
struct Finding {
    std::string place;  // a file of the data directory
    std::optional<std::uint64_t> index;
    std::string detail;
};
struct FsckReport {
    std::uint64_t entries = 0;
    std::uint64_t heads = 0;
    std::uint64_t files = 0;  // tiles and bundles
    std::vector<Finding> findings;
    /// Further findings are counted only.
    static constexpr std::size_t kFindingsMax = 1000;
    std::uint64_t unlisted = 0;
    bool clean() const { return findings.empty(); }
};
/// Recomputes everything that the ledger says, from its bytes and the keys of the trust root. Errors:
/// io_failed.
Result<FsckReport> fsck(const runtime::DataDirectory& data, Entropy& entropy, const Progress& progress);
/// Canonical JSON.
std::string render(const FsckReport& report);

struct Copied {
    std::uint64_t entries;
    std::uint64_t bytes;
};
/// Writes one tar file, which must not be there yet: the directory as it was under the published head.
/// Without the keys, unless asked for. Errors: data_exists, data_corrupt, key_*, io_failed.
Result<Copied> backup(const runtime::DataDirectory& data, Clock& clock, const std::string& out,
                      bool with_keys, const Progress& progress);

/// Writes to a new file that gets its name when it is whole, and durable. Mode 0600.
class OutFile {
  public:
    /// `replace`: what has the name is replaced; otherwise it is an error (data_exists).
    static Result<std::unique_ptr<OutFile>> create(const std::string& path, bool replace);
    virtual ~OutFile() = default;
    virtual Status append(std::string_view bytes) = 0;
    virtual Status finish() = 0;
};

}  // namespace parmana::bulk
