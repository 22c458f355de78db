#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "bulk/bulk.hpp"

namespace parmana::bulk {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
    const char* words = strerrordesc_np(errno);
    return fail(Code::io_failed,
                std::string(what) + " `" + path + "`: " + (words == nullptr ? "unknown error" : words));
}

class PartialFile final : public OutFile {
  public:
    PartialFile(int descriptor, std::string path, std::string partial, bool replace)
        : descriptor_(descriptor), path_(std::move(path)), partial_(std::move(partial)), replace_(replace) {}
    ~PartialFile() override {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!finished_) ::unlink(partial_.c_str());
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    Status append(std::string_view bytes) override {
        buffer_ += bytes;
        return buffer_.size() < kBufferBytes ? Status() : flush();
    }

    Status finish() override {
        TRY(flush());
        if (::fsync(descriptor_) != 0) return failed("cannot sync", partial_);
        TRY(rename());
        finished_ = true;
        return sync_parent();
    }

  private:
    static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

    Status flush() {
        for (std::string_view rest = buffer_; !rest.empty();) {
            const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return failed("cannot write", partial_);
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        buffer_.clear();
        return {};
    }

    Status rename() const {
        if (replace_) {
            return ::rename(partial_.c_str(), path_.c_str()) == 0 ? Status() : failed("cannot name", path_);
        }
        if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0)
            return {};
        // Some file systems cannot rename without replacing; there, what was not there when we began is not
        // expected now.
        if (errno != EINVAL || ::access(path_.c_str(), F_OK) == 0) return failed("cannot name", path_);
        return ::rename(partial_.c_str(), path_.c_str()) == 0 ? Status() : failed("cannot name", path_);
    }

    Status sync_parent() const {
        const std::filesystem::path parent = std::filesystem::path(path_).parent_path();
        const int directory =
            ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0) return failed("cannot open the directory of", path_);
        const bool synced = ::fsync(directory) == 0;
        ::close(directory);
        return synced ? Status() : failed("cannot sync the directory of", path_);
    }

    int descriptor_;
    const std::string path_;
    const std::string partial_;
    const bool replace_;
    std::string buffer_;
    bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<OutFile>> OutFile::create(const std::string& path, bool replace) {
    if (!replace && ::access(path.c_str(), F_OK) == 0)
        return fail(Code::data_exists, "`" + path + "` is there already");
    std::string partial = path + ".partial";
    ::unlink(partial.c_str());  // of a run that was ended
    const int descriptor =
        ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return failed("cannot make", partial);
    return std::make_unique<PartialFile>(descriptor, path, std::move(partial), replace);
}

}  // namespace parmana::bulk
