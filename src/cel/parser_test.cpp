#include "base/limits.hpp"
#include "cel/support_test.hpp"

namespace parmana::cel {
namespace {

struct Refusal {
    std::string source;
    std::uint32_t offset;
    std::string message;  // a part of it
};

void expect_refusals(const std::vector<Refusal>& rows, Macros macros = Macros::extended) {
    for (const Refusal& row : rows) {
        const auto ast = parse(row.source, macros);
        ASSERT_FALSE(ast.has_value()) << row.source;
        ASSERT_EQ(ast.error().size(), 1U) << row.source;
        EXPECT_EQ(ast.error()[0].offset, row.offset) << row.source << ": " << ast.error()[0].message;
        EXPECT_NE(ast.error()[0].message.find(row.message), std::string::npos)
            << row.source << ": " << ast.error()[0].message;
    }
}

TEST(Parser, ASyntaxErrorStandsAtTheTokenThatDoesNotFit) {
    expect_refusals({
        {"", 0, "found the end of the expression, expected an expression"},
        {"1 +", 3, "found the end of the expression"},
        {"1 + * 2", 4, "found `*`"},
        {"a b", 2, "found `b`, expected the end of the expression"},
        {"(a", 2, "expected `)`"},
        {"[1, 2", 5, "expected `]`"},
        {"[1 2]", 3, "found `2`, expected `]`"},
        {"{1 2}", 3, "found `2`, expected `:`"},
        {"{1: 2", 5, "expected `}`"},
        {"f(1,", 4, "found the end of the expression"},
        {"a ? b", 5, "expected `:`"},
        {"a.1", 1, "found `.1`"},
        {"a. ", 3, "expected a field or method name"},
        {"a.in", 2, "found `in`, expected a field or method name"},
        {"a.?", 3, "expected a field or method name"},
        {"a[", 2, "expected an expression"},
        {"a[1", 3, "expected `]`"},
        {"!-a", 1, "found `-`"},
        {"-!a", 1, "found `!`"},
        {"a = b", 2, "a character that begins no token"},
        {"a & b", 2, "a character that begins no token"},
        {"a \xc3\xa9", 2, "a character that begins no token"},
        {"while", 0, "`while` is a reserved word"},
        {"a + package", 4, "`package` is a reserved word"},
        {".1a", 2, "a number ends in a letter"},
        {"12abc", 2, "a number ends in a letter"},
        {"'abc", 0, "a quoted text does not end"},
        {"a + 'b\nc'", 4, "a quoted text does not end"},
        {"'''a''", 0, "a quoted text does not end"},
        {"a.`b", 2, "a quoted name holds"},
        {"a.`b$`", 2, "a quoted name holds"},
        {"`a`", 0, "expected an expression"},
    });
}

TEST(Parser, ALiteralThatHasNoValueIsRefusedWhereItGoesWrong) {
    expect_refusals({
        {"9223372036854775808", 0, "an integer beyond 64 bits"},
        {"1 + -9223372036854775809", 5, "an integer beyond 64 bits"},
        {"--9223372036854775808", 2, "an integer beyond 64 bits"},
        {"18446744073709551616u", 0, "an unsigned integer beyond 64 bits"},
        {"0x10000000000000000", 0, "an integer beyond 64 bits"},
        {"1e309", 0, "a number beyond binary64"},
        {R"('\q')", 1, "an unknown escape"},
        {R"('ab\x1')", 3, "an escape with too few digits"},
        {R"('\ud800')", 1, "no Unicode scalar value"},
        {R"('\U00110000')", 1, "no Unicode scalar value"},
        {R"(b'\u0041')", 2, "has no meaning in bytes"},
        {R"('\08')", 1, "an escape with too few digits"},
    });
}

TEST(Parser, MessagesAreRefusedByNameAndNotAsASyntaxError) {
    expect_refusals({{"Money{units: 1}", 5, "messages are not part of this language"},
                     {"google.type.Money{}", 17, "messages are not part of this language"},
                     {".a.B{}", 4, "messages are not part of this language"},
                     {"1{}", 1, "found `{`"}});
}

TEST(Parser, ATextThatIsNotUtf8OrTooLongIsRefusedBeforeItIsRead) {
    const std::string fits = "1" + std::string(limits::kCelBytesMax - 1, ' ');
    EXPECT_TRUE(parse(fits, Macros::none).has_value());
    expect_refusals({{"'\xff'", 0, "not UTF-8"}, {fits + " ", 0, "over 65536 bytes"}});
}

TEST(Parser, NestingIsLimitedForEveryKindOfBracket) {
    const std::size_t most = limits::kCelDepthMax;
    for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{
             {"(", ")"}, {"[", "]"}, {"f(", ")"}, {"a[", "]"}, {"{1: ", "}"}, {"true ? 1 : ", ""}}) {
        const auto nested = [&, open = open, close = close](std::size_t levels) {
            return repeated(open, levels) + "1" + repeated(close, levels);
        };
        EXPECT_TRUE(parse(nested(most - 1), Macros::none).has_value()) << open;
        const auto refused = parse(nested(most), Macros::none);
        ASSERT_FALSE(refused.has_value()) << open;
        EXPECT_EQ(refused.error()[0].message, "nested deeper than 128");
        // Deeper nesting is no danger to the stack.
        EXPECT_FALSE(parse(nested(10'000), Macros::none).has_value()) << open;
    }
}

TEST(Parser, TheHeightOfTheTreeIsLimitedWhereNoBracketNests) {
    const std::size_t most = limits::kCelHeightMax;
    for (const std::string link : {".a", "[0]", ".f()", " + a", " < a", " * a"}) {
        EXPECT_TRUE(parse("a" + repeated(link, most - 1), Macros::none).has_value()) << link;
        const auto refused = parse("a" + repeated(link, most), Macros::none);
        ASSERT_FALSE(refused.has_value()) << link;
        EXPECT_EQ(refused.error()[0].message, "nested deeper than 256");
    }
}

TEST(Parser, ALongChainOfAndOrOrStaysShallow) {
    for (const std::string symbol : {" && ", " || "}) {
        const Ast ast = must_parse("a" + repeated(symbol + "a", 4'000), Macros::none);
        EXPECT_LE(ast.root->height, 14U);
    }
}

TEST(Parser, TheNumberOfPartsIsLimitedAfterMacros) {
    const std::size_t most = limits::kCelNodesMax;
    const auto list = [](std::size_t elements) { return "[" + repeated("1,", elements) + "]"; };
    EXPECT_TRUE(parse(list(most / 2 - 1), Macros::none).has_value());  // an element is two parts
    const auto refused = parse(list(most / 2), Macros::none);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error()[0].message, "more than 10000 parts");
    const std::string loops = "[" + repeated("[1].all(x, x > 0),", 800) + "]";
    EXPECT_TRUE(parse(loops, Macros::none).has_value());
    EXPECT_FALSE(parse(loops, Macros::standard).has_value());
}

TEST(Parser, MacrosRefuseArgumentsOfTheWrongForm) {
    expect_refusals({
        {"has(a)", 4, "must be a field selection"},
        {"has(a[0])", 5, "must be a field selection"},
        {"has(f())", 5, "must be a field selection"},
        {"[1].all(1, true)", 8, "must be a simple name"},
        {"[1].all(x.y, true)", 9, "must be a simple name"},
        {"[1].all(.x, true)", 8, "must be a simple name"},
        {"[1].exists(x + 1, true)", 13, "must be a simple name"},
        {"[1].exists_one('x', true)", 15, "must be a simple name"},
        {"[1].map(f(), 1)", 9, "must be a simple name"},
        {"[1].filter(1, true)", 11, "must be a simple name"},
        {"[1].all(x, x, true)", 11, "have one name"},
        {"[1].transformList(i, 2, 3)", 21, "must be a simple name"},
        {"{}.transformMap(k.x, v, v)", 17, "must be a simple name"},
        {"{}.transformMapEntry(k, k, {k: k})", 24, "have one name"},
        {"cel.bind(x.y, 1, 2)", 10, "must be a simple name"},
        {"a.optMap(1, 2)", 9, "must be a simple name"},
        {"a.optFlatMap(x.y, 2)", 14, "must be a simple name"},
        {"math.greatest()", 13, "need an argument"},
        {"math.least('a')", 11, "take numbers"},
        {"math.greatest([])", 14, "take numbers"},
        {"math.greatest(1, [2])", 17, "take numbers"},
        {"math.least({})", 11, "take numbers"},
    });
}

TEST(Parser, ACallThatIsNoFormOfAMacroStaysACall) {
    for (const char* source : {"has()", "has(a, b)", "x.has(a)", "[1].all(x)", "all(x, true)", "[1].map(x)",
                               "[1].filter(x, a, b)", "bind(x, 1, 2)", "other.bind(x, 1, 2)",
                               "other.greatest(1)", "x.optMap(a)", "{}.transformMap(k, v)"}) {
        EXPECT_EQ(must_parse(source, Macros::extended).root->kind, ExprKind::call) << source;
    }
    EXPECT_EQ(must_parse("[1].all(i, x, true)", Macros::standard).root->kind, ExprKind::call);
    EXPECT_EQ(must_parse("[1].all(x, true)", Macros::none).root->kind, ExprKind::call);
    EXPECT_EQ(must_parse("[1].all(x, true)", Macros::standard).root->kind, ExprKind::comprehension);
}

TEST(Parser, OneMinusBelongsToItsNumberAndAnEvenNumberOfSignsIsNone) {
    struct Row {
        const char* source;
        const char* printed;
    };
    for (const Row& row : std::vector<Row>{{"-1", "-1"},
                                           {"--1", "1"},
                                           {"---1", "-(1)"},
                                           {"-9223372036854775808", "-9223372036854775808"},
                                           {"-0.0", "-0.0"},
                                           {"-(1)", "-(1)"},
                                           {"--a", "a"},
                                           {"!!a", "a"},
                                           {"!!!a", "!a"},
                                           {"-1.abs()", "(-1).abs()"},
                                           {"-a.b", "-a.b"},
                                           {"4--4", "4 - -4"},
                                           {"-2u", "-2u"}}) {
        EXPECT_EQ(print(*must_parse(row.source, Macros::none).root), row.printed) << row.source;
    }
}

TEST(Parser, ANodeKnowsItsTokenAndIdsAreDense) {
    const Ast ast = must_parse("a.b + f([1], c[2]) ", Macros::none);
    const Expr& sum = *ast.root;
    EXPECT_EQ(sum.offset, 4U);
    EXPECT_EQ(sum.arguments[0]->offset, 1U);          // the dot
    EXPECT_EQ(sum.arguments[0]->target->offset, 0U);  // a
    const Expr& call = *sum.arguments[1];
    EXPECT_EQ(call.offset, 7U);  // the parenthesis
    EXPECT_EQ(call.arguments[0]->offset, 8U);
    EXPECT_EQ(call.arguments[1]->offset, 14U);
    EXPECT_EQ(ast.id_count, 10U);
    EXPECT_EQ(sum.height, 4U);
}

TEST(Parser, BlanksAndCommentsStandBetweenTokens) {
    EXPECT_EQ(print(*must_parse("\t1\f+ // one\r\n 2 // two", Macros::none).root), "1 + 2");
    EXPECT_EQ(print(*must_parse("1//", Macros::none).root), "1");
}

}  // namespace
}  // namespace parmana::cel
