#include "verify/heads.hpp"

#include <algorithm>

#include "civil/civil.hpp"
#include "note/witness_policy.hpp"

namespace parmana::verify {

namespace {

/// The log keys that sign a head of this size.
dsse::Keys log_keys(const trust::History& trust, merkle::TreeSize size) {
    dsse::Keys out = trust.at_head(size.value()).keys(trust::Role::log);
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
    const dsse::Keys keys = log_keys(trust, said->size);
    return std::any_of(keys.begin(), keys.end(),
                       [&](const auto& key) { return note::open_checkpoint(text, key.second).has_value(); });
}

std::optional<UnixSeconds> time_of(const note::Head& head, const trust::History& trust) {
    for (const auto& [id, key] : log_keys(trust, head.checkpoint.size)) {
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

Check judge_witnesses(const note::Head& head, const note::Head* before, const note::WitnessPolicy* policy) {
    constexpr auto name = "witnesses";
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
