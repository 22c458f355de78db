// Arithmetic, comparisons, `in`, index and select.
#include <cmath>

#include "cel/ast.hpp"
#include "reference_functions.hpp"
#include "reference_time.hpp"

namespace parmana::reference {
namespace {

// Results are computed in 128 bits and then looked at.

Outcome to_integer(Wide value) {
    if (value < INT64_MIN || value > INT64_MAX) return failed(Fault::overflow);
    return value_of(static_cast<std::int64_t>(value));
}

Outcome to_natural(Wide value) {
    if (value < 0 || value > Wide{UINT64_MAX}) return failed(Fault::overflow);
    return value_of(static_cast<std::uint64_t>(value));
}

Outcome to_timestamp(Wide nanos) {
    if (!is_timestamp(nanos)) return failed(Fault::overflow);
    return value_of(Timestamp{nanos});
}

Outcome to_duration(Wide nanos) {
    if (!is_duration(nanos)) return failed(Fault::overflow);
    return value_of(Duration{nanos});
}

/// Both arguments when both are of kind T.
template <class T>
struct Both {
    explicit Both(const Values& arguments) : a(arguments[0].as<T>()), b(arguments[1].as<T>()) {}
    explicit operator bool() const { return a != nullptr && b != nullptr; }
    const T* a;
    const T* b;
};

Value joined(const List& a, const List& b) {
    Values items = *a.items;
    items.insert(items.end(), b.items->begin(), b.items->end());
    return list_of(std::move(items));
}

Outcome add(const Values& arguments) {
    if (const Both<std::int64_t> both(arguments); both) return to_integer(Wide{*both.a} + *both.b);
    if (const Both<std::uint64_t> both(arguments); both) return to_natural(Wide{*both.a} + *both.b);
    if (const Both<double> both(arguments); both) return value_of(*both.a + *both.b);
    if (const Both<std::string> both(arguments); both) return value_of(*both.a + *both.b);
    if (const Both<Bytes> both(arguments); both) return value_of(Bytes{both.a->octets + both.b->octets});
    if (const Both<List> both(arguments); both) return joined(*both.a, *both.b);
    if (const Both<Duration> both(arguments); both) return to_duration(both.a->nanos + both.b->nanos);
    const auto* moment = arguments[0].as<Timestamp>();
    const auto* span = arguments[1].as<Duration>();
    if (moment == nullptr) {
        moment = arguments[1].as<Timestamp>();
        span = arguments[0].as<Duration>();
    }
    if (moment == nullptr || span == nullptr) return no_overload();
    return to_timestamp(moment->nanos + span->nanos);
}

Outcome subtract(const Values& arguments) {
    if (const Both<std::int64_t> both(arguments); both) return to_integer(Wide{*both.a} - *both.b);
    if (const Both<std::uint64_t> both(arguments); both) return to_natural(Wide{*both.a} - *both.b);
    if (const Both<double> both(arguments); both) return value_of(*both.a - *both.b);
    if (const Both<Duration> both(arguments); both) return to_duration(both.a->nanos - both.b->nanos);
    if (const Both<Timestamp> both(arguments); both) return to_duration(both.a->nanos - both.b->nanos);
    const auto* moment = arguments[0].as<Timestamp>();
    const auto* span = arguments[1].as<Duration>();
    if (moment == nullptr || span == nullptr) return no_overload();
    return to_timestamp(moment->nanos - span->nanos);
}

Outcome multiply(const Values& arguments) {
    if (const Both<std::int64_t> both(arguments); both) return to_integer(Wide{*both.a} * *both.b);
    if (const Both<std::uint64_t> both(arguments); both) {
        // The product of two of 64 bits may be over the signed 128.
        const auto product = static_cast<unsigned __int128>(*both.a) * *both.b;
        if (product > UINT64_MAX) return failed(Fault::overflow);
        return value_of(static_cast<std::uint64_t>(product));
    }
    if (const Both<double> both(arguments); both) return value_of(*both.a * *both.b);
    return no_overload();
}

Outcome divide(const Values& arguments) {
    if (const Both<std::int64_t> both(arguments); both) {
        if (*both.b == 0) return failed(Fault::division_by_zero);
        return to_integer(Wide{*both.a} / *both.b);
    }
    if (const Both<std::uint64_t> both(arguments); both) {
        if (*both.b == 0) return failed(Fault::division_by_zero);
        return value_of(*both.a / *both.b);
    }
    if (const Both<double> both(arguments); both) return value_of(*both.a / *both.b);
    return no_overload();
}

Outcome modulo(const Values& arguments) {
    if (const Both<std::int64_t> both(arguments); both) {
        if (*both.b == 0) return failed(Fault::modulus_by_zero);
        // The remainder would be 0, but the quotient that belongs to it is out of range.
        if (*both.a == INT64_MIN && *both.b == -1) return failed(Fault::overflow);
        return value_of(*both.a % *both.b);
    }
    if (const Both<std::uint64_t> both(arguments); both) {
        if (*both.b == 0) return failed(Fault::modulus_by_zero);
        return value_of(*both.a % *both.b);
    }
    return no_overload();
}

Outcome negate(const Values& arguments) {
    if (const auto* integer = arguments[0].as<std::int64_t>()) return to_integer(-Wide{*integer});
    if (const auto* real = arguments[0].as<double>()) return value_of(-*real);
    return no_overload();
}

Outcome logical_not(const Values& arguments) {
    const auto* truth = arguments[0].as<bool>();
    if (truth == nullptr) return no_overload();
    return value_of(!*truth);
}

Outcome is_equal(const Values& arguments) {
    return value_of(equal(arguments[0], arguments[1]));
}

Outcome is_unequal(const Values& arguments) {
    return value_of(!equal(arguments[0], arguments[1]));
}

/// A comparison of which `holds` says for which orders it is true; unordered is false for all four.
Outcome compared(const Values& arguments, bool (*holds)(std::partial_ordering)) {
    const auto found = order(arguments[0], arguments[1]);
    if (!found) return no_overload();
    return value_of(holds(*found));
}

Outcome less(const Values& arguments) {
    return compared(arguments, [](std::partial_ordering found) { return found < 0; });
}
Outcome less_or_equal(const Values& arguments) {
    return compared(arguments, [](std::partial_ordering found) { return found <= 0; });
}
Outcome greater(const Values& arguments) {
    return compared(arguments, [](std::partial_ordering found) { return found > 0; });
}
Outcome greater_or_equal(const Values& arguments) {
    return compared(arguments, [](std::partial_ordering found) { return found >= 0; });
}

Outcome is_in(const Values& arguments) {
    if (const auto* list = arguments[1].as<List>()) {
        for (const Value& item : *list->items) {
            if (equal(arguments[0], item)) return value_of(true);
        }
        return value_of(false);
    }
    if (const auto* map = arguments[1].as<Map>()) return value_of(find(*map, arguments[0]) != nullptr);
    return no_overload();
}

/// The element, with index_out_of_bounds or no_such_key when there is none.
Outcome element(const Value& container, const Value& index) {
    if (const auto* list = container.as<List>()) {
        const auto position = number_of(index);
        if (!position || *position != std::trunc(*position)) return no_overload();
        if (*position < 0 || *position >= static_cast<long double>(list->items->size()))
            return failed(Fault::index_out_of_bounds);
        return (*list->items)[static_cast<std::size_t>(*position)];
    }
    if (const auto* map = container.as<Map>()) {
        const Value* found = find(*map, index);
        if (found == nullptr) return failed(Fault::no_such_key);
        return *found;
    }
    return no_overload();
}

/// What is missing is optional.none(), any other error stays one.
Outcome optional_from(Outcome outcome) {
    if (outcome) return optional_of(*std::move(outcome));
    const bool missing =
        outcome.error() == Fault::index_out_of_bounds || outcome.error() == Fault::no_such_key;
    return missing ? Outcome(optional_none()) : outcome;
}

Outcome optional_index(const Values& arguments) {
    if (const auto* optional = arguments[0].as<Optional>()) {
        if (optional->inner == nullptr) return optional_none();
        return optional_from(element(*optional->inner, arguments[1]));
    }
    return optional_from(element(arguments[0], arguments[1]));
}

Outcome index(const Values& arguments) {
    return arguments[0].is<Optional>() ? optional_index(arguments) : element(arguments[0], arguments[1]);
}

/// The value under a name in a map; only maps have fields.
Outcome field_of(const Value& operand, const std::string& field) {
    const auto* map = operand.as<Map>();
    if (map == nullptr) return failed(Fault::no_such_field);
    return element(operand, value_of(field));
}

Outcome optional_select(const Values& arguments) {
    const auto* field = arguments[1].as<std::string>();
    if (field == nullptr) return no_overload();
    if (const auto* optional = arguments[0].as<Optional>()) {
        if (optional->inner == nullptr) return optional_none();
        return optional_from(field_of(*optional->inner, *field));
    }
    return optional_from(field_of(arguments[0], *field));
}

}  // namespace

Outcome select_field(const Value& operand, const std::string& field) {
    if (operand.is<Optional>()) return optional_select({operand, value_of(field)});
    return field_of(operand, field);
}

Outcome has_field(const Value& operand, const std::string& field) {
    if (const auto* optional = operand.as<Optional>()) {
        if (optional->inner == nullptr) return value_of(false);
        return has_field(*optional->inner, field);
    }
    const auto* map = operand.as<Map>();
    if (map == nullptr) return failed(Fault::no_such_field);
    return value_of(find(*map, value_of(field)) != nullptr);
}

void add_operators(Functions& functions) {
    functions["_+_/2"] = add;
    functions["_-_/2"] = subtract;
    functions["_*_/2"] = multiply;
    functions["_/_/2"] = divide;
    functions["_%_/2"] = modulo;
    functions["-_/1"] = negate;
    functions["!_/1"] = logical_not;
    functions["_==_/2"] = is_equal;
    functions["_!=_/2"] = is_unequal;
    functions["_<_/2"] = less;
    functions["_<=_/2"] = less_or_equal;
    functions["_>_/2"] = greater;
    functions["_>=_/2"] = greater_or_equal;
    functions["@in/2"] = is_in;
    functions["_[_]/2"] = index;
    functions["_[?_]/2"] = optional_index;
    functions["_?._/2"] = optional_select;
}

}  // namespace parmana::reference
