#include "cel/value.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cel/literal.hpp"
#include "civil/civil.hpp"

namespace parmana::cel {
namespace {

constexpr std::size_t kBlockBytes = 16 * 1024;

template <class T>
Order order(const T& a, const T& b) {
    return a < b ? Order::less : b < a ? Order::greater : Order::equal;
}

Order reversed(Order order) {
    if (order == Order::less) return Order::greater;
    return order == Order::greater ? Order::less : order;
}

Order order_reals(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return Order::unordered;
    return order(a, b);
}

/// An integer and a real are compared as reals, as the conformance suite has it: beyond 2^53 several integers
/// are equal to one real.
template <class Integer>
Order order_integer_real(Integer a, double b) {
    return order_reals(static_cast<double>(a), b);
}

Order order_integer_unsigned(std::int64_t a, std::uint64_t b) {
    return a < 0 ? Order::less : order(static_cast<std::uint64_t>(a), b);
}

bool is_number(Kind kind) {
    return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::real;
}

Order order_numbers(const Value& a, const Value& b) {
    switch (a.kind) {
        case Kind::integer:
            if (b.is(Kind::integer)) return order(a.integer, b.integer);
            if (b.is(Kind::real)) return order_integer_real(a.integer, b.real);
            return order_integer_unsigned(a.integer, b.unsigned_integer);
        case Kind::unsigned_integer:
            if (b.is(Kind::unsigned_integer)) return order(a.unsigned_integer, b.unsigned_integer);
            if (b.is(Kind::real)) return order_integer_real(a.unsigned_integer, b.real);
            return reversed(order_integer_unsigned(b.integer, a.unsigned_integer));
        default:
            if (b.is(Kind::real)) return order_reals(a.real, b.real);
            return reversed(order_numbers(b, a));
    }
}

Order order_times(const Value& a, const Value& b) {
    const Order seconds = order(a.integer, b.integer);
    return seconds != Order::equal ? seconds : order(a.nanos(), b.nanos());
}

bool equal_maps(const Map& a, const Map& b) {
    if (a.size != b.size) return false;
    for (std::uint32_t i = 0; i < a.size; ++i) {
        if (!equal(a.entries[i].key, b.entries[i].key) || !equal(a.entries[i].value, b.entries[i].value))
            return false;
    }
    return true;
}

/// Order of keys: numbers, booleans, strings; nothing else is a key.
int key_rank(Kind kind) {
    if (kind == Kind::integer || kind == Kind::unsigned_integer) return 0;
    return kind == Kind::boolean ? 1 : kind == Kind::string ? 2 : 3;
}

bool key_less(const Value& a, const Value& b) {
    const int rank_a = is_number(a.kind) ? 0 : key_rank(a.kind);
    const int rank_b = is_number(b.kind) ? 0 : key_rank(b.kind);
    if (rank_a != rank_b) return rank_a < rank_b;
    return compare(a, b) == Order::less;
}

}  // namespace

std::string_view describe(Fault fault) {
    switch (fault) {
        case Fault::no_such_overload:
            return "no such overload";
        case Fault::no_such_key:
            return "no such key";
        case Fault::no_such_field:
            return "the value has no fields";
        case Fault::unknown_variable:
            return "the variable has no value";
        case Fault::index_out_of_bounds:
            return "index out of bounds";
        case Fault::overflow:
            return "overflow";
        case Fault::division_by_zero:
            return "division by zero";
        case Fault::modulus_by_zero:
            return "modulus by zero";
        case Fault::invalid_argument:
            return "invalid argument";
        case Fault::invalid_conversion:
            return "the value cannot be converted";
        case Fault::repeated_key:
            return "a map has one key twice";
        case Fault::unsupported_key:
            return "a map cannot have this key";
        case Fault::empty_optional:
            return "the optional has no value";
        case Fault::invalid_pattern:
            return "the regular expression is not valid";
        case Fault::ambiguous:
            return "more than one rule holds";
        case Fault::no_choice:
            return "no rule holds";
        case Fault::cost_exceeded:
            return "the evaluation is over its cost limit";
    }
    return "unknown fault";
}

void Arena::grow(std::size_t bytes) {
    // A block that is too small for a large request is passed over; the next reset makes it useful again.
    while (block_ < blocks_.size()) {
        Block& block = blocks_[block_++];
        if (block.size >= bytes) {
            next_ = block.bytes.get();
            end_ = next_ + block.size;
            return;
        }
    }
    const std::size_t size = std::max(bytes, kBlockBytes);
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    block_ = blocks_.size();
    next_ = blocks_.back().bytes.get();
    end_ = next_ + size;
}

std::string_view Arena::copy(std::string_view text) {
    if (text.empty()) return {};
    char* out = allocate_array<char>(text.size());
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
}

Value Arena::make_list(std::span<const Value> items) {
    auto* copy = allocate_array<Value>(items.size());
    std::copy(items.begin(), items.end(), copy);
    auto* list = allocate_array<List>(1);
    *list = {copy, static_cast<std::uint32_t>(items.size())};
    return Value::from(list);
}

Value Arena::make_map(std::span<MapEntry> entries) {
    for (const MapEntry& entry : entries) {
        if (key_rank(entry.key.kind) == 3) return Value::error(Fault::unsupported_key);
    }
    std::sort(entries.begin(), entries.end(),
              [](const MapEntry& a, const MapEntry& b) { return key_less(a.key, b.key); });
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (equal(entries[i - 1].key, entries[i].key)) return Value::error(Fault::repeated_key);
    }
    auto* copy = allocate_array<MapEntry>(entries.size());
    std::copy(entries.begin(), entries.end(), copy);
    auto* map = allocate_array<Map>(1);
    *map = {copy, static_cast<std::uint32_t>(entries.size())};
    return Value::from(map);
}

Value Arena::make_optional(Value inner) {
    auto* copy = allocate_array<Value>(1);
    *copy = inner;
    return Value::optional_from(copy);
}

bool equal(const Value& a, const Value& b) {
    if (is_number(a.kind) && is_number(b.kind)) return order_numbers(a, b) == Order::equal;
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Kind::null:
            return true;
        case Kind::boolean:
            return a.boolean == b.boolean;
        case Kind::string:
        case Kind::bytes:
            return a.view() == b.view();
        case Kind::list:
            return std::ranges::equal(a.list->view(), b.list->view(), equal);
        case Kind::map:
            return equal_maps(*a.map, *b.map);
        case Kind::timestamp:
        case Kind::duration:
            return order_times(a, b) == Order::equal;
        case Kind::type:
            return a.type == b.type;
        case Kind::optional:
            if (a.optional == nullptr || b.optional == nullptr) return a.optional == b.optional;
            return equal(*a.optional, *b.optional);
        default:
            return false;
    }
}

Order compare(const Value& a, const Value& b) {
    if (is_number(a.kind) && is_number(b.kind)) return order_numbers(a, b);
    if (a.kind != b.kind) return Order::unordered;
    switch (a.kind) {
        case Kind::boolean:
            return order(a.boolean, b.boolean);
        case Kind::string:
        case Kind::bytes:
            return order(a.view(), b.view());  // of UTF-8 in bytes: the order of code points
        case Kind::timestamp:
        case Kind::duration:
            return order_times(a, b);
        default:
            return Order::unordered;
    }
}

const Value* find(const Map& map, const Value& key) {
    if (!is_number(key.kind) && key_rank(key.kind) == 3) return nullptr;
    if (key.is(Kind::real) && std::isnan(key.real)) return nullptr;
    const auto entries = map.view();
    const auto found =
        std::lower_bound(entries.begin(), entries.end(), key,
                         [](const MapEntry& entry, const Value& k) { return key_less(entry.key, k); });
    if (found == entries.end() || !equal(found->key, key)) return nullptr;
    return &found->value;
}

TypeKind type_of_value(const Value& value) {
    switch (value.kind) {
        case Kind::absent:
        case Kind::error:
            return TypeKind::error;
        case Kind::null:
            return TypeKind::null;
        case Kind::boolean:
            return TypeKind::boolean;
        case Kind::integer:
            return TypeKind::integer;
        case Kind::unsigned_integer:
            return TypeKind::unsigned_integer;
        case Kind::real:
            return TypeKind::real;
        case Kind::string:
            return TypeKind::string;
        case Kind::bytes:
            return TypeKind::bytes;
        case Kind::list:
            return TypeKind::list;
        case Kind::map:
            return TypeKind::map;
        case Kind::timestamp:
            return TypeKind::timestamp;
        case Kind::duration:
            return TypeKind::duration;
        case Kind::type:
            return TypeKind::type;
        case Kind::optional:
            return TypeKind::optional;
    }
    return TypeKind::error;
}

std::string to_source(const Value& value) {
    std::string out;
    const char* separator = "";
    switch (value.kind) {
        case Kind::absent:
            return "<absent>";
        case Kind::error:
            return "<error: " + std::string(describe(value.failure.fault)) + ">";
        case Kind::null:
            return literal_text(std::monostate{});
        case Kind::boolean:
            return literal_text(value.boolean);
        case Kind::integer:
            return literal_text(value.integer);
        case Kind::unsigned_integer:
            return literal_text(value.unsigned_integer);
        case Kind::real:
            return std::isfinite(value.real) ? literal_text(value.real)
                                             : "double(\"" + literal_text(value.real) + "\")";
        case Kind::string:
            return literal_text(std::string(value.view()));
        case Kind::bytes:
            return literal_text(Bytes{std::string(value.view())});
        case Kind::list:
            out = "[";
            for (const Value& item : value.list->view()) {
                out += separator + to_source(item);
                separator = ", ";
            }
            return out + "]";
        case Kind::map:
            out = "{";
            for (const MapEntry& entry : value.map->view()) {
                out += separator + to_source(entry.key) + ": " + to_source(entry.value);
                separator = ", ";
            }
            return out + "}";
        case Kind::timestamp:
            return "timestamp(\"" + civil::format_rfc3339({value.integer, value.nanos()}) + "\")";
        case Kind::duration:
            return "duration(\"" + civil::format_duration({value.integer, value.nanos()}) + "\")";
        case Kind::type:
            return std::string(type_identifier(value.type));
        case Kind::optional:
            return value.optional == nullptr ? "optional.none()"
                                             : "optional.of(" + to_source(*value.optional) + ")";
    }
    return out;
}

}  // namespace parmana::cel
