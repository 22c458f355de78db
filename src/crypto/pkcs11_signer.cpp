#include "crypto/pkcs11_signer.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <mutex>

#include "base/invariant.hpp"
#include "crypto/pkcs11_frames.hpp"
#include "crypto/secret_file.hpp"

namespace parmana::crypto {
namespace {

constexpr int kAnswerTimeoutMs = 10'000;
constexpr int kEndTimeoutMs = 2'000;

std::unexpected<Error> unavailable(const std::string& why) {
    return fail(Code::signer_unavailable, "the signing token: " + why);
}

/// The attributes of the child: a process group of its own, so that a Ctrl-C at the terminal does not take it
/// before the server has signed its last head, and no blocked signal.
class SpawnSettings {
  public:
    explicit SpawnSettings(int socket) {
        INVARIANT(::posix_spawn_file_actions_init(&actions_) == 0 &&
                  ::posix_spawnattr_init(&attributes_) == 0);
        sigset_t none;
        ::sigemptyset(&none);
        constexpr short kFlags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK;
        INVARIANT(::posix_spawnattr_setflags(&attributes_, kFlags) == 0 &&
                  ::posix_spawnattr_setsigmask(&attributes_, &none) == 0 &&
                  ::posix_spawnattr_setpgroup(&attributes_, 0) == 0);
        INVARIANT(::posix_spawn_file_actions_adddup2(&actions_, socket, 0) == 0 &&
                  ::posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0) == 0 &&
                  ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3) == 0);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
};

/// parmana-pkcs11 and our end of the socket pair. It ends when the socket does.
class Child {
  public:
    static Result<Child> start(const std::string& program) {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            return unavailable(std::strerror(errno));
        Child child(ends[0]);
        const Descriptor theirs(ends[1]);
        const SpawnSettings settings(theirs.number());
        std::string name = program;
        char* arguments[] = {name.data(), nullptr};
        const int error = ::posix_spawn(&child.process_, program.c_str(), settings.actions(),
                                        settings.attributes(), arguments, environ);
        if (error != 0) {
            child.process_ = -1;
            return unavailable("`" + program + "` cannot be started: " + std::strerror(error));
        }
        return child;
    }
    ~Child() {
        {
            const Descriptor closed(std::move(socket_));
        }
        if (process_ < 0) return;
        for (int waited = 0; waited < kEndTimeoutMs; waited += 5) {
            if (::waitpid(process_, nullptr, WNOHANG) != 0) return;
            const timespec pause{0, 5'000'000};
            ::nanosleep(&pause, nullptr);
        }
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&& other) noexcept
        : socket_(std::move(other.socket_)), process_(std::exchange(other.process_, -1)) {}

    /// The answer, which is a refusal or `expected` with so many bytes.
    Result<Pkcs11Frame> ask(Pkcs11Word question, std::string_view body, Pkcs11Word expected,
                            std::size_t size) const {
        TRY(write_frame(socket_.number(), question, body, kAnswerTimeoutMs));
        Pkcs11Frame answer = TRY(read_frame(socket_.number(), kAnswerTimeoutMs));
        const bool good =
            answer.word == Pkcs11Word::refused || (answer.word == expected && answer.body.size() == size);
        if (!good) return unavailable("parmana-pkcs11 does not keep to the protocol");
        return answer;
    }

  private:
    explicit Child(int socket) : socket_(socket) {}

    Descriptor socket_;
    pid_t process_ = -1;
};

Result<PublicKey> ask_for_key(const Child& child, Pkcs11Word question, const std::string& uri) {
    const Pkcs11Frame answer = TRY(child.ask(question, uri, Pkcs11Word::key, sizeof(PublicKey)));
    if (answer.word == Pkcs11Word::refused) return unavailable(answer.body);
    const PublicKey key(*array_from<32>(answer.body));
    TRY(check_public_key(key));
    return key;
}

class Pkcs11Signer final : public Signer {
  public:
    Pkcs11Signer(Child child, const PublicKey& key) : child_(std::move(child)), public_key_(key) {}

    Result<Signature> sign(std::string_view message) const override {
        const std::lock_guard lock(mutex_);
        if (broken_) return unavailable("parmana-pkcs11 failed before; it is started again with the server");
        auto answer = child_.ask(Pkcs11Word::sign, message, Pkcs11Word::signature, sizeof(Signature));
        if (!answer) {
            // A late answer would be taken for that to the next question.
            broken_ = true;
            return std::unexpected(answer.error());
        }
        if (answer->word == Pkcs11Word::refused) return unavailable(answer->body);
        const Signature signature(*array_from<64>(answer->body));
        if (!verify(public_key_, message, signature)) {
            broken_ = true;
            return unavailable("it gave a signature that is not one of its key");
        }
        return signature;
    }
    const PublicKey& public_key() const override { return public_key_; }

  private:
    mutable std::mutex mutex_;
    mutable bool broken_ = false;
    Child child_;
    PublicKey public_key_;
};

}  // namespace

Result<std::string> pkcs11_program() {
    std::array<char, 4096> text;
    const ssize_t size = ::readlink("/proc/self/exe", text.data(), text.size());
    const std::string_view self(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    const std::size_t slash = self.rfind('/');
    if (slash == std::string_view::npos) return unavailable("the place of this program cannot be read");
    std::string program = std::string(self.substr(0, slash + 1)) + "parmana-pkcs11";
    if (::access(program.c_str(), X_OK) != 0) return unavailable("there is no `" + program + "`");
    return program;
}

Result<std::unique_ptr<Signer>> start_pkcs11_signer(const std::string& program, const std::string& uri) {
    Child child = TRY(Child::start(program));
    const PublicKey key = TRY(ask_for_key(child, Pkcs11Word::open, uri));
    return std::make_unique<Pkcs11Signer>(std::move(child), key);
}

Result<PublicKey> generate_in_token(const std::string& program, const std::string& uri) {
    const Child child = TRY(Child::start(program));
    return ask_for_key(child, Pkcs11Word::generate, uri);
}

}  // namespace parmana::crypto
