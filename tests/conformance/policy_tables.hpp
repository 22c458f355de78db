// What we say of the suite of CEL Policy beside its data: which cases cannot pass, where the faults of its
// faulty policies stand, and how our messages are worded.
#pragma once

#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace parmana::conformance {

/// A value, or in words why there is none.
template <class T>
using Answer = std::expected<T, std::string>;

struct PolicyTables {
    /// Reasons by case. File: `case  # reason`.
    std::map<std::string, std::string> excluded;
    /// `line:column` of every finding by case, in order. File: `case line:column…`.
    std::map<std::string, std::vector<std::string>> positions;
};

/// Reads policy_excluded.txt and policy_errors.txt. A case twice and a line without its second part are
/// refused.
Answer<PolicyTables> read_tables(const std::string& directory);

/// What stands in our message where the suite asks for this fragment.
std::string_view our_words(std::string_view fragment);

}  // namespace parmana::conformance
