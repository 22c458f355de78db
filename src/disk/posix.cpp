// The real Disk: every path is walked from the root's descriptor, one directory at a time, so that
// no symbolic link and no `..` can lead out of it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "disk/disk.hpp"
#include "disk/path.hpp"

namespace parmana::disk {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr std::size_t kZeroBlockBytes = std::size_t{1} << 20;

/// Repeats a system call for as long as a signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
    while (true) {
        const auto result = call();
        if (result != -1 || errno != EINTR) return result;
    }
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        // All that matters has been synced before; an error of close could tell nothing more.
        if (number_ >= 0) close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int number() const { return number_; }

  private:
    int number_;
};

std::unexpected<Error> system_error(std::string_view operation, const std::string& path, int error,
                                    Code code = Code::io_failed) {
    const char* words = strerrordesc_np(error);
    return fail(code, std::string(operation) + " of `" + path +
                          "` failed: " + (words == nullptr ? "unknown error" : words));
}

Code missing_or_failed(int error) {
    return error == ENOENT ? Code::data_missing : Code::io_failed;
}

Status write_all(int descriptor, const std::string& path, std::uint64_t offset, std::string_view bytes) {
    if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) - bytes.size()) {
        return system_error("write", path, EFBIG);
    }
    auto at = static_cast<off_t>(offset);
    while (!bytes.empty()) {
        const ssize_t written =
            uninterrupted([&] { return pwrite(descriptor, bytes.data(), bytes.size(), at); });
        if (written <= 0) return system_error("write", path, written == 0 ? EIO : errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        at += written;
    }
    return {};
}

class PosixFile final : public File {
  public:
    PosixFile(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    Result<std::string> read_at(std::uint64_t offset, std::size_t size) const override {
        if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()) - size) {
            return system_error("read", path_, EFBIG);
        }
        std::string bytes(size, '\0');
        std::size_t filled = 0;
        while (filled < size) {
            const ssize_t got = uninterrupted([&] {
                return pread(descriptor_.number(), bytes.data() + filled, size - filled,
                             static_cast<off_t>(offset + filled));
            });
            if (got < 0) return system_error("read", path_, errno);
            if (got == 0) break;
            filled += static_cast<std::size_t>(got);
        }
        bytes.resize(filled);
        return bytes;
    }

    Status write_at(std::uint64_t offset, std::string_view bytes) override {
        return write_all(descriptor_.number(), path_, offset, bytes);
    }

    Result<std::uint64_t> size() const override {
        struct stat facts{};
        if (fstat(descriptor_.number(), &facts) != 0) return system_error("stat", path_, errno);
        return static_cast<std::uint64_t>(facts.st_size);
    }

    Status sync() override {
        // The kernel reports a failed write-back once and may then call the lost pages clean, so a
        // second call could return success for bytes that are nowhere. An interrupted call is no
        // exception.
        if (sync_failed_) return system_error("sync after a failed sync", path_, EIO);
        if (fdatasync(descriptor_.number()) == 0) return {};
        sync_failed_ = true;
        return system_error("sync", path_, errno);
    }

  private:
    Descriptor descriptor_;
    std::string path_;
    bool sync_failed_ = false;
};

/// A directory that is open, and a name in it that need not exist.
struct Place {
    Descriptor directory;
    std::string name;
};

class PosixDisk final : public Disk {
  public:
    explicit PosixDisk(Descriptor root) : root_(std::move(root)) {}

    Result<std::unique_ptr<File>> open(const std::string& path, bool writable) override {
        const Place place = TRY(find(path));
        // O_NONBLOCK: the open of a pipe that someone put here must not wait for its other end.
        const int flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
        Descriptor opened(
            uninterrupted([&] { return openat(place.directory.number(), place.name.c_str(), flags); }));
        if (opened.number() < 0) return system_error("open", path, errno, missing_or_failed(errno));
        struct stat facts{};
        if (fstat(opened.number(), &facts) != 0) return system_error("stat", path, errno);
        if (!S_ISREG(facts.st_mode)) {
            return fail(Code::io_failed, "`" + path + "` is not a regular file");
        }
        return std::make_unique<PosixFile>(std::move(opened), path);
    }

    Result<std::unique_ptr<File>> create(const std::string& path, std::uint64_t size) override {
        const Place place = TRY(find(path));
        Descriptor created = TRY(create_exclusively(place, path));
        // Zeros are written, not only allocated: an allocated extent changes its state with the
        // first write, and that change would be one more thing that each later sync has to make
        // durable.
        const std::string zeros(std::min<std::uint64_t>(size, kZeroBlockBytes), '\0');
        Status done;
        for (std::uint64_t at = 0; at < size && done.has_value(); at += zeros.size()) {
            const std::uint64_t part = std::min<std::uint64_t>(size - at, zeros.size());
            done = write_all(created.number(), path, at, std::string_view(zeros).substr(0, part));
        }
        if (done.has_value() && fsync(created.number()) != 0) {
            done = system_error("sync", path, errno);
        }
        if (!done.has_value()) {
            unlinkat(place.directory.number(), place.name.c_str(), 0);
            return std::unexpected(std::move(done).error());
        }
        TRY(sync_directory(place.directory, path));
        return std::make_unique<PosixFile>(std::move(created), path);
    }

    Status replace(const std::string& path, std::string_view bytes) override {
        const Place place = TRY(find(path));
        TRY(put_beside_and_rename(place, path, bytes, true));
        return sync_directory(place.directory, path);
    }

    Status place(const std::string& path, std::string_view bytes) override {
        return put_beside_and_rename(TRY(find(path)), path, bytes, false);
    }

    Status settle(const std::string& path) override {
        const Place place = TRY(find(path));
        TRY(TRY(open(path, false))->sync());
        return sync_directory(place.directory, path);
    }

    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        const std::unique_ptr<File> file = TRY(open(path, false));
        const std::uint64_t size = TRY(file->size());
        if (size > size_max) {
            return fail(Code::data_corrupt, "`" + path + "` is over " + std::to_string(size_max) + " bytes");
        }
        return file->read_at(0, size);
    }

    Status rename(const std::string& from, const std::string& to) override {
        const Place old_place = TRY(find(from));
        const Place new_place = TRY(find(to));
        if (renameat(old_place.directory.number(), old_place.name.c_str(), new_place.directory.number(),
                     new_place.name.c_str()) != 0) {
            return system_error("rename", from, errno, missing_or_failed(errno));
        }
        // The new name first: stopping between the two may show both names, never neither.
        TRY(sync_directory(new_place.directory, to));
        return sync_directory(old_place.directory, from);
    }

    Status remove(const std::string& path) override {
        const Place place = TRY(find(path));
        if (unlinkat(place.directory.number(), place.name.c_str(), 0) != 0) {
            return system_error("remove", path, errno, missing_or_failed(errno));
        }
        return sync_directory(place.directory, path);
    }

    Status remove_directory(const std::string& path) override {
        const auto names = all_names(path);
        if (!names && names.error().code == Code::data_missing) return {};
        const Place place = TRY(find(path));
        const Descriptor directory = TRY(enter(place.directory.number(), place.name, path));
        for (const std::string& name : TRY(names)) {
            if (unlinkat(directory.number(), name.c_str(), 0) != 0)
                return system_error("remove", path + "/" + name, errno);
        }
        if (unlinkat(place.directory.number(), place.name.c_str(), AT_REMOVEDIR) == 0) return {};
        return system_error("remove", path, errno);
    }

    Status make_directory(const std::string& path) override {
        const Place place = TRY(find(path));
        if (mkdirat(place.directory.number(), place.name.c_str(), kDirectoryMode) != 0) {
            if (errno != EEXIST) return system_error("creation", path, errno);
            TRY(enter(place.directory.number(), place.name, path));
        }
        // Also when it was there: whoever made it may have been stopped before this line.
        return sync_directory(place.directory, path);
    }

    Result<std::vector<std::string>> list(const std::string& path) override {
        std::vector<std::string> names = TRY(all_names(path));
        std::erase_if(names, [](const std::string& name) { return name.ends_with(kReplacingSuffix); });
        return names;
    }

    Result<std::uint64_t> free_bytes() override {
        struct statvfs facts{};
        if (fstatvfs(root_.number(), &facts) != 0) return system_error("statvfs", ".", errno);
        return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
    }

  private:
    /// Also what an interrupted `replace` or `place` left behind.
    Result<std::vector<std::string>> all_names(const std::string& path) const {
        Descriptor directory = TRY(walk(TRY(split_directory_path(path)), path));
        const int number = fcntl(directory.number(), F_DUPFD_CLOEXEC, 0);
        if (number < 0) return system_error("list", path, errno);
        DIR* stream = fdopendir(number);
        if (stream == nullptr) {
            close(number);
            return system_error("list", path, errno);
        }
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* entry = readdir(stream)) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
            errno = 0;
        }
        const int error = errno;
        closedir(stream);
        if (error != 0) return system_error("list", path, error);
        std::sort(names.begin(), names.end());
        return names;
    }

    static Result<Descriptor> enter(int directory, const std::string& name, const std::string& path) {
        const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        Descriptor entered(uninterrupted([&] { return openat(directory, name.c_str(), flags); }));
        if (entered.number() < 0) return system_error("open", path, errno, missing_or_failed(errno));
        return entered;
    }

    Result<Descriptor> walk(const std::vector<std::string>& names, const std::string& path) const {
        Descriptor directory = TRY(enter(root_.number(), ".", path));
        for (const std::string& name : names) {
            directory = TRY(enter(directory.number(), name, path));
        }
        return directory;
    }

    Result<Place> find(const std::string& path) const {
        std::vector<std::string> names = TRY(split_path(path));
        std::string name = std::move(names.back());
        names.pop_back();
        auto directory = TRY(walk(names, path));
        return Place{std::move(directory), std::move(name)};
    }

    static Result<Descriptor> create_exclusively(const Place& place, const std::string& path) {
        const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        Descriptor created(uninterrupted(
            [&] { return openat(place.directory.number(), place.name.c_str(), flags, kFileMode); }));
        if (created.number() < 0) return system_error("creation", path, errno);
        return created;
    }

    Status put_beside_and_rename(const Place& place, const std::string& path, std::string_view bytes,
                                 bool durable) const {
        const std::string beside = path + std::string(kReplacingSuffix);
        const Place temporary = TRY(find(beside));
        const int directory = place.directory.number();
        // A crash may have left one behind; its content is worth nothing.
        if (unlinkat(directory, temporary.name.c_str(), 0) != 0 && errno != ENOENT) {
            return system_error("remove", beside, errno);
        }
        const Descriptor created = TRY(create_exclusively(temporary, beside));
        Status done = write_all(created.number(), beside, 0, bytes);
        if (done.has_value() && durable && fsync(created.number()) != 0) {
            done = system_error("sync", beside, errno);
        }
        // Stopping here leaves the old content under the name and a complete copy of the new one
        // beside it.
        if (done.has_value() &&
            renameat(directory, temporary.name.c_str(), directory, place.name.c_str()) != 0) {
            done = system_error("rename", path, errno);
        }
        if (!done.has_value()) unlinkat(directory, temporary.name.c_str(), 0);
        return done;
    }

    static Status sync_directory(const Descriptor& directory, const std::string& path) {
        if (fsync(directory.number()) == 0) return {};
        return system_error("sync of the directory", path, errno);
    }

    Descriptor root_;
};

}  // namespace

Result<std::unique_ptr<Disk>> open_disk(const std::string& root) {
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    Descriptor opened(uninterrupted([&] { return ::open(root.c_str(), flags); }));
    if (opened.number() < 0) return system_error("open", root, errno, missing_or_failed(errno));
    return std::make_unique<PosixDisk>(std::move(opened));
}

}  // namespace parmana::disk
