#include "json/fields.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/invariant.hpp"

namespace parmana::json {
namespace {

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Fields> Fields::open(Value value, std::string at, std::initializer_list<std::string_view> required,
                            std::initializer_list<std::string_view> optional) {
    if (!value.is(Type::object)) {
        return fail(Code::member_invalid, "`" + (at.empty() ? "/" : at) + "` must be an object", at);
    }
    for (const Value member : value.members()) {
        if (contains(required, member.name()) || contains(optional, member.name())) continue;
        return fail(Code::member_unknown,
                    "`" + std::string(member.name()) + "` is not a member of this object",
                    at + pointer_token(member.name()));
    }
    for (const std::string_view name : required) {
        if (value.find(name)) continue;
        return fail(Code::member_missing, "`" + std::string(name) + "` is missing", at + pointer_token(name));
    }
    return Fields(value, std::move(at));
}

Value Fields::any(std::string_view name) const {
    const auto found = value_.find(name);
    INVARIANT(found.has_value());
    return *found;
}

bool Fields::has(std::string_view name) const {
    return value_.find(name).has_value();
}

std::string Fields::at(std::string_view name) const {
    return at_ + pointer_token(name);
}

std::unexpected<Error> Fields::invalid(std::string_view name, std::string_view must_be) const {
    return fail(Code::member_invalid, "`" + std::string(name) + "` must be " + std::string(must_be),
                at(name));
}

Result<Value> Fields::typed(std::string_view name, Type type, std::string_view must_be) const {
    const Value found = any(name);
    if (!found.is(type)) return invalid(name, must_be);
    return found;
}

Result<std::string> Fields::string(std::string_view name) const {
    return std::string(TRY(typed(name, Type::string, "a string")).string());
}

Result<std::int64_t> Fields::integer(std::string_view name) const {
    return TRY(typed(name, Type::integer, "an integer")).integer();
}

Result<bool> Fields::boolean(std::string_view name) const {
    return TRY(typed(name, Type::boolean, "true or false")).boolean();
}

Result<Value> Fields::array(std::string_view name) const {
    return typed(name, Type::array, "an array");
}

Result<Value> Fields::object(std::string_view name) const {
    return typed(name, Type::object, "an object");
}

}  // namespace parmana::json
