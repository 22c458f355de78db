#include "load_client.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "load_message.hpp"

namespace parmana::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStall = 15 * kSecond;
constexpr std::size_t kReadBytes = 64 * 1024;

std::int64_t now_ns() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * kSecond + time.tv_nsec;
}

double cpu_now() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct InFlight {
    std::int64_t number;
    std::int64_t sent_ns;
};

struct Connection {
    int fd = -1;
    bool wants_write = false;
    bool queued = false;  // stands in Client::free_
    std::string out;
    std::size_t out_done = 0;
    std::string in;
    std::size_t in_size = 0;
    std::deque<InFlight> in_flight;
};

class Client {
  public:
    Client(const LoadOptions& options, Report& report)
        : options_(options),
          report_(report),
          request_(options),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          connections_(static_cast<std::size_t>(options.connections)) {}
    ~Client();

    LoadResult run();

  private:
    bool connect_all();
    bool may_send() const;
    void send_next(Connection& connection);
    void fill();
    void flush(Connection& connection);
    void receive(Connection& connection);
    bool take_answers(Connection& connection, std::int64_t now);
    void drop(Connection& connection, Ending why);
    void offer(Connection& connection);
    void worsen(Ending ending) {
        if (ending > ending_) ending_ = ending;
    }

    const LoadOptions& options_;
    Report& report_;
    RequestTemplate request_;
    int epoll_;
    std::vector<Connection> connections_;
    std::vector<Connection*> free_;
    std::int64_t next_ = 0;
    std::int64_t stop_ns_ = INT64_MAX;
    bool in_time_ = true;
    std::int64_t last_answer_ns_ = 0;
    std::int64_t waiting_ = 0;
    int open_ = 0;
    std::string id_;
    Ending ending_ = Ending::complete;
};

Client::~Client() {
    for (const Connection& connection : connections_)
        if (connection.fd >= 0) close(connection.fd);
    close(epoll_);
}

bool Client::connect_all() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (Connection& connection : connections_) {
        connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection.fd < 0) return false;
        if (connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return false;
        const int on = 1;
        setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(connection.fd, F_SETFL, O_NONBLOCK);
        epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) != 0) return false;
        connection.in.resize(kReadBytes);
        ++open_;
    }
    return true;
}

bool Client::may_send() const {
    return in_time_ && (options_.requests == 0 || next_ < options_.requests);
}

void Client::offer(Connection& connection) {
    if (connection.queued || connection.fd < 0) return;
    connection.queued = true;
    free_.push_back(&connection);
}

void Client::send_next(Connection& connection) {
    const std::int64_t identity = next_ / options_.copies;
    const std::int64_t copy = next_ % options_.copies;
    // A fixed walk over the amounts up to 60000: each of the three verdicts of the policy occurs.
    const std::int64_t amount = identity * 7919 % 60'000 + options_.amount + (options_.vary ? copy : 0);
    const std::int64_t first = identity * std::max(options_.batch, 1);
    request_.append(connection.out, first, amount);
    connection.in_flight.push_back({first, now_ns()});
    ++next_;
    ++waiting_;
}

// Gives each free connection one request a turn until none is free, then writes.
void Client::fill() {
    in_time_ = now_ns() < stop_ns_;
    bool progress = true;
    while (progress && may_send()) {
        progress = false;
        for (Connection* connection : free_) {
            if (connection->fd < 0 || !may_send()) continue;
            if (connection->in_flight.size() >= static_cast<std::size_t>(options_.pipeline)) continue;
            send_next(*connection);
            progress = true;
        }
    }
    for (Connection* connection : free_) {
        connection->queued = false;
        if (connection->fd >= 0) flush(*connection);
    }
    free_.clear();
}

void Client::flush(Connection& connection) {
    while (connection.out_done < connection.out.size()) {
        const ssize_t sent = send(connection.fd, connection.out.data() + connection.out_done,
                                  connection.out.size() - connection.out_done, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return drop(connection, Ending::disconnected);
        if (sent < 0) break;
        connection.out_done += static_cast<std::size_t>(sent);
    }
    const bool left = connection.out_done < connection.out.size();
    if (!left) {
        connection.out.clear();
        connection.out_done = 0;
    }
    if (left == connection.wants_write) return;
    connection.wants_write = left;
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    if (left) event.events |= EPOLLOUT;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Client::receive(Connection& connection) {
    if (connection.in_size == connection.in.size()) connection.in.resize(2 * connection.in.size());
    const ssize_t got = recv(connection.fd, connection.in.data() + connection.in_size,
                             connection.in.size() - connection.in_size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return drop(connection, Ending::disconnected);
    connection.in_size += static_cast<std::size_t>(got);
    const std::int64_t now = now_ns();
    last_answer_ns_ = now;
    if (!take_answers(connection, now)) return drop(connection, Ending::misplaced);
    offer(connection);
}

bool Client::take_answers(Connection& connection, std::int64_t now) {
    std::string_view rest(connection.in.data(), connection.in_size);
    while (!rest.empty()) {
        Answer answer;
        const Parsed parsed = parse_answer(rest, options_.batch, answer);
        if (parsed == Parsed::partial) break;
        if (parsed == Parsed::malformed || connection.in_flight.empty()) return false;
        const InFlight request = connection.in_flight.front();
        id_.assign(options_.ids).append("-").append(std::to_string(request.number));
        if (!answer.execution_id.empty() && answer.execution_id != id_) return false;
        report_.answered(id_, answer.status, answer.word, now - request.sent_ns);
        connection.in_flight.pop_front();
        --waiting_;
        rest.remove_prefix(answer.size);
    }
    if (!rest.empty()) std::memmove(connection.in.data(), rest.data(), rest.size());
    connection.in_size = rest.size();
    return true;
}

void Client::drop(Connection& connection, Ending why) {
    // A close between requests, after the last of them, is no loss.
    if (why != Ending::disconnected || !connection.in_flight.empty() || may_send()) worsen(why);
    for (const InFlight& request : connection.in_flight) {
        report_.unanswered(options_.ids + "-" + std::to_string(request.number));
        --waiting_;
    }
    connection.in_flight.clear();
    close(connection.fd);
    connection.fd = -1;
    --open_;
}

LoadResult Client::run() {
    if (!connect_all()) return {Ending::disconnected, 1, 0};
    const std::int64_t start = now_ns();
    const double cpu_start = cpu_now();
    if (options_.seconds > 0) stop_ns_ = start + static_cast<std::int64_t>(options_.seconds * 1e9);
    last_answer_ns_ = start;
    for (Connection& connection : connections_)
        offer(connection);
    fill();
    std::array<epoll_event, 256> events;
    while (open_ > 0 && waiting_ > 0) {
        const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            auto& connection = *static_cast<Connection*>(event.data.ptr);
            if (connection.fd >= 0 && (event.events & EPOLLOUT) != 0) flush(connection);
            if (connection.fd >= 0 && (event.events & ~std::uint32_t{EPOLLOUT}) != 0) receive(connection);
        }
        if (now_ns() - last_answer_ns_ > kStall) break;
        fill();
    }
    const double seconds = static_cast<double>(last_answer_ns_ - start) * 1e-9;
    const double cpu = cpu_now() - cpu_start;
    for (Connection& connection : connections_)
        if (connection.fd >= 0 && !connection.in_flight.empty()) drop(connection, Ending::stalled);
    return {ending_, std::max(seconds, 1e-6), cpu};
}

}  // namespace

LoadResult run_load(const LoadOptions& options, Report& report) {
    return Client(options, report).run();
}

}  // namespace parmana::bench
