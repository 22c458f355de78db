// The flat program that a policy is compiled to. Internal to the module.
//
// A program is a run of small instructions over slots (the bound signals) and a pool of constants.
// A comparison is fused with its jump: it reads one slot and one constant and goes on at `next[0]`
// when it does not hold and at `next[1]` when it does. Conditions therefore have no values and no
// stack: `all`, `any` and `not` are nothing but the way the jumps are laid. Every jump goes
// forward, so a program of n instructions ends after at most n steps, whatever the signals are.
//
// Layout: for each rule in order the comparisons of its condition in text order, then its `decide`;
// behind the last rule one `undecided`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace parmana::policy {

enum class Op : std::uint8_t {
    decide,     // ends: rule `constant` decides
    undecided,  // ends: no rule holds
    always,     // holds; the empty `all`

    // From here on: comparisons of the slot `slot`, which must be of the kind `kind`.
    boolean_in,     // `constant` is a set of bits: 1 for false, 2 for true
    integer_equal,  // `constant` is an index of Pool::integers, for all but _in
    integer_less,
    integer_less_or_equal,
    integer_greater,
    integer_greater_or_equal,
    integer_in,  // `constant` is an index of Pool::sets
    number_equal,
    number_less,
    number_less_or_equal,
    number_greater,
    number_greater_or_equal,
    number_in,
    string_equal,
    string_in,
};

struct Instruction {
    Op op = Op::undecided;
    Slot::Kind kind = Slot::Kind::absent;
    std::uint16_t slot = 0;
    std::uint32_t constant = 0;
    std::uint32_t next[2] = {};  // by the comparison's result
};
static_assert(sizeof(Instruction) == 16);

/// A sorted run of one of the pool's vectors; the operation that uses it says which.
struct Set {
    std::uint32_t first;
    std::uint32_t count;
};

struct Pool {
    std::vector<std::int64_t> integers;
    std::vector<double> numbers;
    std::vector<std::string> strings;
    std::vector<Set> sets;
};

struct Program {
    PolicyId id;
    PolicyVersion version;
    std::string schema_version;
    std::vector<SignalDeclaration> signals;  // sorted by name; the index is the slot
    std::vector<Rule> rules;
    Digest schema_digest;

    std::vector<Instruction> code;
    Pool pool;
    std::vector<std::string> pointers;     // by instruction: the condition it stands for, in the document
    std::vector<std::uint32_t> decisions;  // by rule: its `decide`
};

}  // namespace parmana::policy
