// Policies as they lie in an author's directory: the YAML source, the JSON that it builds to, and the tests.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "bundle/bundle.hpp"

namespace parmana::cli {

/// A policy file and what belongs to it.
struct PolicySource {
    std::string path;     // of the source: policy.yaml, or policy.json where there is no YAML
    std::string json;     // what runs
    bundle::Files files;  // of its bundle: policy.json, and policy.yaml and tests.yaml where they are
};

bool is_yaml(const std::string& path);

/// The sources at or below the paths: files as they are named, and in directories every policy.yaml, and
/// policy.json where there is no YAML. Errors: usage when there is none, io_failed.
Result<std::vector<std::string>> find_policies(const std::vector<std::string>& paths);

/// Reads and builds the policy of a file, or the one in a directory. Each file is read once, and none through
/// a symbolic link. A policy.json beside the source must be, byte for byte, what the source builds to.
/// Errors: policy_invalid with the first finding, policy_altered, io_failed.
Result<PolicySource> read_policy(const std::string& path);

/// Builds the source alone, whatever lies beside it. Errors: policy_invalid with the first finding.
Result<std::string> build_policy(const std::string& path, const std::string& source);

}  // namespace parmana::cli
