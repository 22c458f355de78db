// The verification algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2. `fn` and `sn` are the names of the
// RFC: the position on the present level of the node followed, and of the last node of that level.
#include <bit>

#include "merkle/merkle.hpp"

namespace parmana::merkle {
namespace {

// After a hash from the left: skips the levels on which the node has no sibling at the right edge.
void climb_right_edge(std::uint64_t& fn, std::uint64_t& sn) {
    while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
    }
}

}  // namespace

bool verify_inclusion(LeafIndex index, TreeSize size, const LeafHash& leaf, const Proof& proof,
                      const Root& root) {
    if (index.value() >= size.value()) return false;
    std::uint64_t fn = index.value();
    std::uint64_t sn = size.value() - 1;
    Digest hash = leaf.value();
    for (const Digest& sibling : proof) {
        if (sn == 0) return false;  // a left-over hash
        if ((fn & 1) != 0 || fn == sn) {
            hash = hash_node(sibling, hash);
            climb_right_edge(fn, sn);
        } else {
            hash = hash_node(hash, sibling);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash == root.value();
}

bool verify_consistency(TreeSize from, TreeSize to, const Proof& proof, const Root& from_root,
                        const Root& to_root) {
    if (from > to) return false;
    if (from.value() == 0 && from_root != empty_root()) return false;
    if (from == to) return proof.empty() && from_root == to_root;
    if (from.value() == 0) return proof.empty();

    std::uint64_t fn = from.value() - 1;
    std::uint64_t sn = to.value() - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    // An old tree that is one complete subtree is its own first node; otherwise the proof begins
    // with it.
    auto next = proof.begin();
    const bool complete = std::has_single_bit(from.value());
    if (!complete && next == proof.end()) return false;
    Digest old_hash = complete ? from_root.value() : *next++;
    Digest new_hash = old_hash;
    for (; next != proof.end(); ++next) {
        if (sn == 0) return false;  // a left-over hash
        if ((fn & 1) != 0 || fn == sn) {
            old_hash = hash_node(*next, old_hash);
            new_hash = hash_node(*next, new_hash);
            climb_right_edge(fn, sn);
        } else {
            new_hash = hash_node(new_hash, *next);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && old_hash == from_root.value() && new_hash == to_root.value();
}

}  // namespace parmana::merkle
