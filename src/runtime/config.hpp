// The configuration of one data directory: DIR/config.json with PARMANA_* overrides. Unknown keys are
// refused.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace parmana::runtime {

struct Config {
    /// Requests without an executionId get one derived from their content; otherwise they are refused.
    bool allow_derived_ids = false;
    /// Most decisions in one durable write. 1 syncs after each: for measuring what group commit is worth.
    std::int64_t commit_batch_max = 1024;
    /// A signed head is published over new entries at least this often, and sooner when this many have come.
    std::int64_t checkpoint_interval_ms = 1000;
    std::int64_t checkpoint_entries_max = 256;
    /// Entries of one file of the index below cache/: a start reads those that no file covers.
    std::int64_t index_file_entries = 65'536;
    /// Threads that serve connections; 0 takes one per processor.
    std::int64_t threads = 0;
    /// Where the key files are: absolute, or relative to the data directory.
    std::string keys_directory = "keys";
    /// An absolute path: the passphrase of encrypted key files. Empty: the credential `parmana-passphrase` of
    /// systemd.
    std::string key_passphrase_file;
    /// What remembers the newest head outside the data directory: a file, and the policy file of witnesses
    /// (C2SP tlog-policy). Empty: none.
    std::string high_water;
    std::string witnesses;
    /// Most identities that the store takes.
    std::int64_t identities_max = 50'000'000;

    bool operator==(const Config&) const = default;
};

/// Errors: configuration_invalid with the name of the key.
Result<Config> parse_config(std::string_view text);
/// Applies PARMANA_ and the name of each key in upper case from the environment. Errors:
/// configuration_invalid.
Result<Config> with_environment(Config config);
std::string render_config(const Config& config);

}  // namespace parmana::runtime
