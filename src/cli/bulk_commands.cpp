// Commands about the ledger as a whole.
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "bulk/bulk.hpp"
#include "cli/cli.hpp"

namespace parmana::cli {
namespace {

using runtime::DataDirectory;
using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point began) {
    return std::max(std::chrono::duration<double>(Steady::now() - began).count(), 1e-9);
}

/// A bar on stderr, twice a second, on a terminal.
class Bar {
  public:
    ~Bar() {
        if (shown_) std::fprintf(stderr, "\r%70s\r", "");
    }
    void show(std::string_view what, std::uint64_t done, std::uint64_t all) {
        if (!is_terminal_ || (++calls_ % 64 != 0 && done != all)) return;
        const auto now = Steady::now();
        if (now - last_ < std::chrono::milliseconds(500)) return;
        last_ = now;
        shown_ = true;
        constexpr std::uint64_t kColumns = 30;
        const std::uint64_t filled = all == 0 ? 0 : done * kColumns / all;
        const std::string bar = std::string(filled, '#') + std::string(kColumns - filled, '.');
        std::fprintf(stderr, "\r[%s] %llu of %llu %.*s, %.0f/s ", bar.c_str(),
                     static_cast<unsigned long long>(done), static_cast<unsigned long long>(all),
                     static_cast<int>(what.size()), what.data(),
                     static_cast<double>(done) / seconds_since(began_));
    }
    bulk::Progress progress() {
        return
            [this](std::string_view what, std::uint64_t done, std::uint64_t all) { show(what, done, all); };
    }

  private:
    const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
    const Steady::time_point began_ = Steady::now();
    Steady::time_point last_ = began_;
    std::uint64_t calls_ = 0;
    bool shown_ = false;
};

Status write_stdout(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
    return fail(Code::io_failed, "the output could not be written");
}

std::string human(const bulk::FsckReport& report) {
    std::string out;
    for (const bulk::Finding& finding : report.findings) {
        out += finding.place;
        if (finding.index) out += " " + std::to_string(*finding.index);
        out += ": " + finding.detail + "\n";
    }
    if (report.unlisted > 0) out += "and " + std::to_string(report.unlisted) + " more\n";
    out += std::to_string(report.entries) + " entries, " + std::to_string(report.heads) + " heads, " +
           std::to_string(report.files) + " files of the log: ";
    return out + (report.clean() ? "clean\n" : "DAMAGED\n");
}

}  // namespace

Result<int> log_export(const LogExportArguments& arguments) {
    const auto data = TRY(DataDirectory::open(arguments.data));
    SystemEntropy entropy;
    const auto open = TRY(bulk::open_ledger(data, entropy));
    const bulk::ExportOptions options{
        arguments.from, arguments.to,
        arguments.level == "full" ? verify::Level::full : verify::Level::statements};
    std::unique_ptr<bulk::OutFile> file;
    if (!arguments.out.empty()) file = TRY(bulk::OutFile::create(arguments.out, true));
    Bar bar;
    const auto exported = TRY(bulk::export_range(
        data, open, options,
        [&file](std::string_view bytes) { return file ? file->append(bytes) : write_stdout(bytes); },
        bar.progress()));
    if (file) TRY(file->finish());
    std::fprintf(stderr, "entries %llu to %llu\n", static_cast<unsigned long long>(exported.first),
                 static_cast<unsigned long long>(exported.first + exported.count - 1));
    return 0;
}

Result<int> log_fsck(const std::string& data_path, bool json) {
    const auto data = TRY(DataDirectory::open(data_path));
    SystemEntropy entropy;
    const auto began = Steady::now();
    bulk::FsckReport report;
    {
        Bar bar;
        report = TRY(bulk::fsck(data, entropy, bar.progress()));
    }
    print(json ? bulk::render(report) + "\n" : human(report));
    const double seconds = seconds_since(began);
    std::fprintf(stderr, "%.1f s, %.0f entries/s\n", seconds, static_cast<double>(report.entries) / seconds);
    return report.clean() ? 0 : 1;
}

Result<int> log_proof(const LogProofArguments& arguments) {
    if (arguments.entry.empty() == !arguments.from.has_value())
        return fail(Code::usage, "either an entry, or `--from`");
    const auto data = TRY(DataDirectory::open(arguments.data));
    SystemEntropy entropy;
    const auto open = TRY(bulk::open_ledger(data, entropy));
    print(TRY(arguments.from ? bulk::prove_consistency(open, *arguments.from, arguments.to)
                             : bulk::prove_inclusion(open, arguments.entry, arguments.size)) +
          "\n");
    return 0;
}

Result<int> backup(const BackupArguments& arguments) {
    const auto data = TRY(DataDirectory::open(arguments.data));
    SystemClock clock;
    Bar bar;
    const auto copied = TRY(bulk::backup(data, clock, arguments.out, arguments.with_keys, bar.progress()));
    print(std::to_string(copied.entries) + " entries, " + std::to_string(copied.bytes) + " bytes\n");
    std::fprintf(stderr, "%s\n",
                 arguments.with_keys
                     ? "the keys are in the file: whoever reads it can sign as this server"
                     : "the keys are not in the file: keep a copy of them in another safe place");
    if (!arguments.with_keys) return 0;
    if (data.keys_path() != data.path() + "/keys")
        std::fprintf(stderr, "in the file they stand in keys/; config.json names %s\n",
                     data.keys_path().c_str());
    return 0;
}

}  // namespace parmana::cli
