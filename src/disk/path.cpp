#include "disk/path.hpp"

namespace parmana::disk {
namespace {

constexpr std::size_t kNameBytesMax = 255;

bool acceptable(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= kNameBytesMax &&
           name.find('\0') == std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> names;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view name = path.substr(start, end - start);
        if (!acceptable(name)) {
            return fail(Code::io_failed, "`" + std::string(path) + "` is not a path below the root");
        }
        names.emplace_back(name);
        start = end + 1;
    }
    return names;
}

Result<std::vector<std::string>> split_directory_path(std::string_view path) {
    if (path == ".") return std::vector<std::string>();
    return split_path(path);
}

}  // namespace parmana::disk
