// What a run of the load generator saw: counts by status and word, latencies, and the optional
// record of every single answer, from which a test can later prove that nothing answered was lost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace parmana::bench {

class Report {
  public:
    ~Report();
    /// Creates the record file, replacing one of that name (io_failed).
    Status open_record(const std::string& path);
    void answered(std::string_view id, int status, std::string_view word, std::int64_t latency_ns);
    void unanswered(std::string_view id);
    /// Hands the record over to the system.
    Status flush();
    /// One JSON object on one line. Sorts the latencies.
    std::string summary(double seconds, double cpu_seconds);

    std::int64_t answers() const { return static_cast<std::int64_t>(latencies_us_.size()); }
    std::int64_t unanswered_count() const { return unanswered_; }

  private:
    struct Count {
        int status;
        std::string word;
        std::int64_t times;
    };
    void line(std::string_view id, int status, std::string_view word);
    std::uint32_t quantile(double q) const;

    std::vector<Count> counts_;
    std::vector<std::uint32_t> latencies_us_;
    std::int64_t unanswered_ = 0;
    int record_ = -1;
    std::string pending_;
    bool record_failed_ = false;
};

}  // namespace parmana::bench
