// Macros by what they mean (langdef.md, "Macros"), not by what they expand to.
#include <cmath>

#include "reference_functions.hpp"
#include "reference_walk.hpp"

namespace parmana::reference {
namespace {

bool is_name(const cel::Expr& expr, std::string_view name) {
    return expr.kind == cel::ExprKind::identifier && expr.name == name;
}

}  // namespace

std::optional<Outcome> Walker::macro(const cel::Expr& expr) {
    const std::size_t count = expr.arguments.size();
    if (expr.target == nullptr) {
        if (expr.name == "has" && count == 1) return has(expr);
        return std::nullopt;
    }
    if (expr.name == "bind" && count == 3 && is_name(*expr.target, "cel")) return bind(expr);
    if (expr.name == "greatest" && is_name(*expr.target, "math")) return extreme(expr, true);
    if (expr.name == "least" && is_name(*expr.target, "math")) return extreme(expr, false);
    if (expr.name == "optMap" && count == 2) return map_optional(expr, false);
    if (expr.name == "optFlatMap" && count == 2) return map_optional(expr, true);
    return comprehension(expr);
}

std::optional<Outcome> Walker::comprehension(const cel::Expr& expr) {
    const std::string& name = expr.name;
    const std::size_t count = expr.arguments.size();
    if (count == 2 || count == 3) {
        const std::size_t variables = count - 1;
        if (name == "all") return aggregate(expr, variables, false);
        if (name == "exists") return aggregate(expr, variables, true);
        if (name == "exists_one" || name == "existsOne") return exactly_one(expr, variables);
        if (name == "map") return collect(expr, 1);
    }
    if (count == 2 && name == "filter") return filter(expr);
    if (count == 3 || count == 4) {
        if (name == "transformList") return collect(expr, 2);
        if (name == "transformMap") return transform_map(expr, false);
        if (name == "transformMapEntry") return transform_map(expr, true);
    }
    return std::nullopt;
}

/// The argument is `e.field`; `e` alone is evaluated.
Outcome Walker::has(const cel::Expr& expr) {
    const cel::Expr& field = *expr.arguments[0];
    const Outcome operand = walk(*field.target);
    if (!operand) return operand;
    return has_field(*operand, field.name);
}

Outcome Walker::bind(const cel::Expr& expr) {
    const Outcome value = walk(*expr.arguments[1]);
    return within({{expr.arguments[0]->name, value}}, *expr.arguments[2]);
}

Outcome Walker::map_optional(const cel::Expr& expr, bool flat) {
    const Outcome target = walk(*expr.target);
    if (!target) return target;
    const auto* optional = target->as<Optional>();
    if (optional == nullptr) return failed(Fault::no_such_overload);
    if (optional->inner == nullptr) return target;
    const Outcome body = within({{expr.arguments[0]->name, *optional->inner}}, *expr.arguments[1]);
    if (!body || flat) return body;
    return optional_of(*body);
}

/// Of several arguments, or of the elements of one that is a list.
Outcome Walker::extreme(const cel::Expr& expr, bool greatest) {
    Values values;
    for (const cel::ExprPtr& argument : expr.arguments) {
        const Outcome value = walk(*argument);
        if (!value) return value;
        values.push_back(*value);
    }
    if (values.size() == 1 && values[0].is<List>()) {
        values = Values(*values[0].as<List>()->items);
        if (values.empty()) return failed(Fault::invalid_argument);
    }
    for (const Value& value : values) {
        if (!number_of(value)) return failed(Fault::no_such_overload);
    }
    Value best = values[0];
    for (const Value& value : values) {
        const std::partial_ordering found = *order(value, best);
        if (greatest ? found > 0 : found < 0) best = value;
    }
    return best;
}

/// One round for each element of a list or key of a map. With two variables: index and element, key and
/// value.
Walker::Rounds Walker::rounds(const cel::Expr& expr, std::size_t variables) {
    const Outcome range = walk(*expr.target);
    if (!range) return failed(range.error());
    const std::string& first = expr.arguments[0]->name;
    const std::string& second = expr.arguments[1]->name;
    std::vector<Round> out;
    if (const auto* list = range->as<List>()) {
        for (const Value& item : *list->items) {
            const auto index = static_cast<std::int64_t>(out.size());
            out.push_back(variables == 1 ? Round{{first, item}}
                                         : Round{{first, value_of(index)}, {second, item}});
        }
        return out;
    }
    if (const auto* map = range->as<Map>()) {
        for (const Entry& entry : *map->entries)
            out.push_back(variables == 1 ? Round{{first, entry.key}}
                                         : Round{{first, entry.key}, {second, entry.value}});
        return out;
    }
    return failed(Fault::no_such_overload);
}

std::expected<bool, Fault> Walker::test(const Round& round, const cel::Expr& body) {
    const Outcome outcome = within(round, body);
    if (!outcome) return failed(outcome.error());
    const auto* truth = outcome->as<bool>();
    if (truth == nullptr) return failed(Fault::no_such_overload);
    return *truth;
}

/// all and exists: the bodies of all rounds between `&&` or `||`. One that is `decisive` decides, whatever
/// errors stand before or behind it; otherwise the first error counts.
Outcome Walker::aggregate(const cel::Expr& expr, std::size_t variables, bool decisive) {
    const Rounds all = rounds(expr, variables);
    if (!all) return failed(all.error());
    Outcome out = value_of(!decisive);
    for (const Round& round : *all) {
        const auto truth = test(round, *expr.arguments[variables]);
        if (truth && *truth == decisive) return value_of(decisive);
        if (!truth && out) out = failed(truth.error());
    }
    return out;
}

Outcome Walker::exactly_one(const cel::Expr& expr, std::size_t variables) {
    const Rounds all = rounds(expr, variables);
    if (!all) return failed(all.error());
    int count = 0;
    for (const Round& round : *all) {
        const auto truth = test(round, *expr.arguments[variables]);
        if (!truth) return failed(truth.error());
        count += *truth ? 1 : 0;
    }
    return value_of(count == 1);
}

/// map and transformList: with one more argument, that one is a condition.
Outcome Walker::collect(const cel::Expr& expr, std::size_t variables) {
    const Rounds all = rounds(expr, variables);
    if (!all) return failed(all.error());
    const bool conditional = expr.arguments.size() == variables + 2;
    Values items;
    for (const Round& round : *all) {
        if (conditional) {
            const auto truth = test(round, *expr.arguments[variables]);
            if (!truth) return failed(truth.error());
            if (!*truth) continue;
        }
        const Outcome item = within(round, *expr.arguments.back());
        if (!item) return item;
        items.push_back(*item);
    }
    return list_of(std::move(items));
}

Outcome Walker::filter(const cel::Expr& expr) {
    const Rounds all = rounds(expr, 1);
    if (!all) return failed(all.error());
    Values items;
    for (const Round& round : *all) {
        const auto truth = test(round, *expr.arguments[1]);
        if (!truth) return failed(truth.error());
        if (*truth) items.push_back(*round[0].outcome);
    }
    return list_of(std::move(items));
}

/// transformMap keeps the key (or index) and makes the value; transformMapEntry makes the entries, in a map
/// of their own.
Outcome Walker::transform_map(const cel::Expr& expr, bool entries) {
    const Rounds all = rounds(expr, 2);
    if (!all) return failed(all.error());
    Entries out;
    for (const Round& round : *all) {
        if (expr.arguments.size() == 4) {
            const auto truth = test(round, *expr.arguments[2]);
            if (!truth) return failed(truth.error());
            if (!*truth) continue;
        }
        const Outcome made = within(round, *expr.arguments.back());
        if (!made) return made;
        if (!entries) {
            out.push_back({*round[0].outcome, *made});
            continue;
        }
        const auto* map = made->as<Map>();
        if (map == nullptr) return failed(Fault::no_such_overload);
        out.insert(out.end(), map->entries->begin(), map->entries->end());
    }
    return map_of(std::move(out));
}

}  // namespace parmana::reference
