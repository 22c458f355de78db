// The bound: a walk over the tree that gives each part the prices (price.hpp) of the largest values it can
// meet.
#include "cel/cost.hpp"

#include <algorithm>

#include "cel/names.hpp"
#include "cel/price.hpp"
#include "cel/regex.hpp"

namespace parmana::cel {
namespace {

using price::product;
using price::sum;

// Upper bounds of texts that no input makes longer.
constexpr std::uint64_t kNumberText = 32;
constexpr std::uint64_t kFormattedNumber = 450;  // the largest double with a hundred decimals

// Instructions beside those of the parts.
constexpr std::uint64_t kAroundExpression = 3;  // what uses its value
constexpr std::uint64_t kAroundLoop = 6;
constexpr std::uint64_t kEachElement = 4;
constexpr std::uint64_t kEachFiltered = 4;

Extent part(const Extent& extent, std::size_t index) {
    return index < extent.parts.size() ? extent.parts[index] : Extent{};
}

Extent join(const Extent& a, const Extent& b) {
    Extent out{std::max(a.size, b.size)};
    for (std::size_t i = 0; i < std::max(a.parts.size(), b.parts.size()); ++i)
        out.parts.push_back(join(part(a, i), part(b, i)));
    return out;
}

/// As price_of_equality weighs the value.
std::uint64_t weight(const Extent& extent) {
    if (extent.parts.empty()) return extent.size;
    std::uint64_t each = extent.parts.size() == 1 ? price::kElementWeight : price::kEntryWeight;
    for (const Extent& inner : extent.parts)
        each = sum(each, weight(inner));
    return product(extent.size, each);
}

std::uint64_t equality(const Extent& a, const Extent& b) {
    return price::compared(a.parts.empty() ? std::min(a.size, b.size) : weight(a));
}

/// Bytes of the text that `format` makes of the value.
std::uint64_t text_size(const Extent& extent) {
    if (extent.parts.empty()) return std::max(product(extent.size, 2), kFormattedNumber);
    std::uint64_t each = 4;
    for (const Extent& inner : extent.parts)
        each = sum(each, text_size(inner));
    return sum(2, product(extent.size, each));
}

/// What `format` pays for the value.
std::uint64_t text_price(const Extent& extent) {
    if (extent.parts.empty()) return sum(price::kRealWritten, price::read(product(extent.size, 2)));
    std::uint64_t each = price::kMapTextEntry;
    for (const Extent& inner : extent.parts)
        each = sum(each, text_price(inner));
    const std::uint64_t all = product(extent.size, each);
    return extent.parts.size() == 1 ? all : sum(all, price::sorted(extent.size, text_size(extent.parts[0])));
}

/// What a function pays, and what it gives.
struct Effect {
    std::uint64_t paid = 0;
    Extent result = {};
};

using Extents = std::vector<Extent>;  // of the arguments, the receiver first; at least four

struct Row {
    std::string_view name;
    Effect (*effect)(const Extents& given);
};

Effect nothing(const Extents&) {
    return {};
}
Effect number_read(const Extents& given) {
    return {sum(price::kNumberWritten, price::read(given[0].size))};
}
Effect real_read(const Extents& given) {
    return {sum(price::kNumberWritten, price::read(product(given[0].size, 2)))};
}
Effect time_read(const Extents& given) {
    return {sum(price::kTimeRead, price::read(given[0].size))};
}
Effect ordered(const Extents& given) {
    return {price::compared(std::min(given[0].size, given[1].size))};
}
Effect equal(const Extents& given) {
    return {equality(given[0], given[1])};
}
Effect begins(const Extents& given) {
    return {price::compared(given[1].size)};
}
Effect search(const Extents& given) {
    return {price::searched(sum(given[0].size, given[1].size))};
}
Effect position(const Extents& given) {
    return {sum(search(given).paid, product(price::counted(given[0].size), 2))};
}
Effect cut(const Extents& given) {
    return {product(price::counted(given[0].size), 2), given[0]};
}
Effect changed(const Extents& given) {
    return {price::changed(given[0].size), given[0]};
}
Effect rewritten(const Extents& given) {
    return {price::read(given[0].size), given[0]};
}
Effect trimmed(const Extents& given) {
    return {price::read(product(given[0].size, 2)), given[0]};
}
Effect quoted(const Extents& given) {
    return {price::read(product(given[0].size, 2)), {sum(product(given[0].size, 2), 2)}};
}
Effect encoded(const Extents& given) {
    return {price::read(given[0].size), {sum(product(given[0].size, 2), 4)}};
}
Effect extreme(const Extents& given) {
    return {std::max<std::uint64_t>(given[0].size, 2)};
}
Effect added(const Extents& given) {
    Extent out = join(given[0], given[1]);
    out.size = sum(given[0].size, given[1].size);
    return {std::max(price::copied(out.size), out.parts.empty() ? 0 : price::gathered(out.size)),
            std::move(out)};
}
Effect same(const Extents& given) {
    return {0, given[0]};
}
Effect wrapped(const Extents& given) {
    return {0, {1, {given[0]}}};
}
Effect to_text(const Extents& given) {
    return {std::max(price::read(given[0].size), price::kTimeWritten),
            {std::max(given[0].size, kNumberText)}};
}
Effect joined(const Extents& given) {
    const std::uint64_t each = sum(part(given[0], 0).size, given[1].size);
    return {product(given[0].size, sum(price::kPartCut, price::copied(each))),
            {product(given[0].size, each)}};
}
Effect formatted(const Extents& given) {
    const std::uint64_t pattern = given[0].size, count = given[1].size;
    const std::uint64_t out = sum(pattern, product(count, text_size(part(given[1], 0))));
    return {sum(pattern + 1, product(count, text_price(part(given[1], 0))), price::copied(product(out, 2))),
            {out}};
}

constexpr Row kRows[] = {
    {op::kNot, nothing},
    {op::kNegate, nothing},
    {op::kSubtract, nothing},
    {op::kMultiply, nothing},
    {op::kDivide, nothing},
    {op::kModulo, nothing},
    {op::kAdd, added},
    {op::kEqual, equal},
    {op::kNotEqual, equal},
    {op::kLess, ordered},
    {op::kLessOrEqual, ordered},
    {op::kGreater, ordered},
    {op::kGreaterOrEqual, ordered},
    {op::kConditional, [](const Extents& given) { return Effect{0, join(given[1], given[2])}; }},
    {"size", [](const Extents& given) { return Effect{price::counted(given[0].size)}; }},
    {"dyn", same},
    {"bytes", same},
    {"type", nothing},
    {"bool", nothing},
    {"int", number_read},
    {"uint", number_read},
    {"double", real_read},
    {"string", to_text},
    {"timestamp", time_read},
    {"duration", time_read},
    {"hasValue", nothing},
    {"optional.of", wrapped},
    {"optional.ofNonZeroValue", wrapped},
    {"value", [](const Extents& given) { return Effect{0, part(given[0], 0)}; }},
    {"or", [](const Extents& given) { return Effect{0, join(given[0], given[1])}; }},
    {"orValue", [](const Extents& given) { return Effect{0, join(part(given[0], 0), given[1])}; }},
    {"math.@max", extreme},
    {"math.@min", extreme},
    {"contains", search},
    {"startsWith", begins},
    {"endsWith", begins},
    {"indexOf", position},
    {"lastIndexOf", position},
    {"charAt", [](const Extents& given) { return Effect{price::counted(given[0].size), {4}}; }},
    {"substring", cut},
    {"lowerAscii", changed},
    {"upperAscii", changed},
    {"trim", trimmed},
    {"reverse", rewritten},
    {"base64.encode", encoded},
    {"base64.decode", rewritten},
    {"strings.quote", quoted},
    {"join", joined},
    {"format", formatted},
};

class Estimator {
  public:
    Estimator(const Checked& expression, const std::map<std::string, Extent>& variables)
        : types_(expression.types), variables_(variables) {}

    /// `paid` is what the functions and loops of the part pay; its own instructions are counted beside that,
    /// those of a loop's body once, although it pays for them again and again.
    struct Bound {
        std::uint64_t instructions = 0;
        std::uint64_t paid = 0;
        Extent result = {};
    };

    Bound bound(const Expr& expr) {
        switch (expr.kind) {
            case ExprKind::constant:
                return {1, 0, literal(expr.constant)};
            case ExprKind::identifier:
                return {1, 0, named(expr.name)};
            case ExprKind::select: {
                Bound operand = bound(*expr.target);
                ++operand.instructions;
                const Effect found = looked_up(*expr.target, operand.result, {expr.name.size()});
                return {operand.instructions, sum(operand.paid, found.paid),
                        expr.test_only ? Extent{} : found.result};
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
        return {};
    }

  private:
    bool is(const Expr& expr, TypeKind kind) const { return types_[expr.id].is(kind); }

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

    static void add(Bound& out, const Bound& inner) {
        out.instructions = sum(out.instructions, inner.instructions);
        out.paid = sum(out.paid, inner.paid);
    }

    /// An entry or element of the container, or of an optional that holds one.
    Effect looked_up(const Expr& container, const Extent& extent, const Extent& key) const {
        const bool optional = is(container, TypeKind::optional);
        const Extent inner = optional ? part(extent, 0) : extent;
        const std::uint64_t paid = is(container, TypeKind::list) ? 0 : price::looked_up(inner.size, key.size);
        Effect out{paid, inner.parts.empty() ? Extent{} : inner.parts.back()};
        if (optional) out.result = {1, {std::move(out.result)}};
        if (!is(container, TypeKind::dyn)) return out;
        // It may be an optional after all.
        const Extent held = part(extent, 0);
        out.paid = sum(out.paid, price::looked_up(held.size, key.size));
        if (!held.parts.empty()) out.result = join(out.result, {1, {held.parts.back()}});
        return out;
    }
    Bound container(const Expr& expr) {
        const bool is_map = expr.kind == ExprKind::map;
        Bound out{1, 0, {expr.entries.size()}};
        Extent key, value;
        for (const Entry& entry : expr.entries) {
            if (is_map) {
                Bound given = bound(*entry.key);
                add(out, given);
                key = join(key, given.result);
            }
            Bound given = bound(*entry.value);
            add(out, given);
            value = join(value, entry.optional ? part(given.result, 0) : given.result);
        }
        out.paid = sum(out.paid, is_map ? price::sorted(expr.entries.size(), key.size)
                                        : price::gathered(expr.entries.size()));
        if (is_map) out.result.parts.push_back(std::move(key));
        out.result.parts.push_back(std::move(value));
        return out;
    }

    Bound call(const Expr& expr) {
        Bound out{2, 0, {}};
        std::vector<const Expr*> arguments;
        Extents given;
        const auto take = [&](const Expr& argument) {
            Bound inner = bound(argument);
            add(out, inner);
            arguments.push_back(&argument);
            given.push_back(std::move(inner.result));
        };
        if (expr.target != nullptr) take(*expr.target);
        for (const ExprPtr& argument : expr.arguments)
            take(*argument);
        given.resize(std::max<std::size_t>(given.size(), 4));
        Effect own = effect(expr.name, arguments, given);
        out.paid = sum(out.paid, own.paid);
        out.result = std::move(own.result);
        return out;
    }

    Effect effect(std::string_view name, const std::vector<const Expr*>& arguments,
                  const Extents& given) const {
        const auto* row = std::ranges::find(kRows, name, &Row::name);
        if (row != std::end(kRows)) return row->effect(given);
        if (name == op::kIndex || name == op::kOptionalIndex || name == op::kOptionalSelect) {
            Effect out = looked_up(*arguments[0], given[0], given[1]);
            if (name != op::kIndex && out.result.parts.empty()) out.result = {1, {std::move(out.result)}};
            return out;
        }
        if (name == op::kIn) return {contained(*arguments[1], given[0], given[1])};
        if (name == "matches") return {matched(*arguments.back(), given[0])};
        if (name == "replace") return replaced(*arguments[1], given);
        if (name == "split") return split(*arguments[1], given);
        if (name.starts_with("get") && arguments.size() == 1) return {price::kTimeField};
        if (name.starts_with("get")) return {sum(price::kZoneField, price::read(given[1].size))};
        return {0, join(given[0], given[1])};
    }

    std::uint64_t contained(const Expr& container, const Extent& needle, const Extent& extent) const {
        const std::uint64_t among = price::looked_up(extent.size, needle.size);
        if (is(container, TypeKind::map)) return among;
        const Extent element = part(extent, 0);
        const std::uint64_t one_by_one = product(extent.size, 1 + equality(needle, element));
        return is(container, TypeKind::list) ? one_by_one : sum(among, one_by_one);
    }

    static const std::string* text_of(const Expr& expr) {
        return expr.kind == ExprKind::constant ? std::get_if<std::string>(&expr.constant) : nullptr;
    }

    static std::uint64_t matched(const Expr& pattern, const Extent& text) {
        if (text_of(pattern) == nullptr) return kCostInfinite;
        const std::string& source = *text_of(pattern);
        const auto regex = Regex::make(source);
        if (regex) return regex->cost(text.size);
        // One that is not valid is an error only when it is reached, and has been looked at by then.
        return price::sum(kRegexCompileCost, price::product(source.size(), kRegexCompileCostPerByte));
    }

    /// How often a text can stand in another, side by side.
    static std::uint64_t occurrences(const Expr& wanted, std::uint64_t size) {
        const std::string* text = text_of(wanted);
        return text == nullptr || text->empty() ? sum(size, 1) : size / text->size();
    }

    static Effect replaced(const Expr& wanted, const Extents& given) {
        const std::uint64_t size = given[0].size, count = occurrences(wanted, size);
        return {sum(search(given).paid, price::copied(size),
                    product(count, sum(price::kReplaced, price::copied(given[2].size)))),
                {sum(size, product(count, given[2].size))}};
    }

    static Effect split(const Expr& separator, const Extents& given) {
        const std::uint64_t count = occurrences(separator, given[0].size);
        return {sum(search(given).paid, product(price::kPartCut, count + 1)), {count + 1, {{given[0].size}}}};
    }

    // ---- loops

    Bound loop(const Comprehension& loop) {
        Bound initial = bound(*loop.initial);
        const auto* never = loop.condition->kind == ExprKind::constant
                                ? std::get_if<bool>(&loop.condition->constant)
                                : nullptr;
        const std::size_t outer = locals_.size();
        if (never != nullptr && !*never) {  // cel.bind
            locals_.emplace_back(loop.accumulator, initial.result);
            Bound out = bound(*loop.result);
            locals_.resize(outer);
            add(out, initial);
            ++out.instructions;
            return out;
        }
        const Bound range = bound(*loop.range);
        const bool is_map = range.result.parts.size() == 2;
        locals_.emplace_back(loop.accumulator, Extent{});
        if (!loop.second_variable.empty()) {
            locals_.emplace_back(loop.variable, is_map ? part(range.result, 0) : Extent{});
            locals_.emplace_back(loop.second_variable, part(range.result, is_map ? 1 : 0));
        } else {
            locals_.emplace_back(loop.variable, part(range.result, 0));
        }
        Bound each = step(*loop.step);
        each.instructions = sum(each.instructions, kEachElement);
        locals_.resize(outer + 1);
        Bound out = bound(*loop.result);
        locals_.resize(outer);
        add(out, range);
        add(out, initial);
        out.instructions = sum(out.instructions, each.instructions, kAroundLoop);
        const std::uint64_t count = range.result.size;
        out.paid = sum(out.paid, product(count, sum(each.paid, price::run(each.instructions))));
        if (loop.initial->kind == ExprKind::map) {
            const std::uint64_t entries = product(count, each.result.size);
            out.paid = sum(out.paid, price::sorted(entries, part(each.result, 0).size));
            out.result = {entries, {part(each.result, 0), part(each.result, 1)}};
        } else if (loop.initial->kind == ExprKind::list) {
            out.result = {count, {each.result}};
        }
        return out;
    }

    /// One step; its result is what it adds: an element, or as a map the entries.
    Bound step(const Expr& expr) {
        const bool operation = expr.kind == ExprKind::call && expr.target == nullptr;
        if (operation && expr.name == op::kConditional) {
            Bound out = step(*expr.arguments[1]);
            add(out, bound(*expr.arguments[0]));
            out.instructions = sum(out.instructions, kEachFiltered);
            return out;
        }
        if (operation && expr.name == op::kMapInsert) {
            if (expr.arguments.size() == 2) {
                Bound entries = bound(*expr.arguments[1]);
                entries.paid = sum(entries.paid, entries.result.size);
                return entries;
            }
            const Bound key = bound(*expr.arguments[1]), value = bound(*expr.arguments[2]);
            return {sum(key.instructions, value.instructions),
                    sum(key.paid, value.paid),
                    {1, {key.result, value.result}}};
        }
        if (operation && expr.name == op::kAdd && expr.arguments[1]->kind == ExprKind::list)
            return bound(*expr.arguments[1]->entries[0].value);
        Bound out = bound(expr);
        out.result = {};
        return out;
    }

    const std::vector<Type>& types_;
    const std::map<std::string, Extent>& variables_;
    std::vector<std::pair<std::string, Extent>> locals_;
};

}  // namespace

CostBound cost_bound(const Checked& expression, const std::map<std::string, Extent>& variables) {
    Estimator::Bound out = Estimator(expression, variables).bound(*expression.ast.root);
    return {sum(out.paid, price::run(sum(out.instructions, kAroundExpression))), std::move(out.result)};
}

}  // namespace parmana::cel
