#include "cel/unify.hpp"

#include <algorithm>

namespace parmana::cel {
namespace {

bool is_any(const Type& type) {
    return type.is(TypeKind::dyn) || type.is(TypeKind::error);
}

/// langdef.md, "Gradual Type Checking": where a null literal may stand.
bool takes_null(const Type& type) {
    return type.is(TypeKind::null) || type.is(TypeKind::timestamp) || type.is(TypeKind::duration) ||
           type.is(TypeKind::optional) || type.is(TypeKind::opaque);
}

bool covers(const Type& a, const Type& b) {
    if (is_any(a) || a.is(TypeKind::parameter)) return true;
    if (is_any(b) || b.is(TypeKind::parameter)) return false;
    if (b.is(TypeKind::null) && takes_null(a)) return true;
    if (a.kind != b.kind || a.name != b.name || a.parameters.size() != b.parameters.size()) return false;
    return a.is(TypeKind::type) || std::ranges::equal(a.parameters, b.parameters, covers);
}

}  // namespace

Type most_general(const Type& a, const Type& b) {
    return covers(a, b) ? a : b;
}

std::optional<Type> common_type(const Type& a, const Type& b) {
    if (!Substitution().assign(a, b)) return std::nullopt;
    return most_general(a, b);
}

bool Substitution::assign(const Type& given, const Type& wanted) {
    const auto before = bound_;
    if (assignable(given, wanted)) return true;
    bound_ = before;
    return false;
}

bool Substitution::assign(const std::vector<Type>& given, const std::vector<Type>& wanted) {
    if (given.size() != wanted.size()) return false;
    const auto before = bound_;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (assignable(given[i], wanted[i])) continue;
        bound_ = before;
        return false;
    }
    return true;
}

bool Substitution::assignable(const Type& given, const Type& wanted) {
    if (wanted.is(TypeKind::parameter)) return bind(given, wanted);
    if (given.is(TypeKind::parameter)) return bind(wanted, given);
    if (is_any(given) || is_any(wanted)) return true;
    if (given.is(TypeKind::null)) return takes_null(wanted);
    if (wanted.is(TypeKind::null)) return takes_null(given);
    if (given.kind != wanted.kind || given.name != wanted.name) return false;
    if (given.is(TypeKind::type)) return true;
    if (given.parameters.size() != wanted.parameters.size()) return false;
    for (std::size_t i = 0; i < given.parameters.size(); ++i) {
        if (!assignable(given.parameters[i], wanted.parameters[i])) return false;
    }
    return true;
}

bool Substitution::bind(const Type& type, const Type& parameter) {
    if (apply(type) == apply(parameter)) return true;
    const auto found = bound_.find(parameter.name);
    if (found == bound_.end()) {
        if (occurs(parameter, type)) return false;
        bound_[parameter.name] = type;
        return true;
    }
    const Type known = found->second;
    if (type == known) return true;
    if (!assignable(type, known)) return false;
    Type wider = most_general(type, known);
    if (!occurs(parameter, wider)) bound_[parameter.name] = std::move(wider);
    return true;
}

bool Substitution::occurs(const Type& parameter, const Type& type) const {
    if (type == parameter) return true;
    if (type.is(TypeKind::parameter)) {
        const auto found = bound_.find(type.name);
        return found != bound_.end() && occurs(parameter, found->second);
    }
    return std::ranges::any_of(type.parameters, [&](const Type& part) { return occurs(parameter, part); });
}

Type Substitution::apply(const Type& type, bool close) const {
    if (type.is(TypeKind::parameter)) {
        if (const auto found = bound_.find(type.name); found != bound_.end())
            return apply(found->second, close);
        return close ? Type{} : type;
    }
    Type out = type;
    for (Type& part : out.parameters)
        part = apply(part, close);
    return out;
}

}  // namespace parmana::cel
