// Programs: expressions compiled to a flat run of small instructions, and the machine that runs them.
//
// A program works on a stack of values and four kinds of storage: *slots* (the bound input), *locals*
// (variables of macros), *lazies* (named expressions that are computed at most once an evaluation) and
// *lists* (which grow as the evaluation goes on). Errors are values that strict instructions pass on. A
// comparison of a slot with a constant is one instruction that jumps by its result, so that the common policy
// runs without a stack and without allocating. Jumps go forward but at the end of a loop body; a loop runs
// once for each element of a value, and its steps are counted against `limits::kCelCostMax`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/cel.hpp"

namespace parmana::cel {

struct Code;      // code.hpp
class Assembler;  // compiler.cpp

/// An immutable program; any number of threads may run it at once, each with a Machine of its own.
class Program {
  public:
    Program(Program&&) noexcept;
    Program& operator=(Program&&) noexcept;
    ~Program();
    const Code& code() const { return *code_; }

  private:
    friend class Compiler;
    explicit Program(std::unique_ptr<const Code> code);
    std::unique_ptr<const Code> code_;
};

/// A target of jumps, named before it has a place; evaluation can begin at any.
using Label = std::uint32_t;

/// Where a variable of the environment lives.
struct Storage {
    enum class Kind : std::uint8_t { slot, lazy, list };
    Kind kind = Kind::slot;
    std::uint32_t index = 0;
    /// Of a slot: input may leave it out; to read it then is an error, which logic absorbs.
    bool may_be_absent = false;
};

/// Builds one program out of checked expressions and of jumps between them.
class Compiler {
  public:
    /// `variables` and `storage` correspond; without `storage` the n-th variable is slot n.
    explicit Compiler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage = {});
    ~Compiler();
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;

    Label label();
    /// Gives a label its place: the next instruction.
    void place(Label label);

    /// Errors of what follows carry the ids of expressions with `base` added, so that one program can tell
    /// the ids of many expressions apart.
    void set_expression_base(std::uint32_t base);
    /// Evaluates a tree that `check` or `resolve` has been through, or a part of one, and ends with its
    /// value.
    void yield_value(const Expr& checked);
    /// Ends with an integer.
    void yield(std::int64_t value);
    /// Ends with an error.
    void yield_error(Fault fault);
    /// Goes on at one of the labels; ends with an error when the condition is one, or is no bool.
    void branch(const Checked& condition, Label if_true, Label if_false);
    /// The same for a tree without a checker, of comparisons between a variable and a literal (or a list of
    /// literals, for `in`) of its type, joined by `&&`, `||` and `!`. Left to right, without absorption: the
    /// first error ends the evaluation.
    void branch_strictly(const Expr& condition, Label if_true, Label if_false);
    /// Goes on at the label.
    void go(Label label);
    /// Defines the lazy `index`, which `expression` computes when it is first read.
    void define_lazy(std::uint32_t index, const Checked& expression);
    /// Makes the list `index` empty. Required before an evaluation appends to it or reads it.
    void begin_list(std::uint32_t index);
    /// Appends a value to the list, and goes on; ends with the error that a value is. The list is not to be
    /// read before it is whole.
    void append(std::uint32_t index, const Expr& element);
    /// Leaves a mark, and goes on; `Machine::marks` has those that an evaluation came by.
    void note(std::uint32_t mark);
    /// Remembers a hit, and goes on. A second hit of another group ends with Fault::ambiguous.
    void record_hit(std::int64_t value, std::uint32_t group);
    /// Ends with the value of the first hit; without one goes on at the label.
    void yield_hit(Label if_none);

    Program finish();

  private:
    std::unique_ptr<Assembler> assembler_;
};

/// The storage of evaluations, one after the other. What `run` returns may view it and lives until the next
/// run.
class Machine {
  public:
    Machine();
    ~Machine();
    Machine(Machine&&) noexcept;
    Machine& operator=(Machine&&) noexcept;

    /// `slots` has a value for each slot of the program; absent ones are errors when they are read.
    Value run(const Program& program, Label entry, std::span<const Value> slots);
    /// Cost of the last run, in units of `limits::kCelCostMax`.
    std::uint64_t cost() const;
    /// What `Compiler::note` left in the last run, in the order of its steps.
    std::span<const std::uint32_t> marks() const;
    /// Bytes that the last run took from the arena.
    std::size_t arena_bytes() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The program of one checked expression over slots in the order of the environment's variables; its entry is
/// 0.
Program compile(const Checked& expression, const Environment& environment);

}  // namespace parmana::cel
