// Reading closed objects: every member is asked for by name, and what nobody asked for is an error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "json/json.hpp"

namespace parmana::json {

/// An object of which the members are known. `at` is the JSON pointer of the object, for messages.
class Fields {
  public:
    /// Errors: member_invalid when `value` is not an object; member_unknown for a member that is in
    /// neither list; member_missing for one of `required` that is not there.
    static Result<Fields> open(Value value, std::string at, std::initializer_list<std::string_view> required,
                               std::initializer_list<std::string_view> optional = {});

    /// Require the member to be there (an INVARIANT: `open` has checked) and to have the type
    /// (member_invalid).
    Result<std::string> string(std::string_view name) const;
    Result<std::int64_t> integer(std::string_view name) const;
    Result<bool> boolean(std::string_view name) const;
    Result<Value> array(std::string_view name) const;
    Result<Value> object(std::string_view name) const;
    Value any(std::string_view name) const;
    bool has(std::string_view name) const;
    /// Pointer of a member.
    std::string at(std::string_view name) const;
    /// A member_invalid error at a member: "`name` must be …".
    std::unexpected<Error> invalid(std::string_view name, std::string_view must_be) const;

  private:
    Fields(Value value, std::string at) : value_(value), at_(std::move(at)) {}
    Result<Value> typed(std::string_view name, Type type, std::string_view must_be) const;

    Value value_;
    std::string at_;
};

}  // namespace parmana::json
