// For the tests: a raw client, and a server that runs while the test does.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "http/http.hpp"

namespace parmana::http {

struct Reply {
    int status = 0;  // 0: the connection ended before an answer was complete
    std::string head;
    std::string body;
};

/// A blocking socket. Every read gives up after ten seconds, so that a failing test ends.
class Peer {
  public:
    explicit Peer(std::uint16_t port, int receive_buffer_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (receive_buffer_bytes > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~Peer() { close(); }
    Peer(Peer&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          connected_(other.connected_),
          received_(std::move(other.received_)) {}

    bool is_connected() const { return connected_; }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void finish() { ::shutdown(fd_, SHUT_WR); }

    /// False when the server has gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }

    /// The next answer; `with_body` is false for the answer to a HEAD.
    Reply read(bool with_body = true) {
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos)
            if (!receive()) return {};
        Reply reply;
        reply.head = received_.substr(0, end + 4);
        const std::size_t at = reply.head.find("Content-Length: ");
        const bool has_body = with_body && at != std::string::npos;
        const std::size_t size = has_body ? std::stoul(reply.head.substr(at + 16)) : 0;
        while (received_.size() < end + 4 + size)
            if (!receive()) return {};
        reply.status = std::stoi(reply.head.substr(9, 3));
        reply.body = received_.substr(end + 4, size);
        received_.erase(0, end + 4 + size);
        return reply;
    }

    /// Whether the server has closed, with nothing unread before it.
    bool is_at_end() { return received_.empty() && !receive() && ended_; }
    /// Whether something can be read, or the connection has ended, within the time.
    bool is_silent_for(std::chrono::milliseconds time) {
        const timeval patience{.tv_sec = 0, .tv_usec = time.count() * 1000};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const bool silent = received_.empty() && !receive() && !ended_;
        const timeval usual{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &usual, sizeof usual);
        return silent;
    }

  private:
    bool receive() {
        char bytes[64 * 1024];
        const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
        if (size == 0 || (size < 0 && errno != EAGAIN)) ended_ = true;
        if (size <= 0) return false;
        received_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    int fd_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

inline Response problem_of(const Error& error) {
    const CodeRow& row = row_of(error.code);
    return {row.http_status, "application/problem+json", std::string(row.wire)};
}

/// The largest body on every path of the test servers.
inline constexpr std::size_t kBodyBytesMax = 100'000;

/// The answer of most test handlers: what the request said.
inline Response echo_of(const Request& request) {
    return {200, "text/plain",
            request.method + " " + request.path + " " + request.query + " " + request.body};
}

inline Options test_options() {
    Options options;
    options.port = 0;
    return options;
}

class RunningServer {
  public:
    explicit RunningServer(Handler handler, Options options = test_options()) {
        auto made = make_server(
            options, [](std::string_view, std::string_view) { return kBodyBytesMax; }, std::move(handler),
            problem_of);
        if (!made) ADD_FAILURE() << made.error().detail;
        server_ = *std::move(made);
        thread_ = std::thread([this] { server_->run(); });
    }
    ~RunningServer() { stop(1'000); }

    void stop(int grace_ms) {
        server_->stop(grace_ms);
        join();
    }
    void join() {
        if (thread_.joinable()) thread_.join();
    }
    Server& server() { return *server_; }
    std::uint16_t port() const { return server_->port(); }
    /// The Host line of a well-behaved client.
    std::string host() const { return "Host: 127.0.0.1:" + std::to_string(port()) + "\r\n"; }
    std::string get(std::string_view path, std::string_view more = "") const {
        return "GET " + std::string(path) + " HTTP/1.1\r\n" + host() + std::string(more) + "\r\n";
    }
    std::string post(std::string_view path, std::string_view body, std::string_view more = "") const {
        return "POST " + std::string(path) + " HTTP/1.1\r\n" + host() + std::string(more) +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }

  private:
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

/// Answers at once on the connection's own thread.
inline void answer_echo(Request request, Responder respond) {
    respond(echo_of(request));
}

}  // namespace parmana::http
