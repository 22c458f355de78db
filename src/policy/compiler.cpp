// From a draft without findings to the program.
#include <algorithm>
#include <numeric>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "crypto/crypto.hpp"
#include "policy/document.hpp"
#include "policy/environment.hpp"

namespace parmana::policy {
namespace {

static_assert(limits::kSignalsMax <= UINT16_MAX, "a slot fits its field");

/// Conditions of parmana-rules/1 as syntax trees. Ids say which signal is read.
class TreeBuilder {
  public:
    explicit TreeBuilder(Program& program) : program_(program) { program.places.resize(1); }

    cel::ExprPtr build(const Condition& condition, std::int32_t rule) {
        switch (condition.kind) {
            case Condition::Kind::comparison:
                return comparison(condition, rule);
            case Condition::Kind::negation:
                return call(cel::op::kNot, build(condition.parts.front(), rule), nullptr);
            case Condition::Kind::all:
            case Condition::Kind::any:
                break;
        }
        if (condition.parts.empty()) return constant(true);
        const std::string_view function =
            condition.kind == Condition::Kind::all ? cel::op::kAnd : cel::op::kOr;
        return balanced(condition.parts, function, rule);
    }

  private:
    /// In order; balanced, because the tree is walked by recursion.
    cel::ExprPtr balanced(std::span<const Condition> parts, std::string_view function, std::int32_t rule) {
        if (parts.size() == 1) return build(parts.front(), rule);
        const std::size_t half = parts.size() / 2;
        cel::ExprPtr left = balanced(parts.first(half), function, rule);
        return call(function, std::move(left), balanced(parts.subspan(half), function, rule));
    }

    static cel::ExprPtr constant(cel::Constant value) {
        auto out = std::make_unique<cel::Expr>();
        out->constant = std::move(value);
        return out;
    }

    static cel::ExprPtr call(std::string_view function, cel::ExprPtr left, cel::ExprPtr right) {
        auto out = std::make_unique<cel::Expr>();
        out->kind = cel::ExprKind::call;
        out->name = function;
        out->arguments.push_back(std::move(left));
        if (right != nullptr) out->arguments.push_back(std::move(right));
        return out;
    }

    cel::ExprPtr comparison(const Condition& condition, std::int32_t rule) {
        const SignalDeclaration& signal = program_.signals[condition.slot];
        auto name = std::make_unique<cel::Expr>();
        name->kind = cel::ExprKind::identifier;
        name->name = std::string(kSignalPrefix) + signal.name;
        cel::ExprPtr out =
            call(function_of(condition.relation), std::move(name), operand(condition, signal.type));
        out->id = static_cast<std::uint32_t>(program_.places.size());
        program_.places.push_back({.rule = rule, .slot = condition.slot});
        return out;
    }

    static cel::ExprPtr operand(const Condition& condition, SignalType type) {
        if (condition.relation != Operator::in) return constant(constant_of(*condition.operand, type));
        auto list = std::make_unique<cel::Expr>();
        list->kind = cel::ExprKind::list;
        for (const json::Value value : condition.operand->elements()) {
            list->entries.emplace_back();
            list->entries.back().value = constant(constant_of(value, type));
        }
        return list;
    }

    static cel::Constant constant_of(json::Value value, SignalType type) {
        switch (type) {
            case SignalType::integer:
                return value.integer();
            case SignalType::number:
                return value.number();
            case SignalType::boolean:
                return value.boolean();
            default:
                return std::string(value.string());
        }
    }

    static std::string_view function_of(Operator relation) {
        switch (relation) {
            case Operator::equals:
                return cel::op::kEqual;
            case Operator::less_than:
                return cel::op::kLess;
            case Operator::less_than_or_equal:
                return cel::op::kLessOrEqual;
            case Operator::greater_than:
                return cel::op::kGreater;
            case Operator::greater_than_or_equal:
                return cel::op::kGreaterOrEqual;
            case Operator::in:
                return cel::op::kIn;
        }
        INVARIANT(false);
    }

    Program& program_;
};

/// Reads the places of a CEL text out of its tree.
void mark_places(const cel::Expr& expr, std::span<Place> places, Place at) {
    const auto inner = [&](const cel::ExprPtr& child) {
        if (child != nullptr) mark_places(*child, places, at);
    };
    at.offset = expr.offset;
    places[expr.id] = at;
    inner(expr.target);
    for (const cel::ExprPtr& argument : expr.arguments)
        inner(argument);
    for (const cel::Entry& entry : expr.entries) {
        inner(entry.key);
        inner(entry.value);
    }
    if (expr.comprehension == nullptr) return;
    const cel::Comprehension& loop = *expr.comprehension;
    for (const cel::ExprPtr* part : {&loop.range, &loop.initial, &loop.condition, &loop.step, &loop.result})
        inner(*part);
}

/// Joins conditions to one program, whichever profile they are of.
class Emitter {
  public:
    Emitter(Program& program, const Draft& draft)
        : program_(program),
          draft_(draft),
          is_cel_(draft.profile == kCelProfile),
          trees_(program),
          compiler_(variables(), storage()) {}

    cel::Program emit() {
        for (std::uint32_t i = 0; i < draft_.variables.size(); ++i) {
            compiler_.set_expression_base(
                mark(draft_.variables[i].expression, {.variable = static_cast<int>(i)}));
            compiler_.define_lazy(i, draft_.variables[i].expression);
        }
        prepare_rules();
        order_rules();
        program_.main = compiler_.label();
        compiler_.place(program_.main);
        const bool single = program_.hit_policy == HitPolicy::unique || program_.hit_policy == HitPolicy::any;
        single ? emit_hits() : emit_first();
        for (std::uint32_t rule = 0; rule < program_.rules.size(); ++rule)
            program_.skeletons.push_back(is_cel_ ? skeleton(rule) : skeleton(draft_.conditions[rule]));
        return compiler_.finish();
    }

  private:
    std::vector<cel::VariableDeclaration> variables() const {
        auto out = environment_of(program_.signals, is_cel_).variables;
        for (const Variable& variable : draft_.variables)
            out.push_back({std::string(kVariablePrefix) + variable.name, variable.expression.type()});
        return out;
    }
    std::vector<cel::Storage> storage() const {
        std::vector<cel::Storage> out;
        for (std::uint32_t i = 0; i < program_.signals.size(); ++i)
            out.push_back({cel::Storage::Kind::slot, i});
        for (std::uint32_t i = 0; i < draft_.variables.size(); ++i)
            out.push_back({cel::Storage::Kind::lazy, i});
        return out;
    }

    /// Gives the expression's ids a range of their own; the base to add to them.
    std::uint32_t mark(const cel::Checked& expression, Place at) {
        const auto base = static_cast<std::uint32_t>(program_.places.size());
        program_.places.resize(base + expression.ast.id_count + 1);
        mark_places(*expression.ast.root, std::span(program_.places).subspan(base), at);
        return base;
    }

    void prepare_rules() {
        for (std::uint32_t rule = 0; rule < program_.rules.size(); ++rule) {
            if (!is_cel_) {
                rule_trees_.push_back(trees_.build(draft_.conditions[rule], static_cast<int>(rule)));
                const bool always = rule_trees_.back()->kind == cel::ExprKind::constant;
                program_.conditions.push_back(always ? "" : cel::print(*rule_trees_.back()));
            } else if (draft_.expressions[rule]) {
                bases_.push_back(mark(*draft_.expressions[rule], {.rule = static_cast<int>(rule)}));
            } else {
                bases_.push_back(0);
            }
        }
    }

    /// `priority` and `collect` are first-match over rules in another order; the catch-all stays last.
    void order_rules() {
        program_.order.resize(program_.rules.size());
        std::iota(program_.order.begin(), program_.order.end(), 0U);
        const auto rank = [&](std::uint32_t rule) {
            const Outcome& outcome = program_.rules[rule].outcome;
            if (program_.hit_policy == HitPolicy::priority)
                return std::ranges::find(draft_.priorities, outcome.action) - draft_.priorities.begin();
            constexpr std::ptrdiff_t kStrictness[] = {2, 0, 1};  // approved, rejected, override_required
            return kStrictness[static_cast<std::size_t>(outcome.verdict)];
        };
        if (program_.hit_policy != HitPolicy::priority && program_.hit_policy != HitPolicy::collect) return;
        // Equals stay in the order of the rules.
        std::ranges::sort(program_.order.begin(), program_.order.end() - 1, {},
                          [&](std::uint32_t rule) { return std::pair(rank(rule), rule); });
    }

    void branch(std::uint32_t rule, cel::Label if_true, cel::Label if_false) {
        if (!is_cel_) return compiler_.branch_strictly(*rule_trees_[rule], if_true, if_false);
        if (!draft_.expressions[rule]) return compiler_.go(if_true);
        compiler_.set_expression_base(bases_[rule]);
        compiler_.branch(*draft_.expressions[rule], if_true, if_false);
    }

    void emit_first() {
        for (const std::uint32_t rule : program_.order) {
            const cel::Label holds = compiler_.label(), next = compiler_.label();
            branch(rule, holds, next);
            compiler_.place(holds);
            compiler_.yield(rule);
            compiler_.place(next);
        }
        compiler_.yield_error(cel::Fault::no_choice);
    }

    void emit_hits() {
        const auto last = static_cast<std::uint32_t>(program_.rules.size() - 1);
        for (std::uint32_t rule = 0; rule < last; ++rule) {
            const cel::Label holds = compiler_.label(), next = compiler_.label();
            branch(rule, holds, next);
            compiler_.place(holds);
            compiler_.record_hit(rule, group_of(rule));
            compiler_.place(next);
        }
        const cel::Label none = compiler_.label();
        compiler_.yield_hit(none);
        compiler_.place(none);
        compiler_.yield(last);
    }

    /// Rules of one group may hold together: for `any` those with one outcome.
    std::uint32_t group_of(std::uint32_t rule) const {
        if (program_.hit_policy == HitPolicy::unique) return rule;
        const Outcome& mine = program_.rules[rule].outcome;
        for (std::uint32_t other = 0; other < rule; ++other) {
            const Outcome& theirs = program_.rules[other].outcome;
            if (theirs.action == mine.action && theirs.requires_override == mine.requires_override &&
                theirs.reason == mine.reason) {
                return other;
            }
        }
        return rule;
    }

    // ---- what traces run

    Skeleton skeleton(const Condition& condition) {
        using Kind = Skeleton::Kind;
        if (condition.kind == Condition::Kind::comparison) {
            Skeleton out{.kind = Kind::atom, .text = condition.pointer, .entry = compiler_.label()};
            const cel::Label yes = compiler_.label(), no = compiler_.label();
            compiler_.place(out.entry);
            compiler_.branch_strictly(*trees_.build(condition, -1), yes, no);
            compiler_.place(yes);
            compiler_.yield(1);
            compiler_.place(no);
            compiler_.yield(0);
            return out;
        }
        Skeleton out{.kind = condition.kind == Condition::Kind::all   ? Kind::all
                             : condition.kind == Condition::Kind::any ? Kind::any
                                                                      : Kind::negation,
                     .text = condition.pointer};
        for (const Condition& part : condition.parts)
            out.parts.push_back(skeleton(part));
        return out;
    }

    Skeleton skeleton(std::uint32_t rule) {
        if (!draft_.expressions[rule]) return {.kind = Skeleton::Kind::all, .text = "true"};
        compiler_.set_expression_base(bases_[rule]);
        const auto written = cel::parse(program_.conditions[rule], cel::Macros::none);
        INVARIANT(written.has_value());
        return skeleton(*draft_.expressions[rule]->ast.root, *written->root);
    }

    /// `written` is the same part before its macros were expanded; no macro expands to an operator.
    Skeleton skeleton(const cel::Expr& part, const cel::Expr& written) {
        using Kind = Skeleton::Kind;
        Skeleton out;
        const bool operation = part.kind == cel::ExprKind::call && part.target == nullptr;
        if (operation && part.name == cel::op::kAnd) {
            out.kind = Kind::all;
        } else if (operation && part.name == cel::op::kOr) {
            out.kind = Kind::any;
        } else if (operation && part.name == cel::op::kNot) {
            out.kind = Kind::negation;
        } else {
            out = {.kind = Kind::atom, .text = cel::print(written), .entry = compiler_.label()};
            compiler_.place(out.entry);
            compiler_.yield_value(part);
            return out;
        }
        for (std::size_t i = 0; i < part.arguments.size(); ++i)
            out.parts.push_back(skeleton(*part.arguments[i], *written.arguments[i]));
        return out;
    }

    Program& program_;
    const Draft& draft_;
    bool is_cel_;
    TreeBuilder trees_;
    cel::Compiler compiler_;
    std::vector<cel::ExprPtr> rule_trees_;  // parmana-rules/1
    std::vector<std::uint32_t> bases_;      // parmana-cel/1
};

}  // namespace

struct Compiler {
    /// Requires a draft without findings whose document still lives.
    static Policy make(Draft draft) {
        std::string schema;
        json::append_canonical(schema, *draft.schema);
        Program program{.id = *std::move(draft.id),
                        .version = *std::move(draft.version),
                        .language_profile = std::string(draft.profile),
                        .schema_version = std::string(draft.profile == kCelProfile ? kCelSchemaVersion
                                                                                   : kRulesSchemaVersion),
                        .signals = std::move(draft.signals),
                        .optionals = draft.profile == kCelProfile,
                        .rules = std::move(draft.rules),
                        .hit_policy = draft.hit_policy,
                        .bindings = std::move(draft.bindings),
                        .variables = {},
                        .conditions = std::move(draft.texts),
                        .schema_digest = crypto::sha256(schema),
                        .cost = draft.cost,
                        .code = std::nullopt,
                        .order = {},
                        .skeletons = {},
                        .places = {}};
        for (const Variable& variable : draft.variables)
            program.variables.push_back({variable.name, variable.text});
        program.code.emplace(Emitter(program, draft).emit());
        return Policy(std::make_unique<const Program>(std::move(program)));
    }
};

Policy::Policy(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

const PolicyId& Policy::id() const {
    return program_->id;
}
const PolicyVersion& Policy::version() const {
    return program_->version;
}
const std::string& Policy::language_profile() const {
    return program_->language_profile;
}
const std::string& Policy::schema_version() const {
    return program_->schema_version;
}
std::span<const SignalDeclaration> Policy::signals() const {
    return program_->signals;
}
std::span<const Rule> Policy::rules() const {
    return program_->rules;
}
HitPolicy Policy::hit_policy() const {
    return program_->hit_policy;
}
const Digest& Policy::schema_digest() const {
    return program_->schema_digest;
}
const std::string& Policy::condition(std::size_t rule) const {
    return program_->conditions[rule];
}
std::span<const Policy::NamedText> Policy::variables() const {
    return program_->variables;
}
std::vector<Policy::NamedText> Policy::bindings() const {
    std::vector<NamedText> out;
    for (const Binding& binding : program_->bindings)
        out.push_back({binding.signal, joined(binding.path)});
    return out;
}
std::uint64_t Policy::cost_bound() const {
    return program_->cost;
}

bool is_known_profile(std::string_view profile) {
    return std::ranges::find(kProfiles, profile) != std::end(kProfiles);
}

bool is_known_schema_version(std::string_view version) {
    return std::ranges::find(kSchemaVersions, version) != std::end(kSchemaVersions);
}

std::vector<Diagnostic> check(std::string_view source) {
    return read_policy(source).findings;
}

Result<Policy> compile(std::string_view source) {
    Reading reading = read_policy(source);
    if (!reading.findings.empty()) {
        Diagnostic& first = reading.findings.front();
        return fail(Code::policy_invalid,
                    std::to_string(first.line) + ':' + std::to_string(first.column) + ": " + first.message,
                    std::move(first.pointer));
    }
    return Compiler::make(std::move(reading.draft));
}

}  // namespace parmana::policy
