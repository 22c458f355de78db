// Expressions as text.
#include <algorithm>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "cel/lexer.hpp"
#include "cel/literal.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

/// How tightly an expression holds together; an operand of a lower level stands in parentheses.
enum Level : std::uint8_t {
    conditional,
    logical_or,
    logical_and,
    relation,
    addition,
    multiplication,
    unary,
    member,
    primary
};

struct Infix {
    std::string_view function;
    std::string_view symbol;
    Level level;
};
constexpr Infix kInfixes[] = {
    {op::kOr, "||", logical_or},        {op::kAnd, "&&", logical_and},
    {op::kEqual, "==", relation},       {op::kNotEqual, "!=", relation},
    {op::kLess, "<", relation},         {op::kLessOrEqual, "<=", relation},
    {op::kGreater, ">", relation},      {op::kGreaterOrEqual, ">=", relation},
    {op::kIn, "in", relation},          {op::kAdd, "+", addition},
    {op::kSubtract, "-", addition},     {op::kMultiply, "*", multiplication},
    {op::kDivide, "/", multiplication}, {op::kModulo, "%", multiplication},
};

const Infix* infix_of(const Expr& expr) {
    if (expr.kind != ExprKind::call || expr.target != nullptr || expr.arguments.size() != 2) return nullptr;
    const auto* found = std::ranges::find(kInfixes, expr.name, &Infix::function);
    return found == std::end(kInfixes) ? nullptr : found;
}

bool is_call(const Expr& expr, std::string_view function) {
    return expr.kind == ExprKind::call && expr.target == nullptr && expr.name == function;
}

bool is_negative_number(const Expr& expr) {
    if (expr.kind != ExprKind::constant) return false;
    const auto* integer = std::get_if<std::int64_t>(&expr.constant);
    const auto* real = std::get_if<double>(&expr.constant);
    return (integer != nullptr && *integer < 0) || (real != nullptr && format_double(*real).starts_with('-'));
}

/// A number without a sign, perhaps with fields, calls and indices behind it.
bool starts_with_number(const Expr& expr) {
    if (expr.target != nullptr && !expr.test_only) return starts_with_number(*expr.target);
    if (is_call(expr, op::kIndex) || is_call(expr, op::kOptionalIndex) || is_call(expr, op::kOptionalSelect))
        return starts_with_number(*expr.arguments[0]);
    return expr.kind == ExprKind::constant && !is_negative_number(expr) &&
           (std::holds_alternative<std::int64_t>(expr.constant) ||
            std::holds_alternative<double>(expr.constant));
}

Level level_of(const Expr& expr) {
    if (const Infix* infix = infix_of(expr)) return infix->level;
    if (is_call(expr, op::kConditional)) return conditional;
    if (is_call(expr, op::kNot) || is_call(expr, op::kNegate) || is_negative_number(expr)) return unary;
    return member;
}

/// The text of a name that stands behind a dot.
std::string field_text(std::string_view name) {
    Lexer lexer(name);
    const auto lexeme = lexer.next();
    const bool plain = lexeme && lexeme->token == Token::identifier && lexeme->text.size() == name.size();
    return plain ? std::string(name) : "`" + std::string(name) + "`";
}

class Printer {
  public:
    std::string take() { return std::move(out_); }

    void put(const Expr& expr, Level least) {
        const bool brackets = level_of(expr) < least;
        if (brackets) out_ += '(';
        bare(expr);
        if (brackets) out_ += ')';
    }

  private:
    void bare(const Expr& expr) {
        switch (expr.kind) {
            case ExprKind::constant:
                out_ += literal_text(expr.constant);
                return;
            case ExprKind::identifier:
                out_ += expr.name;
                return;
            case ExprKind::select:
                if (expr.test_only) out_ += "has(";
                put(*expr.target, member);
                out_ += "." + field_text(expr.name);
                if (expr.test_only) out_ += ')';
                return;
            case ExprKind::list:
                entries(expr, '[', ']');
                return;
            case ExprKind::map:
                entries(expr, '{', '}');
                return;
            case ExprKind::call:
                call(expr);
                return;
            case ExprKind::message:
            case ExprKind::comprehension:
                break;
        }
        INVARIANT(false);
    }

    void call(const Expr& expr) {
        if (const Infix* infix = infix_of(expr)) {
            // Chains of the logical operators are flat; the others group to the left.
            const bool logical = infix->level == logical_or || infix->level == logical_and;
            put(*expr.arguments[0], infix->level);
            out_ += " " + std::string(infix->symbol) + " ";
            put(*expr.arguments[1], logical ? infix->level : static_cast<Level>(infix->level + 1));
            return;
        }
        if (is_call(expr, op::kConditional)) {
            put(*expr.arguments[0], logical_or);
            out_ += " ? ";
            put(*expr.arguments[1], logical_or);
            out_ += " : ";
            put(*expr.arguments[2], conditional);
        } else if (is_call(expr, op::kNot) || is_call(expr, op::kNegate)) {
            out_ += expr.name.front();
            // No sign may stand behind a sign, and a minus before a number would be part of the number.
            const Expr& operand = *expr.arguments[0];
            const bool apart = is_call(expr, op::kNegate) && starts_with_number(operand);
            if (apart) out_ += '(';
            put(operand, apart ? conditional : member);
            if (apart) out_ += ')';
        } else if (is_call(expr, op::kIndex) || is_call(expr, op::kOptionalIndex)) {
            put(*expr.arguments[0], member);
            out_ += is_call(expr, op::kIndex) ? "[" : "[?";
            put(*expr.arguments[1], conditional);
            out_ += ']';
        } else if (is_call(expr, op::kOptionalSelect)) {
            put(*expr.arguments[0], member);
            out_ += ".?" + field_text(std::get<std::string>(expr.arguments[1]->constant));
        } else {
            named_call(expr);
        }
    }

    void named_call(const Expr& expr) {
        if (expr.target != nullptr) {
            put(*expr.target, member);
            out_ += '.';
        }
        out_ += expr.name + "(";
        const char* separator = "";
        for (const ExprPtr& argument : expr.arguments) {
            out_ += separator;
            put(*argument, conditional);
            separator = ", ";
        }
        out_ += ')';
    }

    void entries(const Expr& expr, char open, char close) {
        out_ += open;
        const char* separator = "";
        for (const Entry& entry : expr.entries) {
            out_ += separator;
            if (entry.optional) out_ += '?';
            if (entry.key != nullptr) {
                put(*entry.key, conditional);
                out_ += ": ";
            }
            put(*entry.value, conditional);
            separator = ", ";
        }
        out_ += close;
    }

    std::string out_;
};

void append_escaped(std::string& out, std::string_view text, bool bytes) {
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (code < 0x20 || code == 0x7f || (bytes && code >= 0x80)) {
            out += bytes ? "\\x" : "\\u00";
            out += to_hex(std::string_view(&c, 1));
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

std::string literal_text(const Constant& constant) {
    std::string out;
    if (const auto* truth = std::get_if<bool>(&constant)) return *truth ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&constant)) return std::to_string(*integer);
    if (const auto* number = std::get_if<std::uint64_t>(&constant)) return std::to_string(*number) + "u";
    if (const auto* real = std::get_if<double>(&constant)) {
        out = format_double(*real);
        return out.find_first_not_of("-0123456789") == std::string::npos ? out + ".0" : out;
    }
    if (const auto* text = std::get_if<std::string>(&constant)) {
        append_escaped(out, *text, false);
        return out;
    }
    if (const auto* bytes = std::get_if<Bytes>(&constant)) {
        out = "b";
        append_escaped(out, bytes->value, true);
        return out;
    }
    return "null";
}

std::string print(const Expr& expr) {
    Printer printer;
    printer.put(expr, conditional);
    return printer.take();
}

}  // namespace parmana::cel
