#include "generate.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "reference_value.hpp"

namespace parmana::differential {
namespace {

using cel::Type;
using cel::TypeKind;

constexpr std::size_t kDepthMax = 6;

bool is_key_type(const Type& type) {
    return type.is(TypeKind::integer) || type.is(TypeKind::unsigned_integer) || type.is(TypeKind::boolean) ||
           type.is(TypeKind::string);
}

/// K and L are types of keys; S is anything with a zero value that the specification names.
bool may_be(const Type& parameter, const Type& type) {
    if (parameter.name == "K" || parameter.name == "L") return is_key_type(type);
    if (parameter.name == "S")
        return !type.is(TypeKind::optional) && !type.is(TypeKind::type) && !type.is(TypeKind::dyn);
    return true;
}

/// Binds the parameters of `pattern` so that it becomes `type`; false when it cannot.
bool match(const Type& pattern, const Type& type, std::map<std::string, Type>& bindings) {
    if (pattern.is(TypeKind::parameter)) {
        const auto [found, is_new] = bindings.emplace(pattern.name, type);
        return is_new ? may_be(pattern, type) : found->second == type;
    }
    if (pattern.kind != type.kind || pattern.parameters.size() != type.parameters.size()) return false;
    for (std::size_t i = 0; i < pattern.parameters.size(); ++i) {
        if (!match(pattern.parameters[i], type.parameters[i], bindings)) return false;
    }
    return true;
}

/// The rows, parsed once.
struct ParsedRow {
    Type result;
    std::vector<Piece> pieces;
};
const std::vector<ParsedRow>& parsed_rows() {
    static const std::vector<ParsedRow> kRows = [] {
        std::vector<ParsedRow> out;
        for (const Row& row : rows())
            out.push_back({parse_type(row.result), pieces_of(row.pattern)});
        return out;
    }();
    return kRows;
}

// Texts that a conversion reads; those at the end of each have no value.
constexpr std::string_view kIntegerTexts[] = {"0",
                                              "7",
                                              "-5",
                                              "+3",
                                              "123",
                                              "9223372036854775807",
                                              "-9223372036854775808",
                                              "007",
                                              "",
                                              "9223372036854775808",
                                              "1.5",
                                              " 1",
                                              "0x10",
                                              "--1",
                                              "abc"};
constexpr std::string_view kNaturalTexts[] = {
    "0", "7", "123", "18446744073709551615", "007", "", "-5", "18446744073709551616", "1u", "abc"};
constexpr std::string_view kRealTexts[] = {"0",
                                           "1.5",
                                           "-1e10",
                                           "1e-7",
                                           "NaN",
                                           "Infinity",
                                           "-Infinity",
                                           "inf",
                                           "1e400",
                                           "1e-400",
                                           "123456789012345678901234567890",
                                           "0.1",
                                           ".5",
                                           "5.",
                                           "-0",
                                           "4.9e-324",
                                           "",
                                           ".",
                                           "1e",
                                           "1.5x",
                                           " 1",
                                           "e5",
                                           "0x1p3",
                                           "1,5"};
constexpr std::string_view kBoolTexts[] = {"true", "false", "True", "FALSE", "t",   "F",
                                           "1",    "0",     "tRue", "",      "yes", "2"};
constexpr std::string_view kTimestampTexts[] = {"2009-02-13T23:31:30Z",
                                                "2009-02-13T23:31:30.5+02:30",
                                                "1969-12-31T23:59:59.999999999Z",
                                                "2024-02-29T12:00:00-08:00",
                                                "0001-01-01T00:00:00Z",
                                                "9999-12-31T23:59:59.999999999Z",
                                                "2000-01-01T00:00:00.000001Z",
                                                "0001-01-01T00:00:00+00:01",
                                                "9999-12-31T23:59:59-00:01",
                                                "2023-02-29T00:00:00Z",
                                                "2009-13-13T23:31:30Z",
                                                "2009-02-13T24:00:00Z",
                                                "2009-02-13T23:31:30",
                                                "2009-02-13",
                                                "0000-01-01T00:00:00Z",
                                                "10000-01-01T00:00:00Z",
                                                ""};
constexpr std::string_view kDurationTexts[] = {"0",
                                               "1s",
                                               "-1.5s",
                                               "1h2m3s",
                                               "100ms",
                                               "1us",
                                               "-1ns",
                                               "1.5h",
                                               "+3m",
                                               "0.000000001s",
                                               "9223372036.854775807s",
                                               "-9223372036.854775808s",
                                               "1h-1m",
                                               "9223372036.854775808s",
                                               "292y",
                                               "10000000000s",

                                               "",
                                               "1",
                                               "s",
                                               "1d",
                                               "1 s",
                                               "abc",
                                               "."};
constexpr std::string_view kZones[] = {"UTC",    "+02:30", "-08:00", "+14:00",
                                       "-00:30", "02:00",  "+00:00", "Nowhere/City"};
constexpr std::string_view kFormats[] = {"%s", "%d", "%f",   "%e",   "%x",   "%X",   "%o",   "%b",
                                         "",   "%%", "a%sb", "%s%s", "%%%s", "%.0f", "%.3e", "%.20f",
                                         "%",  "%z", "%5d",  "%.f",  "%.3",  "%s %d"};
constexpr std::string_view kPatterns[] = {"",   "a",     "^a",       "c$", "^[0-9]+$", "[0-9]", "^.$",
                                          "^$", "b|l+o", "\xc3\xa9", "(",  "[",        "a**",   "(?=a)"};
constexpr std::string_view kBase64Texts[] = {
    "",     "YQ==", "YWI=", "YWJj", "aGVsbG8gd29ybGQ=", "YQ",      "YWI", "//8=", "+/+/", "Y", "YQ=", "Y===",
    "====", "YW-j", "YW_j", "Y Q=", "YWJjYQ",           "YQ==YQ=="};
bool is_named(std::span<const Variable> variables, std::string_view name) {
    return std::ranges::find(variables, name, &Variable::name) != variables.end();
}

std::string quoted(std::string_view text) {
    return to_source(reference::value_of(std::string(text)));
}

}  // namespace

std::string Generator::program(std::size_t row, Mood mood) {
    scope_.clear();
    names_ = 0;
    const std::size_t depth = random_.percent(60) ? random_.below(3) : random_.below(kDepthMax);
    return instance(row, {}, depth, mood);
}

/// Sometimes that of a variable of the environment, which it then hides.
std::string Generator::fresh_name() {
    if (random_.percent(12)) return random_.pick(variables()).name;
    return "x" + std::to_string(names_++);
}

cel::Type Generator::random_type() {
    static const Type kAny[] = {parse_type("int"),
                                parse_type("int"),
                                parse_type("uint"),
                                parse_type("double"),
                                parse_type("string"),
                                parse_type("string"),
                                parse_type("bytes"),
                                parse_type("bool"),
                                parse_type("timestamp"),
                                parse_type("duration"),
                                parse_type("null"),
                                parse_type("list(int)"),
                                parse_type("list(string)"),
                                parse_type("map(string, int)"),
                                parse_type("map(int, string)"),
                                parse_type("list(list(int))"),
                                parse_type("optional(int)"),
                                parse_type("type"),
                                parse_type("dyn")};
    return random_.pick(kAny);
}

/// `type` with its parameters replaced; those that are still free are chosen.
cel::Type Generator::bound(const Type& type, Bindings& bindings) {
    if (type.is(TypeKind::parameter)) {
        auto found = bindings.find(type.name);
        if (found == bindings.end()) {
            Type chosen = random_type();
            while (!may_be(type, chosen))
                chosen = random_type();
            found = bindings.emplace(type.name, chosen).first;
        }
        return found->second;
    }
    Type out = type;
    for (Type& parameter : out.parameters)
        parameter = bound(parameter, bindings);
    return out;
}

const std::vector<std::size_t>& Generator::rows_for(const Type& type) {
    const auto [found, is_new] = rows_by_type_.try_emplace(to_string(type));
    for (std::size_t i = 0; is_new && i < parsed_rows().size(); ++i) {
        Bindings bindings;
        if (match(parsed_rows()[i].result, type, bindings)) found->second.push_back(i);
    }
    return found->second;
}

std::string Generator::instance(std::size_t row, Bindings bindings, std::size_t depth, Mood mood) {
    const std::vector<Piece>& pieces = parsed_rows()[row].pieces;
    const auto is_hole = [](const Piece& piece) {
        return piece.kind == Piece::Kind::hole && piece.type.name != "field";
    };
    const auto holes = static_cast<std::size_t>(std::ranges::count_if(pieces, is_hole));
    std::size_t until_failing = mood == Mood::failing && holes > 0 ? random_.below(holes) + 1 : 0;
    std::map<std::string, std::string> names;
    std::vector<Variable> declared;
    std::string out;
    for (const Piece& piece : pieces) {
        switch (piece.kind) {
            case Piece::Kind::text:
                out += piece.text;
                break;
            case Piece::Kind::declaration:
                do {
                    names[piece.text] = fresh_name();
                } while (is_named(declared, names[piece.text]));
                declared.push_back({names[piece.text], bound(piece.type, bindings)});
                out += names[piece.text];
                break;
            case Piece::Kind::variable:
                out += names.at(piece.text);
                break;
            case Piece::Kind::hole: {
                if (piece.sees_variables) scope_.insert(scope_.end(), declared.begin(), declared.end());
                const Type type = bound(piece.type, bindings);
                const bool fails = is_hole(piece) && until_failing > 0 && --until_failing == 0;
                out += fails ? failing(type, depth) : expression(type, depth);
                if (piece.sees_variables) scope_.resize(scope_.size() - declared.size());
                break;
            }
        }
    }
    return out;
}

/// Text that stands for one operand, whatever is around it.
std::string Generator::expression(const Type& type, std::size_t depth) {
    if (type.is(TypeKind::opaque)) return special(type, depth);
    const std::size_t roll = random_.below(100);
    if (depth == 0 || roll < 25) return leaf(type);
    if (roll < 28) return "dyn(" + expression(type, depth - 1) + ")";
    if (roll < 29) return "dyn(" + expression(random_type(), depth - 1) + ")";
    if (roll < 30) return failing(type, depth - 1);
    const std::vector<std::size_t>& candidates = rows_for(type);
    if (candidates.empty()) return leaf(type);
    const std::size_t row = candidates[random_.below(candidates.size())];
    Bindings bindings;
    INVARIANT(match(parsed_rows()[row].result, type, bindings));
    return "(" + instance(row, std::move(bindings), depth - 1, Mood::plain) + ")";
}

std::string Generator::global(const std::string& name) const {
    return is_named(scope_, name) ? "(." + name + ")" : name;
}

std::string Generator::leaf(const Type& type) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scope_.size(); ++i) {
        const bool hidden = is_named(std::span(scope_).subspan(i + 1), scope_[i].name);
        if (scope_[i].type == type && !hidden) names.insert(names.end(), 2, scope_[i].name);
    }
    // What a macro hides is reached from the root.
    for (const Variable& variable : variables()) {
        if (variable.type == type) names.push_back(global(variable.name));
    }
    if (random_.percent(2)) return global("dd");
    if (!names.empty() && random_.percent(65)) return names[random_.below(names.size())];
    return literal(type);
}

std::string Generator::literal(const Type& type) {
    if (type.is(TypeKind::type) && random_.percent(40)) return "type(" + leaf(random_type()) + ")";
    if (type.is(TypeKind::dyn))
        return random_.percent(50) ? global("dd") : "dyn(" + leaf(random_type()) + ")";
    if (type.is(TypeKind::optional) && random_.percent(70))
        return "optional.of(" + leaf(type.parameters[0]) + ")";
    if (type.is(TypeKind::optional)) return "optional.none()";
    if (type.is(TypeKind::list)) {
        std::string out = "[";
        for (std::size_t count = random_.percent(10) ? 0 : random_.below(4) + 1; count > 0; --count)
            out += leaf(type.parameters[0]) + (count > 1 ? ", " : "");
        return out + "]";
    }
    const std::string out = to_source(random_value(random_, type));
    return out.starts_with('-') ? "(" + out + ")" : out;
}

/// Kinds of text and number that some rows ask for.
std::string Generator::special(const Type& kind, std::size_t depth) {
    const std::string& name = kind.name;
    if (name == "like") {
        if (random_.percent(85)) return "dyn(" + expression(kind.parameters[0], depth) + ")";
        return expression(parse_type("dyn"), depth);
    }
    if (name == "field") return std::string(1, static_cast<char>('a' + random_.below(3)));
    if (name == "field_text") return "\"" + std::string(1, static_cast<char>('a' + random_.below(3))) + "\"";
    if (name == "index") {
        if (random_.percent(10)) return expression(parse_type("int"), depth);
        if (random_.percent(50)) return std::to_string(random_.below(2));
        return random_.percent(12) ? "(-1)" : std::to_string(random_.below(5));
    }
    if (name == "shift") {
        if (random_.percent(15)) return expression(parse_type("int"), depth);
        return random_.percent(10) ? "(-1)" : std::to_string(random_.below(70));
    }
    if (name == "pattern") return quoted(random_.pick(kPatterns));
    // Any text may stand where one of the following is asked for.
    if (random_.percent(8)) return expression(parse_type("string"), depth);
    if (name == "integer_text")
        return random_.percent(20) ? "string(" + expression(parse_type("int"), depth) + ")"
                                   : quoted(random_.pick(kIntegerTexts));
    if (name == "natural_text") return quoted(random_.pick(kNaturalTexts));
    if (name == "real_text")
        return random_.percent(20) ? "string(" + expression(parse_type("double"), depth) + ")"
                                   : quoted(random_.pick(kRealTexts));
    if (name == "bool_text") return quoted(random_.pick(kBoolTexts));
    if (name == "timestamp_text")
        return random_.percent(20) ? "string(" + expression(parse_type("timestamp"), depth) + ")"
                                   : quoted(random_.pick(kTimestampTexts));
    if (name == "duration_text")
        return random_.percent(20) ? "string(" + expression(parse_type("duration"), depth) + ")"
                                   : quoted(random_.pick(kDurationTexts));
    if (name == "format_text") return quoted(random_.pick(kFormats));
    if (name == "zone") return quoted(random_.pick(kZones));
    INVARIANT(name == "base64_text");
    return random_.percent(20) ? "base64.encode(" + expression(parse_type("bytes"), depth) + ")"
                               : quoted(random_.pick(kBase64Texts));
}

/// An expression of a type that has no value of that type.
std::string Generator::failing(const Type& type, std::size_t depth) {
    const Type inner = type.is(TypeKind::opaque) && type.name == "like" ? type.parameters[0] : type;
    const std::string part = expression(inner, std::min<std::size_t>(depth, 2));
    const std::string name = fresh_name();
    switch (random_.below(8)) {
        case 0:
            return "[" + part + "][" + std::to_string(random_.below(4) + 1) + "]";
        case 1:
            return "{\"k\": " + part + "}[\"z\"]";
        case 2:
            return "{\"k\": " + part + "}.z";
        case 3:
            return "(1 / 0 > 0 ? " + part + " : " + part + ")";
        case 4:
            return "cel.bind(" + name + ", " + part + ", [" + name + "][-1])";
        case 5:
            return "[" + part + "].map(" + name + ", [" + name + "][1])[0]";
        case 6:
            return "[optional.of(" + part + ")].filter(" + name + ", !" + name + ".hasValue())[0].value()";
        default:
            break;
    }
    if (inner.is(TypeKind::dyn)) return "dyn([" + part + "][1])";
    // A value of another kind. Kinds of text are strings.
    Type other = random_type();
    while (other.kind == inner.kind || other.is(TypeKind::dyn) ||
           (inner.is(TypeKind::opaque) && other.is(TypeKind::string))) {
        other = random_type();
    }
    return "dyn(" + literal(other) + ")";
}

}  // namespace parmana::differential
