// Changes of what is decided with: policies begin and cease to govern, roots come into force. Each is an
// entry of the ledger, in a commit of its own, behind which only the new snapshot decides. One change at a
// time; no request waits for one, and none is lost: what was decided before and is not committed yet is
// decided anew.
#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/key_ring.hpp"
#include "runtime/policy_book.hpp"
#include "runtime/snapshot.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

/// What an operator asks for. One JSON object on the control socket; closed.
struct ChangeRequest {
    /// The enumerators are the wire spellings.
    enum class What : std::uint8_t {
        policy_activate,
        policy_deactivate,
        policy_rollback,
        root_activate,
        release_activate
    };
    What what;
    std::string policy_id = {};
    std::string policy_version = {};     // empty in a rollback: the one before the newest
    std::vector<std::string> keep = {};  // versions that go on governing
    std::string expires = {};
    std::string order = {};     // an envelope, or empty
    bool only_order = false;    // nothing changes: the order that approvers have to sign is asked for
    std::string document = {};  // the root or the release
};
std::string render(const ChangeRequest& request);
/// Errors: json_*, member_*.
Result<ChangeRequest> parse_change_request(std::string_view text);

/// What the ledger says of the policies. Errors: data_corrupt, io_failed.
Result<PolicyBook> read_policy_book(const store::LedgerReader& ledger);
/// Every root behind the first stands in the ledger where its file says; one whose entry was never committed
/// is taken out of the history. Errors: data_corrupt, io_failed.
Status settle_roots(trust::History& history, const store::LedgerReader& ledger);
/// Those that the ledger says govern, as they are installed; all others with the reason why they do not.
decide::PolicySet compose(const Installed& installed, const PolicyBook& book, const trust::History& trust);
/// `{"policies":[{"counter","policyHash","policyId","policyVersion","state","expires"?,"fault"?}…]}`
std::string policy_report(const Installed& installed, const PolicyBook& book, const trust::History& trust);

class Governance {
  public:
    /// What it works on. All outlive it.
    struct Ground {
        const DataDirectory& data;
        store::Ledger& ledger;
        Snapshots& snapshots;
        KeyRing& keys;
        const Clock& clock;
    };
    Governance(Ground ground, Installed installed, PolicyBook book)
        : ground_(ground), installed_(std::move(installed)), book_(std::move(book)) {}

    /// Durable on return: the JSON of what happened, or of the order. Any thread. Errors: those of the policy
    /// book, of the trust root, of the order and of the ledger; after any of them nothing has changed.
    Result<std::string> change(const ChangeRequest& request);
    /// The release in the data directory is the one in force, or comes into force now; without release keys
    /// in the trust root, none is: development. Errors: runtime_unknown when the trust root asks for a
    /// release and there is none; those of check_release; of the ledger.
    Status begin_release();
    /// Looks at the clock: policies whose time is over cease to govern. Errors: of the ledger.
    Status end_expired();
    /// The trust root was expired when somebody looked at the clock last.
    bool is_expired() const { return expired_; }

  private:
    Result<std::string> change_policy(const ChangeRequest& request);
    Result<attest::PolicyEvent> event_of(const ChangeRequest& request, Installed& installed) const;
    Result<std::string> enter_policy_event(const attest::PolicyEvent& event, Installed installed);
    Result<std::string> activate_root(const std::string& text);
    Result<std::string> activate_release(const std::string& text);
    /// The release that the root asks for, and that admits this runtime; nothing when it asks for none.
    Result<std::optional<release::Release>> release_for(const trust::Root& root) const;
    /// As an entry, if the ledger does not have it yet.
    Status enter_release(const release::Release& release);
    Result<store::LogIndex> enter(std::move_only_function<Result<store::Sealed>(store::LogIndex)> make,
                                  std::shared_ptr<const Snapshot> next, std::move_only_function<void()> undo);
    std::shared_ptr<Snapshot> next_snapshot() const;
    Status check_unexpired(const trust::Root& root) const;

    const Ground ground_;
    std::mutex mutex_;
    Installed installed_;  // guarded by mutex_
    PolicyBook book_;      // guarded by mutex_
    std::atomic<bool> expired_ = false;
};

}  // namespace parmana::runtime
