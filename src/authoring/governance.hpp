// Governance documents: the YAML that people write and sign, built into the canonical JSON that runs.
//
//   policyId: refunds
//   policyVersion: 1.0.0
//   signals:
//     amount: {type: integer, minimum: 0}
//   boundSignals: {amount: action.parameters.amount}
//   rule:
//     variables: [{name: large, expression: signals.amount > 1000}]
//     match:
//       - id: large
//         condition: variables.large
//         outcome: {decision: override_required, reason: a person looks at large refunds}
//       - id: rest
//         outcome: {decision: approved, reason: small enough}
//
// Instead of `rule` there may be a decision `table`. docs/policies.md teaches the language; schemas/policy.schema.json
// is for editors. Pure.
#pragma once

#include <string>
#include <string_view>

#include "authoring/finding.hpp"

namespace parmana::authoring {

/// The document as `policy.json` of the profile parmana-cel/1: canonical JSON, expressions in their one spelling. The
/// same source gives the same bytes, always. Findings: YAML, unknown and missing keys, and everything that
/// policy::check finds, each at its place in the source.
Written<std::string> build(std::string_view yaml);

}  // namespace parmana::authoring
