// The lock of a directory: one process alone may write there.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace parmana::disk {

/// Holds `lock` in a directory; gives it back when it goes, also when the process dies.
class DirectoryLock {
  public:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

  private:
    int descriptor_;
};

/// Never waits, and follows no symbolic link. Errors: data_locked, io_failed.
Result<std::shared_ptr<DirectoryLock>> lock_directory(const std::string& path);

}  // namespace parmana::disk
