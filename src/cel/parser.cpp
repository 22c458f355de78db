// Recursive descent over the grammar of langdef.md, "Syntax".
#include "cel/parser.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

struct Binary {
    std::string_view symbol;
    std::string_view function;
};
constexpr Binary kRelations[] = {
    {"==", op::kEqual}, {"!=", op::kNotEqual}, {"<=", op::kLessOrEqual}, {">=", op::kGreaterOrEqual},
    {"<", op::kLess},   {">", op::kGreater},   {"in", op::kIn}};
constexpr Binary kAdditions[] = {{"+", op::kAdd}, {"-", op::kSubtract}};
constexpr Binary kMultiplications[] = {{"*", op::kMultiply}, {"/", op::kDivide}, {"%", op::kModulo}};

class Parser {
  public:
    Parser(std::string_view source, Macros macros) : lexer_(source), macros_(macros) {}

    Checkable<Ast> parse() {
        advance();
        ExprPtr root = expression();
        if (!failed() && current_.token != Token::end) unexpected_token("the end of the expression");
        if (!failed() && maker_.over_limits()) fail_at(0, maker_.limit_message());
        if (failed()) return std::unexpected(std::move(issues_));
        return Ast{std::move(root), maker_.id_count()};
    }

  private:
    // Every function below returns null once something is wrong, and then nothing is read any more.
    bool failed() const { return !issues_.empty(); }

    ExprPtr fail_at(std::size_t offset, std::string message) {
        if (issues_.empty()) issues_.push_back({static_cast<std::uint32_t>(offset), std::move(message)});
        current_ = {};
        return nullptr;
    }

    void advance() {
        if (failed()) return;
        if (maker_.over_limits()) {
            fail_at(current_.offset, maker_.limit_message());
            return;
        }
        auto lexeme = lexer_.next();
        if (!lexeme) {
            issues_ = std::move(lexeme).error();
            current_ = {};
            return;
        }
        current_ = *lexeme;
    }

    bool at(std::string_view symbol) const {
        return (current_.token == Token::symbol || current_.token == Token::keyword_in) &&
               current_.text == symbol;
    }
    bool accept(std::string_view symbol) {
        if (failed() || !at(symbol)) return false;
        advance();
        return true;
    }
    bool expect(std::string_view symbol) {
        if (accept(symbol)) return true;
        unexpected_token("`" + std::string(symbol) + "`");
        return false;
    }
    ExprPtr unexpected_token(const std::string& wanted) {
        if (failed()) return nullptr;
        const std::string found = current_.token == Token::end ? "the end of the expression"
                                                               : "`" + std::string(current_.text) + "`";
        return fail_at(current_.offset, "mismatched input: found " + found + ", expected " + wanted);
    }

    ExprPtr expression() {
        if (depth_ == limits::kCelDepthMax)
            return fail_at(current_.offset, "nested deeper than " + std::to_string(limits::kCelDepthMax));
        ++depth_;
        ExprPtr out = conditional();
        --depth_;
        return out;
    }

    ExprPtr conditional() {
        ExprPtr condition = logical("||", op::kOr);
        const std::uint32_t offset = current_.offset;
        if (!accept("?")) return condition;
        ExprPtr yes = logical("||", op::kOr);
        if (!expect(":")) return nullptr;
        ExprPtr no = expression();
        if (failed()) return nullptr;
        return maker_.call(op::kConditional, exprs(std::move(condition), std::move(yes), std::move(no)),
                           offset);
    }

    /// A chain of `&&` or `||`, as a balanced tree: both are associative, and a long chain stays shallow.
    ExprPtr logical(std::string_view symbol, std::string_view function) {
        const bool is_or = symbol == "||";
        std::vector<ExprPtr> terms;
        std::vector<std::uint32_t> offsets;
        do {
            terms.push_back(is_or ? logical("&&", op::kAnd) : relation());
            if (failed()) return nullptr;
            offsets.push_back(current_.offset);
        } while (accept(symbol));
        if (failed()) return nullptr;
        if (terms.size() == 1) return std::move(terms.front());
        return balance(terms, offsets, function, 0, terms.size() - 2);
    }

    ExprPtr balance(std::vector<ExprPtr>& terms, const std::vector<std::uint32_t>& offsets,
                    std::string_view function, std::size_t low, std::size_t high) {
        const std::size_t middle = (low + high + 1) / 2;
        ExprPtr left =
            middle == low ? std::move(terms[middle]) : balance(terms, offsets, function, low, middle - 1);
        ExprPtr right = middle == high ? std::move(terms[middle + 1])
                                       : balance(terms, offsets, function, middle + 1, high);
        return maker_.call(function, exprs(std::move(left), std::move(right)), offsets[middle]);
    }

    template <std::size_t N, class Operand>
    ExprPtr chain(const Binary (&operators)[N], Operand operand) {
        ExprPtr left = operand();
        while (!failed()) {
            const auto* found =
                std::ranges::find_if(operators, [this](const Binary& row) { return at(row.symbol); });
            if (found == std::end(operators)) return left;
            const std::uint32_t offset = current_.offset;
            advance();
            ExprPtr right = operand();
            if (failed()) return nullptr;
            left = maker_.call(found->function, exprs(std::move(left), std::move(right)), offset);
        }
        return nullptr;
    }

    ExprPtr relation() {
        return chain(kRelations, [this] { return addition(); });
    }
    ExprPtr addition() {
        return chain(kAdditions, [this] { return multiplication(); });
    }
    ExprPtr multiplication() {
        return chain(kMultiplications, [this] { return unary(); });
    }

    /// An even number of signs is none, and a single minus belongs to the number behind it, as in the
    /// reference grammar.
    ExprPtr unary() {
        for (const auto& [symbol, function] : {Binary{"!", op::kNot}, Binary{"-", op::kNegate}}) {
            if (!at(symbol)) continue;
            const std::uint32_t offset = current_.offset;
            std::size_t count = 0;
            while (at(symbol)) {
                ++count;
                advance();
            }
            const bool literal = current_.token == Token::integer || current_.token == Token::real;
            if (symbol == "-" && literal && count == 1) return member(number(true, offset));
            ExprPtr operand = member(primary());
            if (failed() || count % 2 == 0) return operand;
            return maker_.call(function, exprs(std::move(operand)), offset);
        }
        return member(primary());
    }

    ExprPtr number(bool negative, std::uint32_t offset) {
        auto value = read_literal(current_, negative);
        if (!value) {
            issues_ = std::move(value).error();
            return nullptr;
        }
        advance();
        return maker_.constant(*std::move(value), offset);
    }

    /// What may follow an operand: `.field`, `.?field`, `.method(…)`, `[index]`, `[?index]`.
    ExprPtr member(ExprPtr operand) {
        while (!failed()) {
            const std::uint32_t offset = current_.offset;
            if (accept(".")) {
                operand = dotted(std::move(operand), offset);
            } else if (accept("[")) {
                const bool optional = accept("?");
                ExprPtr index = expression();
                if (!expect("]")) return nullptr;
                operand = maker_.call(optional ? op::kOptionalIndex : op::kIndex,
                                      exprs(std::move(operand), std::move(index)), offset);
            } else if (at("{") &&
                       (operand->kind == ExprKind::identifier || operand->kind == ExprKind::select)) {
                return fail_at(offset, "messages are not part of this language");
            } else {
                return operand;
            }
        }
        return nullptr;
    }

    ExprPtr dotted(ExprPtr operand, std::uint32_t dot) {
        const bool optional = accept("?");
        const Lexeme name = current_;
        const bool quoted = name.token == Token::quoted_identifier;
        if (name.token != Token::identifier && !quoted) return unexpected_token("a field or method name");
        advance();
        std::string field(quoted ? name.text.substr(1, name.text.size() - 2) : name.text);
        if (optional) {
            ExprPtr key = maker_.constant(std::move(field), name.offset);
            return maker_.call(op::kOptionalSelect, exprs(std::move(operand), std::move(key)), dot);
        }
        const std::uint32_t parenthesis = current_.offset;
        if (!quoted && accept("(")) {
            std::vector<ExprPtr> arguments = expressions(")");
            if (failed()) return nullptr;
            return call({name.text, std::move(operand), std::move(arguments), parenthesis});
        }
        return maker_.select(std::move(operand), std::move(field), dot);
    }

    ExprPtr call(MacroCall call) {
        if (macros_ != Macros::none) {
            auto expansion = expand_macro(maker_, call, macros_);
            if (!expansion) {
                issues_ = std::move(expansion).error();
                return nullptr;
            }
            if (*expansion != nullptr) return *std::move(expansion);
        }
        if (call.target == nullptr) return maker_.call(call.name, std::move(call.arguments), call.offset);
        return maker_.method(call.name, std::move(call.target), std::move(call.arguments), call.offset);
    }

    /// Expressions between commas up to `closing`, which is read too.
    std::vector<ExprPtr> expressions(std::string_view closing) {
        std::vector<ExprPtr> out;
        if (accept(closing)) return out;
        do {
            out.push_back(expression());
        } while (accept(","));
        expect(closing);
        return out;
    }

    ExprPtr primary() {
        const Lexeme first = current_;
        switch (first.token) {
            case Token::integer:
            case Token::unsigned_integer:
            case Token::real:
            case Token::string:
            case Token::bytes:
            case Token::keyword_true:
            case Token::keyword_false:
            case Token::keyword_null:
                return number(false, first.offset);
            case Token::identifier:
                return named();
            default:
                break;
        }
        if (at(".")) return named();
        if (accept("(")) {
            ExprPtr inner = expression();
            return expect(")") ? std::move(inner) : nullptr;
        }
        if (accept("[")) return list_literal(first.offset);
        if (accept("{")) return map_literal(first.offset);
        return unexpected_token("an expression");
    }

    /// An identifier, a global call, or a message literal; each perhaps with a leading dot.
    ExprPtr named() {
        const std::uint32_t offset = current_.offset;
        std::string name;
        if (accept(".")) name = ".";
        if (current_.token != Token::identifier) return unexpected_token("an identifier");
        const std::string_view word = current_.text;
        const std::uint32_t at_word = current_.offset;
        if (is_reserved(word)) return fail_at(at_word, "`" + std::string(word) + "` is a reserved word");
        name += word;
        advance();
        const std::uint32_t parenthesis = current_.offset;
        if (accept("(")) {
            std::vector<ExprPtr> arguments = expressions(")");
            if (failed()) return nullptr;
            return call({name, nullptr, std::move(arguments), parenthesis});
        }
        return maker_.identifier(std::move(name), offset);
    }

    ExprPtr list_literal(std::uint32_t offset) {
        ExprPtr out = maker_.make(ExprKind::list, offset);
        while (!failed() && !at("]")) {
            Entry element = maker_.entry(current_.offset);
            element.optional = accept("?");
            element.value = expression();
            out->entries.push_back(std::move(element));
            if (!accept(",")) break;
        }
        return finish(std::move(out), "]");
    }

    ExprPtr map_literal(std::uint32_t offset) {
        ExprPtr out = maker_.make(ExprKind::map, offset);
        while (!failed() && !at("}")) {
            Entry entry = maker_.entry(current_.offset);
            entry.optional = accept("?");
            entry.key = expression();
            entry.offset = current_.offset;
            if (!expect(":")) return nullptr;
            entry.value = expression();
            out->entries.push_back(std::move(entry));
            if (!accept(",")) break;
        }
        return finish(std::move(out), "}");
    }

    ExprPtr finish(ExprPtr out, std::string_view closing) {
        if (!expect(closing)) return nullptr;
        maker_.settle(*out);
        return out;
    }

    Lexer lexer_;
    Macros macros_;
    TreeMaker maker_;
    Lexeme current_;
    Issues issues_;
    std::size_t depth_ = 0;
};

}  // namespace

Checkable<Ast> parse(std::string_view source, Macros macros) {
    if (source.size() > limits::kCelBytesMax)
        return one_issue(0, "the expression is over " + std::to_string(limits::kCelBytesMax) + " bytes");
    if (!is_utf8(source)) return one_issue(0, "the expression is not UTF-8");
    return Parser(source, macros).parse();
}

}  // namespace parmana::cel
