// The side of a token: started by parmana, never by hand. It loads the PKCS#11 module that a static program
// cannot, and answers on its standard input, a socket, until that ends (pkcs11_frames.hpp says what is
// spoken).
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "base/secret.hpp"
#include "crypto/pkcs11_frames.hpp"
#include "token.hpp"

namespace {

using parmana::Result;
using parmana::Status;
using parmana::crypto::Pkcs11Frame;
using parmana::crypto::Pkcs11Word;

constexpr int kSocket = STDIN_FILENO;
constexpr int kEver = -1;

pid_t parent;

/// The signal comes when the thread that started us ends, too: only the end of its process is ours.
void end_with_parent(int) {
    if (::getppid() != parent) ::_exit(0);
}

void live_as_long_as_the_parent() {
    parent = ::getppid();
    struct sigaction action{};
    action.sa_handler = end_with_parent;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
    // A service manager signals all processes of the service: the server still signs its last head then, and
    // ends this one by closing the socket.
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        ::signal(number, SIG_IGN);
}

bool is_socket(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

Status answer(Pkcs11Word word, const Result<std::string>& result) {
    if (result) return write_frame(kSocket, word, *result, kEver);
    return write_frame(kSocket, Pkcs11Word::refused, result.error().detail, kEver);
}

Result<std::string> first(const Pkcs11Frame& question, std::unique_ptr<parmana::pkcs11::Token>& token) {
    if (question.word != Pkcs11Word::open && question.word != Pkcs11Word::generate)
        return parmana::fail(parmana::Code::signer_unavailable, "no key was opened");
    token = TRY(parmana::pkcs11::open_token(TRY(parmana::crypto::parse_pkcs11_uri(question.body))));
    const auto key = TRY(question.word == Pkcs11Word::generate ? token->generate_key() : token->find_key());
    return std::string(parmana::view_of(key.value()));
}

Status serve() {
    std::unique_ptr<parmana::pkcs11::Token> token;
    const Pkcs11Frame question = TRY(parmana::crypto::read_frame(kSocket, kEver));
    const auto key = first(question, token);
    TRY(answer(Pkcs11Word::key, key));
    while (key) {
        const Pkcs11Frame next = TRY(parmana::crypto::read_frame(kSocket, kEver));
        if (next.word != Pkcs11Word::sign) break;
        TRY(answer(Pkcs11Word::signature, token->sign(next.body)));
    }
    return {};
}

}  // namespace

int main(int argc, char**) {
    if (argc != 1 || !is_socket(kSocket)) {
        std::fputs("parmana-pkcs11 is started by parmana, for keys in a PKCS#11 token\n", stderr);
        return 2;
    }
    live_as_long_as_the_parent();
    parmana::keep_memory_private();
    // The end of the socket is the end in order.
    return serve() ? 1 : 0;
}
