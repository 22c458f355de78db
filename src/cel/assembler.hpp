// Emits the instructions of a program. Internal to the module: assembler.cpp has the values on the stack,
// loops.cpp the shapes that macros make, conditions.cpp the conditions.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cel/code.hpp"
#include "cel/program.hpp"

namespace parmana::cel {

inline bool is_call(const Expr& expr, std::string_view function) {
    return expr.kind == ExprKind::call && expr.target == nullptr && expr.name == function;
}

inline bool is_boolean_constant(const Expr& expr, bool value) {
    const auto* truth = expr.kind == ExprKind::constant ? std::get_if<bool>(&expr.constant) : nullptr;
    return truth != nullptr && *truth == value;
}

enum class Relation : std::uint8_t { equal, less, less_or_equal, greater, greater_or_equal };

/// Emits instructions in order; jumps go to labels until `finish` gives them places.
class Assembler {
  public:
    Assembler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage);

    Label label() {
        code_->labels.push_back(0);
        return static_cast<Label>(code_->labels.size() - 1);
    }
    void place(Label label) { code_->labels[label] = here(); }
    void go(Label label) { put({.op = Op::jump, .next = {label, 0}}); }

    void set_expression_base(std::uint32_t base) { base_ = base; }
    void yield_value(const Expr& expression);
    void yield_constant(Value value) { put({.op = Op::yield_constant, .constant = constant(value)}); }
    void define_lazy(std::uint32_t index, const Checked& expression);
    void begin_list(std::uint32_t index) {
        put({.op = Op::new_list, .slot = static_cast<std::uint16_t>(index)});
    }
    void append(std::uint32_t index, const Expr& element);
    void note(std::uint32_t mark) { put({.op = Op::note, .constant = mark}); }
    void record_hit(std::int64_t value, std::uint32_t group) {
        put({.op = Op::record_hit, .constant = constant(Value::from(value)), .next = {0, group}});
    }
    void yield_hit(Label if_none) { put({.op = Op::yield_hit, .next = {if_none, 0}}); }
    /// Requires labels of code that stands elsewhere. `types` null means strict logic.
    void branch(const Expr& condition, const Checked* types, Label if_true, Label if_false);

    std::unique_ptr<const Code> finish();

  private:
    struct Local {
        std::string name;
        std::uint16_t index;
    };

    /// Locals are not shared between expressions: one may be in the middle of its loops when a lazy is
    /// computed.
    void begin() { local_depth_ = local_depth_max_; }
    std::uint32_t here() const { return static_cast<std::uint32_t>(code_->instructions.size()); }
    void put(Instruction instruction, std::uint32_t expression = 0) {
        code_->instructions.push_back(instruction);
        code_->expressions.push_back(located(expression));
    }
    std::uint32_t located(std::uint32_t expression) const { return expression == 0 ? 0 : base_ + expression; }
    void push(std::uint32_t count = 1) {
        depth_ += count;
        depth_max_ = std::max(depth_max_, depth_);
    }
    void drop(std::uint32_t count) { depth_ -= count; }
    std::uint32_t constant(Value value) {
        code_->constants.push_back(value);
        return static_cast<std::uint32_t>(code_->constants.size() - 1);
    }
    std::optional<std::uint32_t> find_variable(std::string_view name) const;
    std::optional<std::uint16_t> find_local(std::string_view name) const;
    std::uint16_t new_local(std::string name);
    Value value_of(const Constant& constant);

    // ---- values on the stack

    /// Pushes the value of the expression.
    void value(const Expr& expr);
    void read_name(const Expr& expr);
    void call(const Expr& expr);
    void logical(const Expr& expr, Op left, Op right);
    /// `or` and `orValue`: the argument is evaluated only when the optional is empty.
    void alternative(const Expr& expr);
    /// A pattern that is a literal, and a valid one, is compiled once and for all.
    bool match(const Expr& expr);
    void conditional(const Expr& expr);
    void container(const Expr& expr);

    // ---- loops

    void comprehension(const Comprehension& loop);
    void fold(const Comprehension& loop);
    void initial(const Comprehension& loop, std::uint16_t accumulator);
    void stop_early(const Comprehension& loop, std::uint16_t accumulator, Label end);
    /// Lists and maps grow in place: `@result + [x]`, `cel.@mapInsert(@result, …)`, perhaps behind a filter.
    void step(const Expr& expr, std::uint16_t accumulator, Label again);

    // ---- conditions

    /// The variable that an expression reads, when it is a slot of a simple type and no local hides it.
    std::optional<std::uint32_t> simple_slot(const Expr& expr) const;
    /// Emits the condition as one instruction, when it compares a slot with constants of its own type.
    bool compare_slot(const Expr& condition, Label if_true, Label if_false);
    bool compare_constant(const Expr& at, Relation relation, const Expr& variable, const Expr& literal,
                          Label if_true, Label if_false);
    std::uint32_t interval(const Value& least, const Value& greatest) {
        const std::uint32_t first = constant(least);
        constant(greatest);
        return first;
    }
    bool compare_set(const Expr& at, const Expr& left, const Expr& right, Label if_true, Label if_false);
    void put_comparison(Op op, std::uint32_t variable, std::uint32_t constant, Label if_true, Label if_false,
                        std::uint32_t expression);
    /// True when evaluation of the expression cannot end in an error, whatever the slots hold.
    bool cannot_fail(const Expr& expr, const Checked& types) const;
    /// True for the name of a slot that input may not leave out.
    bool always_has_value(const Expr& name) const;

    std::vector<VariableDeclaration> variables_;
    std::vector<Storage> storage_;
    std::unique_ptr<Code> code_;
    std::vector<Label> lazy_labels_;
    std::vector<Local> locals_;
    std::uint32_t local_depth_ = 0;
    std::uint32_t local_depth_max_ = 0;
    std::uint32_t depth_ = 0;
    std::uint32_t depth_max_ = 0;
    std::uint32_t loops_ = 0;
    std::uint32_t base_ = 0;
};

}  // namespace parmana::cel
