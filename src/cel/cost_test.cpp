// No evaluation pays more than the bound says: generated expressions on inputs within their extents.
#include "cel/cost.hpp"

#include <random>

#include "base/limits.hpp"
#include "cel/support_test.hpp"

namespace parmana::cel {
namespace {

constexpr std::size_t kTextMax = 24, kElementsMax = 6, kKeyMax = 5;

const Type kTimestampType{TypeKind::timestamp, {}, {}}, kDurationType{TypeKind::duration, {}, {}},
    kBytesType{TypeKind::bytes, {}, {}};

struct Variable {
    VariableDeclaration declaration;
    Extent extent;
};

std::vector<Variable> variables() {
    const Extent text{kTextMax}, numbers{kElementsMax, {{}}}, texts{kElementsMax, {{kTextMax}}};
    return {{{"i", kIntType}, {}},
            {{"j", kIntType}, {}},
            {{"r", kDoubleType}, {}},
            {{"p", kBoolType}, {}},
            {{"s", kStringType}, text},
            {{"t", kStringType}, text},
            {{"y", kBytesType}, text},
            {{"l", list_of(kIntType)}, numbers},
            {{"k", list_of(kStringType)}, texts},
            {{"n", list_of(list_of(kIntType))}, {kElementsMax, {numbers}}},
            {{"m", map_of(kStringType, kIntType)}, {kElementsMax, {{kKeyMax}, {}}}},
            {{"q", map_of(kStringType, kStringType)}, {kElementsMax, {{kKeyMax}, text}}},
            {{"o", optional_of(kStringType)}, {1, {text}}},
            {{"w", kTimestampType}, {}},
            {{"u", kDurationType}, {}}};
}

/// Writes expressions of a type; `#` in a row of the grammar is a part of the type that stands behind it.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    /// Types by letter: b bool, i int, d double, s string, y bytes, l list(int), k list(string), n
    /// list(list(int)), m map(string, int), q map(string, string), o optional(string), w timestamp, u
    /// duration.
    std::string expression(char type, int depth) {
        const std::vector<std::string>& rows = depth == 0 ? leaves(type) : grammar(type);
        const std::string row = rows[below(rows.size())];
        std::string out;
        for (std::size_t at = 0; at < row.size(); ++at) {
            if (row[at] != '#') {
                out += row[at];
            } else {
                out +=
                    '(' +
                    expression(row[++at],
                               depth == 0 ? 0 : static_cast<int>(below(static_cast<std::uint64_t>(depth)))) +
                    ')';
            }
        }
        return out;
    }

  private:
    using Rows = std::vector<std::string>;

    static const Rows& leaves(char type) {
        static const std::map<char, Rows> kLeaves = {{'b', {"true", "p", "i < 3"}},
                                                     {'i', {"i", "j", "7", "size(s)"}},
                                                     {'d', {"r", "0.5"}},
                                                     {'s', {"s", "t", "'a'", "'abab'", "''"}},
                                                     {'y', {"y", "b'xy'"}},
                                                     {'l', {"l", "[1, 2]"}},
                                                     {'k', {"k", "['a', 'b']"}},
                                                     {'n', {"n", "[[1], l]"}},
                                                     {'m', {"m", "{'a': 1, 'b': 2}"}},
                                                     {'q', {"q", "{'a': 'b'}"}},
                                                     {'o', {"o", "optional.of('x')", "optional.none()"}},
                                                     {'w', {"w", "timestamp('2024-02-29T12:00:00Z')"}},
                                                     {'u', {"u", "duration('1h')"}}};
        return kLeaves.at(type);
    }

    static const std::map<char, Rows>& grammar_1() {
        static const std::map<char, Rows> kRows = {{'b',
                                                    {"#b && #b",
                                                     "#b || #b",
                                                     "!(#b)",
                                                     "#i < #i",
                                                     "#i == #i",
                                                     "#d >= #d",
                                                     "#s == #s",
                                                     "#s <= #s",
                                                     "#y != #y",
                                                     "#s in #k",
                                                     "#i in #l",
                                                     "#l in #n",
                                                     "#s in #m",
                                                     "#l == #l",
                                                     "#k == #k",
                                                     "#n == #n",
                                                     "#m == #m",
                                                     "#q == #q",
                                                     "#o == #o",
                                                     "#s.contains(#s)",
                                                     "#s.startsWith(#s)",
                                                     "#s.endsWith(#s)",
                                                     "#s.matches('^[ab]+$')",
                                                     "#s.matches('(?i)A.*b')",
                                                     "#l.exists(x, x == #i)",
                                                     "#k.all(x, x.contains(#s))",
                                                     "#k.exists_one(x, x == #s)",
                                                     "#n.exists(x, x.exists(z, z == #i))",
                                                     "#m.exists(x, x == #s)",
                                                     "#q.exists(a, b, a == b)",
                                                     "has(#m.a)",
                                                     "(#b ? #b : #b)",
                                                     "#o.hasValue()",
                                                     "#w < #w",
                                                     "#u < #u",
                                                     "#q[?#s].hasValue()",
                                                     "#m.?a.hasValue()",
                                                     "bool(#s)",
                                                     "dyn(#l) == dyn(#k)",
                                                     "dyn(#s) in dyn(#q)",
                                                     "#l.all(i, v, i < v)"}}};
        return kRows;
    }

    static const std::map<char, Rows>& grammar_2() {
        static const std::map<char, Rows> kRows = {
            {'i',
             {"#i + #i",
              "#i * #i",
              "#i / #i",
              "-(#i)",
              "size(#s)",
              "size(#l)",
              "#k.size()",
              "size(#y)",
              "#l[#i]",
              "#m[#s]",
              "#m.a",
              "int(#s)",
              "int(#d)",
              "#s.indexOf(#s)",
              "#s.lastIndexOf(#s)",
              "#s.indexOf(#s, #i)",
              "math.greatest(#l)",
              "math.least(#i, #i, #i)",
              "(#b ? #i : #i)",
              "#w.getHours()",
              "#w.getDayOfYear('Europe/Berlin')",
              "#u.getMinutes()",
              "cel.bind(z, #i, z + z)",
              "int(#w)",
              "#n[#i][0]",
              "#l.filter(x, x > #i).size()"}},
            {'d', {"#d + #d", "#d / #d", "double(#s)", "double(#i)", "math.ceil(#d)", "(#b ? #d : #d)"}}};
        return kRows;
    }

    static const std::map<char, Rows>& grammar_3() {
        static const std::map<char, Rows> kRows = {
            {'s',
             {"#s + #s",
              "string(#i)",
              "string(#d)",
              "string(#y)",
              "string(#w)",
              "string(#u)",
              "#s.charAt(#i)",
              "#s.substring(#i)",
              "#s.substring(0, #i)",
              "#s.replace(#s, #s)",
              "#s.replace('a', #s)",
              "#s.replace('', #s)",
              "#s.replace(#s, #s, #i)",
              "#s.lowerAscii()",
              "#s.upperAscii()",
              "#s.trim()",
              "#s.reverse()",
              "strings.quote(#s)",
              "#k.join()",
              "#k.join(#s)",
              "#k[#i]",
              "#q[#s]",
              "#q.a",
              "base64.encode(#y)",
              "#o.orValue(#s)",
              "#o.value()",
              "(#b ? #s : #s)",
              "'%s %s'.format([#s, #i])",
              "'%s|%s'.format([#l, #q])",
              "'%.50f %e'.format([#d, #d])",
              "'%x %X'.format([#s, #i])",
              "#s.format([#k, #m, #w, #u, #y, #d])",
              "cel.bind(z, #s, z + z + z)"}},
            {'y', {"#y + #y", "bytes(#s)", "base64.decode(#s)"}},
            {'l',
             {"#l + #l", "#l.map(x, x + #i)", "#l.filter(x, x > #i)", "[#i, #i, #i]", "#n[#i]",
              "#m.map(x, #m[x])", "#k.map(x, x.size())", "#l.map(x, x > 2, x * #i)",
              "#m.transformList(a, b, b + #i)", "(#b ? #l : #l)"}},
            {'k',
             {"#k + #k", "#s.split(#s)", "#s.split('')", "#s.split('a', #i)", "#k.map(x, x + #s)",
              "#k.filter(x, x != #s)", "[#s, ?#o, #s]", "#q.map(x, #q[x])", "#l.map(x, string(x))",
              "(#b ? #k : #k)"}},
            {'n',
             {"#n + #n", "[#l, #l]", "#l.map(x, [x, x])", "#n.map(x, x + x)",
              "#l.map(x, #l.filter(z, z < x))"}},
            {'m',
             {"{#s: #i, 'z': #i}", "#m.transformMap(a, b, b + #i)", "#q.transformMap(a, b, b.size())",
              "#k.transformMapEntry(a, b, {b: a})", "(#b ? #m : #m)"}},
            {'q',
             {"{#s: #s}", "{'a': #s, ?'b': #o}", "#m.transformMap(a, b, a + #s)",
              "#q.transformMap(a, b, b + b)", "#k.transformMapEntry(a, b, {b: b, b + 'z': #s})"}},
            {'o',
             {"optional.of(#s)", "optional.ofNonZeroValue(#s)", "#q[?#s]", "#q.?a", "#k[?#i]", "#o.or(#o)",
              "#o.optMap(x, x + #s)", "#o.optFlatMap(x, #q[?x])", "(#b ? #o : #o)"}}};
        return kRows;
    }

    static const std::map<char, Rows>& grammar_4() {
        static const std::map<char, Rows> kRows = {
            {'w', {"#w + #u", "#w - #u", "timestamp(#s)", "timestamp(#i)"}},
            {'u', {"#u + #u", "#w - #w", "duration(#s)"}}};
        return kRows;
    }

    static const Rows& grammar(char type) {
        if (const auto rows = grammar_1().find(type); rows != grammar_1().end()) return rows->second;
        if (const auto rows = grammar_2().find(type); rows != grammar_2().end()) return rows->second;
        if (const auto rows = grammar_3().find(type); rows != grammar_3().end()) return rows->second;
        return grammar_4().at(type);
    }

    std::mt19937_64 random_;
};

/// Values within the extents, the largest among them.
class Inputs {
  public:
    Inputs(Generator& generator, Arena& arena) : generator_(generator), arena_(arena) {}

    std::vector<Value> values() {
        std::vector<Value> out;
        for (const Variable& variable : variables())
            out.push_back(value(variable.declaration.type, variable.extent));
        return out;
    }

  private:
    std::uint64_t size(std::uint64_t most) {
        return generator_.below(2) == 0 ? most : generator_.below(most + 1);
    }

    std::string text(std::uint64_t most, std::uint64_t letters) {
        std::string out(size(most), 'a');
        for (char& c : out)
            c = static_cast<char>('a' + generator_.below(letters));
        return out;
    }

    Value value(const Type& type, const Extent& extent) {
        switch (type.kind) {
            case TypeKind::integer:
                return Value::from(static_cast<std::int64_t>(generator_.below(8)));
            case TypeKind::real:
                return Value::from(static_cast<double>(generator_.below(9)) * 1e300 / 8);
            case TypeKind::boolean:
                return Value::from(generator_.below(2) == 0);
            case TypeKind::string:
                return arena_.copy_string(generator_.below(6) == 0 ? "12" : text(extent.size, 2));
            case TypeKind::bytes:
                return Value::bytes(arena_.copy(text(extent.size, 3)));
            case TypeKind::timestamp:
                return Value::timestamp(static_cast<std::int64_t>(generator_.below(4'000'000'000)),
                                        123'456'789);
            case TypeKind::duration:
                return Value::duration(static_cast<std::int64_t>(generator_.below(100'000)), 5);
            case TypeKind::optional:
                if (generator_.below(3) == 0) return Value::optional_from(nullptr);
                return arena_.make_optional(value(type.parameters[0], extent.parts[0]));
            case TypeKind::list: {
                std::vector<Value> items(size(extent.size));
                for (Value& item : items)
                    item = value(type.parameters[0], extent.parts[0]);
                return arena_.make_list(items);
            }
            default:
                return map(type, extent);
        }
    }

    Value map(const Type& type, const Extent& extent) {
        std::vector<MapEntry> entries;
        for (std::uint64_t i = size(extent.size); i > 0; --i) {
            const std::string key = std::string(kKeyMax - 1, 'a') + static_cast<char>('a' + i);
            entries.push_back(
                {arena_.copy_string(i == 1 ? "a" : key), value(type.parameters[1], extent.parts[1])});
        }
        return arena_.make_map(entries);
    }

    Generator& generator_;
    Arena& arena_;
};

TEST(Cost, NoEvaluationPaysMoreThanItsBound) {
    Environment environment;
    std::map<std::string, Extent> extents;
    for (const Variable& variable : variables()) {
        environment.variables.push_back(variable.declaration);
        extents.emplace(variable.declaration.name, variable.extent);
    }
    Generator generator(11);
    Machine machine;
    std::size_t paid = 0;
    for (int i = 0; i < 6'000; ++i) {
        const std::string types = "bbbisklnmqowudy";
        const std::string source = generator.expression(types[generator.below(types.size())], 3);
        const Checked checked = must_check(source, environment);
        const CostBound bound = cost_bound(checked, extents);
        const Program program = compile(checked, environment);
        for (int k = 0; k < 8; ++k) {
            Arena arena;
            const std::vector<Value> slots = Inputs(generator, arena).values();
            machine.run(program, 0, slots);
            ASSERT_LE(machine.cost(), bound.cost) << source;
            paid += machine.cost() > 0 ? 1 : 0;
        }
    }
    EXPECT_GT(paid, 20'000U);
}

TEST(Cost, APatternThatIsNotValidIsPaidForToo) {
    const Environment environment = with_variables({{"s", kStringType}});
    const Checked checked = must_check("s.matches('(((6}$')", environment);
    const Program program = compile(checked, environment);
    Machine machine;
    const std::vector<Value> slots = {Value::string("text")};
    EXPECT_EQ(machine.run(program, 0, slots).failure.fault, Fault::invalid_pattern);
    EXPECT_LE(machine.cost(), cost_bound(checked, {{"s", {64}}}).cost);
}

TEST(Cost, TheBoundOfTheCommonConditionIsSmall) {
    const Environment environment =
        with_variables({{"amount", kIntType}, {"country", kStringType}, {"tags", list_of(kStringType)}});
    const std::map<std::string, Extent> extents = {{"country", {4'096}}, {"tags", {1'000, {{4'096}}}}};
    const auto cost = [&](std::string_view source) {
        return cost_bound(must_check(source, environment), extents).cost;
    };
    EXPECT_LE(cost("amount > 5 && amount <= 10 || country == 'DE'"), 20U);
    EXPECT_LE(cost("country in ['DE', 'AT', 'CH']"), 20U);
    // At worst RE2 looks at every state at every byte: a text that is matched wants a declared length.
    EXPECT_GT(cost("country.matches('^[A-Z]{2}$')"), limits::kPolicyCostMax);
    EXPECT_LE(cost("tags.exists(tag, tag == 'urgent')"), limits::kPolicyCostMax / 5);
    EXPECT_EQ(cost("tags.exists(tag, tag.matches(country))"), kCostInfinite);
}

}  // namespace
}  // namespace parmana::cel
