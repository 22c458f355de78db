#include "rows.hpp"

#include "base/invariant.hpp"
#include "inputs.hpp"

namespace parmana::differential {
namespace {

void add(std::vector<Row>& out, std::string result, std::string pattern) {
    out.push_back({std::move(result), std::move(pattern)});
}

void add_all(std::vector<Row>& out, const std::string& result, std::initializer_list<const char*> patterns) {
    for (const char* pattern : patterns)
        add(out, result, pattern);
}

std::string hole(const std::string& type) {
    return "$(" + type + ")";
}

void add_arithmetic(std::vector<Row>& out) {
    for (const std::string type : {"int", "uint", "double"}) {
        for (const std::string symbol : {"+", "-", "*", "/"})
            add(out, type, hole(type) + " " + symbol + " " + hole(type));
    }
    add_all(out, "int", {"$(int) % $(int)", "-$(int)"});
    add(out, "uint", "$(uint) % $(uint)");
    add(out, "double", "-$(double)");
    add(out, "string", "$(string) + $(string)");
    add(out, "bytes", "$(bytes) + $(bytes)");
    add(out, "list(A)", "$(list(A)) + $(list(A))");
    add_all(out, "timestamp",
            {"$(timestamp) + $(duration)", "$(duration) + $(timestamp)", "$(timestamp) - $(duration)"});
    add_all(out, "duration",
            {"$(duration) + $(duration)", "$(duration) - $(duration)", "$(timestamp) - $(timestamp)"});
    for (const std::string symbol : {"+", "-", "*", "/", "%"})
        add(out, "dyn", "$(like(int)) " + symbol + " $(like(int))");
    add_all(
        out, "dyn",
        {"$(like(double)) - $(like(double))", "$(like(string)) + $(like(string))",
         "$(like(list(A))) + $(like(list(B)))", "$(like(timestamp)) + $(like(duration))", "-$(like(int))"});
}

void add_comparisons(std::vector<Row>& out) {
    add_all(
        out, "bool",
        {"$(A) == $(A)", "$(A) != $(A)", "dyn($(A)) == $(B)", "$(A) != dyn($(B))", "dyn($(int)) == $(double)",
         "$(uint) == dyn($(double))", "dyn($(int)) == $(uint)", "$(list(A)) == $(list(A))",
         "$(map(K, A)) == $(map(K, A))", "$(optional(A)) == $(optional(A))", "$(type) == $(type)"});
    for (const std::string symbol : {"<", "<=", ">", ">="}) {
        for (const std::string type :
             {"int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"})
            add(out, "bool", hole(type) + " " + symbol + " " + hole(type));
        for (const std::string a : {"int", "uint", "double"}) {
            for (const std::string b : {"int", "uint", "double"}) {
                if (a != b) add(out, "bool", hole(a) + " " + symbol + " " + hole(b));
            }
        }
        add(out, "bool", "$(like(int)) " + symbol + " $(like(double))");
        add(out, "bool", "$(like(string)) " + symbol + " $(like(string))");
    }
    add_all(out, "bool",
            {"$(A) in $(list(A))", "$(K) in $(map(K, A))", "dyn($(A)) in $(list(B))",
             "dyn($(A)) in $(map(K, B))", "$(field_text) in $(map(string, A))", "$(A) in $(like(list(A)))"});
}

void add_logic(std::vector<Row>& out) {
    add_all(out, "bool",
            {"$(bool) && $(bool)", "$(bool) || $(bool)", "!$(bool)", "$(like(bool)) && $(bool)",
             "$(bool) || $(like(bool))", "!$(like(bool))", "$(bool) && $(bool) && $(bool)",
             "$(bool) || $(bool) || $(bool) || $(bool)"});
    add_all(out, "A", {"$(bool) ? $(A) : $(A)", "$(like(bool)) ? $(A) : $(A)"});
}

void add_containers(std::vector<Row>& out) {
    add_all(out, "A",
            {"$(list(A))[$(index)]", "$(list(A))[dyn(uint($(index)))]", "$(list(A))[dyn(double($(index)))]",
             "$(map(string, A))[$(field_text)]", "$(map(int, A))[$(index)]",
             "$(map(int, A))[dyn(double($(index)))]", "$(map(uint, A))[dyn($(index))]",
             "$(map(bool, A))[$(bool)]", "$(map(string, A)).$(field)"});
    add_all(out, "dyn",
            {"$(like(list(A)))[$(index)]", "$(like(map(string, A))).$(field)", "$(list(A))[$(like(int))]",
             "$(like(map(int, A)))[$(like(int))]"});
    add_all(out, "bool",
            {"has($(map(string, A)).$(field))", "has($(like(map(string, A))).$(field))",
             "has($(optional(map(string, A))).$(field))",
             "has($(map(string, map(string, A))).?$(field).$(field))"});
    add_all(out, "optional(A)",
            {"$(map(string, A)).?$(field)", "$(map(K, A))[?$(K)]", "$(map(string, A))[?$(field_text)]",
             "$(list(A))[?$(index)]", "$(optional(map(string, A))).$(field)",
             "$(optional(map(string, A))).?$(field)", "$(optional(list(A)))[$(index)]",
             "$(optional(list(A)))[?$(index)]", "$(optional(map(int, A)))[$(index)]"});
    add_all(out, "optional(dyn)", {"$(like(map(string, A))).?$(field)", "$(like(list(A)))[?$(index)]"});
    add_all(out, "list(A)", {"[$(A)]", "[$(A), $(A), $(A)]", "[?$(optional(A)), $(A), ?$(optional(A))]"});
    add_all(out, "list(dyn)", {"[$(A), dyn($(B))]", "[?$(like(optional(A)))]"});
    add_all(out, "map(K, A)",
            {"{$(K): $(A)}", "{$(K): $(A), $(K): $(A)}", "{?$(K): $(optional(A)), $(K): $(A)}"});
    add_all(out, "map(dyn, A)", {"{dyn($(B)): $(A)}", "{dyn($(int)): $(A), dyn($(uint)): $(A)}"});
    add_all(out, "int",
            {"size($(string))", "$(string).size()", "size($(bytes))", "$(bytes).size()", "size($(list(A)))",
             "$(list(A)).size()", "size($(map(K, A)))", "$(map(K, A)).size()", "size($(like(string)))"});
}

void add_conversions(std::vector<Row>& out) {
    const std::pair<std::string, std::vector<std::string>> conversions[] = {
        {"int", {"int", "uint", "double", "integer_text", "timestamp", "like(double)"}},
        {"uint", {"uint", "int", "double", "natural_text", "like(double)"}},
        {"double", {"double", "int", "uint", "real_text", "like(int)"}},
        {"string",
         {"string", "int", "uint", "double", "bytes", "bool", "timestamp", "duration", "like(bytes)"}},
        {"bytes", {"bytes", "string"}},
        {"bool", {"bool", "bool_text"}},
        {"timestamp", {"timestamp", "timestamp_text", "int"}},
        {"duration", {"duration", "duration_text"}}};
    for (const auto& [target, sources] : conversions) {
        for (const std::string& source : sources)
            add(out, target, target + "(" + hole(source) + ")");
    }
    add(out, "dyn", "dyn($(A))");
    add(out, "type", "type($(A))");
}

void add_times(std::vector<Row>& out) {
    for (const std::string name :
         {"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours",
          "getMinutes", "getSeconds", "getMilliseconds"}) {
        add(out, "int", "$(timestamp)." + name + "()");
        add(out, "int", "$(timestamp)." + name + "($(zone))");
    }
    for (const std::string name : {"getHours", "getMinutes", "getSeconds", "getMilliseconds"})
        add(out, "int", "$(duration)." + name + "()");
}

void add_strings(std::vector<Row>& out) {
    add_all(
        out, "bool",
        {"$(string).contains($(string))", "$(string).startsWith($(string))", "$(string).endsWith($(string))",
         "$(string).matches($(pattern))", "matches($(string), $(pattern))"});
    add_all(out, "int",
            {"$(string).indexOf($(string))", "$(string).indexOf($(string), $(index))",
             "$(string).lastIndexOf($(string))", "$(string).lastIndexOf($(string), $(index))"});
    add_all(out, "string",
            {"$(string).charAt($(index))", "$(string).lowerAscii()", "$(string).upperAscii()",
             "$(string).replace($(string), $(string))", "$(string).replace($(string), $(string), $(index))",
             "$(string).substring($(index))", "$(string).substring($(index), $(index))", "$(string).trim()",
             "$(string).reverse()", "$(list(string)).join()", "$(list(string)).join($(string))",
             "strings.quote($(string))"});
    add_all(out, "list(string)", {"$(string).split($(string))", "$(string).split($(string), $(index))"});
    add_all(out, "string",
            {"\"%s\".format([$(A)])", "\"<%s|%s>\".format([$(A), $(B)])", "\"%d%%\".format([$(like(int))])",
             "\"%s\".format($(list(A)))", "$(format_text).format($(list(A)))"});
    const std::pair<std::string, std::vector<std::string>> clauses[] = {
        {"%s", {"double", "bytes", "duration", "timestamp", "list(A)", "map(K, A)"}},
        {"%d", {"int", "uint", "double"}},
        {"%f", {"int", "uint", "double"}},
        {"%.0f", {"double"}},
        {"%.3f", {"double"}},
        {"%e", {"int", "uint", "double"}},
        {"%.2e", {"double"}},
        {"%x", {"int", "uint", "string", "bytes"}},
        {"%X", {"int", "uint", "string", "bytes"}},
        {"%o", {"int", "uint"}},
        {"%b", {"int", "uint", "bool"}}};
    for (const auto& [clause, types] : clauses) {
        for (const std::string& type : types)
            add(out, "string", "\"" + clause + "\".format([" + hole(type) + "])");
    }
}

void add_math(std::vector<Row>& out) {
    for (const std::string name : {"greatest", "least"}) {
        for (const std::string type : {"int", "uint", "double"}) {
            add(out, type, "math." + name + "(" + hole(type) + ")");
            add(out, type, "math." + name + "(" + hole(type) + ", " + hole(type) + ")");
            add(out, type, "math." + name + "(" + hole(type) + ", " + hole(type) + ", " + hole(type) + ")");
            // An empty list would be one of any type; it comes with the last row.
            add(out, type, "math." + name + "([" + hole(type) + "] + " + hole("list(" + type + ")") + ")");
        }
        add(out, "dyn", "math." + name + "($(int), $(uint))");
        add(out, "dyn", "math." + name + "($(double), $(int))");
        add(out, "dyn", "math." + name + "($(int), $(uint), $(double), $(int))");
        add(out, "dyn", "math." + name + "($(like(int)))");
        add(out, "dyn", "math." + name + "($(like(list(int))))");
    }
    add_all(out, "double",
            {"math.ceil($(double))", "math.floor($(double))", "math.round($(double))",
             "math.trunc($(double))", "math.abs($(double))", "math.sign($(double))", "math.sqrt($(double))",
             "math.sqrt($(int))", "math.sqrt($(uint))"});
    add_all(out, "bool", {"math.isNaN($(double))", "math.isInf($(double))", "math.isFinite($(double))"});
    for (const std::string type : {"int", "uint"}) {
        add(out, type, "math.abs(" + hole(type) + ")");
        add(out, type, "math.sign(" + hole(type) + ")");
        add(out, type, "math.bitNot(" + hole(type) + ")");
        for (const std::string name : {"bitAnd", "bitOr", "bitXor"})
            add(out, type, "math." + name + "(" + hole(type) + ", " + hole(type) + ")");
        for (const std::string name : {"bitShiftLeft", "bitShiftRight"})
            add(out, type, "math." + name + "(" + hole(type) + ", $(shift))");
    }
    add(out, "string", "base64.encode($(bytes))");
    add(out, "bytes", "base64.decode($(base64_text))");
}

void add_optionals(std::vector<Row>& out) {
    add_all(out, "optional(A)", {"optional.of($(A))", "$(optional(A)).or($(optional(A)))"});
    add(out, "optional(S)", "optional.ofNonZeroValue($(S))");
    out.push_back({"optional(A)", "optional.none()", false});
    add_all(out, "bool", {"$(optional(A)).hasValue()"});
    add_all(out, "A", {"$(optional(A)).value()", "$(optional(A)).orValue($(A))"});
    add_all(out, "optional(B)",
            {"$(optional(A)).optMap($x:(A), $+(B))", "$(optional(A)).optFlatMap($x:(A), $+(optional(B)))"});
}

void add_macros(std::vector<Row>& out) {
    for (const std::string name : {"all", "exists", "exists_one", "existsOne"}) {
        add(out, "bool", "$(list(A))." + name + "($x:(A), $+(bool))");
        add(out, "bool", "$(map(K, A))." + name + "($x:(K), $+(bool))");
        add(out, "bool", "$(list(A))." + name + "($x:(int), $y:(A), $+(bool))");
        add(out, "bool", "$(map(K, A))." + name + "($x:(K), $y:(A), $+(bool))");
    }
    add_all(
        out, "bool",
        {"$(list(int)).all($x:(int), $(int) / $x > $+(int))",
         "$(list(int)).exists($x:(int), $(int) / $x > $+(int))", "$(like(list(A))).all($x:(dyn), $+(bool))",
         "$(like(map(K, A))).exists($x:(dyn), $y:(dyn), $+(bool))"});
    add_all(out, "list(B)",
            {"$(list(A)).map($x:(A), $+(B))", "$(map(K, A)).map($x:(K), $+(B))",
             "$(list(A)).map($x:(A), $+(bool), $+(B))", "$(map(K, A)).map($x:(K), $+(bool), $+(B))",
             "$(list(A)).transformList($x:(int), $y:(A), $+(B))",
             "$(list(A)).transformList($x:(int), $y:(A), $+(bool), $+(B))",
             "$(map(K, A)).transformList($x:(K), $y:(A), $+(B))",
             "$(map(K, A)).transformList($x:(K), $y:(A), $+(bool), $+(B))",
             "$(like(list(A))).map($x:(dyn), $+(B))"});
    add(out, "list(A)", "$(list(A)).filter($x:(A), $+(bool))");
    add(out, "list(K)", "$(map(K, A)).filter($x:(K), $+(bool))");
    add_all(out, "map(int, B)",
            {"$(list(A)).transformMap($x:(int), $y:(A), $+(B))",
             "$(list(A)).transformMap($x:(int), $y:(A), $+(bool), $+(B))",
             "$(list(A)).transformMapEntry($x:(int), $y:(A), {$x: $+(B)})",
             "$(list(A)).transformMapEntry($x:(int), $y:(A), $+(bool), {$x + $x: $+(B)})"});
    add_all(out, "map(K, B)",
            {"$(map(K, A)).transformMap($x:(K), $y:(A), $+(B))",
             "$(map(K, A)).transformMap($x:(K), $y:(A), $+(bool), $+(B))",
             "$(map(K, A)).transformMapEntry($x:(K), $y:(A), {$x: $+(B)})",
             "$(map(K, A)).transformMapEntry($x:(K), $y:(A), $+(bool), {$x: $+(B)})"});
    add(out, "map(L, B)", "$(list(L)).transformMapEntry($x:(int), $y:(L), {$y: $+(B)})");
    add_all(out, "B", {"cel.bind($x:(A), $(A), $+(B))"});
}

}  // namespace

const std::vector<Row>& rows() {
    static const std::vector<Row> kRows = [] {
        std::vector<Row> out;
        add_arithmetic(out);
        add_comparisons(out);
        add_logic(out);
        add_containers(out);
        add_conversions(out);
        add_times(out);
        add_strings(out);
        add_math(out);
        add_optionals(out);
        add_macros(out);
        return out;
    }();
    return kRows;
}

namespace {

/// The text within the parenthesis at `at`, which is moved behind it.
std::string within_parentheses(const std::string& pattern, std::size_t& at) {
    INVARIANT(pattern[at] == '(');
    const std::size_t from = at + 1;
    int depth = 0;
    do {
        if (pattern[at] == '(') ++depth;
        if (pattern[at] == ')') --depth;
        ++at;
    } while (depth > 0);
    return pattern.substr(from, at - 1 - from);
}

}  // namespace

std::vector<Piece> pieces_of(const std::string& pattern) {
    std::vector<Piece> out;
    std::size_t at = 0;
    while (at < pattern.size()) {
        if (pattern[at] != '$') {
            const std::size_t next = std::min(pattern.find('$', at), pattern.size());
            out.push_back({Piece::Kind::text, pattern.substr(at, next - at), {}});
            at = next;
            continue;
        }
        ++at;
        if (pattern[at] == '(' || pattern[at] == '+') {
            const bool sees = pattern[at] == '+';
            if (sees) ++at;
            out.push_back({Piece::Kind::hole, "", parse_type(within_parentheses(pattern, at)), sees});
            continue;
        }
        const std::string name(1, pattern[at++]);
        if (pattern.compare(at, 2, ":(") == 0) {
            ++at;
            out.push_back({Piece::Kind::declaration, name, parse_type(within_parentheses(pattern, at))});
        } else {
            out.push_back({Piece::Kind::variable, name, {}});
        }
    }
    return out;
}

}  // namespace parmana::differential
