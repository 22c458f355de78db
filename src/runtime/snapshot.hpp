// What one decision is made with: policies, trust, provenance. Immutable; taken once per request.
#pragma once

#include <memory>
#include <string>

#include "attest/attest.hpp"
#include "decide/decide.hpp"

namespace parmana::runtime {

struct Snapshot {
    decide::PolicySet policies;
    std::string runtime_manifest;
    attest::RuntimeHash runtime_hash;
    trust::Tenant tenant;
    trust::Origin origin;
    attest::BlindKey blind_key;
    bool allow_derived_ids;

    attest::Scene scene() const { return {tenant, origin, runtime_hash, blind_key}; }
};

}  // namespace parmana::runtime
