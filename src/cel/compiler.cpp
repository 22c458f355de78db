// From checked trees to instructions.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.hpp"
#include "cel/code.hpp"
#include "cel/declarations.hpp"
#include "cel/program.hpp"

namespace parmana::cel {
namespace {

bool is_call(const Expr& expr, std::string_view function) {
    return expr.kind == ExprKind::call && expr.target == nullptr && expr.name == function;
}

bool is_boolean_constant(const Expr& expr, bool value) {
    const auto* truth = expr.kind == ExprKind::constant ? std::get_if<bool>(&expr.constant) : nullptr;
    return truth != nullptr && *truth == value;
}

std::optional<Kind> simple_kind(const Type& type) {
    switch (type.kind) {
        case TypeKind::boolean:
            return Kind::boolean;
        case TypeKind::integer:
            return Kind::integer;
        case TypeKind::real:
            return Kind::real;
        case TypeKind::string:
            return Kind::string;
        default:
            return std::nullopt;
    }
}

enum class Relation : std::uint8_t { equal, less, less_or_equal, greater, greater_or_equal };

std::optional<Relation> relation_of(std::string_view function) {
    constexpr std::string_view kFunctions[] = {op::kEqual, op::kLess, op::kLessOrEqual, op::kGreater,
                                               op::kGreaterOrEqual};
    const auto* found = std::ranges::find(kFunctions, function);
    if (found == std::end(kFunctions)) return std::nullopt;
    return static_cast<Relation>(found - std::begin(kFunctions));
}

/// With the operands exchanged.
Relation mirrored(Relation relation) {
    constexpr Relation kMirrored[] = {Relation::equal, Relation::greater, Relation::greater_or_equal, Relation::less,
                                      Relation::less_or_equal};
    return kMirrored[static_cast<std::size_t>(relation)];
}

/// The least and the greatest value that are in a relation to an operand; without one the least is the greater.
struct Interval {
    Value least, greatest;
};

Interval interval_of(Relation relation, std::int64_t operand) {
    using Limits = std::numeric_limits<std::int64_t>;
    std::int64_t least = Limits::min(), greatest = Limits::max();
    bool empty = false;
    switch (relation) {
        case Relation::equal:
            least = greatest = operand;
            break;
        case Relation::less:
            empty = __builtin_sub_overflow(operand, 1, &greatest);
            break;
        case Relation::less_or_equal:
            greatest = operand;
            break;
        case Relation::greater:
            empty = __builtin_add_overflow(operand, 1, &least);
            break;
        case Relation::greater_or_equal:
            least = operand;
            break;
    }
    return empty ? Interval{Value::from(std::int64_t{1}), Value::from(std::int64_t{0})}
                 : Interval{Value::from(least), Value::from(greatest)};
}

/// The operand is not NaN, which no literal spells.
Interval interval_of(Relation relation, double operand) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double least = -kInfinity, greatest = kInfinity;
    switch (relation) {
        case Relation::equal:
            least = greatest = operand;
            break;
        case Relation::less:
            greatest = std::nextafter(operand, -kInfinity);
            break;
        case Relation::less_or_equal:
            greatest = operand;
            break;
        case Relation::greater:
            least = std::nextafter(operand, kInfinity);
            break;
        case Relation::greater_or_equal:
            least = operand;
            break;
    }
    return {Value::from(least), Value::from(greatest)};
}

}  // namespace

/// Emits instructions in order; jumps go to labels until `finish` gives them places.
class Assembler {
  public:
    Assembler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage)
        : variables_(std::move(variables)), storage_(std::move(storage)), code_(std::make_unique<Code>()) {
        for (std::uint32_t i = 0; storage_.size() < variables_.size(); ++i)
            storage_.push_back({Storage::Kind::slot, i});
        for (const Storage& place : storage_) {
            std::uint32_t& count = place.kind == Storage::Kind::slot ? code_->slot_count : code_->lazy_count;
            count = std::max(count, place.index + 1);
        }
        lazy_labels_.resize(code_->lazy_count);
        for (Label& at : lazy_labels_)
            at = label();
    }

    Label label() {
        code_->labels.push_back(0);
        return static_cast<Label>(code_->labels.size() - 1);
    }
    void place(Label label) { code_->labels[label] = here(); }
    void go(Label label) { put({.op = Op::jump, .next = {label, 0}}); }

    void set_expression_base(std::uint32_t base) { base_ = base; }
    void yield_value(const Expr& expression) {
        begin();
        value(expression);
        put({.op = Op::yield});
        drop(1);
    }
    void yield_constant(Value value) { put({.op = Op::yield_constant, .constant = constant(value)}); }

    void define_lazy(std::uint32_t index, const Checked& expression) {
        begin();
        place(lazy_labels_[index]);
        value(*expression.ast.root);
        put({.op = Op::return_lazy, .slot = static_cast<std::uint16_t>(index)});
        drop(1);
    }

    void record_hit(std::int64_t value, std::uint32_t group) {
        put({.op = Op::record_hit, .constant = constant(Value::from(value)), .next = {0, group}});
    }
    void yield_hit(Label if_none) { put({.op = Op::yield_hit, .next = {if_none, 0}}); }

    /// Requires labels of code that stands elsewhere. `types` null means strict logic.
    void branch(const Expr& condition, const Checked* types, Label if_true, Label if_false) {
        if (is_call(condition, op::kNot)) return branch(*condition.arguments[0], types, if_false, if_true);
        const bool is_and = is_call(condition, op::kAnd);
        if ((is_and || is_call(condition, op::kOr)) &&
            (types == nullptr || (cannot_fail(*condition.arguments[0], *types) &&
                                  cannot_fail(*condition.arguments[1], *types)))) {
            const Label second = label();
            branch(*condition.arguments[0], types, is_and ? second : if_true, is_and ? if_false : second);
            place(second);
            return branch(*condition.arguments[1], types, if_true, if_false);
        }
        if (is_boolean_constant(condition, true)) return go(if_true);
        if (is_boolean_constant(condition, false)) return go(if_false);
        if (compare_slot(condition, if_true, if_false)) return;
        INVARIANT(types != nullptr);
        begin();
        value(condition);
        put({.op = Op::test, .next = {if_false, if_true}}, condition.id);
        drop(1);
    }

    std::unique_ptr<const Code> finish() {
        for (Instruction& at : code_->instructions) {
            if (jumps_both(at.op)) at.next[1] = code_->labels[at.next[1]];
            if (at.op == Op::choose) at.constant = code_->labels[at.constant];
            if (jumps(at.op) || jumps_both(at.op)) at.next[0] = code_->labels[at.next[0]];
        }
        // A lazy may be computed in the middle of another expression.
        const std::uint32_t nested = code_->lazy_count + 1;
        code_->local_count = local_depth_max_;
        code_->stack_depth = (depth_max_ + 1) * nested;
        code_->loop_depth *= nested;
        return std::move(code_);
    }

  private:
    static bool jumps(Op op) {
        switch (op) {
            case Op::jump:
            case Op::and_left:
            case Op::or_left:
            case Op::loop_begin:
            case Op::loop_next:
            case Op::loop_false:
            case Op::loop_true:
            case Op::loop_error:
            case Op::loop_again:
            case Op::yield_hit:
                return true;
            default:
                return false;
        }
    }
    static bool jumps_both(Op op) {
        return op == Op::test || op == Op::choose || op == Op::push_lazy || op >= Op::within;
    }

    /// Locals are not shared between expressions: one may be in the middle of its loops when a lazy is computed.
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
    Value value_of(const Constant& constant) {
        if (const auto* truth = std::get_if<bool>(&constant)) return Value::from(*truth);
        if (const auto* integer = std::get_if<std::int64_t>(&constant)) return Value::from(*integer);
        if (const auto* number = std::get_if<std::uint64_t>(&constant)) return Value::from(*number);
        if (const auto* real = std::get_if<double>(&constant)) return Value::from(*real);
        if (const auto* text = std::get_if<std::string>(&constant)) return code_->arena.copy_string(*text);
        if (const auto* bytes = std::get_if<Bytes>(&constant)) return Value::bytes(code_->arena.copy(bytes->value));
        return Value::null();
    }

    // ---- what the fused comparisons need

    std::optional<std::uint32_t> find_variable(std::string_view name) const {
        const auto found = std::ranges::find(variables_, name, &VariableDeclaration::name);
        if (found == variables_.end()) return std::nullopt;
        return static_cast<std::uint32_t>(found - variables_.begin());
    }

    /// The variable that an expression reads, when it is a slot of a simple type and no local hides it.
    std::optional<std::uint32_t> simple_slot(const Expr& expr) const {
        if (expr.kind != ExprKind::identifier || find_local(expr.name)) return std::nullopt;
        const auto index = find_variable(expr.name);
        if (!index || storage_[*index].kind != Storage::Kind::slot) return std::nullopt;
        return simple_kind(variables_[*index].type) ? index : std::nullopt;
    }

    /// Emits the condition as one instruction, when it compares a slot with constants of its own type.
    bool compare_slot(const Expr& condition, Label if_true, Label if_false) {
        if (const auto index = simple_slot(condition); index && variables_[*index].type.is(TypeKind::boolean)) {
            const std::uint32_t one = interval({Value::from(std::int64_t{1}), Value::from(std::int64_t{1})});
            put_comparison(Op::within, *index, one, if_true, if_false, condition.id);
            return true;
        }
        if (condition.kind != ExprKind::call || condition.target != nullptr || condition.arguments.size() != 2)
            return false;
        const Expr& left = *condition.arguments[0];
        const Expr& right = *condition.arguments[1];
        if (condition.name == op::kIn) return compare_set(condition, left, right, if_true, if_false);
        const bool differs = condition.name == op::kNotEqual;
        const auto relation = differs ? Relation::equal : relation_of(condition.name);
        if (!relation) return false;
        if (differs) std::swap(if_true, if_false);
        return left.kind == ExprKind::constant
                   ? compare_constant(condition, mirrored(*relation), right, left, if_true, if_false)
                   : compare_constant(condition, *relation, left, right, if_true, if_false);
    }

    bool compare_constant(const Expr& at, Relation relation, const Expr& variable, const Expr& literal, Label if_true,
                          Label if_false) {
        const auto index = simple_slot(variable);
        if (!index || literal.kind != ExprKind::constant) return false;
        const Value operand = value_of(literal.constant);
        if (operand.kind != *simple_kind(variables_[*index].type)) return false;
        const auto put_within = [&](Op op, Interval given) {
            put_comparison(op, *index, interval(given), if_true, if_false, at.id);
            return true;
        };
        if (operand.is(Kind::integer)) return put_within(Op::within, interval_of(relation, operand.integer));
        if (operand.is(Kind::real)) return put_within(Op::real_within, interval_of(relation, operand.real));
        if (relation != Relation::equal) return false;
        if (operand.is(Kind::boolean))
            return put_within(Op::within, interval_of(relation, std::int64_t{operand.boolean}));
        put_comparison(Op::string_equal, *index, constant(operand), if_true, if_false, at.id);
        return true;
    }

    std::uint32_t interval(Interval given) {
        const std::uint32_t first = constant(given.least);
        constant(given.greatest);
        return first;
    }

    bool compare_set(const Expr& at, const Expr& left, const Expr& right, Label if_true, Label if_false) {
        const auto index = simple_slot(left);
        if (!index || right.kind != ExprKind::list) return false;
        std::vector<Value> values;
        for (const Entry& entry : right.entries) {
            if (entry.optional || entry.value->kind != ExprKind::constant) return false;
            values.push_back(value_of(entry.value->constant));
            if (values.back().kind != *simple_kind(variables_[*index].type)) return false;
        }
        std::ranges::sort(values, [](const Value& a, const Value& b) { return compare(a, b) == Order::less; });
        code_->sets.push_back({static_cast<std::uint32_t>(code_->constants.size()),
                               static_cast<std::uint32_t>(values.size())});
        for (const Value& value : values)
            constant(value);
        put_comparison(Op::in_set, *index, static_cast<std::uint32_t>(code_->sets.size() - 1), if_true, if_false, at.id);
        return true;
    }

    void put_comparison(Op op, std::uint32_t variable, std::uint32_t constant, Label if_true, Label if_false,
                        std::uint32_t expression) {
        put({.op = op,
             .kind = *simple_kind(variables_[variable].type),
             .slot = static_cast<std::uint16_t>(storage_[variable].index),
             .constant = constant,
             .next = {if_false, if_true}},
            expression);
    }

    /// True when evaluation of the expression cannot end in an error, whatever the slots hold.
    bool cannot_fail(const Expr& expr, const Checked& types) const {
        if (types.types[expr.id].is(TypeKind::dyn)) return false;
        switch (expr.kind) {
            case ExprKind::constant:
                return true;
            case ExprKind::identifier:
                return !find_local(expr.name) && find_variable(expr.name) &&
                       storage_[*find_variable(expr.name)].kind == Storage::Kind::slot;
            case ExprKind::list:
                return std::ranges::all_of(expr.entries, [&](const Entry& entry) {
                    return !entry.optional && cannot_fail(*entry.value, types);
                });
            case ExprKind::call:
                break;
            default:
                return false;
        }
        constexpr std::string_view kSafe[] = {op::kAnd, op::kOr, op::kNot, op::kEqual, op::kNotEqual, op::kLess,
                                              op::kLessOrEqual, op::kGreater, op::kGreaterOrEqual, op::kIn, "size",
                                              "contains", "startsWith", "endsWith", "hasValue"};
        if (std::ranges::find(kSafe, expr.name) == std::end(kSafe)) return false;
        if (expr.target != nullptr && !cannot_fail(*expr.target, types)) return false;
        return std::ranges::all_of(expr.arguments,
                                   [&](const ExprPtr& argument) { return cannot_fail(*argument, types); });
    }

    // ---- values on the stack

    struct Local {
        std::string name;
        std::uint16_t index;
    };
    std::optional<std::uint16_t> find_local(std::string_view name) const {
        for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
            if (local->name == name) return local->index;
        }
        return std::nullopt;
    }
    std::uint16_t new_local(std::string name) {
        const auto index = static_cast<std::uint16_t>(local_depth_++);
        local_depth_max_ = std::max(local_depth_max_, local_depth_);
        locals_.push_back({std::move(name), index});
        return index;
    }

    /// Pushes the value of the expression.
    void value(const Expr& expr) {
        switch (expr.kind) {
            case ExprKind::constant:
                put({.op = Op::push_constant, .constant = constant(value_of(expr.constant))});
                return push();
            case ExprKind::identifier:
                return read_name(expr);
            case ExprKind::select:
                value(*expr.target);
                put({.op = expr.test_only ? Op::test_select : Op::select,
                     .constant = constant(code_->arena.copy_string(expr.name))},
                    expr.id);
                return;
            case ExprKind::call:
                return call(expr);
            case ExprKind::list:
            case ExprKind::map:
                return container(expr);
            case ExprKind::comprehension:
                return comprehension(*expr.comprehension);
            case ExprKind::message:
                break;
        }
        INVARIANT(false);
    }

    void read_name(const Expr& expr) {
        push();
        if (const auto local = find_local(expr.name)) return put({.op = Op::push_local, .slot = *local}, expr.id);
        if (const auto index = find_variable(expr.name)) {
            const Storage storage = storage_[*index];
            const auto slot = static_cast<std::uint16_t>(storage.index);
            if (storage.kind == Storage::Kind::slot) return put({.op = Op::push_slot, .slot = slot}, expr.id);
            // Computed there and pushed here: the label behind this instruction is where it comes back to.
            const Label back = label();
            put({.op = Op::push_lazy, .slot = slot, .next = {back, lazy_labels_[storage.index]}}, expr.id);
            return place(back);
        }
        const Type type = find_standard_type(expr.name);
        const Value denoted = type.is(TypeKind::error) ? Value::error(Fault::unknown_variable, located(expr.id))
                                                       : Value::from(type.kind);
        put({.op = Op::push_constant, .constant = constant(denoted)}, expr.id);
    }

    void call(const Expr& expr) {
        if (is_call(expr, op::kAnd)) return logical(expr, Op::and_left, Op::and_right);
        if (is_call(expr, op::kOr)) return logical(expr, Op::or_left, Op::or_right);
        if (is_call(expr, op::kConditional)) return conditional(expr);
        if (is_call(expr, op::kOptionalSelect)) {
            value(*expr.arguments[0]);
            const Value name = value_of(expr.arguments[1]->constant);
            return put({.op = Op::optional_select, .constant = constant(name)}, expr.id);
        }
        std::uint16_t count = 0;
        if (expr.target != nullptr) {
            value(*expr.target);
            ++count;
        }
        for (const ExprPtr& argument : expr.arguments) {
            value(*argument);
            ++count;
        }
        const Builtin* function = find_builtin(expr.name, count);
        drop(count);
        push();
        // Null is a function that nobody knows: strict in its arguments, and then an error.
        code_->functions.push_back(function);
        put({.op = Op::call, .slot = count, .constant = static_cast<std::uint32_t>(code_->functions.size() - 1)},
            expr.id);
    }

    void logical(const Expr& expr, Op left, Op right) {
        const Label end = label();
        value(*expr.arguments[0]);
        put({.op = left, .next = {end, 0}}, expr.id);
        value(*expr.arguments[1]);
        put({.op = right}, expr.id);
        drop(1);
        place(end);
    }

    void conditional(const Expr& expr) {
        const Label yes = label(), no = label(), end = label();
        value(*expr.arguments[0]);
        // An error stays on the stack as the value of the whole, for which the instruction goes on at `end`:
        // that is the constant, for `next` has room for two.
        put({.op = Op::choose, .constant = end, .next = {no, yes}}, expr.id);
        drop(1);
        place(yes);
        value(*expr.arguments[1]);
        go(end);
        drop(1);
        place(no);
        value(*expr.arguments[2]);
        place(end);
    }

    void container(const Expr& expr) {
        bool any_optional = false;
        std::vector<bool> flags;
        std::uint32_t depth = 0;
        for (const Entry& entry : expr.entries) {
            if (entry.key != nullptr) {
                value(*entry.key);
                ++depth;
            }
            value(*entry.value);
            ++depth;
            flags.push_back(entry.optional);
            any_optional = any_optional || entry.optional;
        }
        drop(depth);
        push();
        Instruction out{.op = expr.kind == ExprKind::list ? Op::make_list : Op::make_map,
                        .slot = static_cast<std::uint16_t>(any_optional ? 1 : 0),
                        .constant = static_cast<std::uint32_t>(expr.entries.size())};
        if (any_optional) {
            code_->flags.push_back(std::move(flags));
            out.next[1] = static_cast<std::uint32_t>(code_->flags.size() - 1);
        }
        put(out, expr.id);
    }

    // ---- loops: the shapes that macros make

    void comprehension(const Comprehension& loop) {
        const std::size_t outer_locals = locals_.size();
        const std::uint32_t outer_depth = local_depth_;
        if (is_boolean_constant(*loop.condition, false)) {  // cel.bind: no loop at all
            value(*loop.initial);
            put({.op = Op::store_local, .slot = new_local(loop.accumulator)});
            drop(1);
        } else {
            fold(loop);
        }
        value(*loop.result);
        locals_.resize(outer_locals);
        local_depth_ = outer_depth;
    }

    void fold(const Comprehension& loop) {
        code_->loop_depth = std::max(code_->loop_depth, ++loops_);
        value(*loop.range);
        const std::uint32_t id = loop.range->id;
        const bool two = !loop.second_variable.empty();
        // The accumulator is not in scope of the range; its variables stand behind it.
        const std::uint16_t accumulator = new_local(loop.accumulator);
        const Label end = label(), begin = label(), again = label();
        initial(loop, accumulator);
        put({.op = Op::loop_begin, .slot = accumulator, .next = {end, 0}}, id);
        drop(1);
        place(begin);
        new_local(loop.variable);
        if (two) new_local(loop.second_variable);
        put({.op = Op::loop_next, .slot = accumulator, .constant = two ? 2U : 1U, .next = {end, 0}}, id);
        const std::uint32_t next = here() - 1;
        step(*loop.step, accumulator, again);
        place(again);
        stop_early(loop, accumulator, end);
        put({.op = Op::loop_again, .next = {begin, 0}});
        code_->instructions[next].next[1] = here() - next;
        place(end);
        if (loop.initial->kind == ExprKind::map) put({.op = Op::finish_map, .slot = accumulator}, id);
        locals_.resize(locals_.size() - (two ? 2 : 1));
        --loops_;
    }

    void initial(const Comprehension& loop, std::uint16_t accumulator) {
        if (loop.initial->kind == ExprKind::list) return put({.op = Op::new_list, .slot = accumulator});
        if (loop.initial->kind == ExprKind::map) return put({.op = Op::new_map, .slot = accumulator});
        value(*loop.initial);
        put({.op = Op::store_local, .slot = accumulator});
        drop(1);
    }

    void stop_early(const Comprehension& loop, std::uint16_t accumulator, Label end) {
        if (is_call(*loop.step, op::kAnd)) return put({.op = Op::loop_false, .slot = accumulator, .next = {end, 0}});
        if (is_call(*loop.step, op::kOr)) return put({.op = Op::loop_true, .slot = accumulator, .next = {end, 0}});
        put({.op = Op::loop_error, .slot = accumulator, .next = {end, 0}});
    }

    /// Lists and maps grow in place: `@result + [x]`, `cel.@mapInsert(@result, …)`, perhaps behind a filter.
    void step(const Expr& expr, std::uint16_t accumulator, Label again) {
        if (is_call(expr, op::kConditional)) {
            const Label yes = label(), no = label(), failed = label();
            value(*expr.arguments[0]);
            put({.op = Op::choose, .constant = failed, .next = {no, yes}}, expr.id);
            place(failed);
            put({.op = Op::store_local, .slot = accumulator});
            drop(1);
            go(again);
            place(yes);
            step(*expr.arguments[1], accumulator, again);
            place(no);
            return go(again);
        }
        if (is_call(expr, op::kMapInsert)) {
            for (std::size_t i = 1; i < expr.arguments.size(); ++i)
                value(*expr.arguments[i]);
            const auto count = static_cast<std::uint32_t>(expr.arguments.size() - 1);
            put({.op = Op::append_map, .slot = accumulator, .constant = count}, expr.id);
            return drop(count);
        }
        if (is_call(expr, op::kAdd) && expr.arguments[1]->kind == ExprKind::list) {
            value(*expr.arguments[1]->entries[0].value);
            put({.op = Op::append_list, .slot = accumulator}, expr.id);
            return drop(1);
        }
        value(expr);
        put({.op = Op::store_local, .slot = accumulator});
        drop(1);
    }

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

Program::Program(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Compiler::Compiler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage)
    : assembler_(std::make_unique<Assembler>(std::move(variables), std::move(storage))) {}
Compiler::~Compiler() = default;

Label Compiler::label() {
    return assembler_->label();
}
void Compiler::place(Label label) {
    assembler_->place(label);
}
void Compiler::set_expression_base(std::uint32_t base) {
    assembler_->set_expression_base(base);
}
void Compiler::yield_value(const Expr& checked) {
    assembler_->yield_value(checked);
}
void Compiler::yield(std::int64_t value) {
    assembler_->yield_constant(Value::from(value));
}
void Compiler::yield_error(Fault fault) {
    assembler_->yield_constant(Value::error(fault));
}
void Compiler::branch(const Checked& condition, Label if_true, Label if_false) {
    assembler_->branch(*condition.ast.root, &condition, if_true, if_false);
}
void Compiler::branch_strictly(const Expr& condition, Label if_true, Label if_false) {
    assembler_->branch(condition, nullptr, if_true, if_false);
}
void Compiler::go(Label label) {
    assembler_->go(label);
}
void Compiler::define_lazy(std::uint32_t index, const Checked& expression) {
    assembler_->define_lazy(index, expression);
}
void Compiler::record_hit(std::int64_t value, std::uint32_t group) {
    assembler_->record_hit(value, group);
}
void Compiler::yield_hit(Label if_none) {
    assembler_->yield_hit(if_none);
}
Program Compiler::finish() {
    return Program(assembler_->finish());
}

Program compile(const Checked& expression, const Environment& environment) {
    Compiler compiler(environment.variables);
    compiler.place(compiler.label());
    compiler.yield_value(*expression.ast.root);
    return compiler.finish();
}

}  // namespace parmana::cel
