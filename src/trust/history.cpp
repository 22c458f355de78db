#include "trust/history.hpp"

#include <algorithm>
#include <mutex>

#include "base/invariant.hpp"

namespace parmana::trust {

History::History(Root first)
    : from_{0}, compromised_(first.content().compromised.begin(), first.content().compromised.end()) {
    chain_.push_back(std::move(first));
}

Status History::add(Root next, std::uint64_t from) {
    const std::unique_lock lock(mutex_);
    TRY(check_successor(chain_.back(), next));
    if (from <= from_.back() && !(from == 0 && chain_.size() == 1))
        return fail(Code::trust_invalid, "a root comes into force before the one before it");
    if (next.content().history.back().from != from_.back())
        return fail(Code::trust_invalid,
                    "the next root says of this one that it was in force from another entry on");
    for (const auto& [id, index] : next.content().compromised)
        compromised_.insert_or_assign(id, index);
    chain_.push_back(std::move(next));
    from_.push_back(from);
    return {};
}

void History::drop_newest() {
    const std::unique_lock lock(mutex_);
    INVARIANT(chain_.size() > 1);
    chain_.pop_back();
    from_.pop_back();
    const auto& said = chain_.back().content().compromised;
    compromised_ = {said.begin(), said.end()};
}

Status History::heed(const Root& newer, std::uint64_t index) {
    const std::unique_lock lock(mutex_);
    const auto other = [](std::size_t version) {
        return fail(Code::trust_invalid, "version " + std::to_string(version) +
                                             " of the trust root is another one, or from another entry on");
    };
    const std::vector<Past>& past = newer.content().history;
    if (past.size() < chain_.size() && newer.fingerprint() != chain_[past.size()].fingerprint())
        return other(past.size() + 1);
    for (std::size_t i = 0; i < past.size(); ++i) {
        if (i >= chain_.size()) {
            if (past[i].from <= index)
                return fail(Code::trust_invalid,
                            "version " + std::to_string(i + 1) +
                                " of the trust root was in force there, and it is not enclosed");
            continue;
        }
        if (past[i].fingerprint != chain_[i].fingerprint() || past[i].from != from_[i]) return other(i + 1);
    }
    for (const auto& [id, from] : newer.content().compromised) {
        const auto [known, added] = compromised_.emplace(id, from);
        if (!added) known->second = std::min(known->second, from);
    }
    return {};
}

std::vector<const Root*> History::chain() const {
    const std::shared_lock lock(mutex_);
    std::vector<const Root*> out;
    for (const Root& root : chain_)
        out.push_back(&root);
    return out;
}

std::vector<History::Force> History::all() const {
    const std::shared_lock lock(mutex_);
    std::vector<Force> out;
    for (std::size_t i = 0; i < chain_.size(); ++i)
        out.push_back({&chain_[i], from_[i]});
    return out;
}

const Root& History::newest() const {
    const std::shared_lock lock(mutex_);
    return chain_.back();
}

std::uint64_t History::newest_from() const {
    const std::shared_lock lock(mutex_);
    return from_.back();
}

const Root& History::at_locked(std::uint64_t index) const {
    const auto behind = std::upper_bound(from_.begin(), from_.end(), index);
    return chain_[static_cast<std::size_t>(behind - from_.begin()) - 1];
}

const Root& History::at(std::uint64_t index) const {
    const std::shared_lock lock(mutex_);
    return at_locked(index);
}

const Root& History::at_head(std::uint64_t size) const {
    const std::shared_lock lock(mutex_);
    return size == 0 ? chain_.front() : at_locked(size - 1);
}

std::optional<crypto::PublicKey> History::find(Role role, std::string_view key_id,
                                               std::uint64_t index) const {
    return at(index).find(role, key_id);
}

dsse::Keys History::keys_ever(Role role) const {
    const std::shared_lock lock(mutex_);
    dsse::Keys out;
    for (const Root& root : chain_)
        out.insert(root.keys(role).begin(), root.keys(role).end());
    return out;
}

std::optional<std::uint64_t> History::compromised(std::string_view key_id, std::uint64_t index) const {
    const std::shared_lock lock(mutex_);
    const auto found = compromised_.find(key_id);
    if (found == compromised_.end() || index < found->second) return std::nullopt;
    return found->second;
}

Status check_ever(const History& trust, std::uint64_t index, std::span<const dsse::KeySignature> signatures,
                  Code code, const std::function<Status(const Root&)>& judge) {
    for (const dsse::KeySignature& one : signatures) {
        const auto from = trust.compromised(one.key_id, index);
        if (from) {
            return fail(code, "key " + one.key_id.substr(0, 16) + " that signed is compromised from entry " +
                                  std::to_string(*from) + " on");
        }
    }
    const auto all = trust.all();
    Status newest;
    for (auto force = all.rbegin(); force != all.rend(); ++force) {
        if (force->from > index) continue;
        const Status judged = judge(*force->root);
        if (judged) return {};
        if (newest) newest = judged;
    }
    return newest;
}

}  // namespace parmana::trust
