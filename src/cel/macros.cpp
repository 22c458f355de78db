// Macros: calls that are rewritten to other trees before they are checked (langdef.md, "Macros").
#include <array>

#include "cel/parser.hpp"

namespace parmana::cel {
namespace {

// No identifier of a source can have these names.
constexpr std::string_view kResult = "@result";
constexpr std::string_view kTarget = "@target";
constexpr std::string_view kUnused = "#unused";

/// Makes one expansion; every node stands where the macro's call does.
class Expander {
  public:
    Expander(TreeMaker& maker, MacroCall& call) : maker_(maker), call_(call) {}

    std::size_t count() const { return call_.arguments.size(); }
    ExprPtr argument(std::size_t index) { return std::move(call_.arguments[index]); }
    ExprPtr target() { return std::move(call_.target); }

    std::unexpected<Issues> issue(std::size_t argument, std::string message) const {
        return one_issue(call_.arguments[argument]->offset, std::move(message));
    }

    bool target_is(std::string_view name) const {
        return call_.target != nullptr && call_.target->kind == ExprKind::identifier &&
               call_.target->name == name;
    }

    /// The names of the leading `count` arguments, which must be simple identifiers.
    Checkable<std::vector<std::string>> variables(std::size_t count) const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i) {
            const Expr& variable = *call_.arguments[i];
            if (variable.kind != ExprKind::identifier || variable.name.starts_with('.'))
                return issue(i, "the argument of the macro must be a simple name");
            if (i > 0 && names.front() == variable.name)
                return issue(i, "the two variables of the macro have one name");
            names.push_back(variable.name);
        }
        return names;
    }

    ExprPtr truth(bool value) { return maker_.constant(value, call_.offset); }
    ExprPtr integer(std::int64_t value) { return maker_.constant(value, call_.offset); }
    ExprPtr name(std::string_view text) { return maker_.identifier(std::string(text), call_.offset); }
    ExprPtr result() { return name(kResult); }
    template <class... Arguments>
    ExprPtr call(std::string_view function, Arguments... arguments) {
        return maker_.call(function, exprs(std::move(arguments)...), call_.offset);
    }
    ExprPtr list(std::vector<ExprPtr> elements) { return maker_.list(std::move(elements), call_.offset); }
    ExprPtr method(std::string_view function, ExprPtr receiver, std::vector<ExprPtr> arguments = {}) {
        return maker_.method(function, std::move(receiver), std::move(arguments), call_.offset);
    }

    ExprPtr fold(std::vector<std::string> variables, ExprPtr range, std::string_view accumulator,
                 ExprPtr initial, ExprPtr condition, ExprPtr step, ExprPtr outcome) {
        ExprPtr out = maker_.make(ExprKind::comprehension, call_.offset);
        out->comprehension = std::make_unique<Comprehension>(Comprehension{
            variables[0], variables.size() > 1 ? variables[1] : "", std::string(accumulator),
            std::move(range), std::move(initial), std::move(condition), std::move(step), std::move(outcome)});
        maker_.settle(*out);
        return out;
    }

    /// `variable` names the value of `value` within `body`.
    ExprPtr bind(std::string_view variable, ExprPtr value, ExprPtr body) {
        return fold({std::string(kUnused)}, list({}), variable, std::move(value), truth(false),
                    name(variable), std::move(body));
    }

    ExprPtr empty_map() {
        ExprPtr out = maker_.make(ExprKind::map, call_.offset);
        maker_.settle(*out);
        return out;
    }

    ExprPtr to_test(ExprPtr select) {
        select->test_only = true;
        return select;
    }
    const Expr& peek(std::size_t index) const { return *call_.arguments[index]; }

  private:
    TreeMaker& maker_;
    MacroCall& call_;
};

Checkable<ExprPtr> has(Expander& at) {
    if (at.peek(0).kind != ExprKind::select)
        return at.issue(0, "the argument of `has` must be a field selection");
    return at.to_test(at.argument(0));
}

enum class Quantifier : std::uint8_t { all, exists, exists_one };

Checkable<ExprPtr> quantify(Expander& at, Quantifier quantifier) {
    const std::size_t count = at.count() - 1;
    auto variables = at.variables(count);
    if (!variables) return std::unexpected(std::move(variables).error());
    ExprPtr range = at.target();
    ExprPtr predicate = at.argument(count);
    switch (quantifier) {
        case Quantifier::all:
            return at.fold(*variables, std::move(range), kResult, at.truth(true),
                           at.call(op::kNotStrictlyFalse, at.result()),
                           at.call(op::kAnd, at.result(), std::move(predicate)), at.result());
        case Quantifier::exists:
            return at.fold(*variables, std::move(range), kResult, at.truth(false),
                           at.call(op::kNotStrictlyFalse, at.call(op::kNot, at.result())),
                           at.call(op::kOr, at.result(), std::move(predicate)), at.result());
        case Quantifier::exists_one:
            break;
    }
    return at.fold(*variables, std::move(range), kResult, at.integer(0), at.truth(true),
                   at.call(op::kConditional, std::move(predicate),
                           at.call(op::kAdd, at.result(), at.integer(1)), at.result()),
                   at.call(op::kEqual, at.result(), at.integer(1)));
}

/// `step` behind an optional filter.
ExprPtr filtered(Expander& at, ExprPtr filter, ExprPtr step) {
    if (filter == nullptr) return step;
    return at.call(op::kConditional, std::move(filter), std::move(step), at.result());
}

/// map, filter and transformList: `variables` names, perhaps a filter, and the element to add.
Checkable<ExprPtr> collect(Expander& at, std::size_t variable_count, bool is_filter) {
    auto variables = at.variables(variable_count);
    if (!variables) return std::unexpected(std::move(variables).error());
    ExprPtr range = at.target();
    ExprPtr filter = at.count() > variable_count + 1 || is_filter ? at.argument(variable_count) : nullptr;
    ExprPtr element = is_filter ? at.name(variables->front()) : at.argument(at.count() - 1);
    ExprPtr step = at.call(op::kAdd, at.result(), at.list(exprs(std::move(element))));
    return at.fold(*variables, std::move(range), kResult, at.list({}), at.truth(true),
                   filtered(at, std::move(filter), std::move(step)), at.result());
}

/// transformMap and transformMapEntry.
Checkable<ExprPtr> transform_map(Expander& at, bool entries) {
    auto variables = at.variables(2);
    if (!variables) return std::unexpected(std::move(variables).error());
    ExprPtr range = at.target();
    ExprPtr filter = at.count() > 3 ? at.argument(2) : nullptr;
    ExprPtr value = at.argument(at.count() - 1);
    ExprPtr step = entries
                       ? at.call(op::kMapInsert, at.result(), std::move(value))
                       : at.call(op::kMapInsert, at.result(), at.name(variables->front()), std::move(value));
    return at.fold(*variables, std::move(range), kResult, at.empty_map(), at.truth(true),
                   filtered(at, std::move(filter), std::move(step)), at.result());
}

Checkable<ExprPtr> bind(Expander& at) {
    auto variables = at.variables(1);
    if (!variables) return std::unexpected(std::move(variables).error());
    ExprPtr value = at.argument(1);
    return at.bind(variables->front(), std::move(value), at.argument(2));
}

/// optMap and optFlatMap. The target is evaluated once.
Checkable<ExprPtr> map_optional(Expander& at, bool flat) {
    auto variables = at.variables(1);
    if (!variables) return std::unexpected(std::move(variables).error());
    ExprPtr target = at.target();
    ExprPtr body = at.bind(variables->front(), at.method("value", at.name(kTarget)), at.argument(1));
    if (!flat) body = at.method("of", at.name("optional"), exprs(std::move(body)));
    ExprPtr choice = at.call(op::kConditional, at.method("hasValue", at.name(kTarget)), std::move(body),
                             at.method("none", at.name("optional")));
    return at.bind(kTarget, std::move(target), std::move(choice));
}

/// math.greatest and math.least.
Checkable<ExprPtr> extreme(Expander& at, std::string_view function, std::uint32_t offset) {
    if (at.count() == 0) return one_issue(offset, "`math.greatest` and `math.least` need an argument");
    std::vector<ExprPtr> arguments;
    for (std::size_t i = 0; i < at.count(); ++i) {
        const Expr& given = at.peek(i);
        const bool text = given.kind == ExprKind::constant &&
                          !std::holds_alternative<std::int64_t>(given.constant) &&
                          !std::holds_alternative<std::uint64_t>(given.constant) &&
                          !std::holds_alternative<double>(given.constant);
        const bool empty = given.kind == ExprKind::list && given.entries.empty();
        if (text || given.kind == ExprKind::map || (given.kind == ExprKind::list && at.count() > 1) || empty)
            return at.issue(i, "`math.greatest` and `math.least` take numbers, or one list of numbers");
        arguments.push_back(nullptr);
    }
    for (std::size_t i = 0; i < arguments.size(); ++i)
        arguments[i] = at.argument(i);
    ExprPtr math = at.name("math");
    if (arguments.size() <= 2) return at.method(function, std::move(math), std::move(arguments));
    return at.method(function, std::move(math), exprs(at.list(std::move(arguments))));
}

Checkable<ExprPtr> expand_standard(Expander& at, const MacroCall& call) {
    const std::string_view name = call.name;
    const std::size_t count = at.count();
    if (call.target == nullptr) return name == "has" && count == 1 ? has(at) : nullptr;
    if (count == 2 && name == "all") return quantify(at, Quantifier::all);
    if (count == 2 && name == "exists") return quantify(at, Quantifier::exists);
    if (count == 2 && (name == "exists_one" || name == "existsOne"))
        return quantify(at, Quantifier::exists_one);
    if ((count == 2 || count == 3) && name == "map") return collect(at, 1, false);
    if (count == 2 && name == "filter") return collect(at, 1, true);
    return nullptr;
}

Checkable<ExprPtr> expand_extended(Expander& at, const MacroCall& call) {
    const std::string_view name = call.name;
    const std::size_t count = at.count();
    if (call.target == nullptr) return nullptr;
    if (count == 3 && name == "bind" && at.target_is("cel")) return bind(at);
    if (name == "greatest" && at.target_is("math")) return extreme(at, "@max", call.offset);
    if (name == "least" && at.target_is("math")) return extreme(at, "@min", call.offset);
    if (count == 2 && name == "optMap") return map_optional(at, false);
    if (count == 2 && name == "optFlatMap") return map_optional(at, true);
    if (count == 3 && name == "all") return quantify(at, Quantifier::all);
    if (count == 3 && name == "exists") return quantify(at, Quantifier::exists);
    if (count == 3 && (name == "exists_one" || name == "existsOne"))
        return quantify(at, Quantifier::exists_one);
    if ((count == 3 || count == 4) && name == "transformList") return collect(at, 2, false);
    if ((count == 3 || count == 4) && name == "transformMap") return transform_map(at, false);
    if ((count == 3 || count == 4) && name == "transformMapEntry") return transform_map(at, true);
    return nullptr;
}

}  // namespace

Checkable<ExprPtr> expand_macro(TreeMaker& maker, MacroCall& call, Macros macros) {
    Expander at(maker, call);
    auto out = expand_standard(at, call);
    if (!out || *out != nullptr || macros == Macros::standard) return out;
    return expand_extended(at, call);
}

}  // namespace parmana::cel
