#include "reference_value.hpp"

#include <algorithm>
#include <cmath>

#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::reference {

static_assert(__LDBL_MANT_DIG__ >= 64, "comparisons across numeric types go through long double");

std::string_view name_of(Fault fault) {
    switch (fault) {
        case Fault::no_such_overload:
            return "no_such_overload";
        case Fault::no_such_key:
            return "no_such_key";
        case Fault::no_such_field:
            return "no_such_field";
        case Fault::unknown_variable:
            return "unknown_variable";
        case Fault::index_out_of_bounds:
            return "index_out_of_bounds";
        case Fault::overflow:
            return "overflow";
        case Fault::division_by_zero:
            return "division_by_zero";
        case Fault::modulus_by_zero:
            return "modulus_by_zero";
        case Fault::invalid_argument:
            return "invalid_argument";
        case Fault::invalid_conversion:
            return "invalid_conversion";
        case Fault::repeated_key:
            return "repeated_key";
        case Fault::unsupported_key:
            return "unsupported_key";
        case Fault::empty_optional:
            return "empty_optional";
        case Fault::invalid_pattern:
            return "invalid_pattern";
    }
    return "unknown";
}

Value list_of(Values items) {
    return value_of(List{std::make_shared<const Values>(std::move(items))});
}

Value optional_of(Value inner) {
    return value_of(Optional{std::make_shared<const Value>(std::move(inner))});
}

Value optional_none() {
    return value_of(Optional{nullptr});
}

bool is_key(const Value& value) {
    return value.is<bool>() || value.is<std::int64_t>() || value.is<std::uint64_t>() ||
           value.is<std::string>();
}

namespace {

/// Numbers stand before booleans, and those before strings.
int rank_of_key(const Value& key) {
    if (number_of(key)) return 0;
    return key.is<bool>() ? 1 : 2;
}

bool key_before(const Entry& a, const Entry& b) {
    if (rank_of_key(a.key) != rank_of_key(b.key)) return rank_of_key(a.key) < rank_of_key(b.key);
    return order(a.key, b.key) == std::partial_ordering::less;
}

}  // namespace

Outcome map_of(Entries entries) {
    for (const Entry& entry : entries) {
        if (!is_key(entry.key)) return failed(Fault::unsupported_key);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (equal(entries[i].key, entries[j].key)) return failed(Fault::repeated_key);
        }
    }
    std::sort(entries.begin(), entries.end(), key_before);  // no two are equal
    return value_of(Map{std::make_shared<const Entries>(std::move(entries))});
}

std::string type_name(const Value& value) {
    if (value.is<Null>()) return "null_type";
    if (value.is<bool>()) return "bool";
    if (value.is<std::int64_t>()) return "int";
    if (value.is<std::uint64_t>()) return "uint";
    if (value.is<double>()) return "double";
    if (value.is<std::string>()) return "string";
    if (value.is<Bytes>()) return "bytes";
    if (value.is<Timestamp>()) return "google.protobuf.Timestamp";
    if (value.is<Duration>()) return "google.protobuf.Duration";
    if (value.is<TypeName>()) return "type";
    if (value.is<List>()) return "list";
    if (value.is<Map>()) return "map";
    return "optional_type";
}

std::optional<long double> number_of(const Value& value) {
    if (const auto* integer = value.as<std::int64_t>()) return static_cast<long double>(*integer);
    if (const auto* natural = value.as<std::uint64_t>()) return static_cast<long double>(*natural);
    if (const auto* real = value.as<double>()) return static_cast<long double>(*real);
    return std::nullopt;
}

namespace {

/// Of two numbers. One that is no double is compared with one that is as a double, as the conformance tests
/// have it (comparisons, `…_lossy_double`); all others as what they are.
std::optional<std::partial_ordering> order_numbers(const Value& a, const Value& b) {
    const auto left = number_of(a);
    const auto right = number_of(b);
    if (!left || !right) return std::nullopt;
    if (a.is<double>() || b.is<double>()) return static_cast<double>(*left) <=> static_cast<double>(*right);
    return *left <=> *right;
}

bool equal_lists(const Values& a, const Values& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equal(a[i], b[i])) return false;
    }
    return true;
}

bool equal_maps(const Map& a, const Map& b) {
    if (a.entries->size() != b.entries->size()) return false;
    for (const Entry& entry : *a.entries) {
        const Value* other = find(b, entry.key);
        if (other == nullptr || !equal(entry.value, *other)) return false;
    }
    return true;
}

bool equal_optionals(const Optional& a, const Optional& b) {
    if (a.inner == nullptr || b.inner == nullptr) return a.inner == b.inner;
    return equal(*a.inner, *b.inner);
}

}  // namespace

bool equal(const Value& a, const Value& b) {
    if (const auto numbers = order_numbers(a, b)) return *numbers == std::partial_ordering::equivalent;
    if (a.data.index() != b.data.index()) return false;
    if (const auto* truth = a.as<bool>()) return *truth == *b.as<bool>();
    if (const auto* text = a.as<std::string>()) return *text == *b.as<std::string>();
    if (const auto* bytes = a.as<Bytes>()) return bytes->octets == b.as<Bytes>()->octets;
    if (const auto* moment = a.as<Timestamp>()) return moment->nanos == b.as<Timestamp>()->nanos;
    if (const auto* span = a.as<Duration>()) return span->nanos == b.as<Duration>()->nanos;
    if (const auto* type = a.as<TypeName>()) return type->name == b.as<TypeName>()->name;
    if (const auto* list = a.as<List>()) return equal_lists(*list->items, *b.as<List>()->items);
    if (const auto* map = a.as<Map>()) return equal_maps(*map, *b.as<Map>());
    if (const auto* optional = a.as<Optional>()) return equal_optionals(*optional, *b.as<Optional>());
    return true;  // two nulls
}

std::optional<std::partial_ordering> order(const Value& a, const Value& b) {
    if (const auto numbers = order_numbers(a, b)) return numbers;
    if (a.data.index() != b.data.index()) return std::nullopt;
    if (const auto* truth = a.as<bool>()) return *truth <=> *b.as<bool>();
    if (const auto* text = a.as<std::string>())
        return code_points(*text) <=> code_points(*b.as<std::string>());
    if (const auto* bytes = a.as<Bytes>()) return bytes->octets <=> b.as<Bytes>()->octets;
    if (const auto* moment = a.as<Timestamp>()) return moment->nanos <=> b.as<Timestamp>()->nanos;
    if (const auto* span = a.as<Duration>()) return span->nanos <=> b.as<Duration>()->nanos;
    return std::nullopt;
}

const Value* find(const Map& map, const Value& key) {
    for (const Entry& entry : *map.entries) {
        if (equal(entry.key, key)) return &entry.value;
    }
    return nullptr;
}

namespace {

bool identical_reals(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b && std::signbit(a) == std::signbit(b);
}

bool identical_lists(const Values& a, const Values& b) {
    return std::ranges::equal(a, b, identical);
}

bool identical_maps(const Entries& a, const Entries& b) {
    return std::ranges::equal(a, b, [](const Entry& left, const Entry& right) {
        return identical(left.key, right.key) && identical(left.value, right.value);
    });
}

}  // namespace

bool identical(const Value& a, const Value& b) {
    if (a.data.index() != b.data.index()) return false;
    if (const auto* real = a.as<double>()) return identical_reals(*real, *b.as<double>());
    if (const auto* list = a.as<List>()) return identical_lists(*list->items, *b.as<List>()->items);
    if (const auto* map = a.as<Map>()) return identical_maps(*map->entries, *b.as<Map>()->entries);
    if (const auto* optional = a.as<Optional>()) {
        const auto* other = b.as<Optional>();
        if (optional->inner == nullptr || other->inner == nullptr) return optional->inner == other->inner;
        return identical(*optional->inner, *other->inner);
    }
    return equal(a, b);
}

namespace {

std::string source_of_real(double real) {
    const std::string text = real_text(real);
    if (!std::isfinite(real)) return "double(\"" + text + "\")";
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string source_of_list(const Values& items) {
    std::string out = "[";
    for (const Value& item : items)
        out += (out.size() > 1 ? ", " : "") + to_source(item);
    return out + "]";
}

std::string source_of_map(const Entries& entries) {
    std::string out = "{";
    for (const Entry& entry : entries)
        out += (out.size() > 1 ? ", " : "") + to_source(entry.key) + ": " + to_source(entry.value);
    return out + "}";
}

}  // namespace

std::string to_source(const Value& value) {
    if (const auto* truth = value.as<bool>()) return *truth ? "true" : "false";
    if (const auto* integer = value.as<std::int64_t>()) return std::to_string(*integer);
    if (const auto* natural = value.as<std::uint64_t>()) return std::to_string(*natural) + "u";
    if (const auto* real = value.as<double>()) return source_of_real(*real);
    if (const auto* text = value.as<std::string>()) return quoted(*text);
    if (const auto* bytes = value.as<Bytes>()) return quoted_bytes(bytes->octets);
    if (const auto* moment = value.as<Timestamp>())
        return "timestamp(\"" + timestamp_text(moment->nanos) + "\")";
    if (const auto* span = value.as<Duration>()) return "duration(\"" + duration_text(span->nanos) + "\")";
    if (const auto* type = value.as<TypeName>()) return type->name;
    if (const auto* list = value.as<List>()) return source_of_list(*list->items);
    if (const auto* map = value.as<Map>()) return source_of_map(*map->entries);
    if (const auto* optional = value.as<Optional>())
        return optional->inner == nullptr ? "optional.none()"
                                          : "optional.of(" + to_source(*optional->inner) + ")";
    return "null";
}

std::string to_source(const Outcome& outcome) {
    return outcome ? to_source(*outcome) : "<error: " + std::string(name_of(outcome.error())) + ">";
}

}  // namespace parmana::reference
