// What a policy is compiled to. Internal to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cel/program.hpp"
#include "policy/policy.hpp"

namespace parmana::policy {

/// The condition of a rule as `&&`, `||` and `!` over atoms, for traces. An atom is an entry of the program that yields
/// a bool.
struct Skeleton {
    enum class Kind : std::uint8_t { atom, all, any, negation };
    Kind kind = Kind::atom;
    std::string text = {};  // of an atom, and of an empty `all`
    cel::Label entry = 0;
    std::vector<Skeleton> parts = {};
};

/// What an expression id of the program stands for.
struct Place {
    std::int32_t rule = -1;     // or -1 within a variable
    std::int32_t variable = -1;
    std::uint32_t offset = 0;   // in its CEL text
    std::int32_t slot = -1;     // parmana-rules/1: the signal that is read
};

struct Binding {
    std::string signal;
    std::vector<std::string> path;  // member names below the request: action, parameters, amount
};

/// `action.parameters.amount`.
std::string joined(const std::vector<std::string>& path);

struct Program {
    PolicyId id;
    PolicyVersion version;
    std::string language_profile;
    std::string schema_version;
    std::vector<SignalDeclaration> signals;  // sorted by name; the index is the slot
    std::vector<Rule> rules;
    HitPolicy hit_policy = HitPolicy::first;
    std::vector<Binding> bindings;
    std::vector<Policy::NamedText> variables;
    std::vector<std::string> conditions;  // by rule, as CEL
    Digest schema_digest;
    std::uint64_t cost = 0;

    std::optional<cel::Program> code;  // always there in a finished program
    cel::Label main = 0;
    std::vector<std::uint32_t> order;   // of evaluation: indices of rules
    std::vector<Skeleton> skeletons;    // by rule
    std::vector<Place> places;          // by expression id
};

}  // namespace parmana::policy
