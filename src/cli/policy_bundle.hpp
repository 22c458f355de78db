// Bundles as files: one file holds the signed manifest and every file that it names.
#pragma once

#include <string>

#include "base/result.hpp"
#include "bundle/bundle.hpp"

namespace parmana::cli {

/// The text is that of a bundle file, good or not, and not that of a policy.
bool is_bundle(std::string_view text);

/// Reads a bundle of one file; its bytes are read once. Its signatures and files are not judged. Errors:
/// policy_unsigned for a file that is none, io_failed.
Result<bundle::Bundle> read_bundle(const std::string& path);

/// Where the bundle has a `policy.yaml`, `policy.json` is byte for byte what it builds to. Errors:
/// policy_altered, policy_invalid with the first finding.
Status check_source(const bundle::Files& files);

/// A bundle that may be installed once its signatures were judged: its files are those of the manifest, and
/// what it was made from says what it does. Errors: of read_bundle and check_source, policy_altered,
/// policy_invalid, profile_unknown, schema_unknown.
Result<bundle::Bundle> read_bundle_for_activation(const std::string& path);

}  // namespace parmana::cli
