#include "conformance/exclusions.hpp"

#include <fstream>

namespace parmana::conformance {
namespace {

std::unexpected<std::string> wrong(const std::string& path, const char* what, const std::string& line) {
    std::string out = path;
    out.append(": ").append(what).append(": ").append(line);
    return std::unexpected(std::move(out));
}

}  // namespace

Read<Exclusions> read_exclusions(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) return std::unexpected("cannot read `" + path + "`");
    Exclusions out;
    std::string line;
    while (std::getline(stream, line)) {
        if (line.empty() || line.front() == '#') continue;
        const std::size_t mark = line.rfind("  # ");
        if (mark == std::string::npos || mark + 4 == line.size())
            return wrong(path, "a line without a reason", line);
        if (!out.emplace(line.substr(0, mark), line.substr(mark + 4)).second)
            return wrong(path, "a name twice", line);
    }
    return out;
}

}  // namespace parmana::conformance
