// Damage to the text of an evidence file by somebody who has no key.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "differential/random.hpp"

namespace parmana::agreement {

/// Gives another text, which no verifier may accept, or nothing when this text has no place for the damage.
/// `other` is another good file of the same log.
struct Mutation {
    std::string_view name;
    std::function<std::optional<std::string>(const std::string& text, const std::string& other,
                                             differential::Random& random)>
        apply;
};
std::span<const Mutation> mutations();

}  // namespace parmana::agreement
