// What a program around a server needs: where it listens, and the signals that stop it.
#pragma once

#include <signal.h>

#include <atomic>
#include <string>
#include <thread>

#include "http/http.hpp"

namespace parmana::http {

/// Options with the address and port of `ADDRESS:PORT`; an IPv6 address may stand in brackets. Errors: usage.
Result<Options> parse_listen(const std::string& listen);

/// Blocks SIGTERM and SIGINT in this thread and in every thread that it starts afterwards, and ignores
/// SIGPIPE.
sigset_t block_stop_signals();

/// Waits for a stop signal on a thread of its own, as long as it lives: shorter than the server.
class StopWatch {
  public:
    StopWatch(const sigset_t& signals, Server& server, int grace_ms);
    ~StopWatch();
    StopWatch(const StopWatch&) = delete;
    StopWatch& operator=(const StopWatch&) = delete;

  private:
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

}  // namespace parmana::http
