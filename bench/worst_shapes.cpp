#include "worst_shapes.hpp"

#include "base/bytes.hpp"
#include "base/limits.hpp"

namespace parmana::bench {
namespace {

using Condition = std::function<std::string(std::size_t)>;

std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

/// The text with every `#` replaced by a number, which makes conditions differ.
Condition numbered(std::string text) {
    return [text = std::move(text)](std::size_t i) {
        std::string out;
        for (const char c : text)
            c == '#' ? out += std::to_string(i) : out += c;
        return out;
    };
}

/// A condition of many that are joined: more nodes than there can be rules.
Condition joined(std::string_view separator, std::size_t count, const std::string& part) {
    return [=, one = numbered(part)](std::size_t i) {
        std::string out = one(i * count);
        for (std::size_t k = 1; k < count; ++k)
            out.append(separator).append(one(i * count + k));
        return out;
    };
}

constexpr std::size_t kLong = limits::kStringSignalBytesMax;
constexpr std::size_t kMany = limits::kListSignalMax;

std::string members(std::initializer_list<std::pair<std::string_view, std::string>> given) {
    std::string out = "{";
    for (const auto& [name, value] : given) {
        if (out.size() > 1) out += ',';
        out += quoted(name) + ':' + value;
    }
    return out + '}';
}

std::string list(std::size_t count, const std::function<std::string(std::size_t)>& element) {
    std::string out = "[";
    for (std::size_t i = 0; i < count; ++i)
        out += (i == 0 ? "" : ",") + element(i);
    return out + ']';
}

/// A map whose keys are as long as can be and differ only at their ends.
std::string map(std::size_t count, const std::function<std::string(std::size_t)>& element) {
    std::string out = "{";
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(10'000 + i);
        out += (i == 0 ? "" : ",") +
               quoted(std::string(limits::kMapKeyBytesMax - number.size(), 'k') + number) + ':' + element(i);
    }
    return out + '}';
}

const std::string kTwoStrings = R"({"s":{"type":"string"},"t":{"type":"string"}})";

Shape on_strings(std::string_view name, std::string condition,
                 std::vector<std::pair<std::string, std::string>> pairs) {
    Shape out{name, kTwoStrings, numbered(std::move(condition)), {}};
    for (const auto& [s, t] : pairs)
        out.inputs.push_back(members({{"s", quoted(s)}, {"t", quoted(t)}}));
    return out;
}

const std::vector<std::pair<std::string, std::string>> kSearches = {
    {std::string(kLong, 'a'), std::string(kLong / 2, 'a') + "b"},
    {std::string(kLong, 'a'), "b" + std::string(kLong / 2, 'a')},
    {std::string(kLong, 'a'), "aaab"},
    {std::string(kLong, 'a'), "baaa"},
    {std::string(kLong, 'a'), std::string(100, 'a') + "b" + std::string(100, 'a')},
    {repeated("ab", kLong / 2), repeated("ab", kLong / 8) + "b"},
};
const std::vector<std::pair<std::string, std::string>> kTexts = {
    {std::string(kLong, 'a'), "a"},
    {repeated("é", kLong / 2), "é"},
    {repeated("\U0001f600", kLong / 4), "\U0001f600"},
    {std::string(kLong, ' '), ""},
    {repeated("\\\"", kLong / 2), "\""},
};

void add_instructions(std::vector<Shape>& out) {
    const std::string numbers = R"({"a":{"type":"integer"},"b":{"type":"integer"},"r":{"type":"number"}})";
    const std::string input = R"({"a":1,"b":2,"r":0.5})";
    out.push_back({"comparisons", numbers, joined(" || ", 6, "signals.a == -1#"), {input}});
    out.push_back({"arithmetic", numbers, joined(" || ", 3, "signals.a + signals.b == -1#"), {input}});
    out.push_back({"long-arithmetic",
                   numbers,
                   [](std::size_t i) { return repeated("signals.a + ", 40) + std::to_string(i) + " < 0"; },
                   {input}});
    out.push_back({"dyn-arithmetic",
                   numbers,
                   joined(" || ", 3, "dyn(signals.a) + dyn(signals.b) == dyn(-1#)"),
                   {input}});
    out.push_back({"mixed-numbers",
                   numbers,
                   joined(" || ", 3, "dyn(signals.a) < dyn(signals.r) - double(#)"),
                   {input}});
    out.push_back({"absorbed-errors", numbers, joined(" || ", 3, "(signals.a / 0 == # && false)"), {input}});
    out.push_back({"conditionals",
                   numbers,
                   joined(" || ", 3, "(signals.a > # ? signals.b > 5 : signals.r > 5.0)"),
                   {input}});
    out.push_back({"optionals",
                   R"({"o":{"type":"integer","required":false}})",
                   joined(" || ", 3, "signals.o.orValue(1) == -1#"),
                   {R"({"o":1})", "{}"}});
    out.push_back({"list-literals",
                   numbers,
                   joined(" || ", 3, "[signals.a, signals.b, #] == [signals.a, signals.b, -1]"),
                   {input}});
    out.push_back({"map-literals",
                   numbers,
                   joined(" || ", 3, "{'a': signals.a, 'b': signals.b, 'c': #}['a'] == 5"),
                   {input}});
    out.push_back({"conversions",
                   numbers,
                   joined(" || ", 3, "string(signals.r) == string(signals.a)"),
                   {R"({"a":-9007199254740991,"b":2,"r":-1.2345678901234567e-300})"}});
    out.push_back(
        {"math", numbers, joined(" || ", 3, "math.greatest(signals.a, signals.b, #) < 0"), {input}});
    out.push_back({"booleans",
                   R"({"p":{"type":"boolean"},"q":{"type":"boolean"}})",
                   joined(" || ", 6, "(signals.p && signals.q)"),
                   {R"({"p":true,"q":false})"}});
}

void add_strings(std::vector<Shape>& out) {
    const std::vector<std::pair<std::string, std::string>> alike = {
        {std::string(kLong, 'a'), std::string(kLong - 1, 'a') + "b"}};
    out.push_back(on_strings("string-equal", "signals.s == signals.t", alike));
    out.push_back(on_strings("string-less", "signals.t <= signals.s", alike));
    out.push_back({"string-constants",
                   R"({"s":{"type":"string"}})",
                   [](std::size_t i) {
                       const std::string number = std::to_string(10'000 + i);
                       return "signals.s == '" + std::string(900 - number.size(), 'a') + number + "'";
                   },
                   {members({{"s", quoted(std::string(895, 'a') + "00000")}})}});
    out.push_back(on_strings("starts-with", "signals.s.startsWith(signals.t)", alike));
    out.push_back(on_strings("contains", "signals.s.contains(signals.t)", kSearches));
    out.push_back(on_strings("index-of", "signals.s.indexOf(signals.t) == -2", kSearches));
    out.push_back(on_strings("last-index-of", "signals.s.lastIndexOf(signals.t) == -2", kSearches));
    out.push_back(on_strings("replace-nothing", "signals.s.replace(signals.t, 'x') == ''", kSearches));
    out.push_back(on_strings("replace", "signals.s.replace('a', 'b') == ''", kTexts));
    out.push_back(on_strings("replace-empty", "signals.s.replace('', 'b') == ''", kTexts));
    out.push_back(on_strings("split", "signals.s.split('a').size() == 0", kTexts));
    out.push_back(on_strings("split-characters", "signals.s.split('').size() == 0", kTexts));
    out.push_back(on_strings("split-join", "signals.s.split('').join('--') == '#'", kTexts));
    out.push_back(on_strings("size", "signals.s.size() == -1#", kTexts));
    out.push_back(on_strings("char-at", "signals.s.charAt(size(signals.s) - 1) == 'xyz'", kTexts));
    out.push_back(on_strings("substring", "signals.s.substring(1, 1024) == 'x'", kTexts));
    out.push_back(on_strings("lower", "signals.s.lowerAscii() == 'x'", kTexts));
    out.push_back(on_strings("reverse", "signals.s.reverse() == 'x'", kTexts));
    out.push_back(on_strings("trim", "signals.s.trim() == 'x'", kTexts));
    out.push_back(on_strings("quote", "strings.quote(signals.s) == 'x'", kTexts));
    out.push_back(on_strings("base64", "base64.encode(bytes(signals.s)) == 'x'", kTexts));
    out.push_back(
        on_strings("base64-decode", "base64.decode(signals.s) == b'x'", {{std::string(kLong, 'a'), ""}}));
    out.push_back(on_strings("concatenation", "signals.s + signals.t == 'x'", kTexts));
    out.push_back(on_strings("string-of-bytes", "string(bytes(signals.s)) == 'x'", kTexts));
}

void add_formats(std::vector<Shape>& out) {
    const std::string schema =
        R"({"s":{"type":"string"},"i":{"type":"integer"},"r":{"type":"number"},)"
        R"("l":{"type":"list","max_size":100,"elements":{"type":"string","max_length":10}},)"
        R"("m":{"type":"map","max_size":100,"elements":{"type":"integer"}}})";
    const auto input = [&](std::string_view s) {
        return members(
            {{"s", quoted(s)},
             {"i", "-9007199254740991"},
             {"r", "-1.7976931348623157e308"},
             {"l", list(100, [](std::size_t i) { return quoted("element" + std::to_string(100 + i)); })},
             {"m", map(100, [](std::size_t i) { return std::to_string(i); })}});
    };
    const auto add = [&](std::string_view name, std::string condition, std::vector<std::string> inputs) {
        out.push_back({name, schema, numbered(std::move(condition)), std::move(inputs)});
    };
    const std::string any = input("a");
    add("format-string", "'%s%s%s%s'.format([signals.s, signals.s, signals.s, signals.s]) == 'x'",
        {input(std::string(kLong, 'a'))});
    add("format-number", "'%d %x %o %b'.format([signals.i, signals.i, signals.i, signals.i]) == 'x'", {any});
    add("format-real", "'%.100f'.format([signals.r]) == 'x#'", {any});
    add("format-exponent", "'%.100e'.format([signals.r]) == 'x#'", {any});
    add("format-hexadecimal", "'%X'.format([signals.s]) == 'x#'", {input(std::string(kLong, 'z'))});
    add("format-list", "'%s'.format([signals.l]) == 'x#'", {any});
    add("format-map", "'%s'.format([signals.m]) == 'x#'", {any});
    add("format-pattern", "signals.s.format([]) == 'x#'", {input(repeated("%%", kLong / 2))});
    add("int-of-text", "int(signals.s) == -1#", {input(std::string(kLong, '0'))});
    add("double-of-text", "double(signals.s) < 0.0",
        {input(std::string(kLong, '0')), input("0." + std::string(700, '0') + std::string(kLong - 702, '9')),
         input("1" + std::string(300, '0') + "." + std::string(kLong - 302, '9'))});
}

void add_times(std::vector<Shape>& out) {
    const std::string schema = R"({"w":{"type":"timestamp"},"d":{"type":"duration"},"s":{"type":"string"}})";
    const auto add = [&](std::string_view name, std::string condition, std::string s) {
        std::vector<std::string> inputs;
        for (const char* w : {"2087-07-01T12:34:56.789Z", "1999-03-28T00:59:59Z", "2024-10-27T01:00:00.5Z"})
            inputs.push_back(members({{"w", quoted(w)}, {"d", quoted("1h2m3.456s")}, {"s", quoted(s)}}));
        out.push_back({name, schema, numbered(std::move(condition)), std::move(inputs)});
    };
    add("time-zone", "signals.w.getHours('America/Argentina/ComodRivadavia') == -1#", "");
    add("time-zone-rule", "signals.w.getDayOfYear('Australia/Lord_Howe') == -1#", "");
    add("time-zone-offset", "signals.w.getDayOfWeek('-11:45') == -1#", "");
    add("time-field", "signals.w.getFullYear() == -1#", "");
    add("time-arithmetic", "signals.w + signals.d - signals.d < timestamp('1970-01-01T00:00:00Z')", "");
    add("timestamp-of-text", "timestamp(signals.s) < signals.w - duration('1h')",
        "2999-12-31T23:59:59.999999999+11:45");
    add("duration-of-text", "duration(signals.s) < duration('1s')", "2562047h47m16.854775807s");
    add("text-of-time", "string(signals.w) == string(signals.d)", "");
}

void add_containers(std::vector<Shape>& out) {
    const auto number = [](std::size_t i) { return std::to_string(i); };
    const auto text = [](std::size_t i) {
        return quoted(repeated("\U0001f600", 27) + std::to_string(10'000 + i));
    };
    const std::string numbers = list(kMany, number), texts = list(kMany, text), tree = map(kMany, number);
    const std::string schema =
        R"({"l":{"type":"list","elements":{"type":"integer"}},"k":{"type":"list","elements":{"type":"integer"}},)"
        R"("t":{"type":"list","elements":{"type":"string","max_length":32}},)"
        R"("n":{"type":"map","elements":{"type":"integer"}}})";
    const std::string input = members({{"l", numbers}, {"k", numbers}, {"n", tree}, {"t", texts}});
    const auto add = [&](std::string_view name, std::string condition) {
        out.push_back({name, schema, numbered(std::move(condition)), {input}});
    };
    add("exists", "signals.l.exists(x, x == -1#)");
    add("exists-arithmetic", "signals.l.exists(x, x * 3 + 1 == -1#)");
    add("all-text", "!signals.t.all(x, x.startsWith('\U0001f600'))");
    add("exists-one", "signals.l.exists_one(x, x < -1#)");
    add("map", "signals.l.map(x, x + 1).size() == -1#");
    add("filter", "signals.l.filter(x, x >= 0).size() == -1#");
    add("filter-none", "signals.l.filter(x, x < 0).size() == -1#");
    add("map-of-lists", "signals.l.map(x, [x, x, x]).size() == -1#");
    add("transform-map", "signals.l.transformMap(i, v, v + 1).size() == -1#");
    add("transform-entry", "signals.t.transformMapEntry(i, v, {v: i}).size() == -1#");
    add("map-loop", "signals.n.exists(k, k == 'x')");
    add("map-loop-two", "signals.n.exists(k, v, v == -1#)");
    add("in-list", "-1# in signals.l");
    add("in-text-list", "'\U0001f600#' in signals.t");
    add("in-map", "'" + std::string(251, 'k') + "10500#' in signals.n");
    add("index-map", "signals.n[?'" + std::string(251, 'k') + "10500#'].hasValue()");
    add("map-lookups", "signals.t.exists(x, '" + std::string(220, 'k') + "' + x in signals.n)");
    add("list-equal", "signals.l == signals.k && false");
    add("text-list-equal", "signals.t == signals.t && false");
    add("map-equal", "signals.n == signals.n && false");
    add("list-in-list", "signals.l in [[#], signals.k.filter(x, x < 0), signals.l] && false");
    add("list-sum", "(signals.l + signals.k).size() == -1#");
    add("greatest", "math.greatest(signals.l) == -1#");
    add("join-list", "signals.t.join(', ') == 'x#'");
    add("in-loop", "signals.l.filter(x, x < 30).exists(x, x in signals.l && false)");
}

void add_loops(std::vector<Shape>& out) {
    const auto number = [](std::size_t i) { return std::to_string(i); };
    const auto schema = [](std::size_t size) {
        return R"({"l":{"type":"list","max_size":)" + std::to_string(size) +
               R"(,"elements":{"type":"integer"}}})";
    };
    const auto add = [&](std::string_view name, std::size_t size, std::string condition) {
        out.push_back(
            {name, schema(size), numbered(std::move(condition)), {members({{"l", list(size, number)}})}});
    };
    add("nested-30", 30, "signals.l.exists(x, signals.l.exists(y, x + y == -1#))");
    add("nested-three", 9, "signals.l.exists(x, signals.l.exists(y, signals.l.exists(z, x + y + z == -1#)))");
    add("nested-maps", 30, "signals.l.map(x, signals.l.map(y, x * y)).size() == -1#");
    add("nested-map-build", 30, "signals.l.map(x, signals.l.transformMap(i, v, v + x)).size() == -1#");
    add("bind", 30, "cel.bind(m, signals.l.map(x, x * 2), m.exists(x, x in m && false)) || # < 0");
}

void add_patterns(std::vector<Shape>& out) {
    const auto add = [&](std::string_view name, std::string pattern, std::string_view alphabet,
                         std::size_t size) {
        Shape shape{name,
                    R"({"s":{"type":"string","max_length":)" + std::to_string(size) + "}}",
                    numbered("signals.s.matches(r'" + std::move(pattern) + "') && false"),
                    {}};
        std::uint64_t random = 1;
        for (int i = 0; i < 40; ++i) {
            std::string text;
            while (text.size() < size) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                text += alphabet[(random >> 33) % alphabet.size()];
            }
            shape.inputs.push_back(members({{"s", quoted(text)}}));
        }
        out.push_back(std::move(shape));
    };
    for (const std::size_t size : {std::size_t{64}, kLong / 4, kLong}) {
        add("pattern-code", "^[A-Z]{2}[0-9]{4}$", "AB01", size);
        add("pattern-mail", "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$", "ab.@", size);
        add("pattern-words", "(foo|bar|baz).*qux", "fobarzqux", size);
        add("pattern-blowup-4", "[ab]*a[ab]{4}c", "ab", size);
        add("pattern-blowup-10", "[ab]*a[ab]{10}c", "ab", size);
        add("pattern-blowup-20", "[ab]*a[ab]{20}c", "ab", size);
        add("pattern-blowup-400", "[ab]*a[ab]{400}c", "ab", size);
        add("pattern-reverse", "^[ab]*a[ab]{12}$", "ab", size);
        add("pattern-optional", "(?:a?){200}a{200}b", "a", size);
        add("pattern-plus", "(?:(?:a+b*)+){100}c", "ab", size);
        add("pattern-unicode", "[\\pL\\pN]*[^a-z]{8}-", "ab1-", size);
        add("pattern-words-i", "(?i)\\bfoo\\b", "fo ", size);
    }
}

}  // namespace

std::vector<Shape> worst_shapes() {
    std::vector<Shape> out;
    add_instructions(out);
    add_strings(out);
    add_formats(out);
    add_times(out);
    add_containers(out);
    add_loops(out);
    add_patterns(out);
    return out;
}

}  // namespace parmana::bench
