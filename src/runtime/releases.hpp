// Which release is in force, and whether this runtime may decide by it.
#pragma once

#include "runtime/data_directory.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

/// What the ledger says of releases: the last that came into force. Errors: data_corrupt, io_failed.
Result<std::optional<attest::ReleaseEvent>> logged_release(const store::LedgerReader& ledger);

/// `release` may come into force behind what the ledger says, under this root, for this runtime. Errors:
/// release_unsigned, runtime_unknown, rollback_refused.
Status check_release(const release::Release& release, const trust::Root& root,
                     const attest::RuntimeHash& runtime, const std::optional<attest::ReleaseEvent>& logged);

}  // namespace parmana::runtime
