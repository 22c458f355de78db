// Where a benchmark keeps its files.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace parmana::bench {

/// A directory beside the programs (so on the disk that is measured, not in memory), removed at the end.
class Workplace {
  public:
    static Result<Workplace> make(const std::string& below, const std::string& name) {
        std::string path = below + "/" + name + "-XXXXXX";
        if (mkdtemp(path.data()) == nullptr) return fail(Code::io_failed, "cannot create `" + path + "`");
        return Workplace(path);
    }
    Workplace(Workplace&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    Workplace& operator=(Workplace&&) = delete;
    ~Workplace() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    explicit Workplace(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace parmana::bench
