// Any bytes as a governance document. What is built is a policy in canonical form; formatted it builds to the
// same bytes, and formatting it again changes nothing. What is not built says why, at places in the text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "authoring/format.hpp"
#include "authoring/governance.hpp"
#include "base/invariant.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {
namespace {

void check_findings(std::string_view source, const Findings& findings) {
    INVARIANT(!findings.empty() && std::ranges::is_sorted(findings));
    const auto lines = static_cast<std::size_t>(std::ranges::count(source, '\n')) + 1;
    for (const Finding& finding : findings) {
        INVARIANT(finding.line >= 1 && finding.line <= lines && finding.column >= 1);
        INVARIANT(!finding.message.empty() && json::is_utf8(finding.message));
    }
}

void try_document(std::string_view source) {
    const auto built = build(source);
    const auto formatted = format_policy(source);
    if (!built) {
        check_findings(source, built.error());
        INVARIANT(!formatted && formatted.error() == built.error());
        return;
    }
    INVARIANT(policy::compile(*built).has_value() && json::is_canonical(json::parse(*built).value()));
    if (!formatted) return check_findings(source, formatted.error());  // too long a key or text
    INVARIANT(build(*formatted) == built);
    INVARIANT(format_policy(*formatted) == formatted);
}

}  // namespace
}  // namespace parmana::authoring

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parmana::authoring::try_document({reinterpret_cast<const char*>(data), size});
    return 0;
}
