#include "verify_command/verify_command.hpp"

#include "civil/civil.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "verify/export.hpp"
#include "verify/verify.hpp"

namespace parmana {
namespace {

/// One line after the other, of at most as many bytes as an export may have in one.
class Lines {
  public:
    explicit Lines(const std::string& path) : file_(path, std::ios::binary) {}

    /// False at the end, and after a line that is too long or has no newline.
    bool next() {
        std::size_t searched = taken_;
        std::size_t end = line_.find('\n', searched);
        while (end == std::string::npos && line_.size() - taken_ <= verify::kExportLineBytesMax && file_) {
            line_.erase(0, taken_);
            taken_ = 0;
            searched = line_.size();
            fill();
            end = line_.find('\n', searched);
        }
        if (end == std::string::npos) return false;
        view_ = std::string_view(line_).substr(taken_, end - taken_);
        taken_ = end + 1;
        return true;
    }
    std::string_view line() const { return view_; }
    /// What came behind the last line.
    std::string_view rest() const { return std::string_view(line_).substr(taken_); }
    /// Everything, when at most one line was taken: a pipe is read only once.
    std::string all(std::size_t bytes_max) {
        while (file_ && line_.size() <= bytes_max)
            fill();
        return line_;
    }
    bool failed() const { return file_.bad() || !file_.is_open(); }

  private:
    static constexpr std::size_t kChunkBytes = 256 * 1024;

    void fill() {
        const std::size_t before = line_.size();
        line_.resize(before + kChunkBytes);
        file_.read(line_.data() + before, static_cast<std::streamsize>(kChunkBytes));
        line_.resize(before + static_cast<std::size_t>(file_.gcount()));
    }

    std::ifstream file_;
    std::string line_;
    std::string_view view_;
    std::size_t taken_ = 0;
};

/// Entries so far and their rate, twice a second, on a terminal.
class Progress {
  public:
    void show(const verify::ExportVerifier& verifier) {
        if (!is_terminal_ || verifier.seen() % 64 != 0) return;
        const auto now = Clock::now();
        if (now - shown_ < std::chrono::milliseconds(500)) return;
        shown_ = now;
        const double seconds = std::chrono::duration<double>(now - began_).count();
        std::fprintf(stderr, "\r%llu of %llu entries, %.0f/s ",
                     static_cast<unsigned long long>(verifier.seen()),
                     static_cast<unsigned long long>(verifier.promised()),
                     static_cast<double>(verifier.seen()) / seconds);
    }
    ~Progress() {
        if (is_terminal_ && shown_ != began_) std::fprintf(stderr, "\r%*s\r", 60, "");
    }

  private:
    using Clock = std::chrono::steady_clock;
    const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
    const Clock::time_point began_ = Clock::now();
    Clock::time_point shown_ = began_;
};

verify::Report judge_export(Lines& lines, const verify::Held& held) {
    verify::ExportVerifier verifier(held);
    Progress progress;
    bool good = verifier.line(lines.line());
    while (good && lines.next()) {
        good = verifier.line(lines.line());
        progress.show(verifier);
    }
    if (good && !lines.rest().empty()) {
        verifier.broken(lines.rest().size() > verify::kExportLineBytesMax
                            ? "the line is too long"
                            : "the line has no newline at its end");
    }
    return verifier.finish();
}

Status check_size(const std::string& path, std::size_t bytes) {
    if (bytes <= limits::kVerifyBodyBytesMax) return {};
    return fail(Code::body_too_large, "`" + path + "` is too large");
}

Result<verify::Report> judge_file(const std::string& path, const verify::Held& held) {
    verify::Report report;
    Lines lines(path);
    if (lines.next() && verify::looks_like_export(lines.line())) {
        report = judge_export(lines, held);
    } else {
        const std::string text = lines.all(limits::kVerifyBodyBytesMax);
        TRY(check_size(path, text.size()));
        if (!lines.failed()) report = verify::verify(text, held);
    }
    if (lines.failed()) return fail(Code::io_failed, "`" + path + "` cannot be read");
    return report;
}

}  // namespace

Result<std::string> read_small_file(const std::string& path) {
    // By read(), which tells of a directory by its state, where an iterator throws.
    std::ifstream file(path, std::ios::binary);
    std::string content(limits::kVerifyBodyBytesMax + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.is_open() || file.bad()) return fail(Code::io_failed, "`" + path + "` cannot be read");
    content.resize(static_cast<std::size_t>(file.gcount()));
    TRY(check_size(path, content.size()));
    return content;
}

Result<int> run_verify(const VerifyArguments& arguments) {
    std::optional<trust::Root> root;
    if (arguments.trust) root = TRY(trust::Root::parse(TRY(read_small_file(*arguments.trust))));
    std::optional<note::WitnessPolicy> witnesses;
    if (arguments.witnesses)
        witnesses = TRY(note::WitnessPolicy::parse(TRY(read_small_file(*arguments.witnesses))));
    verify::Held held{root ? &*root : nullptr, witnesses ? &*witnesses : nullptr};
    if (arguments.since) held.head = TRY(read_small_file(*arguments.since));
    if (arguments.at) {
        const auto at = civil::parse_rfc3339(*arguments.at);
        if (!at) return fail(Code::usage, "`--at` must be a time (RFC 3339)");
        held.at = UnixSeconds(at->seconds);
    }
    const verify::Report report = TRY(judge_file(arguments.file, held));
    const std::string out =
        arguments.json ? verify::json_report(report) + "\n" : verify::human_report(report);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return report.exit_code();
}

}  // namespace parmana
