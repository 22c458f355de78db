// The functions of the reference by subject; each table is a part of find_function.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "reference.hpp"

namespace parmana::reference {

using Functions = std::map<std::string, Function, std::less<>>;

void add_operators(Functions& functions);
void add_conversions(Functions& functions);
void add_times(Functions& functions);
void add_strings(Functions& functions);
void add_math(Functions& functions);
void add_optionals(Functions& functions);

/// `format.format(arguments)`.
Outcome format(std::string_view format, const Values& arguments);

/// string(value), for every kind of value that has it.
Outcome convert_to_string(const Value& value);

inline std::unexpected<Fault> no_overload() {
    return failed(Fault::no_such_overload);
}

}  // namespace parmana::reference
