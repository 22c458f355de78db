#include "server/control.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <future>

#include "base/bytes.hpp"
#include "server/server.hpp"

namespace parmana::server {
namespace {

constexpr std::size_t kLineBytesMax = 1024 * 1024;
constexpr std::string_view kChange = "change ";
constexpr int kTimeoutSeconds = 5;

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
    return fail(Code::io_failed, std::string(what) + " `" + path + "`: " + std::strerror(errno));
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail(Code::configuration_invalid,
                    "`" + path + "` is too long for a socket; choose a shorter data path");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// A closing descriptor.
class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {
        const timeval timeout{kTimeoutSeconds, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    }
    ~Socket() { ::close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int descriptor() const { return descriptor_; }
    /// Up to and without the newline; what came when the peer closes first, or its time is over.
    std::string read_line() const {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kTimeoutSeconds);
        std::string line;
        char c = 0;
        while (line.size() < kLineBytesMax && std::chrono::steady_clock::now() < deadline &&
               ::read(descriptor_, &c, 1) == 1 && c != '\n') {
            line.push_back(c);
        }
        return line;
    }
    void write_line(std::string line) const {
        line.push_back('\n');
        std::string_view rest = line;
        while (!rest.empty()) {
            const ssize_t sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;  // the peer has gone; it will see no answer
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

  private:
    int descriptor_;
};

bool is_same_user(int peer) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    return ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
           (credentials.uid == ::geteuid() || credentials.uid == 0);
}

std::string render(const Result<std::string>& answer) {
    if (answer) return "ok " + to_base64(*answer);
    std::string detail = answer.error().detail;
    std::replace(detail.begin(), detail.end(), '\n', ' ');
    return "error " + std::string(wire_name(answer.error().code)) + " " + detail;
}

Result<std::string> publish_checkpoint(runtime::Runtime& runtime) {
    std::promise<Result<std::string>> note;
    runtime.checkpoint([&note](const Result<tlog::Published>& published) {
        note.set_value(published ? Result<std::string>(published->note) : std::unexpected(published.error()));
    });
    return note.get_future().get();
}

Result<std::string> obey(runtime::Runtime& runtime, std::string_view command) {
    if (command == "checkpoint") return publish_checkpoint(runtime);
    if (command.starts_with(kChange))
        return runtime.governance().change(
            TRY(runtime::parse_change_request(command.substr(kChange.size()))));
    return fail(Code::usage, "`" + std::string(command.substr(0, 32)) + "` is not a command");
}

void answer(runtime::Runtime& runtime, const Socket& socket) {
    if (!is_same_user(socket.descriptor()))
        return socket.write_line(render(fail(Code::usage, "the peer is another user")));
    socket.write_line(render(obey(runtime, socket.read_line())));
}

}  // namespace

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(runtime::Runtime& runtime) {
    const std::string path = runtime.data().path() + "/control.sock";
    const auto address = TRY(address_of(path));
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return failed("no socket for", path);
    ::unlink(path.c_str());  // of a server that died: the directory's lock says that none lives
    const mode_t before = ::umask(0177);
    const int bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::umask(before);
    if (bound != 0 || ::listen(listener, 4) != 0) {
        ::close(listener);
        return failed("cannot listen on", path);
    }
    return std::make_unique<ControlSocket>(Key(), runtime, path, listener);
}

ControlSocket::ControlSocket(Key, runtime::Runtime& runtime, std::string path, int listener)
    : runtime_(runtime), path_(std::move(path)), listener_(listener), thread_([this] { run(); }) {}

ControlSocket::~ControlSocket() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ::shutdown(listener_, SHUT_RDWR);              // wakes the accept
        if (peer_ >= 0) ::shutdown(peer_, SHUT_RDWR);  // and whoever is being served
    }
    thread_.join();
    ::close(listener_);
    ::unlink(path_.c_str());
}

void ControlSocket::run() {
    while (true) {
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer >= 0) {
            serve_one(peer);
        } else if (is_stopping()) {
            return;
        } else {
            // Out of descriptors or memory: that passes.
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
}

bool ControlSocket::is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

bool ControlSocket::begin(int peer) {
    const std::lock_guard lock(mutex_);
    peer_ = stopping_ ? -1 : peer;
    return !stopping_;
}

void ControlSocket::serve_one(int peer) {
    const Socket socket(peer);
    if (begin(peer)) answer(runtime_, socket);
    begin(-1);
}

Result<std::string> ask_server(const std::string& data_path, std::string_view command) {
    const std::string path = data_path + "/control.sock";
    const auto address = TRY(address_of(path));
    const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int descriptor = socket.descriptor();
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return fail(Code::data_missing, "no server listens on `" + path + "`");
    }
    socket.write_line(std::string(command));
    const std::string answer = socket.read_line();
    if (answer.starts_with("error ")) {
        const std::size_t end = answer.find(' ', 6);
        const auto code = code_from_wire(std::string_view(answer).substr(6, end - 6));
        if (code && end != std::string::npos) return fail(*code, answer.substr(end + 1));
    }
    if (!answer.starts_with("ok ")) return fail(Code::io_failed, "the server answered: " + answer);
    auto bytes = from_base64(answer.substr(3));
    if (!bytes) return fail(Code::io_failed, "the server's answer is malformed");
    return *std::move(bytes);
}

}  // namespace parmana::server
