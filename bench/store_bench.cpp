// store/group-commit and store/one-sync-each: durable submissions a second of the embedded ledger in process,
// with 1024 and with 1 submission a durable write; store/append and store/preallocated: writes of an entry's
// size, each with its own fdatasync, to a file that grows and to one that was filled with zeros before.
//
// Rounds of what is compared follow each other, so that a slow minute of the machine hits each. `submitters`
// is the number of submissions that are open at any time: each completion submits the next one.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <semaphore>

#include "bench.hpp"
#include "store/embedded/embedded.hpp"
#include "workplace.hpp"

namespace parmana::bench {
namespace {

constexpr std::size_t kStatementBytes = 1'100;  // as those of the sample policy
constexpr std::size_t kRecordBytes = 640;
constexpr std::size_t kRawBytes = 2'048;  // log and record frame of one entry, together
constexpr std::size_t kRawFileBytes = std::size_t{64} << 20;
constexpr int kSubmitters[] = {1, 64, 1'024};

store::Submission submission(std::uint64_t number) {
    std::string id = "bench-" + std::to_string(number);
    const merkle::LeafHash leaf = merkle::hash_leaf(id);
    std::array<std::uint8_t, 64> signature{};
    return {store::EntryKind::decision,
            store::Attested::statement,
            decide::ExecutionId(std::move(id)),
            "",
            decide::RequestDigest(leaf.value()),
            std::nullopt,
            {std::string(attest::kPayloadType), std::string(kStatementBytes, '.'),
             to_hex(view_of(leaf.value())), crypto::Signature(signature)},
            leaf,
            std::string(kRecordBytes, '.')};
}

/// Keeps a number of submissions open on one ledger until it is told to stop.
class Submitters {
  public:
    explicit Submitters(store::Ledger& ledger) : ledger_(ledger) {}

    double run(int submitters, double seconds) {
        const double start = now_seconds();
        end_ = start + seconds;
        open_ = submitters;
        const std::uint64_t before = done_;
        for (int i = 0; i < submitters; ++i)
            submit();
        finished_.acquire();
        return static_cast<double>(done_ - before) / (now_seconds() - start);
    }
    bool failed() const { return failed_; }

  private:
    void submit() {
        ledger_.submit(submission(next_++), {}, [this](const Result<store::Admission>& admission) {
            if (!admission) failed_ = true;
            ++done_;
            if (failed_ || now_seconds() >= end_) {
                if (--open_ == 0) finished_.release();
            } else {
                submit();
            }
        });
    }

    store::Ledger& ledger_;
    double end_ = 0;
    std::atomic<std::uint64_t> next_ = 0;
    std::atomic<std::uint64_t> done_ = 0;
    std::atomic<int> open_ = 0;
    std::atomic<bool> failed_ = false;
    std::binary_semaphore finished_{0};
};

/// A ledger on a fresh directory.
struct Store {
    std::unique_ptr<disk::Disk> disk;
    SystemClock clock;
    SystemEntropy entropy;
    std::unique_ptr<store::Ledger> ledger;

    Status open(const std::string& path, std::size_t batch_max) {
        std::error_code error;
        if (!std::filesystem::create_directory(path, error)) {
            return fail(Code::io_failed, "cannot create `" + path + "`");
        }
        disk = TRY(disk::open_disk(path));
        TRY(store::create_embedded_store(*disk));
        store::EmbeddedOptions options{.origin = trust::Origin("localhost/bench"),
                                       .tenant = trust::Tenant("default")};
        options.batch_max = batch_max;
        ledger = TRY(store::open_embedded_ledger(*disk, clock, entropy, std::move(options), {}));
        return {};
    }
};

struct Descriptor {
    int number;
    ~Descriptor() { ::close(number); }
};

/// Writes of one entry's size, each with its own fdatasync, for `seconds`; per second.
Result<double> raw_rate(const std::string& path, bool preallocated, double seconds) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    const auto failed = [&path] { return fail(Code::io_failed, "cannot write `" + path + "`"); };
    if (file.number < 0) return failed();
    const std::string entry(kRawBytes, '.');
    if (preallocated) {
        const std::string zeros(std::size_t{1} << 20, '\0');
        for (std::size_t at = 0; at < kRawFileBytes; at += zeros.size()) {
            const ssize_t written = ::write(file.number, zeros.data(), zeros.size());
            if (written != static_cast<ssize_t>(zeros.size())) return failed();
        }
        if (::fsync(file.number) != 0) return failed();
    }
    bool good = true;
    const double per_second = rate(seconds, [&](std::uint64_t i) {
        const auto at = static_cast<off_t>(i * kRawBytes % kRawFileBytes);
        const ssize_t written = ::pwrite(file.number, entry.data(), entry.size(), at);
        good = good && written == static_cast<ssize_t>(entry.size()) && ::fdatasync(file.number) == 0;
    });
    if (!good) return failed();
    return per_second;
}

}  // namespace

Status bench_store(const BenchOptions& options) {
    const auto place = TRY(Workplace::make(options.programs, "store"));
    const double seconds = options.seconds / 5;
    Store grouped, single;
    TRY(grouped.open(place.path() + "/grouped", limits::kCommitBatchMax));
    TRY(single.open(place.path() + "/single", 1));
    Submitters grouped_load(*grouped.ledger), single_load(*single.ledger);

    std::vector<double> append, preallocated;
    for (int round = 0; round < options.rounds; ++round) {
        append.push_back(TRY(raw_rate(place.path() + "/append", false, seconds)));
        preallocated.push_back(TRY(raw_rate(place.path() + "/preallocated", true, seconds)));
    }
    print_line("store/append", {{"per_second", median(append)}});
    print_line("store/preallocated", {{"per_second", median(preallocated)}});
    print_line("store/preallocated-to-append", {{"ratio", median(preallocated) / median(append)}});

    for (const int submitters : kSubmitters) {
        std::vector<double> many, one;
        for (int round = 0; round < options.rounds; ++round) {
            many.push_back(grouped_load.run(submitters, seconds));
            one.push_back(single_load.run(submitters, seconds));
        }
        const double n = submitters;
        print_line("store/group-commit", {{"per_second", median(many)}, {"submitters", n}});
        print_line("store/one-sync-each", {{"per_second", median(one)}, {"submitters", n}});
        print_line("store/ratio", {{"ratio", median(many) / median(one)}, {"submitters", n}});
    }
    if (grouped_load.failed() || single_load.failed()) {
        return fail(Code::io_failed, "a submission was refused");
    }
    return {};
}

}  // namespace parmana::bench
