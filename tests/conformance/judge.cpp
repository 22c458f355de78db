#include "conformance/judge.hpp"

#include <algorithm>
#include <optional>

#include "cel/cost.hpp"
#include "cel/program.hpp"
#include "conformance/expectation.hpp"
#include "conformance/protobuf.hpp"
#include "conformance/tree_text.hpp"

namespace parmana::conformance {
namespace {

std::string shown(const cel::Issues& issues) {
    return issues.front().message + " (at " + std::to_string(issues.front().offset) + ")";
}

Read<cel::Checked> prepare(const Json& original, const cel::Environment& environment) {
    auto ast = cel::parse(original.value("expr", ""), cel::Macros::extended);
    if (!ast) return std::unexpected("does not parse: " + shown(ast.error()));
    if (original.value("disableCheck", false)) return cel::resolve(*std::move(ast), environment);
    auto checked = cel::check(*std::move(ast), environment);
    if (!checked) return std::unexpected("does not check: " + shown(checked.error()));
    return *std::move(checked);
}

cel::Extent extent(const cel::Value& value) {
    cel::Extent out;
    const auto widen = [](cel::Extent& a, const cel::Extent& b, const auto& self) -> void {
        a.size = std::max(a.size, b.size);
        a.parts.resize(std::max(a.parts.size(), b.parts.size()));
        for (std::size_t i = 0; i < b.parts.size(); ++i)
            self(a.parts[i], b.parts[i], self);
    };
    if (value.is(cel::Kind::string) || value.is(cel::Kind::bytes)) out.size = value.extent;
    if (value.is(cel::Kind::list)) {
        out = {value.list->size, {{}}};
        for (const cel::Value& item : value.list->view())
            widen(out.parts[0], extent(item), widen);
    }
    if (value.is(cel::Kind::map)) {
        out = {value.map->size, {{}, {}}};
        for (const cel::MapEntry& entry : value.map->view()) {
            widen(out.parts[0], extent(entry.key), widen);
            widen(out.parts[1], extent(entry.value), widen);
        }
    }
    return out;
}

std::map<std::string, cel::Extent> extents(const cel::Environment& environment,
                                           std::span<const cel::Value> slots) {
    std::map<std::string, cel::Extent> out;
    for (std::size_t i = 0; i < slots.size(); ++i)
        out[environment.variables[i].name] = extent(slots[i]);
    return out;
}

/// Runs the expression as a condition, which has instructions of its own: the same outcome.
std::string judge_branch(const cel::Checked& checked, const cel::Environment& environment,
                         std::span<const cel::Value> slots, const cel::Value& result) {
    cel::Compiler compiler(environment.variables);
    const cel::Label entry = compiler.label(), yes = compiler.label(), no = compiler.label();
    compiler.place(entry);
    compiler.branch(checked, yes, no);
    compiler.place(yes);
    compiler.yield(1);
    compiler.place(no);
    compiler.yield(0);
    const cel::Program program = compiler.finish();
    cel::Machine machine;
    const cel::Value branch = machine.run(program, entry, slots);
    if (branch.is(cel::Kind::integer)) {
        const bool right = result.is(cel::Kind::boolean) && result.boolean == (branch.integer == 1);
        return right ? "" : "as a condition it is " + cel::to_source(cel::Value::from(branch.integer == 1));
    }
    if (result.is(cel::Kind::error) && branch.failure.fault == result.failure.fault) return "";
    if (!result.is(cel::Kind::error) && !result.is(cel::Kind::boolean)) return "";
    return "as a condition it is " + cel::to_source(branch);
}

/// The outcome against what the test expects or, inverted, against wrong expectations: then one that is met
/// passes.
std::string judge_outcome(const Test& test, bool inverted) {
    cel::Arena arena;
    const auto wanted = read_expectation(test.original, arena);
    if (!wanted) return wanted.error();
    const auto environment = read_environment(test.original);
    if (!environment) return environment.error();
    const auto slots = read_bindings(test.original, *environment, arena);
    if (!slots) return slots.error();
    const auto checked = prepare(test.original, *environment);
    if (!checked) return checked.error();

    Outcome outcome{.type = checked->type(), .value = {}};
    cel::Machine machine;
    std::optional<cel::Program> program;
    if (!test.original.value("checkOnly", false)) {
        program = cel::compile(*checked, *environment);
        outcome.value = machine.run(*program, 0, *slots);
        const std::uint64_t bound = cel::cost_bound(*checked, extents(*environment, *slots)).cost;
        if (machine.cost() > bound)
            return "costs " + std::to_string(machine.cost()) + " and its bound is " + std::to_string(bound);
    }
    if (!inverted) {
        std::string why = disappointment(*wanted, outcome);
        if (why.empty() && program) why = judge_branch(*checked, *environment, *slots, outcome.value);
        return why;
    }
    std::string why = "inverted";
    for (const Expectation& wrong : inversions(*wanted, arena)) {
        if (disappointment(wrong, outcome).empty()) why.clear();
    }
    return why;
}

/// Where two texts part.
std::string difference(const char* what, std::string_view ours, std::string_view theirs) {
    const auto [a, b] = std::ranges::mismatch(ours, theirs);
    const auto line = [](std::string_view text, std::string_view::const_iterator at) {
        const auto offset = static_cast<std::size_t>(at - text.begin());
        std::size_t first = text.rfind('\n', offset == 0 ? 0 : offset - 1);
        first = first == std::string_view::npos ? 0 : first + 1;
        std::string out(text.substr(first, text.find('\n', offset) - first));
        return out;
    };
    return std::string(what) + " differs: `" + line(ours, a) + "`, cel-go has `" + line(theirs, b) + "`";
}

/// The suite says that its own type counts where that of cel-go is another one.
bool is_type_overruled(const Test& test) {
    const Json type = test.original.value("typedResult", Json::object()).value("deducedType", Json());
    const auto deduced = read_type(type);
    return test.type && deduced && cel::to_string(*deduced) != *test.type;
}

std::string judge_checked(const Test& test) {
    if ((!test.checked_tree && !test.type) || is_type_overruled(test)) return "";
    const auto environment = read_environment(test.original);
    if (!environment) return environment.error();
    auto ast = cel::parse(test.expression(), cel::Macros::extended);
    if (!ast) return "does not parse: " + shown(ast.error());
    const auto checked = cel::check(*std::move(ast), *environment);
    if (!checked) return "does not check: " + shown(checked.error());
    const std::string type = cel::to_string(checked->type());
    if (test.type && type != *test.type) return "the type is `" + type + "`, cel-go has `" + *test.type + "`";
    if (!test.checked_tree) return "";
    if (checked_tree_text(*checked, Overloads::all) == *test.checked_tree) return "";
    const std::string text = checked_tree_text(*checked, Overloads::of_one_type);
    return text == *test.checked_tree ? "" : difference("the checked tree", text, *test.checked_tree);
}

std::string judge_parsed(const Test& test) {
    if (!test.tree) return "";
    const auto ast = cel::parse(test.expression(), cel::Macros::standard);
    if (!ast) return "does not parse: " + shown(ast.error());
    const std::string text = parsed_tree_text(*ast);
    return text == *test.tree ? "" : difference("the tree", text, *test.tree);
}

}  // namespace

std::string judge_result(const Test& test) {
    return judge_outcome(test, false);
}

std::string judge_inverted(const Test& test) {
    return judge_outcome(test, true);
}

std::string judge_trees(const Test& test) {
    std::string why = judge_parsed(test);
    return why.empty() ? judge_checked(test) : why;
}

std::string judge_refusal(const Test& test) {
    if (!test.has_error || test.checked_tree) return "";
    auto ast = cel::parse(test.expression(), cel::Macros::standard);
    if (!test.tree) return ast ? "parses, and must not" : "";
    const auto environment = read_environment(test.original);
    if (!environment) return environment.error();
    if (!ast) return "does not parse: " + shown(ast.error());
    return cel::check(*std::move(ast), *environment) ? "checks, and must not" : "";
}

}  // namespace parmana::conformance
