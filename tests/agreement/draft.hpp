// Evidence as it is before anything is signed, logged and sealed, so that a lie can be told anywhere and
// still be signed with the real keys.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "differential/random.hpp"
#include "verify/fixture_test.hpp"

namespace parmana::agreement {

using differential::Random;
using verify::fixture::Chain;
using verify::fixture::Parts;

/// What one evidence file is made of.
struct Draft {
    Parts parts;  // record, statement, policy, keys, times, and the group if there is one
    bool first_format = false;
    std::uint64_t index = 0, size = 1;
    std::string seed = {};  // makes the other entries of the log unlike those of any other file
    std::string group_payload_type{attest::kPayloadType};
    std::string group_origin = {}, group_tenant = {};
    std::vector<std::size_t> witnesses = {}, previous_witnesses = {};  // numbers of keys
    std::shared_ptr<const Chain> chain = nullptr;                      // nothing: one trust root alone
    std::string held = {};  // the trust root that the verifier holds
    std::optional<std::int64_t> at = std::nullopt;
    /// What is enclosed instead of the chain.
    std::function<void(verify::TrustPath&)> retell = nullptr;

    /// Under this chain, with the keys whose place it is, held in one of its versions from the first on.
    void place(std::shared_ptr<const Chain> under, std::size_t version_held);
};

/// From version 2 on two release keys must sign for a runtime, and did.
void with_release_keys(trust::RootContent& content);
dsse::Signed release(std::string version = "0.1.0");
/// From version 2 on two of three witnesses must cosign.
void with_witness_keys(trust::RootContent& content);

/// Keys, policies and requests out of which files are made.
class Scenery {
  public:
    /// `policies` is the directory of the sample policies.
    explicit Scenery(const std::string& policies);

    /// A file of either kind and format about a request of one of the policies, decided as the policy says.
    Draft draft(Random& random) const;
    verify::Evidence seal(const Draft& draft) const;

    const verify::fixture::World& world() const { return world_; }
    const std::vector<std::unique_ptr<decide::GovernedPolicy>>& policies() const { return policies_; }
    /// Places where versions behind the first come into force: 1 to 3 of them, most of them within the log.
    static std::vector<std::uint64_t> places(const Draft& draft, Random& random);
    /// The cosigners that a witness policy may name, and one that it does not.
    static constexpr std::size_t kWitnesses = 3;
    const dsse::SigningKey& witness(std::size_t number) const { return witness_keys_[number]; }
    static std::string witness_name(std::size_t number) {
        return "witness.example/" + std::to_string(number);
    }

  private:
    std::string request(std::size_t policy, Random& random) const;
    std::string head(const note::Checkpoint& checkpoint, const dsse::SigningKey& log,
                     const dsse::SigningKey& clock, std::int64_t time,
                     const std::vector<std::size_t>& witnesses) const;
    verify::GroupProof seal_group(const Draft& draft, const merkle::Tree& tree) const;

    verify::fixture::World world_;
    std::vector<std::unique_ptr<decide::GovernedPolicy>> policies_;
    std::vector<dsse::SigningKey> witness_keys_;
};

}  // namespace parmana::agreement
