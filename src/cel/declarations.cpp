#include "cel/declarations.hpp"

#include <map>

#include "base/invariant.hpp"

namespace parmana::cel {
namespace {

/// A row of the table: a signature is `(parameters) -> result`, with the receiver in front of a dot.
/// Capital letters are type parameters.
struct Row {
    std::string_view function;
    std::string_view id;
    std::string_view signature;
};

constexpr Row kOperators[] = {
    {"_?_:_", "conditional", "(bool, A, A) -> A"},
    {"_&&_", "logical_and", "(bool, bool) -> bool"},
    {"_||_", "logical_or", "(bool, bool) -> bool"},
    {"!_", "logical_not", "(bool) -> bool"},
    {"@not_strictly_false", "not_strictly_false", "(bool) -> bool"},
    {"_==_", "equals", "(A, A) -> bool"},
    {"_!=_", "not_equals", "(A, A) -> bool"},
    {"_+_", "add_bytes", "(bytes, bytes) -> bytes"},
    {"_+_", "add_double", "(double, double) -> double"},
    {"_+_", "add_duration_duration", "(duration, duration) -> duration"},
    {"_+_", "add_duration_timestamp", "(duration, timestamp) -> timestamp"},
    {"_+_", "add_timestamp_duration", "(timestamp, duration) -> timestamp"},
    {"_+_", "add_int64", "(int, int) -> int"},
    {"_+_", "add_list", "(list(A), list(A)) -> list(A)"},
    {"_+_", "add_string", "(string, string) -> string"},
    {"_+_", "add_uint64", "(uint, uint) -> uint"},
    {"_-_", "subtract_double", "(double, double) -> double"},
    {"_-_", "subtract_duration_duration", "(duration, duration) -> duration"},
    {"_-_", "subtract_int64", "(int, int) -> int"},
    {"_-_", "subtract_timestamp_duration", "(timestamp, duration) -> timestamp"},
    {"_-_", "subtract_timestamp_timestamp", "(timestamp, timestamp) -> duration"},
    {"_-_", "subtract_uint64", "(uint, uint) -> uint"},
    {"_*_", "multiply_double", "(double, double) -> double"},
    {"_*_", "multiply_int64", "(int, int) -> int"},
    {"_*_", "multiply_uint64", "(uint, uint) -> uint"},
    {"_/_", "divide_double", "(double, double) -> double"},
    {"_/_", "divide_int64", "(int, int) -> int"},
    {"_/_", "divide_uint64", "(uint, uint) -> uint"},
    {"_%_", "modulo_int64", "(int, int) -> int"},
    {"_%_", "modulo_uint64", "(uint, uint) -> uint"},
    {"-_", "negate_double", "(double) -> double"},
    {"-_", "negate_int64", "(int) -> int"},
    {"@in", "in_list", "(A, list(A)) -> bool"},
    {"@in", "in_map", "(A, map(A, B)) -> bool"},
    {"_[_]", "index_list", "(list(A), int) -> A"},
    {"_[_]", "index_map", "(map(A, B), A) -> B"},
    {"_[_]", "optional_list_index_int", "(optional_type(list(V)), int) -> optional_type(V)"},
    {"_[_]", "optional_map_index_value", "(optional_type(map(K, V)), K) -> optional_type(V)"},
    {"_[?_]", "list_optindex_optional_int", "(list(V), int) -> optional_type(V)"},
    {"_[?_]", "optional_list_optindex_optional_int", "(optional_type(list(V)), int) -> optional_type(V)"},
    {"_[?_]", "map_optindex_optional_value", "(map(K, V), K) -> optional_type(V)"},
    {"_[?_]", "optional_map_optindex_optional_value", "(optional_type(map(K, V)), K) -> optional_type(V)"},
    {"cel.@mapInsert", "@mapInsert_map_map", "(map(K, V), map(K, V)) -> map(K, V)"},
    {"cel.@mapInsert", "@mapInsert_map_key_value", "(map(K, V), K, V) -> map(K, V)"},
};

constexpr Row kFunctions[] = {
    {"size", "size_bytes", "(bytes) -> int"},
    {"size", "bytes_size", "bytes.() -> int"},
    {"size", "size_list", "(list(A)) -> int"},
    {"size", "list_size", "list(A).() -> int"},
    {"size", "size_map", "(map(A, B)) -> int"},
    {"size", "map_size", "map(A, B).() -> int"},
    {"size", "size_string", "(string) -> int"},
    {"size", "string_size", "string.() -> int"},
    {"type", "type", "(A) -> type(A)"},
    {"dyn", "to_dyn", "(A) -> dyn"},
    {"bool", "bool_to_bool", "(bool) -> bool"},
    {"bool", "string_to_bool", "(string) -> bool"},
    {"bytes", "bytes_to_bytes", "(bytes) -> bytes"},
    {"bytes", "string_to_bytes", "(string) -> bytes"},
    {"double", "double_to_double", "(double) -> double"},
    {"double", "int64_to_double", "(int) -> double"},
    {"double", "string_to_double", "(string) -> double"},
    {"double", "uint64_to_double", "(uint) -> double"},
    {"duration", "duration_to_duration", "(duration) -> duration"},
    {"duration", "string_to_duration", "(string) -> duration"},
    {"int", "int64_to_int64", "(int) -> int"},
    {"int", "double_to_int64", "(double) -> int"},
    {"int", "string_to_int64", "(string) -> int"},
    {"int", "timestamp_to_int64", "(timestamp) -> int"},
    {"int", "uint64_to_int64", "(uint) -> int"},
    {"string", "string_to_string", "(string) -> string"},
    {"string", "bool_to_string", "(bool) -> string"},
    {"string", "bytes_to_string", "(bytes) -> string"},
    {"string", "double_to_string", "(double) -> string"},
    {"string", "duration_to_string", "(duration) -> string"},
    {"string", "int64_to_string", "(int) -> string"},
    {"string", "timestamp_to_string", "(timestamp) -> string"},
    {"string", "uint64_to_string", "(uint) -> string"},
    {"timestamp", "timestamp_to_timestamp", "(timestamp) -> timestamp"},
    {"timestamp", "int64_to_timestamp", "(int) -> timestamp"},
    {"timestamp", "string_to_timestamp", "(string) -> timestamp"},
    {"uint", "uint64_to_uint64", "(uint) -> uint"},
    {"uint", "double_to_uint64", "(double) -> uint"},
    {"uint", "int64_to_uint64", "(int) -> uint"},
    {"uint", "string_to_uint64", "(string) -> uint"},
    {"contains", "contains_string", "string.(string) -> bool"},
    {"endsWith", "ends_with_string", "string.(string) -> bool"},
    {"startsWith", "starts_with_string", "string.(string) -> bool"},
    {"matches", "matches", "(string, string) -> bool"},
    {"matches", "matches_string", "string.(string) -> bool"},
    {"getDate", "timestamp_to_day_of_month_1_based", "timestamp.() -> int"},
    {"getDate", "timestamp_to_day_of_month_1_based_with_tz", "timestamp.(string) -> int"},
    {"getDayOfMonth", "timestamp_to_day_of_month", "timestamp.() -> int"},
    {"getDayOfMonth", "timestamp_to_day_of_month_with_tz", "timestamp.(string) -> int"},
    {"getDayOfWeek", "timestamp_to_day_of_week", "timestamp.() -> int"},
    {"getDayOfWeek", "timestamp_to_day_of_week_with_tz", "timestamp.(string) -> int"},
    {"getDayOfYear", "timestamp_to_day_of_year", "timestamp.() -> int"},
    {"getDayOfYear", "timestamp_to_day_of_year_with_tz", "timestamp.(string) -> int"},
    {"getFullYear", "timestamp_to_year", "timestamp.() -> int"},
    {"getFullYear", "timestamp_to_year_with_tz", "timestamp.(string) -> int"},
    {"getHours", "timestamp_to_hours", "timestamp.() -> int"},
    {"getHours", "timestamp_to_hours_with_tz", "timestamp.(string) -> int"},
    {"getHours", "duration_to_hours", "duration.() -> int"},
    {"getMilliseconds", "timestamp_to_milliseconds", "timestamp.() -> int"},
    {"getMilliseconds", "timestamp_to_milliseconds_with_tz", "timestamp.(string) -> int"},
    {"getMilliseconds", "duration_to_milliseconds", "duration.() -> int"},
    {"getMinutes", "timestamp_to_minutes", "timestamp.() -> int"},
    {"getMinutes", "timestamp_to_minutes_with_tz", "timestamp.(string) -> int"},
    {"getMinutes", "duration_to_minutes", "duration.() -> int"},
    {"getMonth", "timestamp_to_month", "timestamp.() -> int"},
    {"getMonth", "timestamp_to_month_with_tz", "timestamp.(string) -> int"},
    {"getSeconds", "timestamp_to_seconds", "timestamp.() -> int"},
    {"getSeconds", "timestamp_to_seconds_tz", "timestamp.(string) -> int"},
    {"getSeconds", "duration_to_seconds", "duration.() -> int"},
};

constexpr Row kExtensions[] = {
    {"charAt", "string_char_at_int", "string.(int) -> string"},
    {"format", "string_format", "string.(list(dyn)) -> string"},
    {"indexOf", "string_index_of_string", "string.(string) -> int"},
    {"indexOf", "string_index_of_string_int", "string.(string, int) -> int"},
    {"join", "list_join", "list(string).() -> string"},
    {"join", "list_join_string", "list(string).(string) -> string"},
    {"lastIndexOf", "string_last_index_of_string", "string.(string) -> int"},
    {"lastIndexOf", "string_last_index_of_string_int", "string.(string, int) -> int"},
    {"lowerAscii", "string_lower_ascii", "string.() -> string"},
    {"replace", "string_replace_string_string", "string.(string, string) -> string"},
    {"replace", "string_replace_string_string_int", "string.(string, string, int) -> string"},
    {"reverse", "string_reverse", "string.() -> string"},
    {"split", "string_split_string", "string.(string) -> list(string)"},
    {"split", "string_split_string_int", "string.(string, int) -> list(string)"},
    {"strings.quote", "strings_quote", "(string) -> string"},
    {"substring", "string_substring_int", "string.(int) -> string"},
    {"substring", "string_substring_int_int", "string.(int, int) -> string"},
    {"trim", "string_trim", "string.() -> string"},
    {"upperAscii", "string_upper_ascii", "string.() -> string"},
    {"base64.decode", "base64_decode_string", "(string) -> bytes"},
    {"base64.encode", "base64_encode_bytes", "(bytes) -> string"},
    {"math.abs", "math_abs_double", "(double) -> double"},
    {"math.abs", "math_abs_int", "(int) -> int"},
    {"math.abs", "math_abs_uint", "(uint) -> uint"},
    {"math.bitAnd", "math_bitAnd_int_int", "(int, int) -> int"},
    {"math.bitAnd", "math_bitAnd_uint_uint", "(uint, uint) -> uint"},
    {"math.bitNot", "math_bitNot_int_int", "(int) -> int"},
    {"math.bitNot", "math_bitNot_uint_uint", "(uint) -> uint"},
    {"math.bitOr", "math_bitOr_int_int", "(int, int) -> int"},
    {"math.bitOr", "math_bitOr_uint_uint", "(uint, uint) -> uint"},
    {"math.bitShiftLeft", "math_bitShiftLeft_int_int", "(int, int) -> int"},
    {"math.bitShiftLeft", "math_bitShiftLeft_uint_int", "(uint, int) -> uint"},
    {"math.bitShiftRight", "math_bitShiftRight_int_int", "(int, int) -> int"},
    {"math.bitShiftRight", "math_bitShiftRight_uint_int", "(uint, int) -> uint"},
    {"math.bitXor", "math_bitXor_int_int", "(int, int) -> int"},
    {"math.bitXor", "math_bitXor_uint_uint", "(uint, uint) -> uint"},
    {"math.ceil", "math_ceil_double", "(double) -> double"},
    {"math.floor", "math_floor_double", "(double) -> double"},
    {"math.isFinite", "math_isFinite_double", "(double) -> bool"},
    {"math.isInf", "math_isInf_double", "(double) -> bool"},
    {"math.isNaN", "math_isNaN_double", "(double) -> bool"},
    {"math.round", "math_round_double", "(double) -> double"},
    {"math.sign", "math_sign_double", "(double) -> double"},
    {"math.sign", "math_sign_int", "(int) -> int"},
    {"math.sign", "math_sign_uint", "(uint) -> uint"},
    {"math.sqrt", "math_sqrt_double", "(double) -> double"},
    {"math.sqrt", "math_sqrt_int", "(int) -> double"},
    {"math.sqrt", "math_sqrt_uint", "(uint) -> double"},
    {"math.trunc", "math_trunc_double", "(double) -> double"},
    {"optional.none", "optional_none", "() -> optional_type(V)"},
    {"optional.of", "optional_of", "(V) -> optional_type(V)"},
    {"optional.ofNonZeroValue", "optional_ofNonZeroValue", "(V) -> optional_type(V)"},
    {"hasValue", "optional_hasValue", "optional_type(V).() -> bool"},
    {"or", "optional_or_optional", "optional_type(V).(optional_type(V)) -> optional_type(V)"},
    {"orValue", "optional_orValue_value", "optional_type(V).(V) -> V"},
    {"value", "optional_value", "optional_type(V).() -> V"},
};

struct TypeName {
    std::string_view name;
    TypeKind kind;
    std::size_t parameters;
};
constexpr TypeName kTypes[] = {
    {"null_type", TypeKind::null, 0},
    {"bool", TypeKind::boolean, 0},
    {"int", TypeKind::integer, 0},
    {"uint", TypeKind::unsigned_integer, 0},
    {"double", TypeKind::real, 0},
    {"string", TypeKind::string, 0},
    {"bytes", TypeKind::bytes, 0},
    {"list", TypeKind::list, 1},
    {"map", TypeKind::map, 2},
    {"type", TypeKind::type, 0},
    {"optional_type", TypeKind::optional, 0},
    {"google.protobuf.Timestamp", TypeKind::timestamp, 0},
    {"google.protobuf.Duration", TypeKind::duration, 0},
};

/// Reads one signature of the table.
class SignatureReader {
  public:
    explicit SignatureReader(std::string_view text) : text_(text) {}

    Overload read(std::string_view id) {
        Overload out{.id = std::string(id), .parameters = {}, .result = {}};
        if (!text_.starts_with("(")) {
            out.receiver = true;
            out.parameters.push_back(type());
            expect(".");
        }
        expect("(");
        while (!text_.starts_with(")")) {
            out.parameters.push_back(type());
            if (text_.starts_with(", ")) text_.remove_prefix(2);
        }
        expect(") -> ");
        out.result = type();
        INVARIANT(text_.empty());
        return out;
    }

  private:
    void expect(std::string_view symbol) {
        INVARIANT(text_.starts_with(symbol));
        text_.remove_prefix(symbol.size());
    }

    Type type() {
        const std::string_view word = text_.substr(0, text_.find_first_of("(),. "));
        text_.remove_prefix(word.size());
        Type out = named(word);
        if (!out.parameters.empty()) out.parameters.clear();
        // A receiver is followed by `.(`, a parameterized type by `(`.
        if (!word.empty() && text_.starts_with("(")) {
            text_.remove_prefix(1);
            while (!text_.starts_with(")")) {
                out.parameters.push_back(type());
                if (text_.starts_with(", ")) text_.remove_prefix(2);
            }
            text_.remove_prefix(1);
        }
        return out;
    }

    static Type named(std::string_view word) {
        if (word.size() == 1) return parameter(std::string(word));
        if (word == "dyn") return {};
        if (word == "timestamp") return {TypeKind::timestamp, {}, {}};
        if (word == "duration") return {TypeKind::duration, {}, {}};
        const Type out = find_standard_type(word);
        INVARIANT(!out.is(TypeKind::error));
        return out;
    }

    std::string_view text_;
};

using Table = std::map<std::string, FunctionDeclaration, std::less<>>;

void add(Table& table, std::string_view function, Overload overload) {
    FunctionDeclaration& declaration = table[std::string(function)];
    declaration.name = function;
    declaration.overloads.push_back(std::move(overload));
}

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts)
        out += part;
    return out;
}

/// `<` and its kin, over every pair of types that has an order.
void add_orders(Table& table) {
    constexpr std::pair<std::string_view, std::string_view> kRelations[] = {
        {op::kLess, "less"},
        {op::kLessOrEqual, "less_equals"},
        {op::kGreater, "greater"},
        {op::kGreaterOrEqual, "greater_equals"}};
    constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
        {"bool", "(bool, bool) -> bool"},
        {"int64", "(int, int) -> bool"},
        {"int64_double", "(int, double) -> bool"},
        {"int64_uint64", "(int, uint) -> bool"},
        {"uint64", "(uint, uint) -> bool"},
        {"uint64_double", "(uint, double) -> bool"},
        {"uint64_int64", "(uint, int) -> bool"},
        {"double", "(double, double) -> bool"},
        {"double_int64", "(double, int) -> bool"},
        {"double_uint64", "(double, uint) -> bool"},
        {"string", "(string, string) -> bool"},
        {"bytes", "(bytes, bytes) -> bool"},
        {"timestamp", "(timestamp, timestamp) -> bool"},
        {"duration", "(duration, duration) -> bool"}};
    for (const auto& [function, prefix] : kRelations) {
        for (const auto& [suffix, signature] : kPairs)
            add(table, function, SignatureReader(signature).read(joined({prefix, "_", suffix})));
    }
}

/// math.@max and math.@min: one number, two, or a list of them. Two of different types give dyn.
void add_extremes(Table& table) {
    constexpr std::string_view kNumbers[] = {"int", "double", "uint"};
    for (const std::string_view name : {"@max", "@min"}) {
        const auto put = [&](std::string_view suffix, const std::string& signature) {
            add(table, joined({"math.", name}),
                SignatureReader(signature).read(joined({"math_", name, "_", suffix})));
        };
        for (const std::string_view a : kNumbers)
            put(a, joined({"(", a, ") -> ", a}));
        for (const std::string_view a : kNumbers) {
            for (const std::string_view b : kNumbers)
                put(joined({a, "_", b}), joined({"(", a, ", ", b, ") -> ", a == b ? a : "dyn"}));
        }
        for (const std::string_view a : kNumbers)
            put(joined({"list_", a}), joined({"(list(", a, ")) -> ", a}));
    }
}

Table make_table() {
    Table table;
    for (const std::span<const Row> rows :
         {std::span<const Row>(kOperators), std::span<const Row>(kFunctions),
          std::span<const Row>(kExtensions)}) {
        for (const Row& row : rows)
            add(table, row.function, SignatureReader(row.signature).read(row.id));
    }
    add_orders(table);
    add_extremes(table);
    return table;
}

}  // namespace

const FunctionDeclaration* find_standard_function(std::string_view name) {
    static const Table table = make_table();
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

Type find_standard_type(std::string_view name) {
    for (const TypeName& row : kTypes) {
        if (row.name == name) return {row.kind, {}, std::vector<Type>(row.parameters)};
    }
    return {TypeKind::error, {}, {}};
}

}  // namespace parmana::cel
