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
    const auto content = file < 0 ? Result<FileDigest>(fail(Code::io_failed, "")) : digest_of(file);
    if (file >= 0) ::close(file);
    if (!content) return fail(Code::io_failed, "the running executable cannot be read");
    attest::RuntimeFacts facts = build_facts();
    facts.executable = content->digest;
    return facts;
}

Result<FileDigest> digest_of(int descriptor) {
    crypto::Sha256 hash;
    std::array<char, 1 << 16> buffer;
    FileDigest out{};
    ssize_t got = 0;
    while ((got = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
        hash.update({buffer.data(), static_cast<std::size_t>(got)});
        out.size += got;
    }
    if (got < 0) return fail(Code::io_failed, "a file cannot be read");
    out.digest = hash.finish();
    return out;
}

}  // namespace parmana::runtime
