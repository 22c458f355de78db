#include "conformance/protobuf.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/bytes.hpp"
#include "civil/civil.hpp"

namespace parmana::conformance {
namespace {

using cel::Kind;
using cel::Type;
using cel::TypeKind;
using cel::Value;

constexpr std::string_view kTypePrefix = "type.googleapis.com/";

std::unexpected<std::string> no(std::string why) {
    return std::unexpected(std::move(why));
}

/// 64-bit integers are strings in the JSON of protocol buffers.
template <class Integer>
Read<Value> integer(const Json& json) {
    if (json.is_number_integer()) return Value::from(json.get<Integer>());
    const std::string text = json.is_string() ? json.get<std::string>() : "";
    Integer value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return no("no integer: " + json.dump());
    return Value::from(value);
}

Read<Value> real(const Json& json) {
    if (json.is_number()) return Value::from(json.get<double>());
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (json == "NaN") return Value::from(std::numeric_limits<double>::quiet_NaN());
    if (json == "Infinity") return Value::from(kInfinity);
    if (json == "-Infinity") return Value::from(-kInfinity);
    return no("no number: " + json.dump());
}

Read<Value> type_value(const std::string& name) {
    for (int i = 0; i <= static_cast<int>(TypeKind::parameter); ++i) {
        const auto kind = static_cast<TypeKind>(i);
        if (cel::type_identifier(kind) == name) return Value::from(kind);
    }
    return no("there is no type `" + name + "`: protobuf");
}

Read<Value> message(const Json& json) {
    std::string name = json.value("@type", "");
    if (name.starts_with(kTypePrefix)) name.erase(0, kTypePrefix.size());
    const std::string text = json.contains("value") && json["value"].is_string() ? json["value"] : "";
    if (name == "google.protobuf.Timestamp") {
        const auto instant = civil::parse_rfc3339(text);
        if (!instant) return no("no timestamp: " + json.dump());
        return Value::timestamp(instant->seconds, instant->nanos);
    }
    if (name == "google.protobuf.Duration") {
        const auto span = civil::parse_duration(text);
        if (!span) return no("no duration: " + json.dump());
        return Value::duration(span->seconds, span->nanos);
    }
    return no("a protobuf message: " + name);
}

Read<Value> list(const Json& json, cel::Arena& arena) {
    std::vector<Value> items;
    for (const Json& item : json.value("values", Json::array())) {
        auto value = read_value(item, arena);
        if (!value) return value;
        items.push_back(*value);
    }
    return arena.make_list(items);
}

Read<Value> map(const Json& json, cel::Arena& arena) {
    std::vector<cel::MapEntry> entries;
    for (const Json& entry : json.value("entries", Json::array())) {
        auto key = read_value(entry.value("key", Json()), arena);
        if (!key) return key;
        auto value = read_value(entry.value("value", Json()), arena);
        if (!value) return value;
        entries.push_back({*key, *value});
    }
    const Value out = arena.make_map(entries);
    if (out.is(Kind::error)) return no("no map: " + json.dump());
    return out;
}

Read<Type> simple_type(const std::string& word, bool is_primitive) {
    constexpr std::pair<std::string_view, TypeKind> kPrimitives[] = {
        {"BOOL", TypeKind::boolean}, {"INT64", TypeKind::integer}, {"UINT64", TypeKind::unsigned_integer},
        {"DOUBLE", TypeKind::real},  {"STRING", TypeKind::string}, {"BYTES", TypeKind::bytes}};
    constexpr std::pair<std::string_view, TypeKind> kWellKnown[] = {{"TIMESTAMP", TypeKind::timestamp},
                                                                    {"DURATION", TypeKind::duration}};
    const auto pick = [&word](const auto& table) -> Read<Type> {
        const auto* row = std::ranges::find(table, word, &std::pair<std::string_view, TypeKind>::first);
        if (row == std::end(table)) return no("the type " + word + ": protobuf");
        return Type{row->second, {}, {}};
    };
    return is_primitive ? pick(kPrimitives) : pick(kWellKnown);
}

Type message_type(const std::string& name) {
    if (name == "google.protobuf.Timestamp") return {TypeKind::timestamp, {}, {}};
    if (name == "google.protobuf.Duration") return {TypeKind::duration, {}, {}};
    return {TypeKind::opaque, name, {}};
}

Read<std::vector<Type>> types(const Json& json) {
    std::vector<Type> out;
    for (const Json& item : json) {
        auto type = read_type(item);
        if (!type) return std::unexpected(type.error());
        out.push_back(*std::move(type));
    }
    return out;
}

Read<Type> abstract_type(const Json& json) {
    const std::string name = json.value("name", "");
    auto parameters = types(json.value("parameterTypes", Json::array()));
    if (!parameters) return std::unexpected(parameters.error());
    if (name == "optional_type" && parameters->size() == 1) return cel::optional_of(parameters->front());
    return Type{TypeKind::opaque, name, *std::move(parameters)};
}

Read<cel::FunctionDeclaration> function(const std::string& name, const Json& json) {
    cel::FunctionDeclaration out{.name = name, .overloads = {}};
    for (const Json& given : json.value("overloads", Json::array())) {
        auto parameters = types(given.value("params", Json::array()));
        auto result = read_type(given.value("resultType", Json::object()));
        if (!parameters) return std::unexpected(parameters.error());
        if (!result) return std::unexpected(result.error());
        out.overloads.push_back({.id = given.value("overloadId", ""),
                                 .receiver = given.value("isInstanceFunction", false),
                                 .parameters = *std::move(parameters),
                                 .result = *std::move(result)});
    }
    return out;
}

}  // namespace

Read<Value> read_value(const Json& json, cel::Arena& arena) {
    if (!json.is_object() || json.size() != 1) return no("no value: " + json.dump());
    const std::string& kind = json.begin().key();
    const Json& given = json.begin().value();
    if (kind == "nullValue") return Value::null();
    if (kind == "boolValue" && given.is_boolean()) return Value::from(given.get<bool>());
    if (kind == "int64Value") return integer<std::int64_t>(given);
    if (kind == "uint64Value") return integer<std::uint64_t>(given);
    if (kind == "doubleValue") return real(given);
    if (kind == "listValue") return list(given, arena);
    if (kind == "mapValue") return map(given, arena);
    if (kind == "objectValue") return message(given);
    if (given.is_string()) {
        const auto text = given.get<std::string>();
        if (kind == "stringValue") return arena.copy_string(text);
        if (kind == "typeValue") return type_value(text);
        if (kind == "bytesValue") {
            const auto bytes = from_base64(text);
            if (bytes) return Value::bytes(arena.copy(*bytes));
        }
    }
    return no("no value: " + json.dump());
}

Read<Type> read_type(const Json& json) {
    if (!json.is_object() || json.size() != 1) return no("no type: " + json.dump());
    const std::string& kind = json.begin().key();
    const Json& given = json.begin().value();
    if (kind == "dyn") return Type{};
    if (kind == "null") return Type{TypeKind::null, {}, {}};
    if (kind == "primitive" || kind == "wellKnown") return simple_type(given, kind == "primitive");
    if (kind == "messageType") return message_type(given);
    if (kind == "typeParam") return cel::parameter(given);
    if (kind == "abstractType") return abstract_type(given);
    if (kind == "listType") {
        auto element = read_type(given.value("elemType", Json()));
        return element ? Read<Type>(cel::list_of(*element)) : element;
    }
    if (kind == "mapType") {
        auto key = read_type(given.value("keyType", Json()));
        auto value = read_type(given.value("valueType", Json()));
        if (!key) return key;
        return value ? Read<Type>(cel::map_of(*key, *value)) : value;
    }
    if (kind == "type") {
        auto inner = read_type(given);
        return inner ? Read<Type>(cel::type_of(*inner)) : inner;
    }
    return no("the type " + json.dump() + ": protobuf");
}

Read<cel::Environment> read_environment(const Json& original) {
    cel::Environment out{.container = original.value("container", "")};
    for (const Json& declaration : original.value("typeEnv", Json::array())) {
        const std::string name = declaration.value("name", "");
        if (declaration.contains("function")) {
            auto read = function(name, declaration["function"]);
            if (!read) return std::unexpected(read.error());
            out.functions.push_back(*std::move(read));
        } else {
            auto type = read_type(declaration.value("ident", Json::object()).value("type", Json()));
            if (!type) return std::unexpected(type.error());
            out.variables.push_back({name, *std::move(type)});
        }
    }
    const Json bindings = original.value("bindings", Json::object());
    for (const auto& [name, unused] : bindings.items()) {
        if (std::ranges::find(out.variables, name, &cel::VariableDeclaration::name) == out.variables.end())
            out.variables.push_back({name, Type{}});
    }
    return out;
}

Read<std::vector<Value>> read_bindings(const Json& original, const cel::Environment& environment,
                                       cel::Arena& arena) {
    const Json bindings = original.value("bindings", Json::object());
    std::vector<Value> out;
    for (const cel::VariableDeclaration& variable : environment.variables) {
        out.emplace_back();
        if (!bindings.contains(variable.name)) continue;
        auto value = read_value(bindings[variable.name].value("value", Json()), arena);
        if (!value) return std::unexpected(value.error());
        out.back() = *value;
    }
    return out;
}

bool same(const Value& a, const Value& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case Kind::real:
            return a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
        case Kind::list:
            return std::ranges::equal(a.list->view(), b.list->view(), same);
        case Kind::map:
            return std::ranges::equal(a.map->view(), b.map->view(), [](const auto& x, const auto& y) {
                return same(x.key, y.key) && same(x.value, y.value);
            });
        case Kind::optional:
            if (a.optional == nullptr || b.optional == nullptr) return a.optional == b.optional;
            return same(*a.optional, *b.optional);
        case Kind::absent:
        case Kind::error:
            return false;
        default:
            return cel::equal(a, b);
    }
}

}  // namespace parmana::conformance
