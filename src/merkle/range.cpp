// Ranges of leaves: proving that they are those of a tree, and recomputing its root from them as they pass
// by.
#include <bit>

#include "base/invariant.hpp"
#include "merkle/merkle.hpp"

namespace parmana::merkle {
namespace {

std::uint64_t split_of(std::uint64_t count) {
    return std::bit_floor(count - 1);
}

/// Joins the subtrees of [0, size) that are known: those up to `middle` from `left`, those behind it from
/// `right`, each in order.
class Fold {
  public:
    Fold(std::uint64_t middle, std::span<const Digest> left, std::span<const Digest> right)
        : middle_(middle), left_(left), right_(right) {}

    std::optional<Digest> node(std::uint64_t begin, std::uint64_t end) {
        if (begin >= middle_) return take(right_);
        if (end <= middle_ && std::has_single_bit(end - begin)) return take(left_);
        const std::uint64_t split = begin + split_of(end - begin);
        const auto left = node(begin, split);
        const auto right = node(split, end);
        if (!left || !right) return std::nullopt;
        return hash_node(*left, *right);
    }
    bool used_all() const { return left_.empty() && right_.empty(); }

  private:
    static std::optional<Digest> take(std::span<const Digest>& hashes) {
        if (hashes.empty()) return std::nullopt;
        const Digest first = hashes.front();
        hashes = hashes.subspan(1);
        return first;
    }

    const std::uint64_t middle_;
    std::span<const Digest> left_;
    std::span<const Digest> right_;
};

}  // namespace

Proof Tree::prove_range(LeafIndex first, std::uint64_t count, TreeSize size) const {
    INVARIANT(count > 0 && size <= this->size());
    INVARIANT(first.value() < size.value() && count <= size.value() - first.value());
    Proof out;
    collect_outside(out, 0, size.value(), first, first.value() + count);
    return out;
}

void Tree::collect_outside(Proof& out, std::uint64_t begin, std::uint64_t end, LeafIndex first,
                           std::uint64_t behind) const {
    if (first.value() <= begin && end <= behind) return;
    if (end <= first.value() || behind <= begin) {
        out.push_back(subtree(begin, end));
        return;
    }
    const std::uint64_t middle = begin + split_of(end - begin);
    collect_outside(out, begin, middle, first, behind);
    collect_outside(out, middle, end, first, behind);
}

std::size_t Frontier::subtrees_of(LeafIndex first) {
    return static_cast<std::size_t>(std::popcount(first.value()));
}

std::optional<Frontier> Frontier::make(TreeSize size, std::span<const Digest> subtrees) {
    if (subtrees.size() != subtrees_of(LeafIndex(size.value()))) return std::nullopt;
    Frontier out;
    out.size_ = size.value();
    out.subtrees_.assign(subtrees.begin(), subtrees.end());
    return out;
}

void Frontier::append(const LeafHash& leaf) {
    Digest hash = leaf.value();
    // As many equal neighbours become one as the size has ones at its end.
    for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
        hash = hash_node(subtrees_.back(), hash);
        subtrees_.pop_back();
    }
    subtrees_.push_back(hash);
    ++size_;
}

Root Frontier::root() const {
    if (subtrees_.empty()) return empty_root();
    Digest hash = subtrees_.back();
    for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left)
        hash = hash_node(*left, hash);
    return Root(hash);
}

std::optional<Root> Frontier::root_over(TreeSize size, std::span<const Digest> right) const {
    if (size.value() < size_) return std::nullopt;
    if (size.value() == 0) return right.empty() ? std::optional(empty_root()) : std::nullopt;
    Fold fold(size_, subtrees_, right);
    const auto root = fold.node(0, size.value());
    if (!root || !fold.used_all()) return std::nullopt;
    return Root(*root);
}

}  // namespace parmana::merkle
