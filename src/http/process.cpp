#include "http/process.hpp"

#include <charconv>

#include "base/log.hpp"

namespace parmana::http {

Result<Options> parse_listen(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    Options options;
    std::uint16_t port = 0;
    const char* end = listen.data() + listen.size();
    const auto parsed = colon == std::string::npos ? std::from_chars(end, end, port)
                                                   : std::from_chars(listen.data() + colon + 1, end, port);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        return fail(Code::usage, "`" + listen + "` is not ADDRESS:PORT");
    }
    options.address = listen.substr(0, colon);
    if (options.address.starts_with('[') && options.address.ends_with(']')) {
        options.address = options.address.substr(1, options.address.size() - 2);
    }
    options.port = port;
    return options;
}

sigset_t block_stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGUSR1);  // our own, to end the waiting; from anyone else it means nothing
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return signals;
}

StopWatch::StopWatch(const sigset_t& signals, Server& server, int grace_ms)
    : thread_([this, signals, &server, grace_ms] {
          int signal = SIGUSR1;
          while (signal == SIGUSR1 && !done_)
              ::sigwait(&signals, &signal);
          if (done_) return;
          log::line(log::Level::info, "stopping", {{"signal", std::int64_t{signal}}});
          server.stop(grace_ms);
      }) {}

StopWatch::~StopWatch() {
    done_ = true;
    ::pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
}

}  // namespace parmana::http
