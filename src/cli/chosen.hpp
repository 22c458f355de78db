// What the command line chose. Private to the module.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/cli.hpp"

namespace parmana::cli {

using Command = std::function<Result<int>()>;

/// The commands of policies' and keys' lives; `run` gets the chosen one.
void add_change_commands(CLI::App& policy, Command& run);
void add_trust_commands(CLI::App& trust, Command& run);
void add_rotation(CLI::App& keys, Command& run);

}  // namespace parmana::cli
