// The server: the runtime behind HTTP on loopback, with a control socket for the commands of its operator.
#pragma once

#include <string>

#include "base/result.hpp"
#include "runtime/data_directory.hpp"

namespace parmana::server {

struct ServeOptions {
    std::string listen = "127.0.0.1:3000";  // ADDRESS:PORT; port 0 lets the system choose
    std::string high_water;                 // a file outside the data directory; empty: none
    std::string witnesses;                  // a C2SP tlog-policy file; empty: none
};

/// Serves until SIGTERM or SIGINT, then drains, commits, publishes a last checkpoint and returns. Prints the
/// ready line on stdout when it listens. Errors: those of Runtime::open, listen_refused, io_failed;
/// store_unavailable when a durable write failed and it stopped for that.
Status serve(runtime::DataDirectory data, const ServeOptions& options);

/// Asks the server that holds the directory to do one thing; its answer. Errors: data_missing when no server
/// listens, and what the server says.
Result<std::string> ask_server(const std::string& data_path, std::string_view command);

}  // namespace parmana::server
