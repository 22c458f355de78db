// A ledger whose trust root changed on the way: up to four versions, and the entries that put them in force.
// Every signature in a chain is needed: whoever takes one away breaks it.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "attest/golden_test.hpp"
#include "trust/samples_test.hpp"
#include "verify/verify.hpp"

namespace parmana::verify::fixture {

class Chain {
  public:
    struct Plan {
        /// Where versions 2, 3, … come into force; at most three of them.
        std::vector<std::uint64_t> from;
        /// Only the root keys change from version to version, and so every version knows all other keys.
        bool quiet = false;
        /// What is said otherwise in a version, before it is signed.
        std::function<void(trust::RootContent&)> change = nullptr;
        /// What the events say otherwise, before they are signed and logged.
        std::function<std::string(std::string)> restate = nullptr;
        /// Who signs the newest version instead of those who must.
        std::optional<std::vector<std::uint64_t>> signers = std::nullopt;
    };

    Chain(const trust::Root& first, Plan plan) : plan_(std::move(plan)), roots_{first} {
        plan_.from.insert(plan_.from.begin(), 0);
        for (std::size_t i = 1; i < plan_.from.size(); ++i)
            roots_.push_back(next(i));
    }

    const std::vector<trust::Root>& roots() const { return roots_; }
    const std::vector<std::uint64_t>& from() const { return plan_.from; }
    /// How many of them are in force under a head over so many entries.
    std::size_t in_force(std::uint64_t size) const {
        std::size_t count = 1;
        while (count < roots_.size() && plan_.from[count] < size)
            ++count;
        return count;
    }
    const dsse::SigningKey& attestation(std::uint64_t index) const {
        return key(plan_.quiet ? 2 : kAttestation[in_force(index + 1) - 1]);
    }
    /// Of a head over so many entries.
    const dsse::SigningKey& log(std::uint64_t size) const {
        return key(plan_.quiet ? 3 : kLog[in_force(size) - 1]);
    }
    static const dsse::SigningKey& key(std::uint64_t seed) {
        static std::map<std::uint64_t, dsse::SigningKey> keys;
        const auto found = keys.find(seed);
        return found != keys.end() ? found->second
                                   : keys.emplace(seed, trust::samples::key(seed)).first->second;
    }

    /// The event that puts version `number` + 1 in force.
    dsse::Envelope event(std::size_t number, const attest::Scene& scene) const {
        const attest::KeyEvent event{roots_[number].version(), roots_[number].fingerprint()};
        std::string statement = attest::state(event, scene).statement;
        if (plan_.restate) statement = plan_.restate(std::move(statement));
        return attest::sign(std::move(statement), attestation(plan_.from[number])).value();
    }
    merkle::LeafHash event_leaf(std::size_t number, const attest::Scene& scene) const {
        return attest::leaf_hash(event(number, scene), attestation(plan_.from[number]).public_key());
    }
    /// The number of the version that comes into force with the entry.
    std::optional<std::size_t> event_at(std::uint64_t index) const {
        for (std::size_t i = 1; i < plan_.from.size(); ++i) {
            if (plan_.from[i] == index) return i;
        }
        return std::nullopt;
    }
    /// What a file under the head of this tree encloses.
    TrustPath path(const merkle::Tree& tree, const attest::Scene& scene) const {
        TrustPath out;
        for (std::size_t i = 0; i < in_force(tree.size().value()); ++i) {
            out.roots.push_back(roots_[i].text());
            if (i == 0) continue;
            const merkle::LeafIndex index(plan_.from[i]);
            out.events.push_back({index, event(i, scene), tree.prove_inclusion(index, tree.size())});
        }
        return out;
    }

    // Of version 1, 2, 3, 4: the keys by their seeds.
    static constexpr std::array<std::uint64_t, 4> kAttestation{2, 51, 51, 52}, kLog{3, 60, 61, 62};
    static std::vector<std::uint64_t> signers(std::size_t number) {
        return std::array<std::vector<std::uint64_t>, 4>{{{1}, {1, 31}, {31, 32}, {31, 33, 34}}}[number];
    }
    static trust::Root sign(const trust::RootContent& content, const std::vector<std::uint64_t>& seeds) {
        trust::RootDocument document = trust::draft(content);
        for (const std::uint64_t seed : seeds) {
            dsse::put(document.signatures,
                      {key(seed).id(), key(seed).signer().sign(document.message).value()});
        }
        return trust::Root::parse(trust::render(document)).value();
    }

  private:
    trust::Root next(std::size_t number) const {
        using trust::samples::members;
        const std::array<trust::Members, 4> kRoot{members({1}), members({1, 31, 32}, 2),
                                                  members({31, 32, 33}, 2), members({34})};
        trust::RootContent content = trust::successor_of(roots_.back(), plan_.from[number - 1]);
        content.roles[trust::Role::root] = kRoot[number];
        if (!plan_.quiet) {
            content.roles[trust::Role::attestation] = members({kAttestation[number]});
            content.roles[trust::Role::log] = members({kLog[number]});
        }
        // The policy keys of before go on counting for what they signed.
        if (!plan_.quiet && number == 3) content.roles[trust::Role::policy] = members({71});
        if (plan_.change) plan_.change(content);
        const bool is_newest = number + 1 == plan_.from.size();
        return sign(content, is_newest && plan_.signers ? *plan_.signers : signers(number));
    }

    Plan plan_;
    std::vector<trust::Root> roots_;
};

}  // namespace parmana::verify::fixture
