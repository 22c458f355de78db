// For tests only: RFC 6962 §2.1 written down word for word, without storage or arithmetic tricks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "merkle/merkle.hpp"

namespace parmana::merkle::reference {

using Leaves = std::span<const LeafHash>;

inline std::vector<LeafHash> make_leaves(std::size_t count) {
    std::vector<LeafHash> leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back(hash_leaf("entry-" + std::to_string(i)));
    return leaves;
}

inline std::size_t split(std::size_t count) {
    std::size_t power = 1;
    while (power * 2 < count)
        power *= 2;
    return power;
}

// MTH
inline Digest root(Leaves leaves) {
    if (leaves.empty()) return empty_root().value();
    if (leaves.size() == 1) return leaves[0].value();
    const std::size_t k = split(leaves.size());
    return hash_node(root(leaves.first(k)), root(leaves.subspan(k)));
}

// PATH
inline Proof path(std::size_t index, Leaves leaves) {
    if (leaves.size() == 1) return {};
    const std::size_t k = split(leaves.size());
    const bool left = index < k;
    Proof proof = left ? path(index, leaves.first(k)) : path(index - k, leaves.subspan(k));
    proof.push_back(left ? root(leaves.subspan(k)) : root(leaves.first(k)));
    return proof;
}

// SUBPROOF
inline Proof subproof(std::size_t from, Leaves leaves, bool whole) {
    if (from == leaves.size()) return whole ? Proof{} : Proof{root(leaves)};
    const std::size_t k = split(leaves.size());
    const bool left = from <= k;
    Proof proof =
        left ? subproof(from, leaves.first(k), whole) : subproof(from - k, leaves.subspan(k), false);
    proof.push_back(left ? root(leaves.subspan(k)) : root(leaves.first(k)));
    return proof;
}

// PROOF
inline Proof consistency(std::size_t from, Leaves leaves) {
    return from == 0 ? Proof{} : subproof(from, leaves, true);
}

}  // namespace parmana::merkle::reference
