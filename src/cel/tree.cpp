#include <algorithm>

#include "base/limits.hpp"
#include "cel/parser.hpp"

namespace parmana::cel {

ExprPtr TreeMaker::make(ExprKind kind, std::uint32_t offset) {
    auto out = std::make_unique<Expr>();
    out->kind = kind;
    out->id = ++ids_;
    out->offset = offset;
    if (ids_ > limits::kCelNodesMax) over_nodes_ = true;
    return out;
}

ExprPtr TreeMaker::constant(Constant value, std::uint32_t offset) {
    ExprPtr out = make(ExprKind::constant, offset);
    out->constant = std::move(value);
    return out;
}

ExprPtr TreeMaker::identifier(std::string name, std::uint32_t offset) {
    ExprPtr out = make(ExprKind::identifier, offset);
    out->name = std::move(name);
    return out;
}

ExprPtr TreeMaker::call(std::string_view function, std::vector<ExprPtr> arguments, std::uint32_t offset) {
    return method(function, nullptr, std::move(arguments), offset);
}

ExprPtr TreeMaker::method(std::string_view function, ExprPtr target, std::vector<ExprPtr> arguments,
                          std::uint32_t offset) {
    ExprPtr out = make(ExprKind::call, offset);
    out->name = function;
    out->target = std::move(target);
    out->arguments = std::move(arguments);
    settle(*out);
    return out;
}

ExprPtr TreeMaker::select(ExprPtr operand, std::string field, std::uint32_t offset) {
    ExprPtr out = make(ExprKind::select, offset);
    out->target = std::move(operand);
    out->name = std::move(field);
    settle(*out);
    return out;
}

ExprPtr TreeMaker::list(std::vector<ExprPtr> elements, std::uint32_t offset) {
    ExprPtr out = make(ExprKind::list, offset);
    for (ExprPtr& element : elements) {
        Entry wrapped = entry(offset);
        wrapped.value = std::move(element);
        out->entries.push_back(std::move(wrapped));
    }
    settle(*out);
    return out;
}

Entry TreeMaker::entry(std::uint32_t offset) {
    Entry out;
    out.id = ++ids_;
    out.offset = offset;
    if (ids_ > limits::kCelNodesMax) over_nodes_ = true;
    return out;
}

void TreeMaker::settle(Expr& expr) {
    std::uint32_t below = 0;
    const auto look = [&below](const ExprPtr& child) {
        if (child != nullptr) below = std::max(below, child->height);
    };
    look(expr.target);
    for (const ExprPtr& argument : expr.arguments)
        look(argument);
    for (const Entry& entry : expr.entries) {
        look(entry.key);
        look(entry.value);
    }
    if (expr.comprehension != nullptr) {
        const Comprehension& loop = *expr.comprehension;
        for (const ExprPtr* part : {&loop.range, &loop.initial, &loop.condition, &loop.step, &loop.result})
            look(*part);
    }
    expr.height = below + 1;
    if (expr.height > limits::kCelHeightMax) over_height_ = true;
}

std::string TreeMaker::limit_message() const {
    if (over_nodes_) return "more than " + std::to_string(limits::kCelNodesMax) + " parts";
    return "nested deeper than " + std::to_string(limits::kCelHeightMax);
}

ExprPtr clone(const Expr& expr) {
    auto out = std::make_unique<Expr>();
    out->kind = expr.kind;
    out->id = expr.id;
    out->offset = expr.offset;
    out->height = expr.height;
    out->constant = expr.constant;
    out->name = expr.name;
    out->test_only = expr.test_only;
    const auto copy = [](const ExprPtr& child) { return child == nullptr ? nullptr : clone(*child); };
    out->target = copy(expr.target);
    for (const ExprPtr& argument : expr.arguments)
        out->arguments.push_back(copy(argument));
    for (const Entry& entry : expr.entries)
        out->entries.push_back(
            {entry.id, entry.offset, entry.name, copy(entry.key), copy(entry.value), entry.optional});
    if (expr.comprehension != nullptr) {
        const Comprehension& loop = *expr.comprehension;
        out->comprehension = std::make_unique<Comprehension>(
            Comprehension{loop.variable, loop.second_variable, loop.accumulator, copy(loop.range),
                          copy(loop.initial), copy(loop.condition), copy(loop.step), copy(loop.result)});
    }
    return out;
}

}  // namespace parmana::cel
