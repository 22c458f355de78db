// What is checked of a signed head, wherever it stands. Private to the module.
#pragma once

#include <optional>
#include <string>

#include "note/note.hpp"
#include "trust/history.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// The note is a checkpoint of the origin, signed by a log key of the root in force at its size, which was
/// not compromised there.
bool is_signed_head(std::string_view note, const trust::History& trust);
/// When the log says that it signed a head; nothing when that does not verify.
std::optional<UnixSeconds> time_of(const note::Head& head, const trust::History& trust);
/// A log may sign any number as its time: what no calendar has stays a number.
std::string in_words(UnixSeconds time);

/// The check `witnesses`, over a head and, when there is one, the head before.
Check judge_witnesses(const note::Head& head, const note::Head* before, const note::WitnessPolicy* policy);

/// The check `held_head`: what the verifier holds from elsewhere, against the heads of a file and, where an
/// export gives it, the root that the tree had at the size of the held one.
struct KnownRoot {
    merkle::TreeSize size;
    merkle::Root root;
};
Check judge_held(std::string_view held_note, std::span<const KnownRoot> known, const trust::History* trust);

}  // namespace parmana::verify
