// Assignability of types, with the substitution of type parameters that it needs. Internal to the module.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cel/type.hpp"

namespace parmana::cel {

/// What type parameters stand for. A failed question leaves no trace.
class Substitution {
  public:
    /// True when a value of type `given` can stand where `wanted` is asked for; binds parameters on both
    /// sides.
    bool assign(const Type& given, const Type& wanted);
    bool assign(const std::vector<Type>& given, const std::vector<Type>& wanted);
    /// The type with its parameters replaced; those that nothing is known of become dyn when `close` is set.
    Type apply(const Type& type, bool close = false) const;
    /// A type parameter that no other has.
    Type fresh() { return parameter("#" + std::to_string(next_++)); }

  private:
    bool assignable(const Type& given, const Type& wanted);
    bool bind(const Type& type, const Type& parameter);
    bool occurs(const Type& parameter, const Type& type) const;

    std::map<std::string, Type> bound_;
    std::size_t next_ = 0;
};

/// The one of two assignable types that covers the other.
Type most_general(const Type& a, const Type& b);

}  // namespace parmana::cel
