// The small verifier: no server, no store, no network code.
// `parmana-verify FILE --trust FILE [--witnesses FILE] [--since FILE] [--at TIME] [--json]`.
#include <cstdio>
#include <string_view>

#include "verify_command/verify_command.hpp"

namespace {

constexpr std::string_view kUsage =
    "usage: parmana-verify FILE --trust FILE [--witnesses FILE] [--since FILE] [--at TIME] [--json]\n"
    "Checks an evidence file, an attestation or an export of the ledger offline: against the trust root "
    "that\n"
    "you pinned, and a head of the log that you hold. Whether the trust root had expired is judged at the\n"
    "time of the checkpoint, or at TIME (RFC 3339).\n"
    "Exit code: 0 valid, 1 invalid, 2 usage or unreadable, 3 something could not be judged.\n";

}  // namespace

int main(int argc, char** argv) {
    parmana::VerifyArguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help") {
            std::fwrite(kUsage.data(), 1, kUsage.size(), stdout);
            return 0;
        }
        if (word == "--json") {
            arguments.json = true;
        } else if (word == "--trust" && i + 1 < argc && !arguments.trust) {
            arguments.trust = argv[++i];
        } else if (word == "--witnesses" && i + 1 < argc && !arguments.witnesses) {
            arguments.witnesses = argv[++i];
        } else if (word == "--since" && i + 1 < argc && !arguments.since) {
            arguments.since = argv[++i];
        } else if (word == "--at" && i + 1 < argc && !arguments.at) {
            arguments.at = argv[++i];
        } else if (!word.starts_with('-') && arguments.file.empty()) {
            arguments.file = word;
        } else {
            arguments.file.clear();
            break;
        }
    }
    if (arguments.file.empty()) {
        std::fwrite(kUsage.data(), 1, kUsage.size(), stderr);
        return 2;
    }
    const auto exit_code = parmana::run_verify(arguments);
    if (exit_code && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return *exit_code;
    if (exit_code) return 2;
    std::fprintf(stderr, "parmana-verify: %s\n", exit_code.error().detail.c_str());
    return 2;
}
