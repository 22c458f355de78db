#include "runtime/build_facts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "build_info.hpp"

namespace parmana::runtime {

attest::RuntimeFacts build_facts() {
    return {build_info::kVersion, build_info::kSourceRevision, build_info::kCompiler, build_info::kFlags,
            std::nullopt};
}

Result<attest::RuntimeFacts> runtime_facts() {
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(Code::io_failed, "the running executable cannot be read");
    crypto::Sha256 hash;
    std::array<char, 1 << 16> buffer;
    ssize_t got = 0;
    while ((got = ::read(file, buffer.data(), buffer.size())) > 0) {
        hash.update({buffer.data(), static_cast<std::size_t>(got)});
    }
    ::close(file);
    if (got < 0) return fail(Code::io_failed, "the running executable cannot be read");
    attest::RuntimeFacts facts = build_facts();
    facts.executable = hash.finish();
    return facts;
}

}  // namespace parmana::runtime
