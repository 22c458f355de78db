// A tree over leaves that are all there, with every level kept: proofs cost no hashing.
#include "base/invariant.hpp"
#include "merkle/merkle.hpp"

namespace parmana::merkle {

Batch::Batch(std::span<const LeafHash> leaves) {
    INVARIANT(!leaves.empty());
    auto& bottom = levels_.emplace_back();
    for (const LeafHash& leaf : leaves)
        bottom.push_back(leaf.value());
    // Pairs from the left; what is left over at the end of a level goes up as it is (RFC 6962 §2.1 by another
    // way: the left part is always the largest power of two).
    while (levels_.back().size() > 1) {
        const auto& below = levels_.back();
        std::vector<Digest> level;
        for (std::size_t i = 0; i + 1 < below.size(); i += 2)
            level.push_back(hash_node(below[i], below[i + 1]));
        if (below.size() % 2 == 1) level.push_back(below.back());
        levels_.push_back(std::move(level));
    }
}

Root Batch::root() const {
    return Root(levels_.back().front());
}

Proof Batch::prove_inclusion(LeafIndex index) const {
    INVARIANT(index.value() < size());
    Proof out;
    std::uint64_t at = index.value();
    for (std::size_t k = 0; k + 1 < levels_.size(); ++k, at /= 2) {
        const std::uint64_t sibling = at ^ 1;
        if (sibling < levels_[k].size()) out.push_back(levels_[k][sibling]);
    }
    return out;
}

}  // namespace parmana::merkle
