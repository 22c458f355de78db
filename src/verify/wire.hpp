// How evidence, exports, proofs and answers spell what they share.
#pragma once

#include "json/fields.hpp"
#include "merkle/merkle.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// An array of hashes, each the base64 of 32 bytes.
Result<merkle::Proof> parse_hashes(const json::Fields& fields, std::string_view name);
void write_hashes(json::Writer& writer, std::string_view name, const merkle::Proof& proof);
/// An integer that is not negative.
Result<std::uint64_t> unsigned_member(const json::Fields& fields, std::string_view name);
std::string envelope_json(const dsse::Envelope& envelope);
std::string envelope_json(const dsse::Signed& envelope);

/// The member `previousCheckpoint`: the layout of its head is checked, nothing else.
Result<Previous> parse_previous(json::Value value, const std::string& at);
void write_previous(json::Writer& writer, const Previous& previous);

}  // namespace parmana::verify
