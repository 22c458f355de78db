// POSIX archives (ustar, with an extended header for a path that does not fit), written. Private to the
// module.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "bulk/bulk.hpp"

namespace parmana::bulk {

/// One archive. Files belong to the user who runs this; modes are 0600 and 0700.
class TarWriter {
  public:
    TarWriter(Sink sink, UnixSeconds time) : sink_(std::move(sink)), time_(time) {}

    Status directory(const std::string& path);
    Status file(const std::string& path, std::string_view bytes);
    /// A file of this size, whose bytes come by `append`.
    Status begin(const std::string& path, std::uint64_t size);
    Status append(std::string_view bytes);
    Status end();
    Status finish();
    std::uint64_t written() const { return written_; }

  private:
    Status header(const std::string& path, std::uint64_t size, char type);
    Status pad();
    Status put(std::string_view bytes);

    Sink sink_;
    const UnixSeconds time_;
    std::uint64_t written_ = 0;
    std::uint64_t expected_ = 0;  // bytes of the open file that are still to come
};

}  // namespace parmana::bulk
