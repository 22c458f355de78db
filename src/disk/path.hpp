// Private to the module: the paths that a Disk accepts, the same for every implementation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace parmana::disk {

/// The names along a relative path: none of them empty, `.`, `..`, over 255 bytes or with a NUL
/// byte. Errors: io_failed, naming the path.
Result<std::vector<std::string>> split_path(std::string_view path);

/// The same for a directory, where `.` means the root and gives no names.
Result<std::vector<std::string>> split_directory_path(std::string_view path);

/// What `replace` adds to the name of a file while its new content is not yet complete. `list`
/// leaves such names out: they are remains of an interrupted replacement.
inline constexpr std::string_view kReplacingSuffix = ".replacing";

}  // namespace parmana::disk
