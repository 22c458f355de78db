#include "runtime/abilities.hpp"

#include <span>

#include "runtime/build_facts.hpp"
#include "verify/verify.hpp"

namespace parmana::runtime {
namespace {

/// In ascending order. One line a capability: what a policy may rely on when it requires it.
constexpr std::string_view kCapabilities[] = {
    "attestation.log",  // decisions without a signature of their own, vouched for by that of their group
    "attestation.statement",  // decisions with a signature of their own
    "batch",                  // many requests in one, each with an identity and a result of its own
    "bound-signals",          // signals that must equal a part of the action
    "hit-policies",           // how the rules that hold become one decision
    "idempotency-key",        // a retry of a request is told from another request with its identity
    "optional-signals",       // signals that may be absent, as optional values
    "policy-counter",         // bundles with a counter that rises
    "policy-thresholds",      // bundles that several keys must sign
    "refusals.signed",        // what cannot be governed is refused with a signed and logged statement
    "wait.included",          // answers that wait for a head over their entry
    "wait.witnessed",         // answers that wait for a head that a quorum of witnesses cosigned
};

void append_list(json::Writer& writer, std::string_view name, std::span<const std::string_view> values) {
    writer.name(name).array();
    for (const std::string_view value : values)
        writer.string(value);
    writer.end();
}

}  // namespace

const bundle::Abilities& abilities() {
    static const bundle::Abilities kAbilities{build_facts().version,
                                              {std::begin(kCapabilities), std::end(kCapabilities)}};
    return kAbilities;
}

std::string abilities_json(const attest::RuntimeHash& runtime_hash) {
    std::string out;
    json::Writer writer(out);
    writer.object();
    append_list(writer, "capabilities", kCapabilities);
    append_list(writer, "evidenceFormats", verify::kEvidenceFormats);
    append_list(writer, "languageProfiles", policy::kProfiles);
    writer.name("runtimeHash").string(to_wire(runtime_hash.value()));
    append_list(writer, "schemaVersions", policy::kSchemaVersions);
    writer.name("version").string(abilities().version).end();
    return out;
}

}  // namespace parmana::runtime
