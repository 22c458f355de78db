#include "cel/type.hpp"

namespace parmana::cel {
namespace {

std::string with_parameters(std::string name, const Type& type) {
    if (type.parameters.empty()) return name;
    const char* separator = "(";
    for (const Type& parameter : type.parameters) {
        name += separator + to_string(parameter);
        separator = ", ";
    }
    return name + ")";
}

std::string_view word(TypeKind kind) {
    switch (kind) {
        case TypeKind::dyn:
            return "dyn";
        case TypeKind::error:
            return "error";
        case TypeKind::null:
            return "null";
        case TypeKind::timestamp:
            return "timestamp";
        case TypeKind::duration:
            return "duration";
        default:
            return type_identifier(kind);
    }
}

}  // namespace

std::string_view type_identifier(TypeKind kind) {
    switch (kind) {
        case TypeKind::null:
            return "null_type";
        case TypeKind::boolean:
            return "bool";
        case TypeKind::integer:
            return "int";
        case TypeKind::unsigned_integer:
            return "uint";
        case TypeKind::real:
            return "double";
        case TypeKind::string:
            return "string";
        case TypeKind::bytes:
            return "bytes";
        case TypeKind::timestamp:
            return "google.protobuf.Timestamp";
        case TypeKind::duration:
            return "google.protobuf.Duration";
        case TypeKind::list:
            return "list";
        case TypeKind::map:
            return "map";
        case TypeKind::optional:
            return "optional_type";
        case TypeKind::type:
            return "type";
        case TypeKind::dyn:
        case TypeKind::error:
        case TypeKind::opaque:
        case TypeKind::parameter:
            break;
    }
    return {};
}

std::string to_string(const Type& type) {
    if (type.kind == TypeKind::opaque || type.kind == TypeKind::parameter)
        return with_parameters(type.name, type);
    return with_parameters(std::string(word(type.kind)), type);
}

}  // namespace parmana::cel
