// Static types of CEL expressions (cel-spec langdef.md, "Values" and "Gradual Type Checking"). Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parmana::cel {

enum class TypeKind : std::uint8_t {
    dyn,
    error,  // of an expression that has a finding already; fits everything, so one fault is told once
    null,
    boolean,
    integer,
    unsigned_integer,
    real,
    string,
    bytes,
    timestamp,
    duration,
    list,       // one parameter
    map,        // two
    optional,   // one
    type,       // one: the type of which this is the type
    opaque,     // of an environment: a name and any number of parameters
    parameter,  // a type parameter of an overload, by name
};

/// A type with its parameters. `name` is that of an opaque type or of a type parameter.
struct Type {
    TypeKind kind = TypeKind::dyn;
    std::string name = {};
    std::vector<Type> parameters = {};

    bool is(TypeKind other) const { return kind == other; }
    bool operator==(const Type&) const = default;
};

inline Type list_of(Type element) {
    return {TypeKind::list, {}, {std::move(element)}};
}
inline Type map_of(Type key, Type value) {
    return {TypeKind::map, {}, {std::move(key), std::move(value)}};
}
inline Type optional_of(Type inner) {
    return {TypeKind::optional, {}, {std::move(inner)}};
}
inline Type type_of(Type inner) {
    return {TypeKind::type, {}, {std::move(inner)}};
}
inline Type parameter(std::string name) {
    return {TypeKind::parameter, std::move(name), {}};
}

/// The type of a choice between the two, as of `condition ? a : b`; nothing when they do not agree.
std::optional<Type> common_type(const Type& a, const Type& b);

/// As a person reads it: `int`, `list(string)`, `map(string, dyn)`, `optional_type(int)`, `timestamp`.
std::string to_string(const Type& type);

/// The identifier that denotes a simple type in an expression (`int`, `google.protobuf.Timestamp`); empty for
/// kinds that no identifier denotes.
std::string_view type_identifier(TypeKind kind);

}  // namespace parmana::cel
