// Trust roots, good and bad, signed with the real root key: readers must agree about what they admit.
#pragma once

#include <string>

#include "agreement/draft.hpp"

namespace parmana::agreement {

/// A document like that of the world, with one or two things changed and mostly signed anew.
std::string trust_root_like(const Scenery& scenery, Random& random);

}  // namespace parmana::agreement
