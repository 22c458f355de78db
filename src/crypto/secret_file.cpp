#include "crypto/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/limits.hpp"

namespace parmana::crypto {
namespace {

static_assert(limits::kKeyFileBytesMax < SecretText::kBytesMax);

// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? errno : EIO;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

int sync_directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory =
        slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
    const Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.open() || ::fsync(handle.number()) != 0) return errno;
    return 0;
}

// The mode is set again on the descriptor because the umask may have taken bits of the owner.
int fill_file(int descriptor, std::string_view content, const std::string& path) {
    if (::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) return errno;
    if (const int error = write_all(descriptor, content); error != 0) return error;
    if (::fsync(descriptor) != 0) return errno;
    return sync_directory_of(path);
}

Status check_exposure(const struct stat& facts, Exposure exposure, const std::string& named) {
    if (!S_ISREG(facts.st_mode)) return fail(Code::key_invalid, named + " is not a regular file");
    const bool credential = exposure == Exposure::credential;
    if (facts.st_uid != ::geteuid() && !(credential && facts.st_uid == 0)) {
        return fail(Code::key_file_exposed, "the " + named + " belongs to another user");
    }
    // With an access list the bits of the group are what the list may give at most.
    const mode_t forbidden = credential ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if ((facts.st_mode & forbidden) != 0) {
        return fail(Code::key_file_exposed,
                    "the " + named + " has permissions for group or others; it must have mode 0600");
    }
    return {};
}

// The whole file, up to one byte more than a key file can have.
Result<SecretText> read_all(int descriptor, const std::string& what, const std::string& path) {
    SecretText out;
    std::size_t filled = 0;
    while (filled <= limits::kKeyFileBytesMax) {
        const ssize_t got = ::read(descriptor, out.data() + filled, limits::kKeyFileBytesMax + 1 - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_io("cannot read the " + what, path, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > limits::kKeyFileBytesMax)
        return fail(Code::key_invalid, "`" + path + "` is no " + what + ": too long");
    out.set_size(filled);
    return out;
}

}  // namespace

std::unexpected<Error> fail_io(std::string_view what, const std::string& path, int error) {
    std::string reason = std::strerror(error);
    if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z')
        reason[0] = static_cast<char>(reason[0] + 32);
    return fail(Code::io_failed, std::string(what) + " `" + path + "`: " + reason);
}

Result<SecretText> read_secret_file(const std::string& path, std::string_view kind, Exposure exposure) {
    const std::string what(kind);
    // O_NONBLOCK: opening a pipe that stands at the path must not hang before it is refused.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.open()) {
        if (errno == ENOENT) return fail(Code::data_missing, "there is no " + what + " `" + path + "`");
        if (errno == ELOOP)
            return fail(Code::key_file_exposed, "the " + what + " `" + path + "` is a symbolic link");
        return fail_io("cannot open the " + what, path, errno);
    }
    struct stat facts;
    if (::fstat(file.number(), &facts) != 0) return fail_io("cannot examine the " + what, path, errno);
    TRY(check_exposure(facts, exposure, what + " `" + path + "`"));
    return read_all(file.number(), what, path);
}

Status write_secret_file(const std::string& path, std::string_view content) {
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const Descriptor file(::open(path.c_str(), flags, S_IRUSR | S_IWUSR));
    if (!file.open()) return fail_io("cannot create the key file", path, errno);
    // Stopped here or below, a shorter file may remain; reading refuses it and nothing was signed with it.
    if (const int error = fill_file(file.number(), content, path); error != 0) {
        ::unlink(path.c_str());
        return fail_io("cannot write the key file", path, error);
    }
    return {};
}

}  // namespace parmana::crypto
