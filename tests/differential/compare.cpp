#include "compare.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace parmana::differential {
namespace {

using reference::Budget;
using reference::Outcome;
using reference::Variables;

bool names(const std::string& text, const std::string& name) {
    const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const bool starts = at == 0 || !is_word(text[at - 1]);
        const std::size_t end = at + name.size();
        if (starts && (end == text.size() || !is_word(text[end]))) return true;
    }
    return false;
}

/// Those that the program names.
std::string describe(const std::string& text, const Variables& inputs) {
    std::string out;
    for (const auto& [name, value] : inputs) {
        if (names(text, name)) out += (out.empty() ? "" : ", ") + name + " = " + to_source(value);
    }
    return out;
}

/// Every expression within a tree, itself first.
void collect(const cel::Expr& expr, std::vector<const cel::Expr*>& out) {
    out.push_back(&expr);
    const auto look = [&out](const cel::ExprPtr& child) {
        if (child != nullptr) collect(*child, out);
    };
    look(expr.target);
    for (const cel::ExprPtr& argument : expr.arguments)
        look(argument);
    for (const cel::Entry& entry : expr.entries) {
        look(entry.key);
        look(entry.value);
    }
}

}  // namespace

bool agree(const Outcome& reference, const Outcome& fast, bool compare_faults) {
    if (reference.has_value() != fast.has_value()) return false;
    if (reference) return identical(*reference, *fast);
    return !compare_faults || reference.error() == fast.error();
}

Difference shrink(const std::string& text, const Variables& inputs, bool compare_faults) {
    Difference out{text, describe(text, inputs), "", ""};
    const auto tree = cel::parse(text, cel::Macros::none);
    INVARIANT(tree.has_value());
    std::vector<const cel::Expr*> parts;
    collect(*tree->root, parts);
    for (const cel::Expr* part : parts) {
        const std::string part_text = cel::print(*part);
        if (!out.reference.empty() && part_text.size() >= out.program.size()) continue;
        const auto fast = make_fast(part_text);
        if (!fast) continue;  // names a variable of a macro around it
        Budget budget;
        const Outcome expected = reference::evaluate(*part, inputs, budget);
        const FastOutcome actual = (*fast)->evaluate(inputs);
        if (budget.exceeded || actual.over_cost || agree(expected, actual.outcome, compare_faults)) continue;
        out = {part_text, describe(part_text, inputs), to_source(expected), to_source(actual.outcome)};
    }
    return out;
}

void Comparison::run() {
    // In turn at first, and then also what was reached least.
    for (std::size_t row = 0; pairs_ < options_.pairs; row = (row + 1) % rows().size()) {
        if (differences_ > 0 && !options_.keep_going) return;
        program(row);
        if (pairs_ >= options_.pairs / 2) program(least_reached());
    }
}

std::size_t Comparison::least_reached() const {
    const auto reached = [this](std::size_t row) {
        const Count& count = counts_[row];
        return (rows()[row].can_fail ? std::min(count.values, count.errors) : count.values) + count.rejected;
    };
    std::size_t least = 0;
    for (std::size_t row = 1; row < counts_.size(); ++row) {
        if (reached(row) < reached(least)) least = row;
    }
    return least;
}

void Comparison::program(std::size_t row) {
    const Count& count = counts_[row];
    const Mood mood = count.errors < count.values ? Mood::failing : Mood::plain;
    const std::string text = generator_.program(row, mood);
    const auto tree = cel::parse(text, cel::Macros::none);
    if (!tree) {
        ++differences_;
        differs(row, {text, "", "", "syntax: " + tree.error().front().message});
        return;
    }
    const auto fast = make_fast(text);
    if (!fast) {
        if (++counts_[row].rejected == 1 && options_.verbose)
            std::fprintf(stderr, "rejected: %s\n          %s\n", text.c_str(), fast.error().c_str());
        return;
    }
    for (std::size_t i = 0; i < options_.inputs_per_program; ++i) {
        if (!pair(row, text, *tree->root, **fast)) return;
    }
}

bool Comparison::pair(std::size_t row, const std::string& text, const cel::Expr& tree, FastProgram& fast) {
    const Variables inputs = random_inputs(generator_.random());
    Budget budget;
    const Outcome expected = reference::evaluate(tree, inputs, budget);
    // What is over the budget of one side is not run on the other.
    const FastOutcome actual = budget.exceeded ? FastOutcome{expected, true} : fast.evaluate(inputs);
    if (actual.over_cost) {
        ++counts_[row].skipped;
        return true;
    }
    ++pairs_;
    ++(expected ? counts_[row].values : counts_[row].errors);
    if (agree(expected, actual.outcome, options_.compare_faults)) return true;
    ++differences_;
    Difference found = shrink(text, inputs, options_.compare_faults);
    if (found.reference.empty())
        found = {text, describe(text, inputs), to_source(expected), to_source(actual.outcome)};
    differs(row, std::move(found));
    return false;
}

void Comparison::differs(std::size_t row, Difference difference) {
    std::optional<Difference>& known = shortest_[row];
    if (!known || difference.program.size() < known->program.size()) known = std::move(difference);
}

}  // namespace parmana::differential
