// Loops: the shapes that macros make.
#include "cel/assembler.hpp"

namespace parmana::cel {

void Assembler::comprehension(const Comprehension& loop) {
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

void Assembler::fold(const Comprehension& loop) {
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

void Assembler::initial(const Comprehension& loop, std::uint16_t accumulator) {
    if (loop.initial->kind == ExprKind::list) return put({.op = Op::new_list, .slot = accumulator});
    if (loop.initial->kind == ExprKind::map) return put({.op = Op::new_map, .slot = accumulator});
    value(*loop.initial);
    put({.op = Op::store_local, .slot = accumulator});
    drop(1);
}

void Assembler::stop_early(const Comprehension& loop, std::uint16_t accumulator, Label end) {
    if (is_call(*loop.step, op::kAnd))
        return put({.op = Op::loop_false, .slot = accumulator, .next = {end, 0}});
    if (is_call(*loop.step, op::kOr))
        return put({.op = Op::loop_true, .slot = accumulator, .next = {end, 0}});
    put({.op = Op::loop_error, .slot = accumulator, .next = {end, 0}});
}

void Assembler::step(const Expr& expr, std::uint16_t accumulator, Label again) {
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

}  // namespace parmana::cel
