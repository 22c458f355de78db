// What the ledger says of policies: which versions govern, which did, and what may happen next. Its state is
// that of the policy events so far and of nothing else, so a copy of the ledger decides the same. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attest/attest.hpp"
#include "base/clock.hpp"

namespace parmana::runtime {

class PolicyBook {
  public:
    /// The enumerators are the wire spellings.
    enum class State : std::uint8_t { active, superseded, deactivated, expired };
    struct Standing {
        State state;
        std::string digest;  // hexadecimal: of the bundle that was activated
        std::int64_t counter;
        std::string expires;    // RFC 3339, or empty
        std::uint64_t since;    // index of the event that put it into this state
        std::uint64_t entered;  // index of the event that made it govern last
    };

    /// The next policy event of the ledger. Errors: data_corrupt when it does not follow.
    Status apply(const attest::PolicyEvent& event, std::uint64_t index);

    /// What is asked for of a version, as an event. The counter is the bundle's.
    struct Wanted {
        std::string policy_id;
        std::string policy_version;
        std::string digest;
        std::int64_t counter;
        std::vector<std::string> kept;
        std::string expires;
    };
    /// Errors: rollback_refused for an older counter than one that was active; policy_altered for a version
    /// that was active with other content; member_invalid for a version to be kept that does not govern.
    Result<attest::PolicyEvent> activation(Wanted wanted) const;
    /// Errors: policy_inactive when it does not govern.
    Result<attest::PolicyEvent> deactivation(const std::string& id, const std::string& version) const;
    /// Back to a version that governed before; without `version` to the one before the newest. Errors:
    /// policy_inactive.
    Result<attest::PolicyEvent> rollback(const std::string& id,
                                         const std::optional<std::string>& version) const;
    /// What the log ends at this time.
    std::vector<attest::PolicyEvent> expirations(UnixSeconds now) const;

    std::optional<Standing> find(const std::string& id, const std::string& version) const;
    using Key = std::pair<std::string, std::string>;
    const std::map<Key, Standing>& all() const { return standings_; }
    std::int64_t next_sequence(const std::string& id) const;

  private:
    struct Line {
        std::int64_t sequence = 0;                // of the last event
        std::int64_t counter_max = 0;             // of whatever was active
        std::vector<std::string> activated = {};  // versions, in the order in which they began to govern
    };
    attest::PolicyEvent next(attest::PolicyChange change, const Key& key, const Standing& standing) const;

    std::map<Key, Standing> standings_;
    std::map<std::string, Line> lines_;
};
std::string_view wire_name(PolicyBook::State state);

}  // namespace parmana::runtime
