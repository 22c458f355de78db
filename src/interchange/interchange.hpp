// Evidence in the formats of others, so that it can be judged by tools that are not ours. Pure.
//
// Nothing is added and nothing is verified here: what stands in evidence and trust root is spelled anew. Each
// format carries less than an evidence file does; docs/formats/interchange.md says what is left out.
#pragma once

#include <string>

#include "trust/trust.hpp"
#include "verify/verify.hpp"

namespace parmana::interchange {

/// What the tree hashes for the decision: the leaf of its attestation by a key of the root, or, where the log
/// attests it, of its statement. Errors: trust_invalid when the root has no such key.
Result<std::string> leaf_body(const verify::Evidence& evidence, const trust::History& trust);

/// A Sigstore bundle v0.3: canonical JSON. Errors: not_exportable for a decision without a signature of its
/// own; trust_invalid, and member_invalid when the checkpoint is not one.
Result<std::string> sigstore_bundle(const verify::Evidence& evidence, const trust::History& trust);

/// A Sigstore trusted root v0.2 with the log keys: canonical JSON.
std::string sigstore_trusted_root(const trust::History& trust);

/// A C2SP tlog-proof: the checkpoint with all its lines, and as `extra` the leaf body. Errors: trust_invalid.
Result<std::string> tlog_proof(const verify::Evidence& evidence, const trust::History& trust);

}  // namespace parmana::interchange
