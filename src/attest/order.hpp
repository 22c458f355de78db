// The order that lets a policy govern, where the trust root asks for the approval of people: they sign the
// event that is to happen, with its sequence number, so that no order can be used twice. Pure.
#pragma once

#include "attest/attest.hpp"
#include "trust/trust.hpp"

namespace parmana::attest {

/// What approvers sign: canonical JSON, the payload of an envelope of this type.
inline constexpr std::string_view kOrderType = "application/vnd.parmana.policy-order+json";
std::string order_payload(const PolicyEvent& event, const trust::Root& root);
/// An order that nobody signed yet, as an envelope in canonical JSON.
std::string render_order(const PolicyEvent& event, const trust::Root& root);
/// Adds an approver's signature to an order. Errors: json_*, member_*, and the signer's.
Result<std::string> approve(std::string_view order, const dsse::SigningKey& key);
/// The order is for this event, and as many approvers signed it as the root asks for. Errors:
/// approval_missing.
Status check_order(std::string_view order, const PolicyEvent& event, const trust::Root& root);

}  // namespace parmana::attest
