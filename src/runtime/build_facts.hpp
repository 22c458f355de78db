// What this program says of itself: version, source, compiler, and the SHA-256 of the executable that runs.
#pragma once

#include "attest/attest.hpp"

namespace parmana::runtime {

/// Version, source revision, compiler and flags as compiled in.
attest::RuntimeFacts build_facts();

/// The facts with the hash of the running executable, read from /proc/self/exe. Self-asserted: it proves
/// nothing about a host that lies. Errors: io_failed.
Result<attest::RuntimeFacts> runtime_facts();

/// What an open file holds, from where it is read to its end.
struct FileDigest {
    Digest digest;
    std::int64_t size;
};
/// Errors: io_failed.
Result<FileDigest> digest_of(int descriptor);

}  // namespace parmana::runtime
