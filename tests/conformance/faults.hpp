// What an error message of the suite asks for. The suite says that messages are only a hint; ours are of a
// closed set.
#pragma once

#include <span>
#include <string_view>

#include "cel/value.hpp"

namespace parmana::conformance {

/// The faults that fit the message; empty for a message that this table does not know.
std::span<const cel::Fault> faults_for(std::string_view message);

}  // namespace parmana::conformance
