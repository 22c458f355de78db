#include "authoring/cel_policy_value.hpp"

#include <algorithm>
#include <vector>

namespace parmana::authoring {
namespace {

using cel::Kind;
using cel::Type;
using cel::TypeKind;
using cel::Value;

Value integer_of(std::int64_t integer, const Type& wanted) {
    if (wanted.is(TypeKind::real)) return Value::from(static_cast<double>(integer));
    if (wanted.is(TypeKind::unsigned_integer) && integer >= 0)
        return Value::from(static_cast<std::uint64_t>(integer));
    return Value::from(integer);
}

Type parameter_of(const Type& type, std::size_t index) {
    return index < type.parameters.size() ? type.parameters[index] : Type{};
}

}  // namespace

Value value_of(yaml::Node node, const Type& wanted, cel::Arena& arena) {
    if (wanted.is(TypeKind::optional)) {
        const Value inner = value_of(node, parameter_of(wanted, 0), arena);
        return inner.is(Kind::error) ? inner : arena.make_optional(inner);
    }
    switch (node.type()) {
        case yaml::Type::null:
            return Value::null();
        case yaml::Type::boolean:
            return Value::from(node.boolean());
        case yaml::Type::integer:
            return integer_of(node.integer(), wanted);
        case yaml::Type::real:
            return Value::from(node.real());
        case yaml::Type::string:
            return arena.copy_string(node.text());
        case yaml::Type::sequence: {
            std::vector<Value> items;
            for (const yaml::Node element : node.elements()) {
                items.push_back(value_of(element, parameter_of(wanted, 0), arena));
                if (items.back().is(Kind::error)) return items.back();
            }
            return arena.make_list(items);
        }
        case yaml::Type::mapping:
            break;
    }
    std::vector<cel::MapEntry> entries;
    for (const yaml::Member& member : node.members()) {
        entries.push_back({value_of(member.key, parameter_of(wanted, 0), arena),
                           value_of(member.value, parameter_of(wanted, 1), arena)});
        if (entries.back().value.is(Kind::error)) return entries.back().value;
    }
    return arena.make_map(entries);
}

bool fits(const Value& value, const Type& type) {
    if (value.is(Kind::error) || value.is(Kind::absent)) return false;
    switch (type.kind) {
        case TypeKind::dyn:
        case TypeKind::error:
        case TypeKind::parameter:
            return true;
        case TypeKind::list:
            return value.is(Kind::list) && std::ranges::all_of(value.list->view(), [&](const Value& item) {
                       return fits(item, parameter_of(type, 0));
                   });
        case TypeKind::map:
            return value.is(Kind::map) &&
                   std::ranges::all_of(value.map->view(), [&](const cel::MapEntry& entry) {
                       return fits(entry.key, parameter_of(type, 0)) &&
                              fits(entry.value, parameter_of(type, 1));
                   });
        case TypeKind::optional:
            return value.is(Kind::optional) &&
                   (value.optional == nullptr || fits(*value.optional, parameter_of(type, 0)));
        default:
            return cel::type_of_value(value) == type.kind;
    }
}

}  // namespace parmana::authoring
