// For tests: a directory that is gone at the end of its scope.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/invariant.hpp"

namespace parmana::disk {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = std::filesystem::temp_directory_path() / "parmana-test-XXXXXX";
        INVARIANT(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace parmana::disk
