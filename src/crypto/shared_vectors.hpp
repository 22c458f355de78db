// For tests only: the test vectors that lie outside the tree, as the text of a file. They are
// looked for in $PARMANA_SHARED/vectors, else beside the source tree; a test without them says so
// and is skipped.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace parmana::test {

inline std::optional<std::string> shared_vectors(const std::string& name) {
    const char* shared = std::getenv("PARMANA_SHARED");
    const std::string base = shared != nullptr ? shared : PARMANA_SOURCE_DIR "/../shared";
    const std::string path = base + "/vectors/" + name;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "NOT CHECKED: there are no vectors at %s\n", path.c_str());
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace parmana::test
