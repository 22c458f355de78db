// From a draft without findings to the program: rules become branches, nested ones are part of those around
// them.
#include <utility>

#include "authoring/cel_policy_content.hpp"
#include "authoring/cel_policy_reader.hpp"

namespace parmana::authoring::cel_policy {
namespace {

/// The list that the aggregate grows; as one never stands within another, there is one. No text can name it.
constexpr std::string_view kListName = "@list";

cel::ExprPtr named(std::string_view name) {
    auto out = std::make_unique<cel::Expr>();
    out->kind = cel::ExprKind::identifier;
    out->name = name;
    return out;
}

cel::ExprPtr call(std::string_view function, cel::ExprPtr argument = nullptr) {
    auto out = std::make_unique<cel::Expr>();
    out->kind = cel::ExprKind::call;
    out->name = function;
    if (argument != nullptr) out->arguments.push_back(std::move(argument));
    return out;
}

class Emitter {
  public:
    Emitter(Content& content, Draft& draft)
        : content_(content), draft_(draft), compiler_(variables(), storage()) {
        content_.places.resize(1);  // ids begin at 1
    }

    cel::Program emit() {
        for (std::uint32_t i = 0; i < draft_.variables.size(); ++i) {
            const Expression& expression = *draft_.variables[i].expression;
            mark(expression);
            compiler_.define_lazy(i, expression.checked);
        }
        content_.main = begin();
        const cel::Label none = compiler_.label();
        emit_rule(*draft_.rule, {.is_optional = draft_.rule->may_miss}, none);
        compiler_.place(none);
        if (draft_.rule->may_miss) {
            compiler_.yield_value(*call("optional.none"));
        } else {
            compiler_.yield_error(cel::Fault::no_choice);  // never reached
        }
        for (auto& [explanation, output] : explanations_)
            content_.outputs[output].explanation = entry_of(*explanation);
        for (const Invariant& invariant : draft_.invariants)
            emit_invariant(invariant);
        return compiler_.finish();
    }

  private:
    /// What becomes of the value of an output: it ends the evaluation, or becomes an element.
    struct Sink {
        bool is_optional = false;
        std::optional<cel::Label> next = {};  // of the list: where the evaluation goes on
    };

    std::vector<cel::VariableDeclaration> variables() const {
        auto out = content_.inputs;
        out.push_back({std::string(kResultName), content_.type});
        for (const Variable& variable : draft_.variables)
            out.push_back({variable.name, variable.expression->checked.type()});
        out.push_back({std::string(kListName), cel::list_of({})});
        return out;
    }
    std::vector<cel::Storage> storage() const {
        using Kind = cel::Storage::Kind;
        std::vector<cel::Storage> out;
        for (std::uint32_t i = 0; i <= content_.inputs.size(); ++i)
            out.push_back({.kind = Kind::slot, .index = i, .may_be_absent = true});
        for (std::uint32_t i = 0; i < draft_.variables.size(); ++i)
            out.push_back({.kind = Kind::lazy, .index = i});
        out.push_back({.kind = Kind::list, .index = 0});
        return out;
    }

    cel::Label begin() {
        const cel::Label out = compiler_.label();
        compiler_.place(out);
        return out;
    }

    /// Gives the ids of the expression a range of their own.
    void mark(const Expression& expression) {
        const auto base = static_cast<std::uint32_t>(content_.places.size());
        content_.scalars.push_back(expression.text);
        content_.places.resize(base + expression.checked.ast.id_count + 1);
        mark(*expression.checked.ast.root, base);
        compiler_.set_expression_base(base);
    }
    void mark(const cel::Expr& expr, std::uint32_t base) {
        content_.places[base + expr.id] =
            Place{static_cast<std::uint32_t>(content_.scalars.size() - 1), expr.offset};
        const auto inner = [&](const cel::ExprPtr& part) {
            if (part != nullptr) mark(*part, base);
        };
        inner(expr.target);
        for (const cel::ExprPtr& argument : expr.arguments)
            inner(argument);
        for (const cel::Entry& entry : expr.entries) {
            inner(entry.key);
            inner(entry.value);
        }
        if (expr.comprehension == nullptr) return;
        const cel::Comprehension& loop = *expr.comprehension;
        for (const cel::ExprPtr* part :
             {&loop.range, &loop.initial, &loop.condition, &loop.step, &loop.result})
            inner(*part);
    }

    cel::Label entry_of(const Expression& expression) {
        const cel::Label out = begin();
        mark(expression);
        compiler_.yield_value(*expression.checked.ast.root);
        return out;
    }

    // ---- rules

    void emit_rule(Rule& rule, Sink sink, cel::Label if_none) {
        if (rule.is_aggregate) return emit_aggregate(rule, sink);
        for (Choice& choice : rule.choices) {
            const cel::Label next = compiler_.label();
            branch(choice, next);
            // Without a match in the nested rule.
            emit_choice(choice, sink, choice.is_unconditional() ? next : if_none);
            compiler_.place(next);
        }
        compiler_.go(if_none);
    }

    void emit_aggregate(Rule& rule, Sink sink) {
        compiler_.begin_list(0);
        for (Choice& choice : rule.choices) {
            const cel::Label next = compiler_.label();
            branch(choice, next);
            emit_choice(choice, {.next = next}, next);
            compiler_.place(next);
        }
        put(named(kListName), sink);
    }

    /// Goes on with what follows when the choice holds.
    void branch(const Choice& choice, cel::Label if_not) {
        if (!choice.condition) return;
        const cel::Label holds = compiler_.label();
        mark(*choice.condition);
        compiler_.branch(choice.condition->checked, choice.is_negated ? if_not : holds,
                         choice.is_negated ? holds : if_not);
        compiler_.place(holds);
    }

    void emit_choice(Choice& choice, Sink sink, cel::Label if_none) {
        if (choice.rule != nullptr) return emit_rule(*choice.rule, sink, if_none);
        const auto index = static_cast<std::uint32_t>(content_.outputs.size());
        content_.outputs.push_back({choice.output->text, {}});
        if (choice.explanation) explanations_.emplace_back(&*choice.explanation, index);
        compiler_.note(index);
        mark(*choice.output);
        put(std::move(choice.output->checked.ast.root), sink);
    }

    void put(cel::ExprPtr value, Sink sink) {
        if (sink.next) {
            compiler_.append(0, *value);
            compiler_.go(*sink.next);
        } else {
            compiler_.yield_value(sink.is_optional ? *call("optional.of", std::move(value)) : *value);
        }
    }

    // ---- what is evaluated beside

    void emit_invariant(const Invariant& invariant) {
        Content::CompiledInvariant out{invariant.id, {}, {}};
        for (const Expression& assumption : invariant.assumptions)
            out.assumptions.push_back({assumption.text, entry_of(assumption)});
        for (const Expression& assertion : invariant.assertions)
            out.assertions.push_back({assertion.text, entry_of(assertion)});
        content_.invariants.push_back(std::move(out));
    }

    Content& content_;
    Draft& draft_;
    cel::Compiler compiler_;
    std::vector<std::pair<const Expression*, std::size_t>> explanations_;  // with the index of the output
};

}  // namespace

CelPolicy Emission::make(yaml::Document document, Draft draft, std::vector<cel::VariableDeclaration> inputs) {
    const Rule& rule = *draft.rule;
    auto content =
        std::make_unique<Content>(Content{.document = std::move(document),
                                          .name = std::move(draft.name),
                                          .description = std::move(draft.description),
                                          .type = rule.may_miss ? cel::optional_of(rule.type) : rule.type,
                                          .inputs = std::move(inputs)});
    content->program.emplace(Emitter(*content, draft).emit());
    return CelPolicy(std::move(content));
}

}  // namespace parmana::authoring::cel_policy

namespace parmana::authoring {

using namespace cel_policy;

Written<CelPolicy> compile_cel_policy(std::string_view text, const Config& config) {
    auto document = yaml::parse(text);
    FindingList findings;
    if (!document) {
        findings.at(document.error().position, document.error().message);
        return std::unexpected(std::move(findings).sorted());
    }
    Draft draft = Reader(config, findings).read(document->root());
    if (!findings.empty()) return std::unexpected(std::move(findings).sorted());
    return Emission::make(*std::move(document), std::move(draft), config.variables);
}

}  // namespace parmana::authoring
