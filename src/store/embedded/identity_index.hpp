// From execution identities to entries, in memory: 24 bytes a slot, at most three quarters full.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/entropy.hpp"

namespace parmana::store::embedded {

/// An open-addressed table over a keyed 128-bit hash: without the key nobody can choose identities that
/// collide. A hit is confirmed by the caller against the full identity, so two identities that share a hash
/// both stay usable. Not thread-safe.
class IdentityIndex {
  public:
    using Hash = std::pair<std::uint64_t, std::uint64_t>;
    using Key = std::array<std::uint8_t, 16>;

    /// `hash_mask` is for tests: with fewer bits identities collide.
    explicit IdentityIndex(const Key& key, std::uint64_t hash_mask = ~std::uint64_t{0});
    static Key random_key(Entropy& entropy);
    Hash hash_of(std::string_view identity) const;

    /// `is_same(entry)` says whether the entry at that index has this very identity; it is asked once per
    /// candidate.
    template <class IsSame>
    std::optional<std::uint64_t> find(std::string_view identity, IsSame is_same) const {
        const Hash hash = hash_of(identity);
        for (std::size_t at = hash.first & mask_; slots_[at].used(); at = (at + 1) & mask_) {
            if (slots_[at].hash == hash && is_same(slots_[at].entry - 1)) return slots_[at].entry - 1;
        }
        return std::nullopt;
    }
    /// The identity must not be in the table.
    void insert(const Hash& identity, std::uint64_t entry);
    std::size_t size() const { return size_; }
    std::size_t bytes() const { return slots_.size() * sizeof(Slot); }

  private:
    struct Slot {
        Hash hash{};
        std::uint64_t entry = 0;  // index + 1; 0 is an empty slot
        bool used() const { return entry != 0; }
    };
    void place(const Slot& slot);
    void grow();

    Key key_;
    std::uint64_t hash_mask_;
    std::vector<Slot> slots_;
    std::size_t mask_;
    std::size_t size_ = 0;
};

}  // namespace parmana::store::embedded
