// The RFC 6962 §2.1 tree over SHA-256: hashing, roots, proofs, verification. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong.hpp"

namespace parmana::merkle {

using LeafHash = Strong<struct LeafHashTag, Digest>;
using Root = Strong<struct RootTag, Digest>;
using LeafIndex = Strong<struct LeafIndexTag, std::uint64_t>;
using TreeSize = Strong<struct TreeSizeTag, std::uint64_t>;

/// SHA-256(0x00 ‖ entry).
LeafHash hash_leaf(std::string_view entry);
/// SHA-256(0x01 ‖ left ‖ right).
Digest hash_node(const Digest& left, const Digest& right);
/// SHA-256 of nothing: the root of the empty tree.
Root empty_root();

/// Leaf to root, as RFC 6962 §2.1.1 and §2.1.2 order it.
using Proof = std::vector<Digest>;

/// An append-only tree. Keeps the leaf hashes and one hash per complete subtree of 256^k leaves (the geometry
/// of C2SP tlog-tiles): about 32.2 bytes a leaf. Not thread-safe.
class Tree {
  public:
    void append(const LeafHash& leaf);
    TreeSize size() const;
    LeafHash leaf(LeafIndex index) const;  // index < size, an INVARIANT
    /// Root of the leaves [i·256^level, (i+1)·256^level), which are all there: what a tile holds (C2SP tlog-tiles).
    const Digest& complete_subtree(int level, std::uint64_t i) const;
    /// The root over the first `size` leaves; size ≤ this size. O(256 · log).
    Root root_at(TreeSize size) const;
    Root root() const { return root_at(size()); }
    /// RFC 6962 §2.1.1; index < size ≤ this size.
    Proof prove_inclusion(LeafIndex index, TreeSize size) const;
    /// RFC 6962 §2.1.2; from ≤ to ≤ this size. Empty when from is 0 or equal to `to`.
    Proof prove_consistency(TreeSize from, TreeSize to) const;
    /// That the `count` leaves from `first` on, at least one, are those of the tree over `size`: the largest subtrees
    /// of it that hold none of them, from left to right. first + count ≤ size ≤ this size.
    Proof prove_range(LeafIndex first, std::uint64_t count, TreeSize size) const;

  private:
    void collect_outside(Proof& out, std::uint64_t begin, std::uint64_t end, LeafIndex first,
                         std::uint64_t behind) const;
    Digest subtree(std::uint64_t begin, std::uint64_t end) const;
    std::vector<std::vector<Digest>> levels_;  // levels_[k][i]: root of leaves [i·256^k, (i+1)·256^k)
};

/// A tree that does not grow, with every level kept: about 64 bytes a leaf, and proofs that need no hashing.
class Batch {
  public:
    /// At least one leaf.
    explicit Batch(std::span<const LeafHash> leaves);
    std::uint64_t size() const { return levels_.front().size(); }
    Root root() const;
    Proof prove_inclusion(LeafIndex index) const;

  private:
    std::vector<std::vector<Digest>> levels_;
};

/// The right edge of a growing tree: one hash for each of its complete subtrees, largest first. Leaves are appended
/// and roots computed in constant memory.
class Frontier {
  public:
    Frontier() = default;
    /// A tree of this size, by its complete subtrees from left to right. Nothing when that is not their number.
    static std::optional<Frontier> make(TreeSize size, std::span<const Digest> subtrees);
    void append(const LeafHash& leaf);
    TreeSize size() const { return TreeSize(size_); }
    Root root() const;
    /// The root over `size` leaves, of which those behind this tree stand in the subtrees `right`, from left to
    /// right. Nothing when that is not their number.
    std::optional<Root> root_over(TreeSize size, std::span<const Digest> right) const;
    /// Number of hashes of a range proof that stand to the left of `first`.
    static std::size_t subtrees_of(LeafIndex first);

  private:
    std::uint64_t size_ = 0;
    std::vector<Digest> subtrees_;
};

/// RFC 9162 §2.1.3.2. False for index ≥ size and for missing or left-over hashes.
bool verify_inclusion(LeafIndex index, TreeSize size, const LeafHash& leaf, const Proof& proof,
                      const Root& root);
/// RFC 9162 §2.1.4.2. From size 0 the proof must be empty and `from_root` the empty root.
bool verify_consistency(TreeSize from, TreeSize to, const Proof& proof, const Root& from_root,
                        const Root& to_root);

}  // namespace parmana::merkle
