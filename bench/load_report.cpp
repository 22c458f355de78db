#include "load_report.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/bytes.hpp"

namespace parmana::bench {

Report::~Report() {
    if (record_ >= 0) close(record_);
}

Status Report::open_record(const std::string& path) {
    record_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (record_ < 0) return fail(Code::io_failed, "cannot create `" + path + "`");
    return {};
}

void Report::line(std::string_view id, int status, std::string_view word) {
    if (record_ < 0) return;
    pending_.append(id).append(" ").append(std::to_string(status)).append(" ");
    pending_.append(word.empty() ? std::string_view("none") : word).append("\n");
    if (pending_.size() >= 64 * 1024 && !flush()) record_failed_ = true;
}

Status Report::flush() {
    std::string_view rest = pending_;
    while (record_ >= 0 && !rest.empty()) {
        const ssize_t written = write(record_, rest.data(), rest.size());
        if (written < 0) return fail(Code::io_failed, "cannot write the record");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    pending_.clear();
    if (record_failed_) return fail(Code::io_failed, "cannot write the record");
    return {};
}

void Report::answered(std::string_view id, int status, std::string_view word, std::int64_t latency_ns) {
    latencies_us_.push_back(
        static_cast<std::uint32_t>(std::min<std::int64_t>(latency_ns / 1000, UINT32_MAX)));
    line(id, status, word);
    for (Count& count : counts_) {
        if (count.status != status || count.word != word) continue;
        ++count.times;
        return;
    }
    counts_.push_back({status, std::string(word), 1});
}

void Report::unanswered(std::string_view id) {
    ++unanswered_;
    line(id, 0, "none");
}

// Nearest rank, on sorted latencies.
std::uint32_t Report::quantile(double q) const {
    if (latencies_us_.empty()) return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(latencies_us_.size())));
    return latencies_us_[std::max<std::size_t>(rank, 1) - 1];
}

std::string Report::summary(double seconds, double cpu_seconds) {
    std::sort(latencies_us_.begin(), latencies_us_.end());
    std::map<int, std::map<std::string, std::int64_t>> by_status;
    for (const Count& count : counts_)
        by_status[count.status][count.word.empty() ? "none" : count.word] += count.times;
    std::string out = "{\"requests\":" + std::to_string(answers() + unanswered_) + ",\"answers\":{";
    for (const auto& [status, words] : by_status) {
        if (out.back() != '{') out += ',';
        out += "\"" + std::to_string(status) + "\":{";
        for (const auto& [word, times] : words) {
            if (out.back() != '{') out += ',';
            append_json_string(out, word);
            out += ":" + std::to_string(times);
        }
        out += '}';
    }
    const auto answered = static_cast<double>(std::max<std::int64_t>(answers(), 1));
    out += "},\"unanswered\":" + std::to_string(unanswered_);
    out += ",\"per_second\":" + std::to_string(std::llround(static_cast<double>(answers()) / seconds));
    out += ",\"p50_us\":" + std::to_string(quantile(0.5)) + ",\"p99_us\":" + std::to_string(quantile(0.99));
    out += ",\"p999_us\":" + std::to_string(quantile(0.999)) + ",\"seconds\":" + std::to_string(seconds);
    return out + ",\"cpu_us\":" + std::to_string(cpu_seconds * 1e6 / answered) + "}";
}

}  // namespace parmana::bench
