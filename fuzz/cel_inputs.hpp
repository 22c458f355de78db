// The variables that the fuzzers of CEL declare, with values out of a few bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cel/cel.hpp"
#include "cel/cost.hpp"

namespace parmana::fuzz {

inline const std::vector<cel::VariableDeclaration>& variables() {
    using cel::TypeKind;
    static const cel::Type kInt{TypeKind::integer, {}, {}}, kString{TypeKind::string, {}, {}};
    static const std::vector<cel::VariableDeclaration> kVariables = {
        {"i", kInt},
        {"u", {TypeKind::unsigned_integer, {}, {}}},
        {"d", {TypeKind::real, {}, {}}},
        {"b", {TypeKind::boolean, {}, {}}},
        {"s", kString},
        {"y", {TypeKind::bytes, {}, {}}},
        {"t", {TypeKind::timestamp, {}, {}}},
        {"p", {TypeKind::duration, {}, {}}},
        {"l", cel::list_of(kInt)},
        {"m", cel::map_of(kString, kInt)},
        {"o", cel::optional_of(kString)},
        {"a.b.c", kInt},
        {"x", {}},
    };
    return kVariables;
}

inline std::map<std::string, cel::Extent> extents() {
    return {{"s", {64}}, {"y", {64}}, {"l", {16, {{}}}}, {"m", {4, {{64}, {}}}}, {"o", {1, {{64}}}}};
}

/// A value for each variable, in the order of the declarations. `text` must be UTF-8 of at most 64 bytes.
inline std::vector<cel::Value> values(std::uint64_t seed, std::string_view text, cel::Arena& arena) {
    const auto number = static_cast<std::int64_t>(seed);
    std::vector<cel::Value> items;
    for (std::uint64_t i = 0; i < seed % 17; ++i)
        items.push_back(cel::Value::from(number >> i));
    std::vector<cel::MapEntry> entries = {{cel::Value::string("a"), cel::Value::from(number)}};
    if (seed % 3 == 0) entries.push_back({cel::Value::string("b"), cel::Value::from(std::int64_t{0})});
    const cel::Value string = cel::Value::string(text);
    return {cel::Value::from(number),
            cel::Value::from(seed),
            cel::Value::from(static_cast<double>(number) / 7),
            cel::Value::from(seed % 2 == 0),
            string,
            cel::Value::bytes(text),
            cel::Value::timestamp(static_cast<std::int64_t>(seed % 4'000'000'000), 5),
            cel::Value::duration(number % 1'000'000, 0),
            arena.make_list(items),
            arena.make_map(entries),
            seed % 5 == 0 ? cel::Value::optional_from(nullptr) : arena.make_optional(string),
            cel::Value::from(std::int64_t{7}),
            seed % 7 == 0 ? cel::Value::null() : string};
}

}  // namespace parmana::fuzz
