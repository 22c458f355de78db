#include "runtime/policy_book.hpp"

#include <algorithm>

#include "civil/civil.hpp"

namespace parmana::runtime {
namespace {

using attest::PolicyChange;
using attest::PolicyEvent;

std::string quoted(const std::string& id, const std::string& version) {
    return "`" + id + "` `" + version + "`";
}

}  // namespace

std::string_view wire_name(PolicyBook::State state) {
    constexpr std::string_view kNames[] = {"active", "superseded", "deactivated", "expired"};
    return kNames[static_cast<std::size_t>(state)];
}

Status PolicyBook::apply(const PolicyEvent& event, std::uint64_t index) {
    Line& line = lines_[event.policy_id];
    const bool is_numbered = event.sequence > 0;
    if (is_numbered && event.sequence != line.sequence + 1) {
        return fail(Code::data_corrupt, "entry " + std::to_string(index) +
                                            " is not the next event of policy `" + event.policy_id + "`");
    }
    line.sequence = std::max(line.sequence, event.sequence);
    const Key key(event.policy_id, event.policy_version);
    if (!event.begins()) {
        const auto found = standings_.find(key);
        if (found == standings_.end())
            return fail(Code::data_corrupt,
                        "entry " + std::to_string(index) + " ends a policy that never governed");
        found->second.state = event.change == PolicyChange::expired ? State::expired : State::deactivated;
        found->second.since = index;
        return {};
    }
    // Events of before there were numbers superseded nothing.
    for (auto& [other, standing] : standings_) {
        const bool stays = !is_numbered || other.second == event.policy_version ||
                           std::find(event.kept.begin(), event.kept.end(), other.second) != event.kept.end();
        if (other.first != event.policy_id || stays || standing.state != State::active) continue;
        standing.state = State::superseded;
        standing.since = index;
    }
    standings_.insert_or_assign(
        key, Standing{State::active, event.policy_digest, event.counter, event.expires, index, index});
    line.counter_max = std::max(line.counter_max, event.counter);
    line.activated.push_back(event.policy_version);
    return {};
}

PolicyEvent PolicyBook::next(PolicyChange change, const Key& key, const Standing& standing) const {
    return {change, key.first, key.second, standing.digest, next_sequence(key.first), standing.counter,
            {},     {},        {}};
}

Result<PolicyEvent> PolicyBook::activation(Wanted wanted) const {
    const auto line = lines_.find(wanted.policy_id);
    const auto before = find(wanted.policy_id, wanted.policy_version);
    if (before && before->digest != wanted.digest) {
        return fail(Code::policy_altered, quoted(wanted.policy_id, wanted.policy_version) +
                                              " was active with other content; versions never change");
    }
    if (line != lines_.end() && wanted.counter < line->second.counter_max) {
        return fail(Code::rollback_refused,
                    "counter " + std::to_string(wanted.counter) + " of " +
                        quoted(wanted.policy_id, wanted.policy_version) + " is below " +
                        std::to_string(line->second.counter_max) +
                        ", which was active already; to go back on purpose there is `policy rollback`");
    }
    if (line != lines_.end() && !before && wanted.counter == line->second.counter_max && wanted.counter > 0) {
        return fail(Code::rollback_refused, "counter " + std::to_string(wanted.counter) + " of `" +
                                                wanted.policy_id + "` was active with other content");
    }
    std::sort(wanted.kept.begin(), wanted.kept.end());
    for (const std::string& version : wanted.kept) {
        const auto other = find(wanted.policy_id, version);
        if (!other || other->state != State::active || version == wanted.policy_version)
            return fail(Code::member_invalid,
                        quoted(wanted.policy_id, version) + " does not govern, so it is not kept", "/kept");
    }
    if (!wanted.expires.empty() && !civil::parse_rfc3339(wanted.expires))
        return fail(Code::member_invalid, "`expires` must be a time (RFC 3339)", "/expires");
    PolicyEvent out{PolicyChange::activated,
                    std::move(wanted.policy_id),
                    std::move(wanted.policy_version),
                    std::move(wanted.digest),
                    0,
                    wanted.counter,
                    std::move(wanted.kept),
                    std::move(wanted.expires),
                    {}};
    out.sequence = next_sequence(out.policy_id);
    return out;
}

Result<PolicyEvent> PolicyBook::deactivation(const std::string& id, const std::string& version) const {
    const auto standing = find(id, version);
    if (!standing || standing->state != State::active)
        return fail(Code::policy_inactive, quoted(id, version) + " does not govern");
    return next(PolicyChange::deactivated, {id, version}, *standing);
}

Result<PolicyEvent> PolicyBook::rollback(const std::string& id,
                                         const std::optional<std::string>& version) const {
    const auto line = lines_.find(id);
    if (line == lines_.end()) return fail(Code::policy_inactive, "no version of `" + id + "` ever governed");
    const std::vector<std::string>& activated = line->second.activated;
    const auto is_target = [&](const std::string& one) {
        return version ? one == *version : one != activated.back();
    };
    const auto target = std::find_if(activated.rbegin(), activated.rend(), is_target);
    if (target == activated.rend()) {
        return fail(Code::policy_inactive, version ? quoted(id, *version) + " never governed"
                                                   : "`" + id + "` had no version before the newest");
    }
    return next(PolicyChange::rolled_back, {id, *target}, *find(id, *target));
}

std::vector<PolicyEvent> PolicyBook::expirations(UnixSeconds now) const {
    std::vector<PolicyEvent> out;
    for (const auto& [key, standing] : standings_) {
        if (standing.state != State::active || standing.expires.empty()) continue;
        const auto expires = civil::parse_rfc3339(standing.expires);
        if (!expires || expires->seconds > now.value()) continue;
        // The next of the same policy id is made when this one is entered.
        if (!out.empty() && out.back().policy_id == key.first) continue;
        out.push_back(next(PolicyChange::expired, key, standing));
    }
    return out;
}

std::optional<PolicyBook::Standing> PolicyBook::find(const std::string& id,
                                                     const std::string& version) const {
    const auto found = standings_.find({id, version});
    if (found == standings_.end()) return std::nullopt;
    return found->second;
}

std::int64_t PolicyBook::next_sequence(const std::string& id) const {
    const auto line = lines_.find(id);
    return (line == lines_.end() ? 0 : line->second.sequence) + 1;
}

}  // namespace parmana::runtime
