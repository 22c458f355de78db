// Hashes, the append-only tree and its proofs (RFC 6962 §2.1). Complete subtrees of 256^k leaves
// are kept; all between them is computed when it is asked for, so that an append costs at most one
// node hash on average.
#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "base/invariant.hpp"
#include "crypto/crypto.hpp"
#include "merkle/merkle.hpp"

namespace parmana::merkle {
namespace {

constexpr std::uint64_t kFanout = 256;

// The largest power of two smaller than `count`, which is at least 2.
std::uint64_t split_of(std::uint64_t count) {
    return std::bit_floor(count - 1);
}

// The root over `hashes`, whose number is a power of two.
Digest fold(std::span<const Digest> hashes) {
    if (hashes.size() == 1) return hashes.front();
    const std::size_t half = hashes.size() / 2;
    return hash_node(fold(hashes.first(half)), fold(hashes.last(half)));
}

}  // namespace

LeafHash hash_leaf(std::string_view entry) {
    return LeafHash(crypto::sha256({std::string_view("\x00", 1), entry}));
}

Digest hash_node(const Digest& left, const Digest& right) {
    std::array<std::uint8_t, 65> node;
    node[0] = 1;
    std::memcpy(node.data() + 1, left.data(), left.size());
    std::memcpy(node.data() + 33, right.data(), right.size());
    return crypto::sha256(view_of(node));
}

Root empty_root() {
    return Root(crypto::sha256(""));
}

void Tree::append(const LeafHash& leaf) {
    if (levels_.empty()) levels_.emplace_back();
    levels_[0].push_back(leaf.value());
    for (std::size_t k = 0; levels_[k].size() % kFanout == 0; ++k) {
        if (k + 1 == levels_.size()) levels_.emplace_back();
        levels_[k + 1].push_back(fold(std::span(levels_[k]).last(kFanout)));
    }
}

const Digest& Tree::complete_subtree(int level, std::uint64_t i) const {
    INVARIANT(level >= 0 && static_cast<std::size_t>(level) < levels_.size());
    const auto& hashes = levels_[static_cast<std::size_t>(level)];
    INVARIANT(i < hashes.size());
    return hashes[i];
}

TreeSize Tree::size() const {
    return TreeSize(levels_.empty() ? 0 : levels_[0].size());
}

LeafHash Tree::leaf(LeafIndex index) const {
    INVARIANT(index.value() < size().value());
    return LeafHash(levels_[0][index.value()]);
}

// The root over the leaves [begin, end), one node of the tree: a complete subtree begins at a
// multiple of its size, and every stored hash at or below it exists because `end` is within the
// tree.
Digest Tree::subtree(std::uint64_t begin, std::uint64_t end) const {
    const std::uint64_t count = end - begin;
    if (!std::has_single_bit(count)) {
        const std::uint64_t middle = begin + split_of(count);
        return hash_node(subtree(begin, middle), subtree(middle, end));
    }
    const auto level = static_cast<std::size_t>(std::countr_zero(count)) / 8;
    const std::uint64_t stored = count >> (8 * level);  // 1 to 128 stored hashes make this node
    return fold(std::span(levels_[level]).subspan(begin >> (8 * level), stored));
}

Root Tree::root_at(TreeSize size) const {
    INVARIANT(size <= this->size());
    return size.value() == 0 ? empty_root() : Root(subtree(0, size.value()));
}

// Both proofs walk from the root to their leaf or node and are turned round at the end.
Proof Tree::prove_inclusion(LeafIndex index, TreeSize size) const {
    INVARIANT(index.value() < size.value() && size <= this->size());
    Proof proof;
    std::uint64_t begin = 0;
    std::uint64_t end = size.value();
    while (end - begin > 1) {
        const std::uint64_t middle = begin + split_of(end - begin);
        if (index.value() < middle) {
            proof.push_back(subtree(middle, end));
            end = middle;
        } else {
            proof.push_back(subtree(begin, middle));
            begin = middle;
        }
    }
    std::ranges::reverse(proof);
    return proof;
}

Proof Tree::prove_consistency(TreeSize from, TreeSize to) const {
    INVARIANT(from <= to && to <= size());
    Proof proof;
    if (from.value() == 0) return proof;
    std::uint64_t begin = 0;
    std::uint64_t end = to.value();
    while (end != from.value()) {
        const std::uint64_t middle = begin + split_of(end - begin);
        if (from.value() <= middle) {
            proof.push_back(subtree(middle, end));
            end = middle;
        } else {
            proof.push_back(subtree(begin, middle));
            begin = middle;
        }
    }
    // From the left edge the old root is this very node, and the verifier has it.
    if (begin != 0) proof.push_back(subtree(begin, end));
    std::ranges::reverse(proof);
    return proof;
}

}  // namespace parmana::merkle
