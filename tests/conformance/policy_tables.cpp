#include "conformance/policy_tables.hpp"

#include <fstream>
#include <sstream>
#include <utility>

namespace parmana::conformance {
namespace {

/// Fragments that our findings say in other words. All else is looked for as it stands.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"mismatched input 'resource'", "mismatched input: found `resource`"},
    {"undeclared reference to 'spec", "undeclared reference to `spec"},
    {"invalid qualified name: punc.Import!, wanted name of the form 'qualified.name'",
     "invalid qualified name `punc.Import!`, wanted `qualified.name`"},
    {"overlapping", "overlapping declaration of `variables.want`"},
};

Answer<std::vector<std::string>> read_lines(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) return std::unexpected("cannot read `" + path + "`");
    std::vector<std::string> out;
    std::string line;
    while (std::getline(stream, line)) {
        if (!line.empty() && line.front() != '#') out.push_back(line);
    }
    return out;
}

}  // namespace

Answer<PolicyTables> read_tables(const std::string& directory) {
    PolicyTables out;
    const auto excluded = read_lines(directory + "/policy_excluded.txt");
    const auto positions = read_lines(directory + "/policy_errors.txt");
    if (!excluded) return std::unexpected(excluded.error());
    if (!positions) return std::unexpected(positions.error());
    for (const std::string& line : *excluded) {
        const std::size_t mark = line.find("  # ");
        if (mark == std::string::npos || mark + 4 == line.size())
            return std::unexpected("a case without a reason: " + line);
        if (!out.excluded.emplace(line.substr(0, mark), line.substr(mark + 4)).second)
            return std::unexpected("a case twice: " + line);
    }
    for (const std::string& line : *positions) {
        std::istringstream words(line);
        std::string name, place;
        words >> name;
        std::vector<std::string> places;
        while (words >> place)
            places.push_back(place);
        if (places.empty()) return std::unexpected("a case without a position: " + line);
        if (!out.positions.emplace(name, std::move(places)).second)
            return std::unexpected("a case twice: " + line);
    }
    return out;
}

std::string_view our_words(std::string_view fragment) {
    for (const auto& [theirs, ours] : kWords) {
        if (theirs == fragment) return ours;
    }
    return fragment;
}

}  // namespace parmana::conformance
