// Lies that are signed with the real keys and hashed anew: for each there is one check that finds it, and no
// other.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "agreement/draft.hpp"

namespace parmana::agreement {

/// `tell` changes the draft, or the sealed file of it; one of the two is there. False: this file has no place
/// for the lie.
struct Lie {
    std::string_view name;
    std::string_view check;  // the one that finds it; empty when there are several
    std::function<bool(Draft&, const Scenery&, Random&)> tell;
    std::function<bool(verify::Evidence&, const Scenery&, Random&)> tell_sealed;
};
std::span<const Lie> lies();
/// Those about trust roots and the places of keys, which are among them.
std::span<const Lie> chain_lies();

}  // namespace parmana::agreement
