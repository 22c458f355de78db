#include "cel/cost.hpp"

#include <algorithm>

#include "cel/names.hpp"
#include "cel/regex.hpp"

namespace parmana::cel {
namespace {

// Upper bounds of texts that no input makes longer.
constexpr std::uint64_t kNumberText = 32;
constexpr std::uint64_t kFormattedNumber = 450;  // the largest double with a hundred decimals
constexpr std::uint64_t kNodeCost = 3;           // instructions of a node
constexpr std::uint64_t kLoopCost = 16;          // instructions around a loop
constexpr std::uint64_t kZoneCost = 32;

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
    return std::min(a + b, kCostInfinite);
}
std::uint64_t product(std::uint64_t a, std::uint64_t b) {
    std::uint64_t out = 0;
    return __builtin_mul_overflow(a, b, &out) ? kCostInfinite : std::min(out, kCostInfinite);
}
/// What Context::pay_for takes, and one for the rounding.
std::uint64_t walk(std::uint64_t size) {
    return size / 16 + 1;
}

Extent part(const Extent& extent, std::size_t index) {
    return index < extent.parts.size() ? extent.parts[index] : Extent{};
}

Extent join(const Extent& a, const Extent& b) {
    Extent out{std::max(a.size, b.size)};
    for (std::size_t i = 0; i < std::max(a.parts.size(), b.parts.size()); ++i)
        out.parts.push_back(join(part(a, i), part(b, i)));
    return out;
}

/// Bytes and elements that a comparison of the whole value looks at.
std::uint64_t weight(const Extent& extent) {
    if (extent.parts.empty()) return sum(extent.size, 16);
    std::uint64_t each = 32;
    for (const Extent& inner : extent.parts)
        each = sum(each, weight(inner));
    return sum(16, product(std::max<std::uint64_t>(extent.size, 1), each));
}

/// Bytes of the text that `%s` makes of the value.
std::uint64_t text_size(const Extent& extent) {
    if (extent.parts.empty()) return std::max(product(extent.size, 2), kFormattedNumber);
    std::uint64_t each = 4;
    for (const Extent& inner : extent.parts)
        each = sum(each, text_size(inner));
    return sum(2, product(extent.size, each));
}

class Estimator {
  public:
    explicit Estimator(const std::map<std::string, Extent>& variables) : variables_(variables) {}

    CostBound bound(const Expr& expr) {
        CostBound out{kNodeCost, {}};
        switch (expr.kind) {
            case ExprKind::constant:
                out.result = literal(expr.constant);
                return out;
            case ExprKind::identifier:
                out.result = named(expr.name);
                return out;
            case ExprKind::select: {
                const CostBound operand = bound(*expr.target);
                out.cost = sum(out.cost, sum(operand.cost, 2));
                if (!expr.test_only) out.result = field(operand.result);
                return out;
            }
            case ExprKind::list:
            case ExprKind::map:
                return container(expr);
            case ExprKind::call:
                return call(expr);
            case ExprKind::comprehension:
                return loop(*expr.comprehension);
            case ExprKind::message:
                break;
        }
        return out;
    }

  private:
    static Extent literal(const Constant& constant) {
        if (const auto* text = std::get_if<std::string>(&constant)) return {text->size()};
        if (const auto* bytes = std::get_if<Bytes>(&constant)) return {bytes->value.size()};
        return {};
    }

    Extent named(const std::string& name) const {
        for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
            if (local->first == name) return local->second;
        }
        const auto found = variables_.find(std::string(without_dot(name)));
        return found == variables_.end() ? Extent{} : found->second;
    }

    /// An entry of a map, perhaps within an optional; of anything else nothing is known but that it is
    /// inside.
    static Extent field(const Extent& operand) {
        if (operand.parts.size() == 2) return operand.parts[1];
        if (operand.parts.size() == 1 && operand.parts[0].parts.size() == 2)
            return {1, {operand.parts[0].parts[1]}};
        return part(operand, 0);
    }

    CostBound container(const Expr& expr) {
        const bool is_map = expr.kind == ExprKind::map;
        CostBound out{sum(kNodeCost, walk(expr.entries.size() * 8)), {expr.entries.size()}};
        Extent key, value;
        for (const Entry& entry : expr.entries) {
            if (is_map) {
                const CostBound given = bound(*entry.key);
                out.cost = sum(out.cost, given.cost);
                key = join(key, given.result);
            }
            const CostBound given = bound(*entry.value);
            out.cost = sum(out.cost, given.cost);
            value = join(value, entry.optional ? part(given.result, 0) : given.result);
        }
        if (is_map) out.result.parts.push_back(std::move(key));
        out.result.parts.push_back(std::move(value));
        return out;
    }

    CostBound call(const Expr& expr) {
        CostBound out{kNodeCost, {}};
        std::vector<Extent> given;
        const auto take = [&](const Expr& argument) {
            CostBound inner = bound(argument);
            out.cost = sum(out.cost, inner.cost);
            given.push_back(std::move(inner.result));
        };
        if (expr.target != nullptr) take(*expr.target);
        for (const ExprPtr& argument : expr.arguments)
            take(*argument);
        given.resize(std::max<std::size_t>(given.size(), 4));
        const CostBound own = expr.name == "matches" ? match(expr, given) : function(expr.name, given);
        out.cost = sum(out.cost, own.cost);
        out.result = own.result;
        return out;
    }

    static CostBound match(const Expr& expr, const std::vector<Extent>& given) {
        const Expr& pattern = *expr.arguments.back();
        const auto* text =
            pattern.kind == ExprKind::constant ? std::get_if<std::string>(&pattern.constant) : nullptr;
        if (text == nullptr) return {kCostInfinite, {}};
        const auto regex = Regex::make(*text);
        return {regex ? regex->cost(given[0].size) : 0, {}};
    }

    /// What a function pays, and what it gives.
    static CostBound function(std::string_view name, const std::vector<Extent>& given) {
        const Extent &a = given[0], &b = given[1], &c = given[2];
        if (name == op::kConditional) return {0, join(b, c)};
        if (name == op::kEqual || name == op::kNotEqual) return {walk(weight(a)), {}};
        if (name == op::kAdd) return added(a, b);
        if (name == op::kIndex || name == op::kOptionalIndex || name == op::kOptionalSelect)
            return {2, indexed(a)};
        if (name == op::kIn) return {product(sum(b.size, 1), walk(sum(16, part(b, 0).size))), {}};
        if (name == "dyn" || name == "optional.of" || name == "optional.ofNonZeroValue")
            return {1, name == "dyn" ? a : Extent{1, {a}}};
        if (name == "value") return {1, part(a, 0)};
        if (name == "orValue") return {1, join(part(a, 0), b)};
        if (name == "or") return {1, join(a, b)};
        if (name.starts_with("get")) return {kZoneCost, {}};
        if (name == "math.@max" || name == "math.@min") return {sum(a.size, 2), {}};
        return text_function(name, given);
    }

    static CostBound added(const Extent& a, const Extent& b) {
        Extent out = join(a, b);
        out.size = sum(a.size, b.size);
        return {walk(product(out.size, out.parts.empty() ? 1 : 4)), std::move(out)};
    }

    static Extent indexed(const Extent& container) {
        // Of a list, a map, or an optional of one: the last part, whichever it is.
        if (container.parts.empty()) return {};
        const Extent& last = container.parts.back();
        return last.parts.empty() ? last : join(last, Extent{1, {last.parts.back()}});
    }

    static CostBound text_function(std::string_view name, const std::vector<Extent>& given) {
        const Extent &a = given[0], &b = given[1], &c = given[2];
        const std::uint64_t size = a.size;
        const std::uint64_t cost = walk(product(sum(size, b.size), 2));
        if (name == "string") return {cost, {std::max(size, kNumberText)}};
        if (name == "charAt") return {cost, {4}};
        if (name == "strings.quote") return {cost, {sum(product(size, 2), 2)}};
        if (name == "base64.encode" || name == "base64.decode") return {cost, {sum(product(size, 2), 4)}};
        if (name == "split") return {sum(cost, sum(size, 2)), {sum(size, 1), {{size}}}};
        if (name == "replace") {
            const std::uint64_t out = sum(size, product(sum(size, 1), c.size));
            return {sum(cost, sum(walk(out), size)), {out}};
        }
        if (name == "join") {
            const std::uint64_t out = product(size, sum(part(a, 0).size, b.size));
            return {sum(product(size, 3), walk(sum(out, product(size, 16)))), {out}};
        }
        if (name == "format") {
            const std::uint64_t out = sum(size, product(b.size, text_size(part(b, 0))));
            return {sum(product(walk(out), 4), product(sum(size, 1), 2)), {out}};
        }
        return {cost, {size}};
    }

    // ---- loops

    struct Step {
        std::uint64_t cost;
        Extent added;
    };

    CostBound loop(const Comprehension& loop) {
        const CostBound initial = bound(*loop.initial);
        const auto* never = loop.condition->kind == ExprKind::constant
                                ? std::get_if<bool>(&loop.condition->constant)
                                : nullptr;
        const std::size_t outer = locals_.size();
        if (never != nullptr && !*never) {  // cel.bind
            locals_.emplace_back(loop.accumulator, initial.result);
            CostBound out = bound(*loop.result);
            locals_.resize(outer);
            out.cost = sum(out.cost, sum(initial.cost, kNodeCost));
            return out;
        }
        const CostBound range = bound(*loop.range);
        const bool is_map = range.result.parts.size() == 2;
        locals_.emplace_back(loop.accumulator, Extent{});
        if (!loop.second_variable.empty()) {
            locals_.emplace_back(loop.variable, is_map ? part(range.result, 0) : Extent{});
            locals_.emplace_back(loop.second_variable, part(range.result, is_map ? 1 : 0));
        } else {
            locals_.emplace_back(loop.variable, part(range.result, 0));
        }
        const Step each = step(*loop.step);
        locals_.resize(outer);
        const std::uint64_t count = range.result.size;
        // Every element pays for the instructions of its body, which the bound of the step has counted.
        CostBound out{
            sum(sum(range.cost, initial.cost), product(sum(count, 1), sum(product(each.cost, 2), kLoopCost))),
            {count, {}}};
        if (loop.initial->kind == ExprKind::map) {
            out.result.parts = each.added.parts.size() == 2 ? each.added.parts : std::vector<Extent>{{}, {}};
            out.result.size = product(count, std::max<std::uint64_t>(each.added.size, 1));
            out.cost = sum(out.cost, product(walk(out.result.size * 4), 2));
        } else if (loop.initial->kind == ExprKind::list) {
            out.result.parts.push_back(each.added);
        } else {
            out.result = {};
        }
        return out;
    }

    /// The cost of one step, and what it adds: an element, or key and value.
    Step step(const Expr& expr) {
        if (expr.kind == ExprKind::call && expr.name == op::kConditional && expr.target == nullptr) {
            const std::uint64_t filter = bound(*expr.arguments[0]).cost;
            Step out = step(*expr.arguments[1]);
            out.cost = sum(out.cost, sum(filter, kNodeCost));
            return out;
        }
        if (expr.kind == ExprKind::call && expr.name == op::kMapInsert) {
            if (expr.arguments.size() == 2) {
                CostBound entries = bound(*expr.arguments[1]);
                return {sum(entries.cost, entries.result.size), std::move(entries.result)};
            }
            const CostBound key = bound(*expr.arguments[1]), value = bound(*expr.arguments[2]);
            return {sum(key.cost, value.cost), {1, {key.result, value.result}}};
        }
        if (expr.kind == ExprKind::call && expr.name == op::kAdd &&
            expr.arguments[1]->kind == ExprKind::list) {
            CostBound element = bound(*expr.arguments[1]->entries[0].value);
            return {element.cost, std::move(element.result)};
        }
        return {bound(expr).cost, {}};
    }

    const std::map<std::string, Extent>& variables_;
    std::vector<std::pair<std::string, Extent>> locals_;
};

}  // namespace

CostBound cost_bound(const Checked& expression, const std::map<std::string, Extent>& variables) {
    return Estimator(variables).bound(*expression.ast.root);
}

}  // namespace parmana::cel
