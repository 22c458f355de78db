// What this program can, by name: policies may require it, and `GET /runtime/capabilities` says it.
#pragma once

#include "attest/attest.hpp"
#include "bundle/compatibility.hpp"

namespace parmana::runtime {

/// Each capability is shown to be true by tests/system/capabilities.py. A name is never given another
/// meaning.
const bundle::Abilities& abilities();

/// `{"capabilities":[…],"evidenceFormats":[…],"languageProfiles":[…],"runtimeHash":…,"schemaVersions":[…],
/// "version":…}`.
std::string abilities_json(const attest::RuntimeHash& runtime_hash);

}  // namespace parmana::runtime
