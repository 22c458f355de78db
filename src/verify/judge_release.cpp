#include "verify/judge_release.hpp"

namespace parmana::verify {
namespace {

/// Why the enclosed release does not admit the runtime; empty when it does.
std::string find_fault(const std::string& digest, const std::string& runtime_digest,
                       const dsse::Signed* enclosed, const trust::History* trust, std::uint64_t index) {
    if (enclosed == nullptr) return "the release that the statement names is not enclosed";
    if (to_hex(view_of(crypto::sha256(enclosed->payload))) != digest)
        return "the enclosed release is not the one that the statement names";
    const auto manifest = release::parse_manifest(enclosed->payload);
    if (!manifest) return manifest.error().detail;
    const auto bytes = from_hex(runtime_digest);
    const auto hash = bytes ? array_from<32>(*bytes) : std::nullopt;
    if (!hash) return "the runtime has no hash";
    if (const Status admitted = release::check_runtime(*manifest, *hash); !admitted)
        return admitted.error().detail;
    if (trust == nullptr) return {};
    const Status judged = release::check_history(*enclosed, *trust, index);
    return judged ? "" : judged.error().detail;
}

}  // namespace

Check judge_release(const std::optional<attest::SaidRelease>& said, const std::string& runtime_digest,
                    const dsse::Signed* enclosed, const trust::History* trust, std::uint64_t index) {
    constexpr auto name = "release";
    if (!said || !said->digest) {
        if (enclosed != nullptr)
            return {name, Outcome::failed, "a release is enclosed that the statement does not name"};
        if (trust == nullptr) return {name, Outcome::not_judged, "no trust root was given"};
        if (said && !trust->at(index).keys(trust::Role::release).empty())
            return {name, Outcome::failed,
                    "the trust root asks for a release, and the runtime decided without one"};
        return {name, Outcome::passed,
                said ? "DEVELOPMENT: no release admits the runtime, and the trust root asks for none"
                     : "decided before there were releases"};
    }
    const std::string fault = find_fault(*said->digest, runtime_digest, enclosed, trust, index);
    if (!fault.empty()) return {name, Outcome::failed, fault};
    if (trust == nullptr) return {name, Outcome::not_judged, "no trust root was given"};
    return {name, Outcome::passed,
            "release " + release::parse_manifest(enclosed->payload)->version +
                " admits the runtime, sha256:" + *said->digest};
}

}  // namespace parmana::verify
