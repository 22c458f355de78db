#include "crypto/pkcs11_frames.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "base/bytes.hpp"

namespace parmana::crypto {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::unexpected<Error> gone(const char* what) {
    return fail(Code::signer_unavailable, what);
}

/// Until when both halves of one frame may take.
class Patience {
  public:
    explicit Patience(int timeout_ms)
        : endless_(timeout_ms < 0), end_(SteadyClock::now() + std::chrono::milliseconds(timeout_ms)) {}

    /// Waits for the events; false when there is no time left.
    bool wait(int socket, short events) const {
        for (;;) {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(end_ - SteadyClock::now());
            if (!endless_ && left.count() <= 0) return false;
            pollfd wanted{socket, events, 0};
            const int ready = ::poll(&wanted, 1, endless_ ? -1 : static_cast<int>(left.count()));
            if (ready > 0) return true;
            if (ready < 0 && errno != EINTR) return false;
        }
    }

  private:
    bool endless_;
    SteadyClock::time_point end_;
};

Status read_exactly(int socket, char* out, std::size_t size, const Patience& patience) {
    while (size > 0) {
        if (!patience.wait(socket, POLLIN)) return gone("parmana-pkcs11 does not answer in time");
        const ssize_t got = ::recv(socket, out, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return gone("parmana-pkcs11 has ended");
        out += got;
        size -= static_cast<std::size_t>(got);
    }
    return {};
}

bool is_word(char c) {
    return std::string_view("OGSksr").find(c) != std::string_view::npos;
}

}  // namespace

Status write_frame(int socket, Pkcs11Word word, std::string_view body, int timeout_ms) {
    if (body.size() >= kPkcs11FrameBytesMax) return gone("the message is too long for a token");
    std::string frame;
    append_u32(frame, static_cast<std::uint32_t>(body.size() + 1));
    frame.push_back(static_cast<char>(word));
    frame += body;
    const Patience patience(timeout_ms);
    for (std::string_view rest = frame; !rest.empty();) {
        if (!patience.wait(socket, POLLOUT)) return gone("parmana-pkcs11 does not read in time");
        const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent <= 0) return gone("parmana-pkcs11 has ended");
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<Pkcs11Frame> read_frame(int socket, int timeout_ms) {
    const Patience patience(timeout_ms);
    char head[5];
    TRY(read_exactly(socket, head, sizeof head, patience));
    const std::size_t size = read_u32({head, 4});
    if (size < 1 || size > kPkcs11FrameBytesMax || !is_word(head[4]))
        return gone("parmana-pkcs11 does not keep to the protocol");
    Pkcs11Frame frame{static_cast<Pkcs11Word>(head[4]), std::string(size - 1, '\0')};
    TRY(read_exactly(socket, frame.body.data(), frame.body.size(), patience));
    return frame;
}

}  // namespace parmana::crypto
