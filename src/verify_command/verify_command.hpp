// `parmana verify` and `parmana-verify`: files in, report on stdout, exit code out. Links no store, server or
// network.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"

namespace parmana {

struct VerifyArguments {
    std::string file;
    std::optional<std::string> trust;
    std::optional<std::string> witnesses;  // a C2SP tlog-policy file
    std::optional<std::string> since;      // a file with the note of a head that the verifier holds
    std::optional<std::string> at;         // a time (RFC 3339): when to judge expiry
    bool json = false;
};

/// Judges the file and prints the report. An export of any size is read line by line, with its progress on
/// stderr when that is a terminal; any other file as a whole. Returns 0 valid, 1 invalid, 3 not fully judged.
/// Errors (exit 2): io_failed for a file that cannot be read, trust_invalid and json_* for a trust root that
/// is none.
Result<int> run_verify(const VerifyArguments& arguments);

/// A whole file of at most `limits::kVerifyBodyBytesMax` bytes. Errors: io_failed.
Result<std::string> read_small_file(const std::string& path);

}  // namespace parmana
