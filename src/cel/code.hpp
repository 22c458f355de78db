// The instructions of a program. Internal to the module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cel/builtin.hpp"
#include "cel/regex.hpp"
#include "cel/value.hpp"

namespace parmana::cel {

enum class Op : std::uint8_t {
    // On the stack of values. `constant` is an index or a count, `slot` a local or a count.
    push_constant,    // constants[constant]
    push_slot,        // slots[slot]
    push_local,       // locals[slot]
    push_lazy,        // lazies[slot]; computed at next[1] when it has no value yet
    return_lazy,      // ends the computation of lazies[slot]
    store_local,      // locals[slot] = pop
    call,             // functions[constant] on the `slot` values on top
    select,           // the field constants[constant] of the top
    test_select,      // has()
    optional_select,  // .?
    make_list,        // of the `constant` values on top; `slot` is 1 when flags tell which are optional
    make_map,         // of the `constant` pairs on top; the same
    jump,             // next[0]
    and_left,         // false: next[0]; else on
    and_right,        // the two on top become one
    or_left,          // true: next[0]; else on
    or_right,
    or_else,  // the top when it is an optional that holds something (`slot` 1: what it holds) or an error:
              // next[0];
              // one that holds nothing is popped
    require_optional,  // an error unless the top is an optional
    match,             // whether patterns[constant] is found in the top
    choose,  // pop: true next[1], false next[0], else an error is pushed and next[0] of the jump behind
    test,    // pop: true next[1], false next[0], else ends with the error
    // Loops. `slot` is the accumulator's local, the variables are behind it.
    loop_begin,   // pops the range; next[0] when it is an error, which then is in the accumulator
    loop_next,    // binds the variables; next[0] at the end. `constant` 2 for two variables; an element
                  // costs what next[1] instructions do, those of the body
    loop_false,   // next[0] when the accumulator is false
    loop_true,    // next[0] when it is true
    loop_error,   // next[0] when it is an error
    loop_again,   // next[0]
    new_list,     // locals[slot] is an empty list that can grow
    append_list,  // pops a value into it
    new_map,
    append_map,  // `constant` 2 pops key and value, 1 a map
    finish_map,  // sorts it
    // Statements.
    collect,  // pops a value into the list in locals[slot]; ends with it when it is an error
    note,     // appends `constant` to the marks
    // Ends.
    yield,           // with the top
    yield_constant,  // with constants[constant]
    record_hit,      // constants[constant], of group next[1]
    yield_hit,       // with the hit; without one next[0]
    // Comparisons of slots[slot], of `kind`: next[0] when it does not hold, next[1] when it does. Every
    // comparison of a number or a boolean with a constant is one with an interval: what is always the same
    // instruction is easy to foretell.
    within,       // from constants[constant] to constants[constant + 1], both included; integers and booleans
    real_within,  // the same
    string_equal,  // constants[constant]
    in_set,        // sets[constant]
};

struct Instruction {
    Op op = Op::yield;
    Kind kind = Kind::absent;
    std::uint16_t slot = 0;
    std::uint32_t constant = 0;
    std::uint32_t next[2] = {};
};
static_assert(sizeof(Instruction) == 16);

/// A sorted run of constants.
struct Set {
    std::uint32_t first;
    std::uint32_t count;
};

struct Code {
    std::vector<Instruction> instructions;
    std::vector<std::uint32_t> expressions;  // by instruction: the id of the expression, for errors
    std::vector<Value> constants;
    std::vector<Set> sets;
    std::vector<const Builtin*> functions;
    std::vector<Regex> patterns;
    std::vector<std::vector<bool>> flags;  // of make_list and make_map: which are optional
    std::vector<std::uint32_t> labels;     // to instructions
    std::uint32_t slot_count = 0;
    std::uint32_t local_count = 0;
    std::uint32_t lazy_count = 0;
    std::uint32_t stack_depth = 0;
    std::uint32_t loop_depth = 0;
    Arena arena;  // owns what the constants view
};

}  // namespace parmana::cel
