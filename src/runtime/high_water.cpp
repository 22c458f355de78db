#include "runtime/high_water.hpp"

#include <filesystem>

namespace parmana::runtime {

constexpr std::size_t kNoteBytesMax = 64 * 1024;

Result<HighWater> HighWater::open(const std::string& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    auto directory = disk::open_disk(absolute.parent_path().string());
    if (error || !directory || absolute.filename().empty())
        return fail(Code::configuration_invalid, "`" + path + "` is no place for a high-water mark");
    HighWater out;
    out.directory_ = *std::move(directory);
    out.name_ = absolute.filename().string();
    return out;
}

Status HighWater::check(const tlog::Log& log, const trust::History& trust) const {
    const auto note = directory_->read(name_, kNoteBytesMax);
    // Nothing remembered yet: whoever can remove the mark could as well have never been asked for one.
    if (!note && note.error().code == Code::data_missing) return {};
    const auto head = tlog::open_own(TRY(note), trust);
    if (!head) return fail(Code::data_corrupt, "`" + name_ + "`: " + head.error().detail);
    return log.check_remembers(*head);
}

Status HighWater::remember(const tlog::Published& head) {
    return directory_->replace(name_, head.note);
}

}  // namespace parmana::runtime
