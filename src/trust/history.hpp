// Where in one ledger each root of a chain came into force. A root governs from the entry that says so on,
// that entry included, up to the next one: so a key is valid by log position, never by a clock. Does no I/O;
// any thread.
#pragma once

#include <deque>
#include <functional>
#include <shared_mutex>
#include <span>

#include "trust/trust.hpp"

namespace parmana::trust {

class History {
  public:
    /// A chain from version 1 on; the first root is in force from the first entry on.
    explicit History(Root first);

    /// The next root, in force from the entry at `from` on. Errors: trust_invalid, rollback_refused.
    Status add(Root next, std::uint64_t from);
    /// Takes the newest root back, whose entry was never committed. Not the first.
    void drop_newest();
    /// What a newer root, which the verifier holds, says of these places and keys; its chain need not be at
    /// hand. Errors: trust_invalid when it is of another chain, or knows a root in force at or before `index`
    /// that is not here.
    Status heed(const Root& newer, std::uint64_t index);

    /// All of it, in ascending order of versions. References stay valid; none is ever changed.
    std::vector<const Root*> chain() const;
    const Root& newest() const;
    const Origin& origin() const { return newest().origin(); }
    const Tenant& tenant() const { return newest().tenant(); }
    /// Index from which the newest root is in force.
    std::uint64_t newest_from() const;
    /// The root in force at an entry, and from which entry on.
    struct Force {
        const Root* root;
        std::uint64_t from;
    };
    std::vector<Force> all() const;
    const Root& at(std::uint64_t index) const;
    /// The root whose log keys sign a head over `size` entries: that of the last of them. The head over none
    /// is signed before there can be an entry, so under the first root, also when the first entry puts the
    /// second in force.
    const Root& at_head(std::uint64_t size) const;

    /// The key of this id, if it plays the role at the entry. A compromise is not considered: what was
    /// entered before it was known stands in the ledger all the same.
    std::optional<crypto::PublicKey> find(Role role, std::string_view key_id, std::uint64_t index) const;
    /// Every key that any of the roots has in the role.
    dsse::Keys keys_ever(Role role) const;
    /// The first index from which the key is not believed any more, when that is at or before `index`.
    std::optional<std::uint64_t> compromised(std::string_view key_id, std::uint64_t index) const;

  private:
    const Root& at_locked(std::uint64_t index) const;

    mutable std::shared_mutex mutex_;
    std::deque<Root> chain_;
    std::vector<std::uint64_t> from_;
    std::map<std::string, std::uint64_t, std::less<>> compromised_;
};

/// What is signed once and holds for long, as policies and releases are: `judge` accepts it under a root that
/// was in force at the entry `index` or before, and none of the keys that signed was compromised by then.
/// Errors: of `judge` under the newest of these roots, and `code`.
Status check_ever(const History& trust, std::uint64_t index, std::span<const dsse::KeySignature> signatures,
                  Code code, const std::function<Status(const Root&)>& judge);

}  // namespace parmana::trust
