#include "runtime/verifications.hpp"

#include "civil/civil.hpp"

namespace parmana::runtime {
namespace {

constexpr const char* kFile = "verifications.jsonl";
constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;

std::string render(std::string_view file, const verify::Report& report, const std::string& id,
                   UnixSeconds at) {
    std::string out;
    json::Writer writer(out);
    writer.object().name("at").string(civil::format_rfc3339({at.value(), 0}));
    if (report.execution_id) writer.name("executionId").string(*report.execution_id);
    writer.name("fileDigest").string(to_wire(crypto::sha256(file))).name("kind").string(report.kind);
    auto results = verify::results_of(report);
    std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    writer.name("results").object();
    for (const verify::Finding& result : results)
        writer.name(result.name).boolean(result.passed);
    writer.end();
    if (report.trust_fingerprint) writer.name("trustFingerprint").string(to_wire(*report.trust_fingerprint));
    writer.name("valid").boolean(report.valid()).name("verificationId").string(id).end();
    return out;
}

}  // namespace

Result<std::unique_ptr<Verifications>> Verifications::open(disk::Disk& disk, const Clock& clock) {
    auto out = std::make_unique<Verifications>(Key(), disk, clock);
    TRY(out->load());
    return out;
}

Status Verifications::load() {
    const auto text = disk_.read(kFile, kFileBytesMax);
    if (!text && text.error().code != Code::data_missing) return std::unexpected(text.error());
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    std::string kept;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        const auto row = json::parse(line);
        if (!row || !row->root().is(json::Type::object)) continue;
        const auto id = row->root().find("verificationId"), execution = row->root().find("executionId");
        if (!id || !id->is(json::Type::string)) continue;
        const bool named = execution && execution->is(json::Type::string);
        rows_.push_back(
            {std::string(id->string()), named ? std::string(execution->string()) : "", std::string(line)});
        if (rows_.size() > kKeptMax) rows_.pop_front();
    }
    for (const Row& row : rows_)
        kept += row.json + "\n";
    TRY(disk_.place(kFile, kept));
    file_ = TRY(disk_.open(kFile, true));
    file_bytes_ = kept.size();
    file_rows_ = rows_.size();
    return {};
}

Status Verifications::write(const Row& row) {
    if (file_rows_ >= 2 * kKeptMax) {
        std::string kept;
        for (const Row& one : rows_)
            kept += one.json + "\n";
        TRY(disk_.place(kFile, kept));
        file_ = TRY(disk_.open(kFile, true));
        file_bytes_ = kept.size();
        file_rows_ = rows_.size();
        return {};
    }
    TRY(file_->write_at(file_bytes_, row.json + "\n"));
    file_bytes_ += row.json.size() + 1;
    ++file_rows_;
    return {};
}

std::string Verifications::keep(std::string_view file, const verify::Report& report) {
    const UnixMillis now = clock_.now();
    const std::lock_guard lock(mutex_);
    const std::string before = rows_.empty() ? "" : rows_.back().id;
    const Digest digest = crypto::sha256({before, std::to_string(now.value()), file});
    std::string id = "v_" + to_base32(view_of(digest).substr(0, 16));
    rows_.push_back({id, report.execution_id.value_or(""), render(file, report, id, to_seconds(now))});
    if (rows_.size() > kKeptMax) rows_.pop_front();
    std::ignore = write(rows_.back());
    return id;
}

std::optional<std::string> Verifications::find(std::string_view id) const {
    constexpr std::size_t kToldMax = 100;
    const std::lock_guard lock(mutex_);
    std::string out;
    json::Writer writer(out);
    writer.object().name("id").string(id).name("verifications").array();
    std::size_t told = 0;
    for (auto row = rows_.rbegin(); row != rows_.rend() && told < kToldMax; ++row) {
        if (row->id != id && row->execution_id != id) continue;
        writer.raw(row->json);
        ++told;
    }
    writer.end().end();
    if (told == 0) return std::nullopt;
    return out;
}

}  // namespace parmana::runtime
