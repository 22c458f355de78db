#include "cli/asked_runtime.hpp"

#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "json/fields.hpp"

namespace parmana::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::chrono::seconds kAnswerTime{10};

std::unexpected<Error> unfit(const HashedFile& executable, std::string_view why) {
    return fail(Code::release_invalid, "`" + executable.path() + "` " + std::string(why));
}

template <class T>
bool read_at(int descriptor, std::uint64_t offset, T& out) {
    return ::pread(descriptor, &out, sizeof out, static_cast<off_t>(offset)) == ssize_t{sizeof out};
}

/// An ELF program that asks for no interpreter, and so loads no library when it starts.
bool is_static(int descriptor) {
    Elf64_Ehdr header;
    if (!read_at(descriptor, 0, header)) return false;
    const std::string_view magic(reinterpret_cast<const char*>(header.e_ident), SELFMAG);
    if (magic != ELFMAG || header.e_phentsize != sizeof(Elf64_Phdr)) return false;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr part;
        if (!read_at(descriptor, header.e_phoff + i * sizeof part, part)) return false;
        if (part.p_type == PT_INTERP) return false;
    }
    return true;
}

/// A process whose standard output is read, and which does not outlive this value.
class Child {
  public:
    ~Child() {
        if (output_ >= 0) ::close(output_);
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool start(const HashedFile& executable) {
        std::array<int, 2> ends;
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        output_ = ends[0];
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        // The open file and not its path, where another file may stand by now.
        const std::string program = "/proc/self/fd/" + std::to_string(executable.descriptor());
        std::array<std::string, 3> words = {"parmana", "version", "--json"};
        std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
        std::array<char*, 1> environment = {nullptr};
        const int failed = ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments.data(),
                                         environment.data());
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (failed != 0) process_ = 0;
        return failed == 0;
    }

    /// All that it writes, when it ends well, in time, and without saying too much.
    std::optional<std::string> answer() {
        const auto until = std::chrono::steady_clock::now() + kAnswerTime;
        std::string out;
        while (true) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                until - std::chrono::steady_clock::now());
            pollfd waiting{output_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) < 0)
                return std::nullopt;
            if (waiting.revents == 0) continue;
            std::array<char, 4096> buffer;
            const ssize_t got = ::read(output_, buffer.data(), buffer.size());
            if (got < 0 || out.size() > kAnswerBytesMax) return std::nullopt;
            if (got == 0) break;
            out.append(buffer.data(), static_cast<std::size_t>(got));
        }
        int status = 0;
        if (::waitpid(std::exchange(process_, 0), &status, 0) < 0) return std::nullopt;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
        return out;
    }

  private:
    pid_t process_ = 0;
    int output_ = -1;
};

/// The hash of the runtime manifest in the answer, which must be about the file that was run.
Result<Digest> hash_in(std::string_view answer, const Digest& executable) {
    const auto document = TRY(json::parse(answer));
    const auto outer = TRY(json::Fields::open(document.root(), "", {"manifest", "runtimeHash"}));
    const json::Value manifest = TRY(outer.object("manifest"));
    const auto names = [&manifest](std::string_view name, std::string_view value) {
        const auto member = manifest.find(name);
        return member && member->is(json::Type::string) && member->string() == value;
    };
    if (!names("program", "parmana")) return outer.invalid("manifest", "that of a parmana");
    if (!names("executableDigest", to_wire(executable)))
        return outer.invalid("manifest", "about the executable that was run");
    const Digest hash = crypto::sha256(json::canonical(manifest));
    if (TRY(outer.string("runtimeHash")) != to_wire(hash))
        return outer.invalid("runtimeHash", "the hash of the manifest");
    return hash;
}

}  // namespace

Result<HashedFile> HashedFile::open(const std::string& path) {
    HashedFile file(path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts{};
    const bool regular =
        file.descriptor_ >= 0 && ::fstat(file.descriptor_, &facts) == 0 && S_ISREG(facts.st_mode);
    const auto content = regular ? runtime::digest_of(file.descriptor_)
                                 : Result<runtime::FileDigest>(fail(Code::io_failed, ""));
    if (!content) return fail(Code::io_failed, "`" + path + "` cannot be read");
    file.content_ = *content;
    return file;
}

HashedFile::HashedFile(HashedFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      content_(other.content_) {}

HashedFile::~HashedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Digest> ask_runtime_hash(const HashedFile& executable) {
    if (!is_static(executable.descriptor()))
        return unfit(executable, "is not linked statically: its hash would not cover what decides");
    Child child;
    if (!child.start(executable)) return unfit(executable, "cannot be run");
    const auto answer = child.answer();
    if (!answer) return unfit(executable, "does not answer `version --json`");
    auto hash = hash_in(*answer, executable.digest());
    if (!hash) return unfit(executable, "does not describe itself: " + hash.error().detail);
    return hash;
}

}  // namespace parmana::cli
