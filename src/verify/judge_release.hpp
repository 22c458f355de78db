// Whether a release admitted the runtime that decided. Private to the module.
#pragma once

#include "trust/history.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// The check `release` of a statement at the entry `index`. `enclosed` is the release that it names; null
/// when none is there. `trust` may be null.
Check judge_release(const std::optional<attest::SaidRelease>& said, const std::string& runtime_digest,
                    const dsse::Signed* enclosed, const trust::History* trust, std::uint64_t index);

}  // namespace parmana::verify
