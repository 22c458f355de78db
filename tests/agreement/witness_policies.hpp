// Witness policies, good and bad: readers must agree about what they admit, and about whose cosignatures are
// enough.
#pragma once

#include <string>

#include "agreement/draft.hpp"

namespace parmana::agreement {

/// A text like those of C2SP tlog-policy over the keys of the scenery; about half of them are not valid.
std::string witness_policy_like(const Scenery& scenery, Random& random);

/// `passed` or `failed`, as the check `witnesses` must be for this file of the second format; `refused` when
/// the policy is.
std::string watched(const verify::Evidence& evidence, const std::string& policy, const trust::Root& root);

}  // namespace parmana::agreement
