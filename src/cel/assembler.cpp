// Values on the stack of the machine.
#include "cel/assembler.hpp"

#include "base/invariant.hpp"
#include "cel/declarations.hpp"
#include "cel/names.hpp"

namespace parmana::cel {
namespace {

bool jumps(Op op) {
    switch (op) {
        case Op::jump:
        case Op::and_left:
        case Op::or_left:
        case Op::or_else:
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
bool jumps_both(Op op) {
    return op == Op::test || op == Op::choose || op == Op::push_lazy || op >= Op::within;
}

}  // namespace

Assembler::Assembler(std::vector<VariableDeclaration> variables, std::vector<Storage> storage)
    : variables_(std::move(variables)), storage_(std::move(storage)), code_(std::make_unique<Code>()) {
    for (std::uint32_t i = 0; storage_.size() < variables_.size(); ++i)
        storage_.push_back({Storage::Kind::slot, i});
    // Lists are the first locals.
    std::uint32_t* const counts[] = {&code_->slot_count, &code_->lazy_count, &local_depth_max_};
    for (const Storage& place : storage_) {
        std::uint32_t& count = *counts[static_cast<std::size_t>(place.kind)];
        count = std::max(count, place.index + 1);
    }
    lazy_labels_.resize(code_->lazy_count);
    for (Label& at : lazy_labels_)
        at = label();
}

void Assembler::yield_value(const Expr& expression) {
    begin();
    value(expression);
    put({.op = Op::yield});
    drop(1);
}

void Assembler::define_lazy(std::uint32_t index, const Checked& expression) {
    begin();
    place(lazy_labels_[index]);
    value(*expression.ast.root);
    put({.op = Op::return_lazy, .slot = static_cast<std::uint16_t>(index)});
    drop(1);
}

void Assembler::append(std::uint32_t index, const Expr& element) {
    begin();
    value(element);
    put({.op = Op::collect, .slot = static_cast<std::uint16_t>(index)}, element.id);
    drop(1);
}

std::unique_ptr<const Code> Assembler::finish() {
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

std::optional<std::uint32_t> Assembler::find_variable(std::string_view name) const {
    const auto found = std::ranges::find(variables_, without_dot(name), &VariableDeclaration::name);
    if (found == variables_.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - variables_.begin());
}

std::optional<std::uint16_t> Assembler::find_local(std::string_view name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
        if (local->name == name) return local->index;
    }
    return std::nullopt;
}

std::uint16_t Assembler::new_local(std::string name) {
    const auto index = static_cast<std::uint16_t>(local_depth_++);
    local_depth_max_ = std::max(local_depth_max_, local_depth_);
    locals_.push_back({std::move(name), index});
    return index;
}

Value Assembler::value_of(const Constant& constant) {
    if (const auto* truth = std::get_if<bool>(&constant)) return Value::from(*truth);
    if (const auto* integer = std::get_if<std::int64_t>(&constant)) return Value::from(*integer);
    if (const auto* number = std::get_if<std::uint64_t>(&constant)) return Value::from(*number);
    if (const auto* real = std::get_if<double>(&constant)) return Value::from(*real);
    if (const auto* text = std::get_if<std::string>(&constant)) return code_->arena.copy_string(*text);
    if (const auto* bytes = std::get_if<Bytes>(&constant))
        return Value::bytes(code_->arena.copy(bytes->value));
    return Value::null();
}

void Assembler::value(const Expr& expr) {
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

void Assembler::read_name(const Expr& expr) {
    push();
    if (const auto local = find_local(expr.name)) return put({.op = Op::push_local, .slot = *local}, expr.id);
    if (const auto index = find_variable(expr.name)) {
        const Storage storage = storage_[*index];
        const auto slot = static_cast<std::uint16_t>(storage.index);
        if (storage.kind == Storage::Kind::slot) return put({.op = Op::push_slot, .slot = slot}, expr.id);
        if (storage.kind == Storage::Kind::list) return put({.op = Op::push_local, .slot = slot}, expr.id);
        // Computed there and pushed here: the label behind this instruction is where it comes back to.
        const Label back = label();
        put({.op = Op::push_lazy, .slot = slot, .next = {back, lazy_labels_[storage.index]}}, expr.id);
        return place(back);
    }
    const Type type = find_standard_type(without_dot(expr.name));
    const Value denoted = type.is(TypeKind::error) ? Value::error(Fault::unknown_variable, located(expr.id))
                                                   : Value::from(type.kind);
    put({.op = Op::push_constant, .constant = constant(denoted)}, expr.id);
}

void Assembler::call(const Expr& expr) {
    if (is_call(expr, op::kAnd)) return logical(expr, Op::and_left, Op::and_right);
    if (is_call(expr, op::kOr)) return logical(expr, Op::or_left, Op::or_right);
    if (is_call(expr, op::kConditional)) return conditional(expr);
    if (is_call(expr, op::kOptionalSelect)) {
        value(*expr.arguments[0]);
        const Value name = value_of(expr.arguments[1]->constant);
        return put({.op = Op::optional_select, .constant = constant(name)}, expr.id);
    }
    if (expr.target != nullptr && expr.arguments.size() == 1 && (expr.name == "or" || expr.name == "orValue"))
        return alternative(expr);
    if (expr.name == "matches" && match(expr)) return;
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

void Assembler::logical(const Expr& expr, Op left, Op right) {
    const Label end = label();
    value(*expr.arguments[0]);
    put({.op = left, .next = {end, 0}}, expr.id);
    value(*expr.arguments[1]);
    put({.op = right}, expr.id);
    drop(1);
    place(end);
}

void Assembler::alternative(const Expr& expr) {
    const bool inner = expr.name == "orValue";
    const Label end = label();
    value(*expr.target);
    put({.op = Op::or_else, .slot = static_cast<std::uint16_t>(inner ? 1 : 0), .next = {end, 0}}, expr.id);
    drop(1);
    value(*expr.arguments[0]);
    if (!inner) put({.op = Op::require_optional}, expr.id);
    place(end);
}

bool Assembler::match(const Expr& expr) {
    const bool receiver = expr.target != nullptr;
    if (expr.arguments.size() != (receiver ? 1 : 2)) return false;
    const Expr& pattern = *expr.arguments.back();
    const auto* text =
        pattern.kind == ExprKind::constant ? std::get_if<std::string>(&pattern.constant) : nullptr;
    auto regex = text == nullptr ? std::nullopt : Regex::make(*text);
    if (!regex) return false;
    value(receiver ? *expr.target : *expr.arguments[0]);
    code_->patterns.push_back(*std::move(regex));
    put({.op = Op::match, .constant = static_cast<std::uint32_t>(code_->patterns.size() - 1)}, expr.id);
    return true;
}

void Assembler::conditional(const Expr& expr) {
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

void Assembler::container(const Expr& expr) {
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

}  // namespace parmana::cel
