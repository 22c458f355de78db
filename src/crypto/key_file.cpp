// Key files on disk: `PARMANA-KEY-1 <purpose> <base64 of 32 bytes>` and a newline. The checks are
// made on the open descriptor, never on the path, so that the file that was judged is the file that
// is read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

constexpr std::string_view kMagic = "PARMANA-KEY-1 ";
constexpr std::size_t kPurposeBytesMax = 64;
constexpr std::size_t kLineBytesMax = kMagic.size() + kPurposeBytesMax + 1 + 44 + 1;
static_assert(kLineBytesMax < limits::kKeyFileBytesMax);

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    bool open() const { return number_ >= 0; }
    int number() const { return number_; }

  private:
    int number_;
};

// A text buffer that is wiped on every way out.
struct WipedText {
    std::string text;
    WipedText() = default;
    WipedText(const WipedText&) = delete;
    WipedText& operator=(const WipedText&) = delete;
    ~WipedText() { wipe(text); }
};

std::unexpected<Error> fail_io(std::string_view what, const std::string& path, int error) {
    std::string reason = std::strerror(error);
    if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z')
        reason[0] = static_cast<char>(reason[0] + 32);
    return fail(Code::io_failed, std::string(what) + " `" + path + "`: " + reason);
}

bool valid_purpose(std::string_view purpose) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
    return !purpose.empty() && purpose.size() <= kPurposeBytesMax && std::ranges::all_of(purpose, allowed);
}

Status check_purpose(std::string_view purpose) {
    if (valid_purpose(purpose)) return {};
    return fail(Code::key_invalid, "`" + std::string(purpose) + "` is not a purpose of a key");
}

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
int fill_file(int descriptor, std::string_view line, const std::string& path) {
    if (::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) return errno;
    if (const int error = write_all(descriptor, line); error != 0) return error;
    if (::fsync(descriptor) != 0) return errno;
    return sync_directory_of(path);
}

Status check_exposure(const struct stat& facts, const std::string& path) {
    if (!S_ISREG(facts.st_mode)) return fail(Code::key_invalid, "`" + path + "` is not a regular file");
    if (facts.st_uid != ::geteuid()) {
        return fail(Code::key_file_exposed, "the key file `" + path + "` belongs to another user");
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(
            Code::key_file_exposed,
            "the key file `" + path + "` has permissions for group or others; it must have mode 0600");
    }
    return {};
}

// Reads the whole file, up to one byte more than a key file can have.
Status read_line(int descriptor, std::string& out, const std::string& path) {
    out.resize(kLineBytesMax + 1);
    std::size_t filled = 0;
    while (filled < out.size()) {
        const ssize_t got = ::read(descriptor, out.data() + filled, out.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_io("cannot read the key file", path, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    out.resize(filled);
    return {};
}

Result<Secret<32>> parse_line(std::string_view line, std::string_view purpose, const std::string& path) {
    const auto malformed = [&] { return fail(Code::key_invalid, "`" + path + "` is not a key file"); };
    if (!line.starts_with(kMagic) || !line.ends_with('\n')) return malformed();
    line.remove_prefix(kMagic.size());
    line.remove_suffix(1);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return malformed();
    const std::string_view found = line.substr(0, space);
    if (!valid_purpose(found)) return malformed();
    if (found != purpose) {
        return fail(Code::key_invalid, "the key file `" + path + "` is for `" + std::string(found) +
                                           "`, not for `" + std::string(purpose) + "`");
    }
    auto bytes = from_base64(line.substr(space + 1));
    if (!bytes) return malformed();
    WipedText decoded;
    decoded.text.swap(*bytes);
    if (decoded.text.size() != Secret<32>::size()) return malformed();
    Secret<32> key;
    std::memcpy(key.data(), decoded.text.data(), Secret<32>::size());
    return key;
}

}  // namespace

Status write_key_file(const std::string& path, std::string_view purpose, const Secret<32>& key) {
    TRY(check_purpose(purpose));
    WipedText line;
    line.text.reserve(kLineBytesMax);
    line.text.append(kMagic).append(purpose).append(" ");
    append_base64(line.text, key.expose());
    line.text.push_back('\n');
    INVARIANT(line.text.size() <= kLineBytesMax);

    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    const Descriptor file(::open(path.c_str(), flags, S_IRUSR | S_IWUSR));
    if (!file.open()) return fail_io("cannot create the key file", path, errno);
    // Stopped here or below, a shorter file may remain; read_key_file refuses it and nothing was
    // signed with it.
    if (const int error = fill_file(file.number(), line.text, path); error != 0) {
        ::unlink(path.c_str());
        return fail_io("cannot write the key file", path, error);
    }
    return {};
}

Result<Secret<32>> read_key_file(const std::string& path, std::string_view purpose) {
    TRY(check_purpose(purpose));
    // O_NONBLOCK: opening a pipe that stands at the path must not hang before it is refused.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file.open()) {
        if (errno == ENOENT) return fail(Code::data_missing, "there is no key file `" + path + "`");
        if (errno == ELOOP)
            return fail(Code::key_file_exposed, "the key file `" + path + "` is a symbolic link");
        return fail_io("cannot open the key file", path, errno);
    }
    struct stat facts;
    if (::fstat(file.number(), &facts) != 0) return fail_io("cannot examine the key file", path, errno);
    TRY(check_exposure(facts, path));
    WipedText line;
    TRY(read_line(file.number(), line.text, path));
    return parse_line(line.text, purpose, path);
}

}  // namespace parmana::crypto
