#include "store/embedded/identity_index.hpp"

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"

namespace parmana::store::embedded {

IdentityIndex::IdentityIndex(const Key& key, std::uint64_t hash_mask)
    : key_(key), hash_mask_(hash_mask), slots_(1024), mask_(slots_.size() - 1) {}

IdentityIndex::Key IdentityIndex::random_key(Entropy& entropy) {
    Key key{};
    entropy.fill(key.data(), key.size());
    return key;
}

IdentityIndex::Hash IdentityIndex::hash_of(std::string_view identity) const {
    const auto hash = crypto::keyed_hash_128(key_, identity);
    return {read_u64(view_of(hash)) & hash_mask_, read_u64(view_of(hash).substr(8)) & hash_mask_};
}

void IdentityIndex::place(const Slot& slot) {
    std::size_t at = slot.hash.first & mask_;
    while (slots_[at].used())
        at = (at + 1) & mask_;
    slots_[at] = slot;
}

void IdentityIndex::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.used()) place(slot);
    }
}

void IdentityIndex::insert(const Hash& identity, std::uint64_t entry) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    place({identity, entry + 1});
    ++size_;
}

}  // namespace parmana::store::embedded
