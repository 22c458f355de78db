#include "disk/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace parmana::disk {

DirectoryLock::~DirectoryLock() {
    ::close(descriptor_);
}

Result<std::shared_ptr<DirectoryLock>> lock_directory(const std::string& path) {
    const std::string file = path + "/lock";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return fail(Code::io_failed, "`" + file + "` cannot be opened");
    auto lock = std::make_shared<DirectoryLock>(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return fail(Code::data_locked, "another process holds `" + path + "`");
    return lock;
}

}  // namespace parmana::disk
