// Files of a release, and what its executable says of itself when it is run.
#pragma once

#include <string>

#include "runtime/build_facts.hpp"

namespace parmana::cli {

/// A file that was hashed and stays open: what was hashed is what is run.
class HashedFile {
  public:
    /// Errors: io_failed, also for what is no regular file.
    static Result<HashedFile> open(const std::string& path);
    HashedFile(HashedFile&& other) noexcept;
    HashedFile(const HashedFile&) = delete;
    HashedFile& operator=(const HashedFile&) = delete;
    ~HashedFile();

    const std::string& path() const { return path_; }
    const Digest& digest() const { return content_.digest; }
    std::int64_t size() const { return content_.size; }
    int descriptor() const { return descriptor_; }

  private:
    HashedFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    std::string path_;
    int descriptor_;
    runtime::FileDigest content_{};
};

/// Runs `version --json` of the executable, without an environment and for ten seconds at most, and returns
/// the runtime hash. Errors: release_invalid when it is linked dynamically (its hash would not cover what
/// decides) or does not describe itself; io_failed.
Result<Digest> ask_runtime_hash(const HashedFile& executable);

}  // namespace parmana::cli
