// Child processes of the serve benchmarks: started with the parent's death as their own, stopped by
// pid only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace parmana::bench {

class Process {
  public:
    /// Starts `argv` with its stdout on a pipe; stderr is ours. `environment` holds NAME=VALUE,
    /// added to our own. Errors: io_failed.
    static Result<Process> start(const std::vector<std::string>& argv,
                                 const std::vector<std::string>& environment);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    ~Process();  // SIGKILL when it still runs

    /// The next line of stdout without its end, within `timeout_ms` (io_failed).
    Result<std::string> read_line(int timeout_ms);
    /// Waits for the end; the exit status, or 128 + signal (io_failed after `timeout_ms`).
    Result<int> wait(int timeout_ms);
    /// Processor time used so far, of all threads (io_failed once it has ended).
    Result<double> cpu_seconds() const;
    /// SIGTERM, then wait.
    Result<int> terminate(int timeout_ms);

  private:
    Process(pid_t pid, int out) : pid_(pid), out_(out) {}
    pid_t pid_;
    int out_;
    std::string pending_;
};

/// Runs to the end and returns its first line of output (io_failed when it fails or is silent).
Result<std::string> run_program(const std::vector<std::string>& argv, int timeout_ms);

}  // namespace parmana::bench
