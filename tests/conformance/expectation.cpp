#include "conformance/expectation.hpp"

#include <algorithm>
#include <cmath>

#include "conformance/faults.hpp"
#include "conformance/protobuf.hpp"

namespace parmana::conformance {
namespace {

using cel::Kind;
using cel::Value;

/// Another value of the same kind.
Value other(const Value& value, cel::Arena& arena) {
    switch (value.kind) {
        case Kind::boolean:
            return Value::from(!value.boolean);
        case Kind::integer:
            return Value::from(value.integer ^ 1);
        case Kind::unsigned_integer:
            return Value::from(value.unsigned_integer ^ 1);
        case Kind::real:
            return Value::from(std::isfinite(value.real) && value.real != 1.5 ? 1.5 : 2.5);
        case Kind::string:
            return arena.copy_string(std::string(value.view()) + "x");
        case Kind::bytes:
            return Value::bytes(arena.copy(std::string(value.view()) + "x"));
        case Kind::timestamp:
            return Value::timestamp(value.integer ^ 1, value.nanos());
        case Kind::duration:
            return Value::duration(value.integer ^ 1, 0);
        case Kind::type:
            return Value::from(value.type == cel::TypeKind::bytes ? cel::TypeKind::string
                                                                  : cel::TypeKind::bytes);
        case Kind::list: {
            std::vector<Value> items(value.list->view().begin(), value.list->view().end());
            if (items.empty()) {
                items.push_back(Value::null());
            } else {
                items.back() = other(items.back(), arena);
            }
            return arena.make_list(items);
        }
        case Kind::map: {
            std::vector<cel::MapEntry> entries(value.map->view().begin(), value.map->view().end());
            if (entries.empty()) {
                entries.push_back({Value::from(true), Value::null()});
            } else {
                entries.back().value = other(entries.back().value, arena);
            }
            return arena.make_map(entries);
        }
        default:
            return Value::from(false);
    }
}

/// The same number of another kind, which CEL takes for equal and the suite does not.
std::optional<Value> of_another_kind(const Value& value) {
    if (value.is(Kind::integer)) return Value::from(static_cast<double>(value.integer));
    if (value.is(Kind::unsigned_integer))
        return Value::from(static_cast<std::int64_t>(value.unsigned_integer));
    if (value.is(Kind::real) && std::abs(value.real) < 1e18)
        return Value::from(static_cast<std::int64_t>(value.real));
    return std::nullopt;
}

}  // namespace

Read<Expectation> read_expectation(const Json& original, cel::Arena& arena) {
    Expectation out;
    Json value = original.value("value", Json());
    if (original.contains("typedResult")) {
        const Json& typed = original["typedResult"];
        value = typed.value("result", Json());
        auto type = read_type(typed.value("deducedType", Json()));
        if (!type) return std::unexpected(type.error());
        out.type = *std::move(type);
        if (original.value("checkOnly", false)) return out;
    }
    if (original.contains("evalError")) {
        const Json errors = original["evalError"].value("errors", Json::array());
        out.error = errors.empty() ? "" : errors[0].value("message", "");
        return out;
    }
    if (value.is_null()) {
        out.value = Value::from(true);
        return out;
    }
    auto read = read_value(value, arena);
    if (!read) return std::unexpected(read.error());
    out.value = *read;
    return out;
}

std::string disappointment(const Expectation& wanted, const Outcome& outcome) {
    if (wanted.type && outcome.type != *wanted.type)
        return "the type is `" + cel::to_string(outcome.type) + "` and not `" + cel::to_string(*wanted.type) +
               "`";
    const std::string is = "the result is `" + cel::to_source(outcome.value) + "` and not ";
    if (wanted.value && !same(outcome.value, *wanted.value))
        return is + "`" + cel::to_source(*wanted.value) + "`";
    if (!wanted.error) return "";
    if (!outcome.value.is(Kind::error)) return is + "the error `" + *wanted.error + "`";
    if (wanted.error->empty()) return "";  // any will do
    const auto faults = faults_for(*wanted.error);
    if (faults.empty()) return "the message `" + *wanted.error + "` is not in the table of faults.cpp";
    const bool fits = std::ranges::find(faults, outcome.value.failure.fault) != faults.end();
    return fits ? "" : is + "the error `" + *wanted.error + "`";
}

std::vector<Expectation> inversions(const Expectation& right, cel::Arena& arena) {
    std::vector<Expectation> out;
    if (right.type) {
        out.push_back(right);
        out.back().type = cel::list_of(*right.type);
    }
    if (right.value) {
        out.push_back(right);
        out.back().value = other(*right.value, arena);
        if (const auto kindred = of_another_kind(*right.value)) out.push_back({.value = kindred});
        // Whatever the message: any error would do.
        for (const char* message : {"no such overload", "no such key", "range", "overflow", "divide by zero"})
            out.push_back({.error = message});
    }
    if (right.error) out.push_back({.value = Value::from(true)});
    return out;
}

}  // namespace parmana::conformance
