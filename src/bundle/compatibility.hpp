// Whether a policy may govern in this program: what its manifest asks for, compared with what the program
// can. Pure.
#pragma once

#include <string>
#include <vector>

#include "bundle/bundle.hpp"

namespace parmana::bundle {

/// What one program is and can.
struct Abilities {
    std::string version;                    // of the program
    std::vector<std::string> capabilities;  // in ascending order
};

/// The manifest is of a language profile and a version of policy documents that this program reads: else its
/// policy can be neither right nor wrong here. Errors: profile_unknown, schema_unknown.
Status check_language(const Manifest& manifest);

/// The program reads the policy and has all that the manifest requires. The first mismatch is told precisely.
/// Errors: profile_unknown, schema_unknown, runtime_incompatible.
Status check_compatible(const Manifest& manifest, const Abilities& abilities);

/// By the precedence of SemVer 2.0.0 §11; what stands behind `+` does not count. Both are semantic versions.
bool version_less(std::string_view a, std::string_view b);

}  // namespace parmana::bundle
