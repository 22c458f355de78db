// proof/…: what a proof from a tree of a million entries takes.
#include "base/invariant.hpp"
#include "bench.hpp"
#include "crypto/crypto.hpp"
#include "merkle/merkle.hpp"

namespace parmana::bench {
namespace {

constexpr std::uint64_t kEntries = 1'000'000;

merkle::Tree tree_of(std::uint64_t size) {
    merkle::Tree tree;
    for (std::uint64_t i = 0; i < size; ++i)
        tree.append(merkle::hash_leaf(std::to_string(i)));
    return tree;
}

/// Spreads calls over all entries, in no order that a cache could follow.
std::uint64_t scattered(std::uint64_t i) {
    return i * 2'654'435'761 % kEntries;
}

template <class Body>
void measure(const BenchOptions& options, std::string_view name, Body body) {
    double slowest = 0;
    const double per_second = median_rate(options, [&](std::uint64_t i) {
        // By the clock of the thread: what other programs take from it is not the proof's.
        const double began = own_seconds();
        body(i);
        slowest = std::max(slowest, own_seconds() - began);
    });
    print_line(name, {{"per_second", per_second}, {"us", 1e6 / per_second}, {"slowest_us", slowest * 1e6}});
}

}  // namespace

Status bench_proof(const BenchOptions& options) {
    const merkle::Tree tree = tree_of(kEntries);
    const merkle::Root root = tree.root();
    measure(options, "proof/inclusion-1m", [&](std::uint64_t i) {
        const merkle::LeafIndex index(scattered(i));
        keep(tree.prove_inclusion(index, tree.size()));
    });
    measure(options, "proof/consistency-1m", [&](std::uint64_t i) {
        keep(tree.prove_consistency(merkle::TreeSize(1 + scattered(i) % (kEntries - 1)), tree.size()));
    });
    measure(options, "proof/verify-1m", [&](std::uint64_t) {
        static const auto proof = tree.prove_inclusion(merkle::LeafIndex(777'777), tree.size());
        INVARIANT(merkle::verify_inclusion(merkle::LeafIndex(777'777), tree.size(),
                                           tree.leaf(merkle::LeafIndex(777'777)), proof, root));
    });
    return {};
}

}  // namespace parmana::bench
