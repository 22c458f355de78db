#include "authoring/grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "cel/cel.hpp"
#include "json/json.hpp"
#include "policy/fit.hpp"

namespace parmana::authoring {
namespace {

using policy::SignalDeclaration;
using policy::SignalType;

bool is_operation(const cel::Expr& expr, std::initializer_list<std::string_view> functions) {
    return expr.kind == cel::ExprKind::call && expr.target == nullptr &&
           std::ranges::find(functions, expr.name) != functions.end();
}

/// The constants of a policy by the signals that they are compared with.
class ConstantReader {
  public:
    explicit ConstantReader(const policy::Policy& policy) : policy_(policy) {}

    void read() {
        for (const policy::Policy::NamedText& variable : policy_.variables())
            read_text(variable.text, false);
        for (std::size_t rule = 0; rule < policy_.rules().size(); ++rule) {
            if (!policy_.condition(rule).empty()) read_text(policy_.condition(rule), true);
        }
    }

    const std::set<std::string>& of(const std::string& signal) { return constants_[signal]; }
    bool simple() const { return simple_; }

  private:
    void read_text(const std::string& text, bool is_condition) {
        const auto ast = cel::parse(text, cel::Macros::none);
        if (!ast) return;
        if (is_condition && !is_simple(*ast->root)) simple_ = false;
        collect(*ast->root);
    }

    const SignalDeclaration* signal_of(const cel::Expr& expr) const {
        if (expr.kind != cel::ExprKind::select || expr.target->kind != cel::ExprKind::identifier ||
            expr.target->name != "signals") {
            return nullptr;
        }
        const auto signals = policy_.signals();
        const auto found = std::ranges::find(signals, expr.name, &SignalDeclaration::name);
        return found == signals.end() ? nullptr : &*found;
    }

    /// A signal of a type whose values the grid covers, compared as it is.
    bool is_plain(const cel::Expr& expr) const {
        const SignalDeclaration* signal = signal_of(expr);
        return signal != nullptr && signal->type <= SignalType::enumeration &&
               (signal->required || policy_.language_profile() == policy::kRulesProfile);
    }

    bool is_text(const cel::Expr& expr) const {
        const SignalDeclaration* signal = signal_of(expr);
        return signal != nullptr && signal->type == SignalType::string;
    }

    bool is_simple(const cel::Expr& expr) const {
        if (is_operation(expr, {cel::op::kAnd, cel::op::kOr}))
            return is_simple(*expr.arguments[0]) && is_simple(*expr.arguments[1]);
        if (is_operation(expr, {cel::op::kNot})) return is_simple(*expr.arguments[0]);
        if (expr.kind == cel::ExprKind::constant) return true;
        if (expr.kind == cel::ExprKind::select) {
            if (const auto* text = variable_of(expr)) {
                const auto ast = cel::parse(*text, cel::Macros::none);
                return ast && is_simple(*ast->root);
            }
            return is_plain(expr);
        }
        if (is_operation(expr, {cel::op::kIn})) {
            const auto& list = expr.arguments[1]->entries;
            return is_plain(*expr.arguments[0]) && expr.arguments[1]->kind == cel::ExprKind::list &&
                   std::ranges::all_of(list, [](const cel::Entry& entry) {
                       return entry.value->kind == cel::ExprKind::constant;
                   });
        }
        if (!is_operation(expr, {cel::op::kEqual, cel::op::kNotEqual, cel::op::kLess, cel::op::kLessOrEqual,
                                 cel::op::kGreater, cel::op::kGreaterOrEqual})) {
            return false;
        }
        const cel::Expr &left = *expr.arguments[0], &right = *expr.arguments[1];
        const bool is_order = !is_operation(expr, {cel::op::kEqual, cel::op::kNotEqual});
        if (is_order && (is_text(left) || is_text(right))) return false;  // there are strings between any two
        return (is_plain(left) && right.kind == cel::ExprKind::constant) ||
               (is_plain(right) && left.kind == cel::ExprKind::constant);
    }

    const std::string* variable_of(const cel::Expr& expr) const {
        if (expr.target->kind != cel::ExprKind::identifier || expr.target->name != "variables") return nullptr;
        for (const policy::Policy::NamedText& variable : policy_.variables()) {
            if (variable.name == expr.name) return &variable.text;
        }
        return nullptr;
    }

    /// Signals and constants that stand within one comparison have to do with each other.
    void collect(const cel::Expr& expr) {
        if (is_operation(expr, {cel::op::kAnd, cel::op::kOr, cel::op::kNot, cel::op::kConditional})) {
            for (const cel::ExprPtr& argument : expr.arguments)
                collect(*argument);
            return;
        }
        std::set<std::string> signals, constants;
        gather(expr, signals, constants);
        for (const std::string& signal : signals)
            constants_[signal].insert(constants.begin(), constants.end());
    }

    void gather(const cel::Expr& expr, std::set<std::string>& signals, std::set<std::string>& constants) const {
        if (const SignalDeclaration* signal = signal_of(expr)) {
            signals.insert(signal->name);
            return;
        }
        if (expr.kind == cel::ExprKind::constant) constants.insert(json_of(expr.constant));
        if (expr.target != nullptr) gather(*expr.target, signals, constants);
        for (const cel::ExprPtr& argument : expr.arguments)
            gather(*argument, signals, constants);
        for (const cel::Entry& entry : expr.entries) {
            if (entry.key != nullptr) gather(*entry.key, signals, constants);
            gather(*entry.value, signals, constants);
        }
    }

    static std::string json_of(const cel::Constant& constant) {
        std::string out;
        if (const auto* integer = std::get_if<std::int64_t>(&constant)) return std::to_string(*integer);
        if (const auto* number = std::get_if<double>(&constant)) {
            json::append_number(out, *number);
            return out;
        }
        if (const auto* text = std::get_if<std::string>(&constant)) append_json_string(out, *text);
        return out;
    }

    const policy::Policy& policy_;
    std::map<std::string, std::set<std::string>> constants_;
    bool simple_ = true;
};

/// The number that a JSON text is, if it is one.
std::optional<double> number_of(const std::string& text) {
    const auto document = json::parse(text);
    if (!document) return std::nullopt;
    const json::Value value = document->root();
    const bool is_number = value.is(json::Type::integer) || value.is(json::Type::real);
    return is_number ? std::optional(value.number()) : std::nullopt;
}

std::string text_of(double value) {
    std::string out;
    json::append_number(out, value);
    return out;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

using Values = std::vector<std::string>;

Values integers_around(const SignalDeclaration& signal, const std::set<std::string>& constants) {
    constexpr std::int64_t kMax = limits::kExactIntegerMax;
    std::set<std::int64_t> out{0, 1, signal.integer_minimum.value_or(-kMax), signal.integer_maximum.value_or(kMax)};
    for (const std::string& constant : constants) {
        const auto number = number_of(constant);
        if (!number || std::fabs(*number) > static_cast<double>(kMax)) continue;
        const auto whole = static_cast<std::int64_t>(std::floor(*number));
        for (std::int64_t near = whole - 1; near <= whole + 2; ++near)
            out.insert(near);
    }
    Values texts;
    for (const std::int64_t value : out)
        texts.push_back(std::to_string(value));
    return texts;
}

Values numbers_around(const SignalDeclaration& signal, const std::set<std::string>& constants) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::set<double> out{0, signal.number_minimum.value_or(-1e300), signal.number_maximum.value_or(1e300)};
    for (const std::string& constant : constants) {
        if (const auto number = number_of(constant))
            out.insert({std::nextafter(*number, -kInfinity), *number, std::nextafter(*number, kInfinity)});
    }
    Values texts;
    for (const double value : out)
        texts.push_back(text_of(value));
    return texts;
}

Values elements_of(const SignalDeclaration& signal, const std::set<std::string>& constants);

Values values_around(const SignalDeclaration& signal, const std::set<std::string>& constants) {
    Values out;
    switch (signal.type) {
        case SignalType::integer:
            return integers_around(signal, constants);
        case SignalType::number:
            return numbers_around(signal, constants);
        case SignalType::boolean:
            return {"false", "true"};
        case SignalType::enumeration:
            for (const std::string& value : signal.values)
                out.push_back(quoted(value));
            return out;
        case SignalType::string:
            out.assign(constants.begin(), constants.end());
            // And one that is none of them, wherever there is one.
            for (char filler = 'a'; filler <= 'z'; ++filler) {
                const std::string other = quoted(std::string(std::max<std::size_t>(signal.length_minimum, 1), filler));
                out.push_back(other);
                if (!constants.contains(other)) break;
            }
            if (signal.length_minimum == 0) out.push_back(quoted(""));
            return out;
        case SignalType::timestamp:
            out.assign(constants.begin(), constants.end());
            for (const char* text : {"1970-01-01T00:00:00Z", "2024-02-29T12:30:00Z", "9999-12-31T23:59:59Z"})
                out.push_back(quoted(text));
            return out;
        case SignalType::duration:
            out.assign(constants.begin(), constants.end());
            for (const char* text : {"0s", "1s", "24h", "-1h"})
                out.push_back(quoted(text));
            return out;
        case SignalType::list:
        case SignalType::map:
            return elements_of(signal, constants);
    }
    return out;
}

/// None, and one of a few.
Values elements_of(const SignalDeclaration& signal, const std::set<std::string>& constants) {
    constexpr std::size_t kFew = 4;
    const bool is_list = signal.type == SignalType::list;
    Values out{is_list ? "[]" : "{}"};
    Values elements = values_around(signal.elements.front(), constants);
    elements.resize(std::min(elements.size(), kFew));
    Values keys{quoted("key")};
    for (const std::string& constant : constants) {
        if (constant.starts_with('"') && keys.size() < kFew) keys.push_back(constant);
    }
    for (const std::string& element : elements) {
        if (is_list) out.push_back("[" + element + "]");
        for (std::size_t key = 0; !is_list && key < keys.size(); ++key)
            out.push_back("{" + keys[key] + ":" + element + "}");
    }
    return out;
}

/// Those that satisfy the schema, none twice.
Values fitting(const SignalDeclaration& signal, const Values& values) {
    std::set<std::string> seen;
    Values out;
    for (const std::string& value : values) {
        const auto document = json::parse(value);
        if (!document || policy::misfit(signal, document->root()) != policy::Misfit::none) continue;
        if (seen.insert(value).second) out.push_back(value);
    }
    if (!signal.required) out.emplace_back();
    return out;
}

}  // namespace

Grid make_grid(const policy::Policy& policy) {
    ConstantReader constants(policy);
    constants.read();
    Grid out;
    out.complete = constants.simple();
    std::uint64_t product = 1;
    for (const SignalDeclaration& signal : policy.signals()) {
        out.values.push_back(fitting(signal, values_around(signal, constants.of(signal.name))));
        product = std::min(product * std::max<std::uint64_t>(out.values.back().size(), 1), kGridMax + 1);
        if (out.values.back().empty()) product = 0;
    }
    if (product > kGridMax) out.complete = false;
    out.size = std::min(product, kGridMax);
    if (product == 0) out.complete = false;
    return out;
}

std::string input_of(const policy::Policy& policy, const Grid& grid, std::uint64_t index) {
    // The whole grid in order; of a larger one a spread of inputs, each value of each signal in turn and then mixed.
    std::uint64_t state = index;
    const bool whole = grid.complete || grid.size < kGridMax;
    std::string out = "{";
    for (std::size_t signal = 0; signal < grid.values.size(); ++signal) {
        const auto& values = grid.values[signal];
        std::uint64_t choice = state % values.size();
        if (whole) {
            state /= values.size();
        } else {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL + signal;
            choice = (state >> 33) % values.size();
        }
        if (values[choice].empty()) continue;
        if (out.size() > 1) out += ',';
        append_json_string(out, policy.signals()[signal].name);
        out += ":" + values[choice];
    }
    return out + "}";
}

}  // namespace parmana::authoring
