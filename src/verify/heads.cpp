#include "verify/heads.hpp"

#include <algorithm>
#include <set>

#include "civil/civil.hpp"
#include "note/witness_policy.hpp"

namespace parmana::verify {

namespace {

/// The keys of a role that are believed in a head of this size.
dsse::Keys keys_at_head(trust::Role role, const trust::History& trust, merkle::TreeSize size) {
    dsse::Keys out = trust.at_head(size.value()).keys(role);
    const std::uint64_t last = size.value() == 0 ? 0 : size.value() - 1;
    std::erase_if(out, [&](const auto& key) { return trust.compromised(key.first, last).has_value(); });
    return out;
}

}  // namespace

bool is_signed_head(std::string_view text, const trust::History& trust) {
    const auto note = note::parse_note(text);
    const auto said =
        note ? note::parse_checkpoint(note->text) : Result<note::Checkpoint>(fail(Code::usage, ""));
    if (!said || said->origin != trust.origin().value()) return false;
    const dsse::Keys keys = keys_at_head(trust::Role::log, trust, said->size);
    return std::any_of(keys.begin(), keys.end(),
                       [&](const auto& key) { return note::open_checkpoint(text, key.second).has_value(); });
}

std::optional<UnixSeconds> time_of(const note::Head& head, const trust::History& trust) {
    for (const auto& [id, key] : keys_at_head(trust::Role::log, trust, head.checkpoint.size)) {
        if (auto time = note::verify_cosignature(head.text, head.time, head.checkpoint.origin, key))
            return time;
    }
    return std::nullopt;
}

std::string in_words(UnixSeconds time) {
    const civil::Instant instant{time.value(), 0};
    return civil::is_valid(instant) ? civil::format_rfc3339(instant)
                                    : std::to_string(time.value()) + " seconds after 1970";
}

namespace {

/// The witnesses of the root that cosigned a head, by key id; nothing when a line is by none of them.
std::optional<std::set<std::string>> cosigners(const note::Head& head, const dsse::Keys& keys) {
    std::set<std::string> out;
    for (const note::SignatureLine& line : head.witnesses) {
        const auto by = std::find_if(keys.begin(), keys.end(), [&](const auto& key) {
            return note::verify_cosignature(head.text, line, line.name, key.second).has_value();
        });
        if (by == keys.end()) return std::nullopt;
        out.insert(by->first);
    }
    return out;
}

Check judge_root_witnesses(const note::Head& head, const note::Head* before, const trust::History& trust) {
    constexpr auto name = "witnesses";
    const trust::Root& root = trust.at_head(head.checkpoint.size.value());
    const auto cosigned = cosigners(head, root.keys(trust::Role::witness));
    bool known = cosigned.has_value();
    if (before != nullptr) {
        const trust::Root& earlier = trust.at_head(before->checkpoint.size.value());
        known = known && cosigners(*before, earlier.keys(trust::Role::witness));
    }
    if (!known)
        return {name, Outcome::failed, "a line is not a valid cosignature of a witness of the trust root"};
    // A witness whose key was lost cosigned nothing that counts, and what it signed takes nothing from the
    // others.
    const dsse::Keys believed = keys_at_head(trust::Role::witness, trust, head.checkpoint.size);
    const auto count =
        std::ranges::count_if(*cosigned, [&](const std::string& id) { return believed.contains(id); });
    const std::string words = std::to_string(count) +
                              " witnesses of the trust root cosigned, and it asks for " +
                              std::to_string(root.threshold(trust::Role::witness));
    const bool enough = count >= root.threshold(trust::Role::witness);
    return {name, enough ? Outcome::passed : Outcome::failed, words};
}

}  // namespace

Check judge_witnesses(const note::Head& head, const note::Head* before, const note::WitnessPolicy* policy,
                      const trust::History* trust) {
    constexpr auto name = "witnesses";
    if (policy == nullptr && trust != nullptr &&
        !trust->at_head(head.checkpoint.size.value()).keys(trust::Role::witness).empty())
        return judge_root_witnesses(head, before, *trust);
    const std::size_t lines = head.witnesses.size() + (before != nullptr ? before->witnesses.size() : 0);
    if (policy == nullptr && lines == 0) {
        return {name, Outcome::passed,
                "nobody was asked to watch: rollback_undetectable, and so is a second version"};
    }
    if (policy == nullptr) {
        return {name, Outcome::not_judged,
                std::to_string(lines) + " cosignatures, and no policy was given that names the witnesses"};
    }
    const note::WitnessJudgement said = note::judge(head, *policy);
    if (!said.all_known() || (before != nullptr && !note::judge(*before, *policy).all_known()))
        return {name, Outcome::failed, "a line is not a valid cosignature of a witness of the policy"};
    // Which log is the trust root's matter: the policy's own lines about logs are for others.
    if (!said.quorum) return {name, Outcome::failed, "the quorum of the policy does not hold"};
    return {name, Outcome::passed,
            "the quorum holds: " + std::to_string(said.cosigned.size()) + " witnesses cosigned"};
}

Check judge_held(std::string_view held_note, std::span<const KnownRoot> known, const trust::History* trust) {
    constexpr auto name = "held_head";
    if (trust == nullptr) return {name, Outcome::not_judged, "no trust root was given"};
    if (!is_signed_head(held_note, *trust))
        return {name, Outcome::failed, "the head that you hold is not signed by a log key of the trust root"};
    const auto held = note::parse_checkpoint(note::parse_note(held_note)->text).value();
    const std::string at = "the head that you hold, at size " + std::to_string(held.size.value()) + ", ";
    const auto same =
        std::find_if(known.begin(), known.end(), [&](const KnownRoot& one) { return one.size == held.size; });
    if (same == known.end())
        return {name, Outcome::not_judged, at + "is of no size that this file gives a root for"};
    if (same->root != held.root)
        return {name, Outcome::failed, at + "is of another tree: there are two logs"};
    return {name, Outcome::passed, at + "is a beginning of this tree"};
}

}  // namespace parmana::verify
