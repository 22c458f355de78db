#include "runtime/rejections.hpp"

#include <utility>

namespace parmana::runtime {

bool Rejections::count(const decide::ExecutionId& id, Code code) {
    std::pair<std::string, Code> key(id.value(), code);
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(key);
    if (found != counts_.end()) {
        ++found->second;
        return true;
    }
    if (counts_.size() == kDifferentMax) return false;
    counts_.emplace(std::move(key), 1);
    return true;
}

std::vector<attest::Replays> Rejections::take() {
    std::map<std::pair<std::string, Code>, std::int64_t> counts;
    {
        const std::lock_guard lock(mutex_);
        counts.swap(counts_);
    }
    std::vector<attest::Replays> out;
    for (const auto& [key, count] : counts)
        out.push_back({decide::ExecutionId(key.first), std::string(wire_name(key.second)), count});
    return out;
}

}  // namespace parmana::runtime
