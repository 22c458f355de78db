// The type checker (langdef.md, "Gradual Type Checking"): one walk that gives every node a type, resolves
// names, and binds type parameters as it goes.
#include <algorithm>
#include <utility>
#include <tuple>

#include "cel/names.hpp"
#include "cel/unify.hpp"

namespace parmana::cel {
namespace {

const Type kDyn{};
const Type kBool{TypeKind::boolean, {}, {}};
const Type kInt{TypeKind::integer, {}, {}};
const Type kError{TypeKind::error, {}, {}};

class Checker {
  public:
    Checker(Ast ast, const Environment& environment) : names_(environment) {
        out_.ast = std::move(ast);
        out_.types.resize(out_.ast.id_count + 1);
        out_.references.resize(out_.ast.id_count + 1);
    }

    Checkable<Checked> run() {
        visit(out_.ast.root);
        if (!issues_.empty()) {
            std::ranges::sort(issues_, {},
                              [](const Issue& issue) { return std::tie(issue.offset, issue.message); });
            return std::unexpected(std::move(issues_));
        }
        for (Type& type : out_.types)
            type = types_.apply(type, true);
        return std::move(out_);
    }

  private:
    struct Local {
        std::string name;
        Type type;
    };

    Type issue(const Expr& at, std::string message) {
        issues_.push_back({at.offset, std::move(message)});
        return kError;
    }
    std::string show(const Type& type) const { return to_string(types_.apply(type, true)); }
    Type current(const Type& type) const { return types_.apply(type); }

    Type visit(ExprPtr& expr) {
        Type type = visit_kind(expr);
        out_.types[expr->id] = type;
        return type;
    }

    Type visit_kind(ExprPtr& expr) {
        switch (expr->kind) {
            case ExprKind::constant:
                return constant(expr->constant);
            case ExprKind::identifier:
                return identifier(*expr);
            case ExprKind::select:
                return select(expr);
            case ExprKind::call:
                return call(*expr);
            case ExprKind::list:
                return list(*expr);
            case ExprKind::map:
                return map(*expr);
            case ExprKind::comprehension:
                return comprehension(*expr->comprehension);
            case ExprKind::message:
                break;
        }
        return issue(*expr, "messages are not part of this language");
    }

    static Type constant(const Constant& value) {
        constexpr TypeKind kKinds[] = {
            TypeKind::null, TypeKind::boolean, TypeKind::integer, TypeKind::unsigned_integer,
            TypeKind::real, TypeKind::string,  TypeKind::bytes};
        return {kKinds[value.index()], {}, {}};
    }

    const Local* find_local(std::string_view name) const {
        const auto found = std::find_if(locals_.rbegin(), locals_.rend(),
                                        [name](const Local& local) { return local.name == name; });
        return found == locals_.rend() ? nullptr : &*found;
    }

    Type identifier(Expr& expr) {
        if (const Local* local = find_local(expr.name)) {
            out_.references[expr.id].name = expr.name;
            return local->type;
        }
        auto meaning = names_.find_identifier(expr.name);
        if (!meaning) return issue(expr, "undeclared reference to `" + expr.name + "`");
        return resolve(expr, *std::move(meaning));
    }

    Type resolve(Expr& expr, Meaning meaning) {
        expr.kind = ExprKind::identifier;
        // A variable that stands in the shadow of a macro's, and was reached by a leading dot, keeps the dot.
        expr.name = (find_local(meaning.name) == nullptr ? "" : ".") + meaning.name;
        expr.target = nullptr;
        out_.references[expr.id].name = std::move(meaning.name);
        return meaning.type;
    }

    /// The meaning of `a.b.c` as one name, unless its first part is a variable of a macro.
    std::optional<Meaning> find_qualified(const Expr& expr) const {
        const auto name = qualified_name(expr);
        if (!name || find_local(name->substr(0, name->find('.'))) != nullptr) return std::nullopt;
        return names_.find_identifier(*name);
    }

    /// `a.b.c` of which no beginning means anything is one mistake, and is named whole.
    std::optional<Type> find_undeclared(const Expr& expr) {
        const auto name = qualified_name(expr);
        if (!name) return std::nullopt;
        const Expr* first = &expr;
        while (first->kind == ExprKind::select) {
            if (find_qualified(*first)) return std::nullopt;
            first = first->target.get();
        }
        if (find_local(first->name) != nullptr || names_.find_identifier(first->name)) return std::nullopt;
        return issue(*first, "undeclared reference to `" + *name + "`");
    }

    Type select(ExprPtr& expr) {
        if (auto meaning = find_qualified(*expr)) return resolve(*expr, *std::move(meaning));
        if (!within_chain_) {
            if (const auto unknown = find_undeclared(*expr)) return *unknown;
        }
        // A beginning of the chain means something: the parts of the chain need not look for that again.
        const bool outer = std::exchange(within_chain_, expr->target->kind == ExprKind::select);
        const Type operand = visit(expr->target);
        within_chain_ = outer;
        Type type = field(*expr, operand);
        if (expr->test_only && !type.is(TypeKind::error)) return kBool;
        return type;
    }

    /// The type of a field of the operand; within an optional, an optional.
    Type field(const Expr& at, const Type& given) {
        const Type operand = current(given);
        switch (operand.kind) {
            case TypeKind::dyn:
            case TypeKind::error:
                return kDyn;
            case TypeKind::map:
                return operand.parameters[1];
            case TypeKind::optional:
                return optional_of(field(at, operand.parameters[0]));
            case TypeKind::parameter:
                types_.assign(kDyn, operand);
                return kDyn;
            default:
                return issue(at, "type `" + show(operand) + "` does not support field selection");
        }
    }

    /// The argument of a type where only one type will do.
    void require(const ExprPtr& expr, const Type& type, const Type& wanted) {
        if (!types_.assign(type, wanted))
            issue(*expr, "expected type `" + show(wanted) + "` but found `" + show(type) + "`");
    }

    Type call(Expr& expr) {
        if (expr.name == op::kOptionalSelect && expr.target == nullptr) return optional_select(expr);
        const FunctionDeclaration* function = nullptr;
        std::vector<Type> arguments;
        if (expr.target == nullptr) {
            function = names_.find_function(expr.name);
        } else if (const auto* qualified = find_namespaced(expr)) {
            function = qualified;
            expr.target = nullptr;
        } else {
            arguments.push_back(visit(expr.target));
            function = names_.find_function(expr.name);
        }
        for (ExprPtr& argument : expr.arguments)
            arguments.push_back(visit(argument));
        if (function == nullptr) return issue(expr, "undeclared reference to `" + expr.name + "`");
        if (expr.target == nullptr) expr.name = function->name;
        return resolve_overload(expr, *function, arguments);
    }

    /// The function `a.b.f` of the call `a.b.f(…)`, when there is one.
    const FunctionDeclaration* find_namespaced(const Expr& expr) const {
        const auto prefix = qualified_name(*expr.target);
        if (!prefix || find_local(prefix->substr(0, prefix->find('.'))) != nullptr) return nullptr;
        return names_.find_function(*prefix + "." + expr.name);
    }

    Type optional_select(Expr& expr) {
        const Type operand = visit(expr.arguments[0]);
        visit(expr.arguments[1]);
        const Type inner = field(expr, operand);
        out_.references[expr.id] = {.name = expr.name, .overloads = {"select_optional_field"}};
        return inner.is(TypeKind::optional) && current(operand).is(TypeKind::optional) ? inner
                                                                                       : optional_of(inner);
    }

    Type resolve_overload(Expr& expr, const FunctionDeclaration& function,
                          const std::vector<Type>& arguments) {
        if (std::ranges::any_of(arguments, [](const Type& type) { return type.is(TypeKind::error); }))
            return kError;
        Reference& reference = out_.references[expr.id];
        reference.name = function.name;
        std::optional<Type> result;
        for (const Overload& overload : function.overloads) {
            if (overload.receiver != (expr.target != nullptr)) continue;
            const Overload own = with_fresh_parameters(overload);
            if (!types_.assign(arguments, own.parameters)) continue;
            reference.overloads.push_back(overload.id);
            const Type type = current(own.result);
            if (!result) {
                result = type;
            } else if (*result != type) {
                result = kDyn;
            }
        }
        if (result) return *result;
        std::string shown;
        const char* separator = expr.target != nullptr ? "" : "(";
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            shown += separator + show(arguments[i]);
            separator = expr.target != nullptr && i == 0 ? ".(" : ", ";
        }
        if (arguments.empty()) shown = "(";
        if (arguments.size() == 1 && expr.target != nullptr) shown += ".(";
        return issue(expr, "no overload of `" + function.name + "` takes `" + shown + ")`");
    }

    Overload with_fresh_parameters(const Overload& overload) {
        Overload out = overload;
        std::map<std::string, Type> fresh;
        for (Type& type : out.parameters)
            rename(type, fresh);
        rename(out.result, fresh);
        return out;
    }
    void rename(Type& type, std::map<std::string, Type>& fresh) {
        if (type.is(TypeKind::parameter)) {
            const auto [found, added] = fresh.try_emplace(type.name);
            if (added) found->second = types_.fresh();
            type = found->second;
            return;
        }
        for (Type& part : type.parameters)
            rename(part, fresh);
    }

    /// The type of elements so far and of one more.
    Type join(const std::optional<Type>& before, const Type& type) {
        if (!before) return type;
        if (types_.assign(*before, type)) return most_general(*before, type);
        return kDyn;
    }

    /// The type of an element or entry; one with `?` must be an optional.
    Type element(Entry& entry) {
        Type type = visit(entry.value);
        if (!entry.optional) return type;
        const Type inner = types_.fresh();
        require(entry.value, type, optional_of(inner));
        return current(inner);
    }

    Type list(Expr& expr) {
        std::optional<Type> type;
        for (Entry& entry : expr.entries)
            type = join(type, element(entry));
        return list_of(type ? *type : types_.fresh());
    }

    Type map(Expr& expr) {
        std::optional<Type> key, value;
        for (Entry& entry : expr.entries) {
            key = join(key, visit(entry.key));
            value = join(value, element(entry));
        }
        return map_of(key ? *key : types_.fresh(), value ? *value : types_.fresh());
    }

    Type comprehension(Comprehension& loop) {
        const Type range = current(visit(loop.range));
        const Type accumulator = visit(loop.initial);
        const bool two = !loop.second_variable.empty();
        Type first = kDyn, second = kDyn;
        switch (range.kind) {
            case TypeKind::list:
                first = two ? kInt : range.parameters[0];
                second = range.parameters[0];
                break;
            case TypeKind::map:
                first = range.parameters[0];
                second = range.parameters[1];
                break;
            case TypeKind::parameter:
                types_.assign(kDyn, range);
                break;
            case TypeKind::dyn:
            case TypeKind::error:
                break;
            default:
                issue(*loop.range,
                      "type `" + show(range) + "` cannot be iterated over: it must be a list or a map");
        }
        const std::size_t outer = locals_.size();
        locals_.push_back({loop.accumulator, accumulator});
        locals_.push_back({loop.variable, first});
        if (two) locals_.push_back({loop.second_variable, second});
        const Type condition = visit(loop.condition);
        require(loop.condition, condition, kBool);
        const Type step = visit(loop.step);
        require(loop.step, step, accumulator);
        locals_.resize(outer + 1);
        const Type result = visit(loop.result);
        locals_.resize(outer);
        return current(result);
    }

    Names names_;
    Substitution types_;
    Checked out_;
    Issues issues_;
    std::vector<Local> locals_;
    bool within_chain_ = false;  // the operand that is visited is part of a chain of selections
};

/// Resolves names without types.
class Resolver {
  public:
    explicit Resolver(const Environment& environment) : names_(environment) {}

    void visit(Expr& expr) {
        if (expr.kind == ExprKind::identifier || expr.kind == ExprKind::select) {
            const auto name = qualified_name(expr);
            if (name && !is_local(name->substr(0, name->find('.')))) {
                if (auto meaning = names_.find_identifier(*name)) {
                    expr.kind = ExprKind::identifier;
                    expr.name = (is_local(meaning->name) ? "." : "") + meaning->name;
                    expr.target = nullptr;
                    return;
                }
            }
        }
        if (expr.kind == ExprKind::call) resolve_function(expr);
        if (expr.target != nullptr) visit(*expr.target);
        for (ExprPtr& argument : expr.arguments)
            visit(*argument);
        for (Entry& entry : expr.entries) {
            if (entry.key != nullptr) visit(*entry.key);
            visit(*entry.value);
        }
        if (expr.comprehension != nullptr) visit_loop(*expr.comprehension);
    }

  private:
    bool is_local(std::string_view name) const { return std::ranges::find(locals_, name) != locals_.end(); }

    void resolve_function(Expr& expr) {
        if (expr.target == nullptr) {
            if (const auto* function = names_.find_function(expr.name)) expr.name = function->name;
            return;
        }
        const auto prefix = qualified_name(*expr.target);
        if (!prefix || is_local(prefix->substr(0, prefix->find('.')))) return;
        if (const auto* function = names_.find_function(*prefix + "." + expr.name)) {
            expr.name = function->name;
            expr.target = nullptr;
        }
    }

    void visit_loop(Comprehension& loop) {
        visit(*loop.range);
        visit(*loop.initial);
        const std::size_t outer = locals_.size();
        locals_.push_back(loop.accumulator);
        locals_.push_back(loop.variable);
        if (!loop.second_variable.empty()) locals_.push_back(loop.second_variable);
        visit(*loop.condition);
        visit(*loop.step);
        locals_.resize(outer + 1);
        visit(*loop.result);
        locals_.resize(outer);
    }

    Names names_;
    std::vector<std::string> locals_;
};

}  // namespace

Checkable<Checked> check(Ast ast, const Environment& environment) {
    return Checker(std::move(ast), environment).run();
}

Checked resolve(Ast ast, const Environment& environment) {
    Checked out;
    out.types.resize(ast.id_count + 1);
    out.references.resize(ast.id_count + 1);
    out.ast = std::move(ast);
    Resolver(environment).visit(*out.ast.root);
    return out;
}

}  // namespace parmana::cel
