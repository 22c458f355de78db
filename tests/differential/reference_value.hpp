// Values of the reference evaluator: written for the eye, not for speed. Lists and maps are shared and never
// change; times are whole nanoseconds in 128 bits, so that no arithmetic on them can go wrong unseen.
//
// The reference shares with src/cel only the parser. Nothing here is taken from the evaluator that it checks.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parmana::reference {

using Wide = __int128;

/// Why an expression has no value: the names are those of cel::Fault.
enum class Fault : std::uint8_t {
    no_such_overload,
    no_such_key,
    no_such_field,
    unknown_variable,
    index_out_of_bounds,
    overflow,
    division_by_zero,
    modulus_by_zero,
    invalid_argument,
    invalid_conversion,
    repeated_key,
    unsupported_key,
    empty_optional,
    invalid_pattern,
};
std::string_view name_of(Fault fault);

struct Value;
struct Entry;
using Values = std::vector<Value>;
using Entries = std::vector<Entry>;

struct Null {};
struct Bytes {
    std::string octets;
};
struct Timestamp {
    Wide nanos;  // since 1970-01-01T00:00:00Z
};
struct Duration {
    Wide nanos;
};
struct TypeName {
    std::string name;
};
struct List {
    std::shared_ptr<const Values> items;
};
struct Map {
    std::shared_ptr<const Entries> entries;  // in ascending order of keys
};
struct Optional {
    std::shared_ptr<const Value> inner;  // null is optional.none()
};

struct Value {
    std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Timestamp, Duration,
                 TypeName, List, Map, Optional>
        data;

    /// The alternative T, or null.
    template <class T>
    const T* as() const {
        return std::get_if<T>(&data);
    }
    template <class T>
    bool is() const {
        return as<T>() != nullptr;
    }
};

struct Entry {
    Value key;
    Value value;
};

using Outcome = std::expected<Value, Fault>;

inline std::unexpected<Fault> failed(Fault fault) {
    return std::unexpected(fault);
}
template <class T>
Value value_of(T alternative) {
    return {std::move(alternative)};
}
Value list_of(Values items);
Value optional_of(Value inner);
Value optional_none();
/// Sorts. A key that no map may have is unsupported_key, and that is told first; a key twice is repeated_key.
Outcome map_of(Entries entries);

/// The name that `type(value)` denotes.
std::string type_name(const Value& value);

/// An int, uint or double as a number that is exact for all three: 64 bits of mantissa hold them.
std::optional<long double> number_of(const Value& value);

/// CEL's `==`: numbers by value, containers element by element, other kinds unequal to each other.
bool equal(const Value& a, const Value& b);
/// CEL's order; nothing when there is no overload for the two kinds. NaN is unordered.
std::optional<std::partial_ordering> order(const Value& a, const Value& b);
/// The value under a key that is equal to `key`, or null.
const Value* find(const Map& map, const Value& key);
/// May be a key of a map.
bool is_key(const Value& value);

/// The same in every respect that a program could see: kind, sign of zero, order of entries. NaN is NaN.
bool identical(const Value& a, const Value& b);

/// For people: as source where there is a literal.
std::string to_source(const Value& value);
std::string to_source(const Outcome& outcome);

}  // namespace parmana::reference
