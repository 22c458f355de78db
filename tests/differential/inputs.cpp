#include "inputs.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "base/invariant.hpp"
#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::differential {
namespace {

using cel::Type;
using cel::TypeKind;
using reference::Value;
using reference::value_of;
using reference::Wide;

constexpr std::int64_t kIntegers[] = {INT64_MIN,
                                      INT64_MIN + 1,
                                      INT64_MAX,
                                      INT64_MAX - 1,
                                      -1,
                                      0,
                                      1,
                                      2,
                                      3,
                                      5,
                                      7,
                                      10,
                                      63,
                                      64,
                                      100,
                                      -2,
                                      -10,
                                      1LL << 31,
                                      -(1LL << 31),
                                      3037000500,
                                      (1LL << 53) - 1,
                                      1LL << 53,
                                      (1LL << 53) + 1,
                                      -(1LL << 53) - 1,
                                      253402300799,
                                      -62135596800,
                                      315576000000};
constexpr std::uint64_t kNaturals[] = {0,
                                       1,
                                       2,
                                       3,
                                       10,
                                       63,
                                       64,
                                       100,
                                       UINT64_MAX,
                                       UINT64_MAX - 1,
                                       std::uint64_t{INT64_MAX},
                                       std::uint64_t{1} << 63,
                                       (std::uint64_t{1} << 53) + 1,
                                       std::uint64_t{1} << 32,
                                       4294967295,
                                       (std::uint64_t{1} << 53) - 1};
constexpr double kReals[] = {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             0.5,
                             1.5,
                             2.5,
                             -1.5,
                             2.0,
                             3.0,
                             0.1,
                             3.14159,
                             1e21,
                             1e20,
                             1e-6,
                             1e-7,
                             123456789.125,
                             9007199254740992.0,
                             9007199254740994.0,
                             9223372036854775808.0,
                             -9223372036854775808.0,
                             9223372036854774784.0,
                             18446744073709551616.0,
                             18446744073709549568.0,
                             DBL_MAX,
                             -DBL_MAX,
                             DBL_MIN,
                             5e-324,
                             1e100,
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()};
constexpr std::string_view kStrings[] = {"",
                                         "a",
                                         "b",
                                         "c",
                                         "abc",
                                         "hello",
                                         "hello hello",
                                         "h\xc3\xa9llo",
                                         "\xe6\x97\xa5\xe6\x9c\xac",
                                         "\xf0\x9f\x98\x80",
                                         "\xef\xbf\xbf",
                                         " x ",
                                         "\xc2\xa0y\xe2\x80\x8b",
                                         "ABC",
                                         "aXbXc",
                                         "123",
                                         "-5",
                                         "1.5",
                                         "true",
                                         "\n\t\"\\",
                                         "aaa",
                                         "l"};
constexpr std::string_view kBytes[] = {"",        "a",          "abc",  "\xff\xfe",     "\xc3\xa9",
                                       "\xc3",    "b\xe2\x82z", "\x7f", "\xed\xa0\x80", "hello world",
                                       "\x01\x02"};
constexpr std::string_view kTypeNames[] = {"int",
                                           "uint",
                                           "double",
                                           "string",
                                           "bytes",
                                           "bool",
                                           "list",
                                           "map",
                                           "type",
                                           "null_type",
                                           "google.protobuf.Timestamp",
                                           "google.protobuf.Duration"};
constexpr std::int64_t kMomentSeconds[] = {-62135596800, 253402300799, 0,          -1,         1,
                                           1234567890,   951782400,    1709251199, 1709164800, 4107542399,
                                           1577836799,   -11676096000};
constexpr std::int64_t kSpanSeconds[] = {0,     1,       -1,         60,          3600,       -3600,
                                         86400, 1000000, 9223372036, -9223372036, 4611686019, 123};
constexpr std::int64_t kNanos[] = {0, 0, 0, 500000000, 1, 999999999, 321456789, 120000000};

Value random_integer(Random& random) {
    if (random.percent(40)) return value_of(static_cast<std::int64_t>(random.below(5)));
    if (random.percent(15)) return value_of(static_cast<std::int64_t>(random.bits()));
    return value_of(random.pick(kIntegers));
}

Value random_natural(Random& random) {
    if (random.percent(40)) return value_of(static_cast<std::uint64_t>(random.below(5)));
    if (random.percent(15)) return value_of(random.bits() >> random.below(64));
    return value_of(random.pick(kNaturals));
}

Value random_real(Random& random) {
    if (random.percent(80)) return value_of(random.pick(kReals));
    // Three digits behind the point, or any bits at all.
    if (random.percent(50)) return value_of(static_cast<double>(random.below(2'000'000)) / 1000.0 - 1000.0);
    const std::uint64_t bits = random.bits();
    double real = 0;
    static_assert(sizeof bits == sizeof real);
    std::copy_n(reinterpret_cast<const char*>(&bits), sizeof bits, reinterpret_cast<char*>(&real));
    return value_of(real);
}

Value random_string(Random& random) {
    std::string out(random.pick(kStrings));
    if (random.percent(20)) out += random.pick(kStrings);
    return value_of(out);
}

Value random_timestamp(Random& random) {
    const std::int64_t seconds = random.percent(70)
                                     ? random.pick(kMomentSeconds)
                                     : -62135596800 + static_cast<std::int64_t>(random.bits() % 315537897600);
    return value_of(reference::Timestamp{Wide{seconds} * reference::kNanosPerSecond + random.pick(kNanos)});
}

Value random_duration(Random& random) {
    if (random.percent(10)) return value_of(reference::Duration{static_cast<std::int64_t>(random.bits())});
    const std::int64_t seconds = random.pick(kSpanSeconds);
    const Wide sign = seconds < 0 || (seconds == 0 && random.percent(50)) ? -1 : 1;
    const Wide whole = Wide{seconds} * reference::kNanosPerSecond;
    const Wide nanos = whole + sign * random.pick(kNanos);
    return value_of(reference::Duration{reference::is_duration(nanos) ? nanos : whole});
}

Value random_list(Random& random, const Type& element) {
    reference::Values items;
    for (std::size_t count = random.below(5); items.size() < count;)
        items.push_back(random_value(random, element));
    return reference::list_of(std::move(items));
}

/// One of a few, so that programs find it.
Value random_key(Random& random, const Type& type) {
    const std::size_t number = random.below(3);
    if (random.percent(80)) {
        if (type.is(TypeKind::string)) return value_of(std::string(1, static_cast<char>('a' + number)));
        if (type.is(TypeKind::integer)) return value_of(static_cast<std::int64_t>(number));
        if (type.is(TypeKind::unsigned_integer)) return value_of(static_cast<std::uint64_t>(number));
    }
    return random_value(random, type);
}

Value random_map(Random& random, const Type& type) {
    reference::Entries entries;
    for (std::size_t count = random.below(5); count > 0; --count) {
        const Value key = random_key(random, type.parameters[0]);
        const auto same = [&key](const reference::Entry& entry) { return equal(entry.key, key); };
        if (std::ranges::none_of(entries, same))
            entries.push_back({key, random_value(random, type.parameters[1])});
    }
    return *reference::map_of(std::move(entries));
}

Value random_any(Random& random) {
    static const Type kTypes[] = {
        parse_type("int"),          parse_type("uint"),      parse_type("double"),
        parse_type("string"),       parse_type("bytes"),     parse_type("bool"),
        parse_type("timestamp"),    parse_type("duration"),  parse_type("null"),
        parse_type("list(int)"),    parse_type("list(dyn)"), parse_type("map(string, dyn)"),
        parse_type("map(int, int)")};
    return random_value(random, random.pick(kTypes));
}

}  // namespace

std::span<const Variable> variables() {
    static const Variable kVariables[] = {{"i", parse_type("int")},
                                          {"u", parse_type("uint")},
                                          {"d", parse_type("double")},
                                          {"s", parse_type("string")},
                                          {"y", parse_type("bytes")},
                                          {"b", parse_type("bool")},
                                          {"t", parse_type("timestamp")},
                                          {"p", parse_type("duration")},
                                          {"li", parse_type("list(int)")},
                                          {"ls", parse_type("list(string)")},
                                          {"ms", parse_type("map(string, int)")},
                                          {"mi", parse_type("map(int, string)")},
                                          {"dd", parse_type("dyn")},
                                          {"o", parse_type("optional(int)")},
                                          {"n", parse_type("null")}};
    return kVariables;
}

reference::Variables random_inputs(Random& random) {
    reference::Variables out;
    for (const Variable& variable : variables())
        out.emplace(variable.name, random_value(random, variable.type));
    return out;
}

reference::Value random_value(Random& random, const cel::Type& type) {
    switch (type.kind) {
        case TypeKind::null:
            return value_of(reference::Null{});
        case TypeKind::boolean:
            return value_of(random.percent(50));
        case TypeKind::integer:
            return random_integer(random);
        case TypeKind::unsigned_integer:
            return random_natural(random);
        case TypeKind::real:
            return random_real(random);
        case TypeKind::string:
            return random_string(random);
        case TypeKind::bytes:
            return value_of(reference::Bytes{std::string(random.pick(kBytes))});
        case TypeKind::timestamp:
            return random_timestamp(random);
        case TypeKind::duration:
            return random_duration(random);
        case TypeKind::list:
            return random_list(random, type.parameters[0]);
        case TypeKind::map:
            return random_map(random, type);
        case TypeKind::type:
            return value_of(reference::TypeName{std::string(random.pick(kTypeNames))});
        case TypeKind::optional:
            if (random.percent(35)) return reference::optional_none();
            return reference::optional_of(random_value(random, type.parameters[0]));
        default:
            return random_any(random);
    }
}

cel::Type parse_type(std::string_view text) {
    const std::size_t open = text.find('(');
    const std::string_view word = text.substr(0, open);
    std::vector<Type> parameters;
    if (open != std::string_view::npos) {
        INVARIANT(text.ends_with(')'));
        const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
        std::size_t from = 0;
        int depth = 0;
        for (std::size_t at = 0; at <= inside.size(); ++at) {
            if (at < inside.size() && inside[at] == '(') ++depth;
            if (at < inside.size() && inside[at] == ')') --depth;
            if (at < inside.size() && (inside[at] != ',' || depth > 0)) continue;
            parameters.push_back(parse_type(inside.substr(from, at - from)));
            from = std::min(inside.find_first_not_of(' ', at + 1), inside.size());
        }
    }
    constexpr std::pair<std::string_view, TypeKind> kWords[] = {{"dyn", TypeKind::dyn},
                                                                {"null", TypeKind::null},
                                                                {"bool", TypeKind::boolean},
                                                                {"int", TypeKind::integer},
                                                                {"uint", TypeKind::unsigned_integer},
                                                                {"double", TypeKind::real},
                                                                {"string", TypeKind::string},
                                                                {"bytes", TypeKind::bytes},
                                                                {"timestamp", TypeKind::timestamp},
                                                                {"duration", TypeKind::duration},
                                                                {"list", TypeKind::list},
                                                                {"map", TypeKind::map},
                                                                {"optional", TypeKind::optional},
                                                                {"type", TypeKind::type}};
    for (const auto& [known, kind] : kWords) {
        if (known == word) return {kind, {}, std::move(parameters)};
    }
    const bool is_parameter = word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z';
    return {is_parameter ? TypeKind::parameter : TypeKind::opaque, std::string(word), std::move(parameters)};
}

}  // namespace parmana::differential
