// The checks over an export. Private to the module.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "verify/export_line.hpp"
#include "verify/heads.hpp"
#include "verify/tally.hpp"
#include "verify/trust_path.hpp"

namespace parmana::verify {

class ExportVerifier::Judge {
  public:
    explicit Judge(Held given)
        : root_(given.root), witnesses_(given.witnesses), held_(std::move(given.head)), at_(given.at) {}

    bool line(std::string_view text);
    void broken(std::string why);
    std::uint64_t seen() const { return seen_; }
    std::uint64_t promised() const { return manifest_ ? manifest_->count : 0; }
    Report finish();

  private:
    /// A policy that the file encloses, compiled once.
    struct Enclosed {
        std::optional<policy::Policy> policy;  // nothing when it does not open
        std::string why_not;
        bool of_another_day = false;
    };
    /// What the checks of one entry build on.
    struct Seen {
        const ExportedEntry& entry;
        std::string where;
        const EntryStatement* statement;
    };

    bool begin(std::string_view text);
    bool take(ExportedEntry entry);
    bool take(const bundle::Bundle& policy);
    bool take(const RuntimeLine& line);
    bool take(const ReleaseLine& line);
    bool stop(const std::string& why);
    /// What was enclosed since the entry before must be what this one names.
    bool uses_enclosures(const EntryStatement& statement) const;

    // One entry (export_entry.cpp).
    std::optional<merkle::LeafHash> attestation(const Seen& seen);
    void order_and_leaf(const Seen& seen, const std::optional<merkle::LeafHash>& leaf);
    void group(const Seen& seen, const std::optional<merkle::LeafHash>& leaf);
    std::string group_mismatch(const attest::Group& said, std::uint64_t index) const;
    void statement_of(const Seen& seen);
    void enclosures(const Seen& seen);
    void order_of(const Seen& seen, const attest::PolicyEvent& event);
    void release(const Seen& seen, const std::optional<attest::SaidRelease>& said);
    void contents(const Seen& seen);
    void decision(const Seen& seen, const attest::DecisionStatement& said, const json::Document& record);
    void refusal(const Seen& seen, const attest::RefusalStatement& said, const json::Document& record);
    const policy::Policy* policy_of(const Seen& seen, const attest::DecisionStatement& said);
    void verdict(const Seen& seen, const attest::DecisionRecord& record, const policy::Policy& policy);
    void refused_by(const Seen& seen, const attest::RefusalRecord& record, const Enclosed& enclosed);

    // The end (export_report.cpp).
    void add(Check check) { report_.checks.push_back(std::move(check)); }
    void add(std::string name, bool good, std::string passed, std::string failed) {
        add({std::move(name), good ? Outcome::passed : Outcome::failed,
             good ? std::move(passed) : std::move(failed)});
    }
    void close_groups();
    void report_heads();
    void report_attestations();
    void report_contents();
    void report_range();
    void report_held(bool range_holds);
    void report_identities();
    std::string verdict_words() const;

    const trust::Root* root_;
    const note::WitnessPolicy* witnesses_;
    const std::optional<std::string> held_;
    const std::optional<UnixSeconds> at_;
    Trusted trusted_;  // no history without a trust root
    Report report_;
    std::optional<Manifest> manifest_;
    std::optional<note::Head> head_;
    std::string format_failure_;
    std::uint64_t lines_ = 0;
    std::uint64_t seen_ = 0;

    std::map<std::string, Enclosed> policies_;  // by hash in hexadecimal
    std::map<std::string, bool> runtimes_;
    std::map<std::string, dsse::Signed> releases_;                             // by hash in hexadecimal
    std::optional<std::string> fresh_policy_, fresh_release_, fresh_runtime_;  // since the last entry

    merkle::Frontier frontier_;
    bool frontier_good_ = true;
    std::string frontier_failure_;
    std::optional<merkle::Root> root_at_held_;
    std::optional<merkle::TreeSize> held_size_;

    merkle::Frontier open_group_;  // leaves since `open_first_` that no signature vouches for yet
    std::uint64_t open_first_ = 0;
    bool open_group_good_ = true;

    struct Identity {
        std::array<std::uint8_t, 16> digest;
        std::uint64_t index;
        auto operator<=>(const Identity&) const = default;
    };
    std::vector<Identity> identities_;  // of decisions
    std::array<std::uint64_t, 3> verdicts_{};
    std::uint64_t refusals_ = 0;

    Tally order_, signatures_, groups_, statements_, record_digests_, binding_, policy_hashes_,
        policy_signatures_, policy_bundles_, runtime_hashes_, release_, approvals_, schemas_, verdict_;
};

}  // namespace parmana::verify
