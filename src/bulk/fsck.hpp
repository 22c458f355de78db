// The checks of `parmana log fsck`. Private to the module.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "bulk/bulk.hpp"
#include "verify/entry.hpp"

namespace parmana::bulk {

class Fsck {
  public:
    Fsck(const runtime::DataDirectory& data, Entropy& entropy, const Progress& progress)
        : data_(data), disk_(data.disk()), trust_(data.trust()), entropy_(entropy), progress_(progress) {}

    /// What a server may change comes first, and the ledger last: whatever was said of entries before they
    /// were read is true of what is read, so nothing that a server does meanwhile looks like damage.
    FsckReport run();

  private:
    struct HeadRow {
        std::uint64_t number;
        std::uint64_t size;
        std::uint64_t offset;
        std::uint64_t length;
        std::string note;
    };
    void find(std::string place, std::optional<std::uint64_t> index, std::string detail);
    void find_at_entry(std::uint64_t index, std::string detail);

    // Files around the ledger (fsck_files.cpp).
    void read_mark();
    void read_head();
    void read_history();
    void list_tiles(const std::string& directory);
    void judge_heads();
    void judge_head(const HeadRow& row, const merkle::Frontier& tree, std::int64_t& last_time);
    void judge_tiles();
    void judge_tile(int level, std::uint64_t index, std::uint64_t width);
    /// Compares a file of the log with the first bytes of `expected`; `required`: its absence is a finding.
    void judge_file(const std::string& path, std::string_view expected, bool required);
    /// The roots have their files, and these their entries.
    void judge_roots();
    void judge_provenance();
    void judge_kept_policy(const std::string& hex);
    void judge_kept_runtime(const std::string& hex);

    // The ledger (fsck_entries.cpp).
    bool read_ledger();
    Result<std::string> take(const store::EntryChecks::Facts& facts, const dsse::Envelope& attestation);
    void close_group(std::uint64_t index, const dsse::Envelope& attestation, bool is_group);
    void judge_entries();
    /// The entries that one bundle holds: and that bundle.
    class Block;
    void judge_unique();

    struct Identity {
        std::array<std::uint8_t, 16> digest;
        std::uint64_t index;
        auto operator<=>(const Identity&) const = default;
    };

    const runtime::DataDirectory& data_;
    disk::Disk& disk_;
    trust::History& trust_;
    Entropy& entropy_;
    const Progress& progress_;

    std::optional<tlog::Published> published_;
    std::vector<HeadRow> history_;
    std::set<std::string> tiles_;                               // below tlog/, as listed
    std::map<std::uint64_t, std::set<std::uint64_t>> bundles_;  // index → widths, as listed
    std::unique_ptr<store::LedgerReader> ledger_;
    std::vector<merkle::LeafHash> leaves_;  // recomputed from the attestations
    merkle::Tree tree_;
    merkle::Frontier open_group_;

    std::mutex mutex_;
    FsckReport report_;                          // guarded by mutex_ while entries are judged
    std::vector<Identity> identities_;           // the same
    std::set<std::string> policies_, runtimes_;  // the same; hexadecimal
};

}  // namespace parmana::bulk
