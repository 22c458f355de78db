// The tests of @bufbuild/cel-spec, as tests/conformance/dump.cjs writes them: cel-spec's own conformance
// tests, and those that were taken from cel-go, each with the trees that cel-go makes of its expression.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace parmana::conformance {

/// A value, or in words why there is none.
template <class T>
using Read = std::expected<T, std::string>;

using Json = nlohmann::json;

/// One test. `original` is a cel.expr.conformance.test.SimpleTest in the JSON of protocol buffers.
struct Test {
    std::string name;  // file/section/test; a few stand for several tests
    std::string file;
    Json original;
    // By cel-go: the parsed tree with the standard macros expanded, the checked one, and its type.
    std::optional<std::string> tree = {};
    std::optional<std::string> checked_tree = {};
    std::optional<std::string> type = {};
    bool has_error = false;  // cel-go finds a fault when it parses or checks

    std::string expression() const { return original.value("expr", ""); }
};

/// The tests of a file, in its order.
Read<std::vector<Test>> read_suite(const std::string& path);

}  // namespace parmana::conformance
