#include <limits>
#include <random>

#include "cel/parser.hpp"
#include "cel/support_test.hpp"

namespace parmana::cel {
namespace {

std::string reprinted(std::string_view source) {
    return print(*must_parse(source, Macros::none).root);
}

struct Row {
    const char* source;
    const char* printed;
};

void expect_rows(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        EXPECT_EQ(reprinted(row.source), row.printed) << row.source;
        EXPECT_EQ(reprinted(row.printed), row.printed);
    }
}

TEST(Print, EveryLiteralHasOneSpelling) {
    expect_rows({
        {"null", "null"},
        {"true", "true"},
        {"0x1F", "31"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"0x1Fu", "31u"},
        {"7U", "7u"},
        {"1.0", "1.0"},
        {".5", "0.5"},
        {"1e3", "1000.0"},
        {"1e21", "1e+21"},
        {"1E-7", "1e-7"},
        {"5e-324", "5e-324"},
        {"1e-400", "0.0"},
        {"-0.0", "-0.0"},
        {"''", R"("")"},
        {"'a\"b'", R"("a\"b")"},
        {R"('\'\\\n\t\r\a\x7f\101')", R"("'\\\n\t\r\u0007\u007fA")"},
        {"'''two\nlines'''", R"("two\nlines")"},
        {R"(r'\d')", R"("\\d")"},
        {R"('\u00e9\U0001F62C')", "\"\xc3\xa9\xf0\x9f\x98\xac\""},
        {R"(b'a\xff\377"\n')", R"(b"a\xff\xff\"\n")"},
        {"b'\xc3\xa9'", R"(b"\xc3\xa9")"},
        {R"(br'\x')", R"(b"\\x")"},
    });
}

TEST(Print, ParenthesesStandWhereTheyMeanSomething) {
    expect_rows({
        {"((a))", "a"},
        {"(a + b) + c", "a + b + c"},
        {"a + (b + c)", "a + (b + c)"},
        {"a - (b - c)", "a - (b - c)"},
        {"(a * b) + c", "a * b + c"},
        {"(a + b) * c", "(a + b) * c"},
        {"(a == b) == c", "a == b == c"},
        {"a == (b == c)", "a == (b == c)"},
        {"(a in b) in c", "a in b in c"},
        {"(a && b) || c", "a && b || c"},
        {"a && (b || c)", "a && (b || c)"},
        {"(a && b) && (c && d)", "a && b && c && d"},
        {"(a ? b : c) ? d : e", "(a ? b : c) ? d : e"},
        {"a ? (b ? c : d) : e", "a ? (b ? c : d) : e"},
        {"a ? b : (c ? d : e)", "a ? b : c ? d : e"},
        {"(a || b) ? c : d", "a || b ? c : d"},
        {"!(a && b)", "!(a && b)"},
        {"!(!a)", "!(!a)"},
        {"!(-a)", "!(-a)"},
        {"-(-a)", "-(-a)"},
        {"!(-1)", "!(-1)"},
        {"-(1)", "-(1)"},
        {"-(-1)", "-(-1)"},
        {"-(1u)", "-1u"},
        {"-(1.f())", "-(1.f())"},
        {"-(1.0[0].g)", "-(1.0[0].g)"},
        {"(-1).f()", "(-1).f()"},
        {"(-a).f()", "(-a).f()"},
        {"-(a.f())", "-a.f()"},
        {"(a + b).c", "(a + b).c"},
        {"(a ? b : c)[d ? 1 : 2]", "(a ? b : c)[d ? 1 : 2]"},
        {"f((a), (b + c))", "f(a, b + c)"},
        {"1 - -1", "1 - -1"},
        {"1 - (-a)", "1 - -a"},
    });
}

TEST(Print, NamesFieldsAndOptionalsReadBack) {
    expect_rows({
        {".a.b", ".a.b"},
        {"a . b . c ( )", "a.b.c()"},
        {"a.`b-c`", "a.`b-c`"},
        {"a.`b`", "a.b"},
        {"a.`in`", "a.`in`"},
        {"a.package", "a.package"},
        {"a.?b[?c]", "a.?b[?c]"},
        {"a.?`b c`", "a.?`b c`"},
        {"[?a, b,]", "[?a, b]"},
        {"{?a: b, c: d,}", "{?a: b, c: d}"},
        {"[[], {}]", "[[], {}]"},
        {"has(a.b)", "has(a.b)"},
        {"x.all(y, y > 0)", "x.all(y, y > 0)"},
    });
}

/// Same kind, names, constants and parts; chains of `&&` and `||` are compared as chains.
bool same(const Expr& a, const Expr& b);

bool same(const ExprPtr& a, const ExprPtr& b) {
    return a == nullptr || b == nullptr ? a == b : same(*a, *b);
}

std::vector<const Expr*> chain_of(const Expr& expr, std::string_view function) {
    if (expr.kind != ExprKind::call || expr.name != function) return {&expr};
    std::vector<const Expr*> out = chain_of(*expr.arguments[0], function);
    std::ranges::copy(chain_of(*expr.arguments[1], function), std::back_inserter(out));
    return out;
}

bool same(const Expr& a, const Expr& b) {
    if (a.kind != b.kind || a.name != b.name || a.constant != b.constant) return false;
    if (a.kind == ExprKind::call && (a.name == op::kAnd || a.name == op::kOr)) {
        return std::ranges::equal(chain_of(a, a.name), chain_of(b, b.name),
                                  [](const Expr* x, const Expr* y) { return same(*x, *y); });
    }
    const auto same_entries = [](const Entry& x, const Entry& y) {
        return x.optional == y.optional && same(x.key, y.key) && same(x.value, y.value);
    };
    return same(a.target, b.target) &&
           std::ranges::equal(a.arguments, b.arguments,
                              [](const ExprPtr& x, const ExprPtr& y) { return same(x, y); }) &&
           std::ranges::equal(a.entries, b.entries, same_entries);
}

/// Makes trees that a source can have, at random.
class Grower {
  public:
    explicit Grower(std::uint32_t seed) : random_(seed) {}

    ExprPtr grow(std::uint32_t height) {
        if (height == 0) return leaf();
        switch (pick(9)) {
            case 0:
                return maker_.call(op::kConditional,
                                   exprs(grow(height - 1), grow(height - 1), grow(height - 1)), 0);
            case 1: {
                constexpr std::string_view kSigns[] = {op::kNot, op::kNegate};
                return maker_.call(kSigns[pick(2)], exprs(grow(height - 1)), 0);
            }
            case 2:
                return maker_.select(grow(height - 1), pick(2) == 0 ? "field" : "a-b", 0);
            case 3:
                return maker_.method("f", grow(height - 1), exprs(grow(height - 1)), 0);
            case 4:
                return maker_.call("f", exprs(grow(height - 1), grow(height - 1)), 0);
            case 5:
                return container(height);
            case 6: {
                constexpr std::string_view kIndices[] = {op::kIndex, op::kOptionalIndex};
                return maker_.call(kIndices[pick(2)], exprs(grow(height - 1), grow(height - 1)), 0);
            }
            default:
                break;
        }
        constexpr std::string_view kBinary[] = {
            op::kOr,          op::kAnd,      op::kEqual,   op::kNotEqual, op::kLess,
            op::kLessOrEqual, op::kIn,       op::kGreater, op::kMultiply, op::kGreaterOrEqual,
            op::kAdd,         op::kSubtract, op::kDivide,  op::kModulo};
        return maker_.call(kBinary[pick(std::size(kBinary))], exprs(grow(height - 1), grow(height - 1)), 0);
    }

  private:
    std::size_t pick(std::size_t count) { return random_() % count; }

    ExprPtr leaf() {
        switch (pick(9)) {
            case 0:
                return maker_.constant(std::int64_t{-3}, 0);
            case 1:
                return maker_.constant(std::int64_t{7}, 0);
            case 2:
                return maker_.constant(std::numeric_limits<std::int64_t>::min(), 0);
            case 3:
                return maker_.constant(std::uint64_t{7}, 0);
            case 4:
                return maker_.constant(-0.25, 0);
            case 5:
                return maker_.constant(1e300, 0);
            case 6:
                return maker_.constant(std::string("\x01\"\\\xc3\xa9"), 0);
            case 7:
                return maker_.constant(Bytes{"\xff\n"}, 0);
            default:
                return maker_.identifier(pick(2) == 0 ? "a" : ".b", 0);
        }
    }

    ExprPtr container(std::uint32_t height) {
        const bool is_map = pick(2) == 0;
        ExprPtr out = maker_.make(is_map ? ExprKind::map : ExprKind::list, 0);
        for (std::size_t i = pick(3); i > 0; --i) {
            Entry entry = maker_.entry(0);
            entry.optional = pick(3) == 0;
            if (is_map) entry.key = grow(height - 1);
            entry.value = grow(height - 1);
            out->entries.push_back(std::move(entry));
        }
        return out;
    }

    std::mt19937 random_;
    TreeMaker maker_;
};

TEST(Print, WhateverTreeIsPrintedIsTheTreeThatIsReadBack) {
    for (std::uint32_t seed = 0; seed < 4'000; ++seed) {
        const ExprPtr tree = Grower(seed).grow(1 + seed % 5);
        const std::string text = print(*tree);
        const auto ast = parse(text, Macros::none);
        ASSERT_TRUE(ast.has_value()) << text << ": " << shown(ast.error());
        EXPECT_TRUE(same(*ast->root, *tree)) << text;
        EXPECT_EQ(print(*ast->root), text);
    }
}

}  // namespace
}  // namespace parmana::cel
