#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>

namespace parmana::bench {
namespace {

[[noreturn]] void run_child(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                            int out) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(out, 1) < 0) _exit(127);
    std::vector<std::string> words = argv;
    std::vector<std::string> settings = environment;
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    for (std::string& setting : settings)
        putenv(setting.data());
    execv(pointers[0], pointers.data());
    _exit(127);
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& argv,
                               const std::vector<std::string>& environment) {
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::io_failed, "cannot make a pipe");
    const pid_t pid = fork();
    if (pid == 0) run_child(argv, environment, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return fail(Code::io_failed, "cannot start `" + argv[0] + "`");
    }
    return Process(pid, ends[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(other.pid_), out_(other.out_), pending_(std::move(other.pending_)) {
    other.pid_ = -1;
    other.out_ = -1;
}

Process::~Process() {
    if (out_ >= 0) close(out_);
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

Result<std::string> Process::read_line(int timeout_ms) {
    for (;;) {
        if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            return line;
        }
        pollfd ready{.fd = out_, .events = POLLIN, .revents = 0};
        std::array<char, 4096> buffer;
        if (poll(&ready, 1, timeout_ms) != 1) return fail(Code::io_failed, "no output in time");
        const ssize_t got = read(out_, buffer.data(), buffer.size());
        if (got <= 0) return fail(Code::io_failed, "the output ended early");
        pending_.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

Result<int> Process::wait(int timeout_ms) {
    for (int waited_ms = 0; waited_ms <= timeout_ms; waited_ms += 5) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        usleep(5000);
    }
    return fail(Code::io_failed, "a program did not end in time");
}

Result<double> Process::cpu_seconds() const {
    clockid_t clock;
    timespec time;
    if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return fail(Code::io_failed, "cannot read the processor time of a program");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Result<int> Process::terminate(int timeout_ms) {
    kill(pid_, SIGTERM);
    return wait(timeout_ms);
}

Result<std::string> run_program(const std::vector<std::string>& argv, int timeout_ms) {
    auto process = TRY(Process::start(argv, {}));
    auto line = process.read_line(timeout_ms);
    const int status = TRY(process.wait(timeout_ms));
    if (status != 0) return fail(Code::io_failed, "`" + argv[0] + "` ended with " + std::to_string(status));
    return line;
}

}  // namespace parmana::bench
