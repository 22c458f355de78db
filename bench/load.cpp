// parmana-load: drives a Parmana server on this machine with POST /evaluate and says what came
// back.
//
// Prints one JSON line. Ends with 0 when every request was answered (or, with
// --tolerate-disconnect, when the server went away), 1 when it was not or an answer was misplaced,
// 2 on a wrong command line, 3 when the server stalled.
#include <cstdio>

#include "load_client.hpp"

int main(int argc, char** argv) {
    using namespace parmana::bench;
    const auto options = parse_load_options(argc, argv);
    if (!options) {
        std::fprintf(stderr, "parmana-load: %s\n%s", options.error().detail.c_str(), kLoadUsage);
        return 2;
    }
    Report report;
    if (!options->record.empty()) {
        if (const auto opened = report.open_record(options->record); !opened) {
            std::fprintf(stderr, "parmana-load: %s\n", opened.error().detail.c_str());
            return 2;
        }
    }
    const LoadResult result = run_load(*options, report);
    const bool recorded = report.flush().has_value();
    std::printf("%s\n", report.summary(result.seconds, result.cpu_seconds).c_str());
    if (!recorded) return 1;
    switch (result.ending) {
        case Ending::complete:
            return 0;
        case Ending::disconnected:
            return options->tolerate_disconnect ? 0 : 1;
        case Ending::stalled:
            return 3;
        case Ending::misplaced:
            return 1;
    }
    return 1;
}
