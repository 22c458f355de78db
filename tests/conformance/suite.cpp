#include "conformance/suite.hpp"

#include <fstream>

namespace parmana::conformance {
namespace {

std::optional<std::string> text_of(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

/// A test without a name is called by its number and its expression, on one line and cut off.
std::string name_of(const Json& original, std::size_t number) {
    constexpr std::size_t kShown = 60;
    if (auto name = text_of(original, "name")) return *name;
    std::string out = std::to_string(number) + " ";
    for (const char c : original.value("expr", "")) {
        const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!blank) out += c;
        if (blank && out.back() != ' ') out += ' ';
    }
    if (out.size() > kShown) {
        std::size_t end = kShown;
        while ((static_cast<unsigned char>(out[end]) & 0xc0) == 0x80)  // not within a character
            --end;
        out = out.substr(0, end) + "...";
    }
    while (out.ends_with(' '))
        out.pop_back();
    return out;
}

/// What the tests of cel-go's checker declare beside their own declarations; the package leaves it out.
constexpr const char* kCheckerDeclarations = R"([
    {"name": "is", "ident": {"type": {"primitive": "STRING"}}},
    {"name": "ii", "ident": {"type": {"primitive": "INT64"}}},
    {"name": "iu", "ident": {"type": {"primitive": "UINT64"}}},
    {"name": "iz", "ident": {"type": {"primitive": "BOOL"}}},
    {"name": "id", "ident": {"type": {"primitive": "DOUBLE"}}},
    {"name": "ib", "ident": {"type": {"primitive": "BYTES"}}},
    {"name": "ix", "ident": {"type": {"null": null}}},
    {"name": "fg_s", "function": {"overloads": [
        {"overloadId": "fg_s_0", "resultType": {"primitive": "STRING"}}]}},
    {"name": "fi_s_s", "function": {"overloads": [
        {"overloadId": "fi_s_s_0", "params": [{"primitive": "STRING"}], "resultType": {"primitive": "STRING"},
         "isInstanceFunction": true}]}}
])";

/// `path` names the suites around, without the outermost.
void collect(const Json& suite, const std::string& path, const std::string& file, std::vector<Test>& out) {
    std::size_t number = 0;
    for (const Json& given : suite.value("tests", Json::array())) {
        Test test{.name = {}, .file = file, .original = given.value("original", Json::object())};
        test.name = path + "/" + name_of(test.original, ++number);
        if (file == "checking" && !test.original.contains("typeEnv"))
            test.original["typeEnv"] = Json::parse(kCheckerDeclarations);
        test.tree = text_of(given, "ast");
        test.checked_tree = text_of(given, "checkedAst");
        test.type = text_of(given, "type");
        test.has_error = given.contains("error");
        out.push_back(std::move(test));
    }
    for (const Json& inner : suite.value("suites", Json::array())) {
        const std::string name = inner.value("name", "");
        std::string below = path;
        if (!below.empty()) below += '/';
        below += name;
        collect(inner, below, file.empty() ? name : file, out);
    }
}

}  // namespace

Read<std::vector<Test>> read_suite(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) return std::unexpected("cannot read `" + path + "`");
    const Json json = Json::parse(stream, nullptr, false);
    if (!json.is_object()) return std::unexpected("`" + path + "` is no JSON object");
    std::vector<Test> out;
    const bool flat = json.contains("tests") && !json.contains("suites");
    const std::string name = json.value("name", "");
    collect(json, flat ? name : "", flat ? name : "", out);
    if (out.empty()) return std::unexpected("`" + path + "` has no tests");
    return out;
}

}  // namespace parmana::conformance
