// For the tests: a log with two histories that part, and a witness's key.
#pragma once

#include <string>

#include "note/note.hpp"
#include "witness/request.hpp"

namespace parmana::witness {

inline std::unique_ptr<crypto::Signer> test_signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

/// Leaves beyond `common` are different for each `history`.
class TestLog {
  public:
    explicit TestLog(std::string origin = "log.example/1", std::uint64_t seed = 1, char history = 'a',
                     std::uint64_t common = 0)
        : origin_(std::move(origin)), signer_(test_signer(seed)) {
        for (std::uint64_t i = 0; i < kLeaves; ++i)
            tree_.append(merkle::hash_leaf(std::string(1, i < common ? '-' : history) + std::to_string(i)));
    }
    const std::string& origin() const { return origin_; }
    const crypto::Signer& signer() const { return *signer_; }
    note::VerifierKey key() const { return {origin_, note::KeyType::log, signer_->public_key()}; }
    note::Checkpoint checkpoint(std::uint64_t size) const {
        return {origin_, merkle::TreeSize(size), tree_.root_at(merkle::TreeSize(size))};
    }
    std::string signed_note(std::uint64_t size) const {
        return note::sign_checkpoint(checkpoint(size), *signer_).value();
    }
    std::string head(std::uint64_t size) const {
        return note::sign_head(checkpoint(size), *signer_, UnixSeconds(1'000)).value();
    }
    merkle::Proof prove(std::uint64_t from, std::uint64_t to) const {
        return tree_.prove_consistency(merkle::TreeSize(from), merkle::TreeSize(to));
    }
    /// The body of a request from one size to another, as an honest log makes it.
    std::string request(std::uint64_t from, std::uint64_t to) const {
        return render(
            {merkle::TreeSize(from), from <= to ? prove(from, to) : merkle::Proof{}, signed_note(to)});
    }

  private:
    static constexpr std::uint64_t kLeaves = 40;
    std::string origin_;
    std::unique_ptr<crypto::Signer> signer_;
    merkle::Tree tree_;
};

}  // namespace parmana::witness
