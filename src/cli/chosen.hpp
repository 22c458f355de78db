// What the command line chose. Private to the module.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "cli/cli.hpp"

namespace parmana::cli {

using Command = std::function<Result<int>()>;

/// Arguments live as long as the callback that uses them.
template <class Arguments>
void on_chosen(CLI::App* command, Command& run, std::shared_ptr<Arguments> arguments,
               Result<int> (*function)(const Arguments&)) {
    command->callback(
        [&run, arguments, function] { run = [arguments, function] { return function(*arguments); }; });
}

/// The commands of policies', keys' and releases' lives; `run` gets the chosen one.
void add_change_commands(CLI::App& policy, Command& run);
void add_trust_commands(CLI::App& trust, Command& run);
void add_rotation(CLI::App& keys, Command& run);
void add_release_commands(CLI::App& release, Command& run);

}  // namespace parmana::cli
