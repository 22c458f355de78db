#include "bulk/fsck.hpp"

#include <algorithm>

namespace parmana::bulk {

void Fsck::find(std::string place, std::optional<std::uint64_t> index, std::string detail) {
    const std::lock_guard lock(mutex_);
    if (report_.findings.size() == FsckReport::kFindingsMax) {
        ++report_.unlisted;
        return;
    }
    report_.findings.push_back({std::move(place), index, std::move(detail)});
}

void Fsck::find_at_entry(std::uint64_t index, std::string detail) {
    find("log", index, std::move(detail));
}

FsckReport Fsck::run() {
    read_mark();
    read_head();
    read_history();
    list_tiles("tlog/tile");
    const bool readable = read_ledger();
    if (readable) {
        judge_roots();
        judge_entries();
        judge_unique();
        judge_tiles();
    }
    judge_heads();
    judge_provenance();
    std::stable_sort(
        report_.findings.begin(), report_.findings.end(),
        [](const Finding& a, const Finding& b) { return a.index && b.index && *a.index < *b.index; });
    return std::move(report_);
}

Result<FsckReport> fsck(const runtime::DataDirectory& data, Entropy& entropy, const Progress& progress) {
    return Fsck(data, entropy, progress).run();
}

std::string render(const FsckReport& report) {
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    std::string out;
    json::Writer writer(out);
    writer.object().name("clean").boolean(report.clean()).name("entries").integer(number(report.entries));
    writer.name("files").integer(number(report.files)).name("findings").array();
    for (const Finding& finding : report.findings) {
        writer.object().name("detail").string(finding.detail);
        if (finding.index) writer.name("index").integer(number(*finding.index));
        writer.name("place").string(finding.place).end();
    }
    writer.end().name("heads").integer(number(report.heads));
    writer.name("unlisted").integer(number(report.unlisted)).end();
    return out;
}

}  // namespace parmana::bulk
