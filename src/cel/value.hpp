// Run-time values of CEL. A Value is 16 bytes, trivially copied, and views storage that somebody else owns:
// the program's constants, the bound input, or the Arena of one evaluation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "cel/type.hpp"

namespace parmana::cel {

enum class Kind : std::uint8_t {
    absent,  // a variable without a value
    error,
    null,
    boolean,
    integer,
    unsigned_integer,
    real,
    string,
    bytes,
    list,
    map,
    timestamp,
    duration,
    type,
    optional,
};

/// Why an expression has no value. Rendered by `describe`.
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
    ambiguous,
    no_choice,
    cost_exceeded,
};
std::string_view describe(Fault fault);

struct List;
struct Map;
struct Value;

/// An error value: the fault, and the id of the expression that failed.
struct Failure {
    Fault fault;
    std::uint32_t expression;
};

struct Value {
    Kind kind = Kind::absent;
    std::uint32_t extent = 0;  // bytes of a string or bytes; nanoseconds of a timestamp or duration
    union {
        bool boolean;
        std::int64_t integer;  // also the seconds of a timestamp or duration
        std::uint64_t unsigned_integer;
        double real;
        const char* text;
        const List* list;
        const Map* map;
        const Value* optional;  // null for optional.none()
        TypeKind type;
        Failure failure;
    };

    Value() : integer(0) {}
    static Value null() { return of(Kind::null); }
    static Value from(bool value) {
        Value out = of(Kind::boolean);
        out.boolean = value;
        return out;
    }
    static Value from(std::int64_t value) {
        Value out = of(Kind::integer);
        out.integer = value;
        return out;
    }
    static Value from(std::uint64_t value) {
        Value out = of(Kind::unsigned_integer);
        out.unsigned_integer = value;
        return out;
    }
    static Value from(double value) {
        Value out = of(Kind::real);
        out.real = value;
        return out;
    }
    /// Views `text`, which must be UTF-8.
    static Value string(std::string_view text) { return viewing(Kind::string, text); }
    static Value bytes(std::string_view bytes) { return viewing(Kind::bytes, bytes); }
    static Value from(const List* list) {
        Value out = of(Kind::list);
        out.list = list;
        return out;
    }
    static Value from(const Map* map) {
        Value out = of(Kind::map);
        out.map = map;
        return out;
    }
    static Value from(TypeKind type) {
        Value out = of(Kind::type);
        out.type = type;
        return out;
    }
    /// `inner` null is optional.none().
    static Value optional_from(const Value* inner) {
        Value out = of(Kind::optional);
        out.optional = inner;
        return out;
    }
    /// Nanoseconds from 0 to 999,999,999.
    static Value timestamp(std::int64_t seconds, std::int32_t nanos) {
        return timed(Kind::timestamp, seconds, nanos);
    }
    /// Nanoseconds have the sign of the whole.
    static Value duration(std::int64_t seconds, std::int32_t nanos) {
        return timed(Kind::duration, seconds, nanos);
    }
    static Value error(Fault fault, std::uint32_t expression = 0) {
        Value out = of(Kind::error);
        out.failure = {fault, expression};
        return out;
    }

    bool is(Kind other) const { return kind == other; }
    std::string_view view() const { return {text, extent}; }
    std::int32_t nanos() const { return static_cast<std::int32_t>(extent); }

  private:
    static Value of(Kind kind) {
        Value out;
        out.kind = kind;
        return out;
    }
    static Value viewing(Kind kind, std::string_view view) {
        Value out = of(kind);
        out.extent = static_cast<std::uint32_t>(view.size());
        out.text = view.data();
        return out;
    }
    static Value timed(Kind kind, std::int64_t seconds, std::int32_t nanos) {
        Value out = of(kind);
        out.extent = static_cast<std::uint32_t>(nanos);
        out.integer = seconds;
        return out;
    }
};
static_assert(sizeof(Value) == 16);

struct List {
    const Value* items;
    std::uint32_t size;
    std::span<const Value> view() const { return {items, size}; }
};

struct MapEntry {
    Value key;
    Value value;
};

/// Entries in ascending order of keys: numbers by value, then false, true, then strings by bytes.
struct Map {
    const MapEntry* entries;
    std::uint32_t size;
    std::span<const MapEntry> view() const { return {entries, size}; }
};

/// Storage of one evaluation. What was allocated lives until `reset`, which keeps the memory for the next.
class Arena {
  public:
    /// Never null. Bytes are aligned to 8 and not initialised.
    void* allocate(std::size_t bytes) {
        bytes = (bytes + 7) & ~std::size_t{7};
        if (bytes > static_cast<std::size_t>(end_ - next_)) grow(bytes);
        std::byte* out = next_;
        next_ += bytes;
        used_ += bytes;
        return out;
    }
    template <class T>
    T* allocate_array(std::size_t count) {
        static_assert(std::is_trivially_copyable_v<T>);
        return static_cast<T*>(allocate(count * sizeof(T)));
    }
    std::string_view copy(std::string_view text);
    Value copy_string(std::string_view text) { return Value::string(copy(text)); }
    Value make_list(std::span<const Value> items);
    /// Sorts `entries` in place and copies them. A key twice is Fault::repeated_key, a key that no map may
    /// have Fault::unsupported_key.
    Value make_map(std::span<MapEntry> entries);
    Value make_optional(Value inner);
    void reset() {
        block_ = 0;
        next_ = end_ = nullptr;
        used_ = 0;
    }
    std::size_t used() const { return used_; }

  private:
    void grow(std::size_t bytes);
    struct Block {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size;
    };
    std::vector<Block> blocks_;
    std::size_t block_ = 0;  // the one in use
    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t used_ = 0;
};

/// Equality across numeric types and through containers; values of different kinds are unequal, NaN is
/// unequal to itself. Neither side may be an error.
bool equal(const Value& a, const Value& b);

/// -1, 0 or 1; nothing when the two are not ordered (different kinds, NaN).
enum class Order : std::int8_t { less = -1, equal = 0, greater = 1, unordered = 2 };
Order compare(const Value& a, const Value& b);

/// The value under a key, by the equality of numbers across types; null when there is none.
const Value* find(const Map& map, const Value& key);

/// The type that a value has at run time; TypeKind::error for an error or absent value.
TypeKind type_of_value(const Value& value);

/// As CEL source that evaluates to the value, where there is one; for messages, traces and tests.
std::string to_source(const Value& value);

}  // namespace parmana::cel
