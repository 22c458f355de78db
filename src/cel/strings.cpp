// The strings extension (cel-go ext/README.md, "Strings"). Positions and lengths are code points.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "cel/builtin.hpp"
#include "cel/search.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

bool are(const Value* arguments, std::initializer_list<Kind> kinds) {
    return std::ranges::all_of(kinds, [&arguments](Kind kind) { return (arguments++)->is(kind); });
}

Value mismatch(Context& context) {
    return context.error(Fault::no_such_overload);
}

Value char_at(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::integer})) return mismatch(context);
    const std::string_view text = arguments[0].view();
    context.pay(price::counted(text.size()));
    const auto at = offset_of_code_point(text, arguments[1].integer);
    if (!at) return context.error(Fault::index_out_of_bounds);
    if (*at == text.size()) return Value::string({});
    return Value::string(text.substr(*at, code_point_bytes(text.substr(*at))));
}

/// Pays for looking for one text in another, and for counting where it was found.
bool pay_for_search(Context& context, std::string_view text, std::string_view wanted) {
    return context.pay(price::searched(text.size() + wanted.size()) + price::counted(text.size()) * 2);
}

Value position(std::string_view text, std::size_t found) {
    if (found == kNowhere) return Value::from(std::int64_t{-1});
    return Value::from(static_cast<std::int64_t>(count_code_points(text.substr(0, found))));
}

Value index_of(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::string})) return mismatch(context);
    const std::string_view text = arguments[0].view(), wanted = arguments[1].view();
    if (!pay_for_search(context, text, wanted)) return context.error(Fault::cost_exceeded);
    return position(text, Searcher(wanted, context.scratch).find(text));
}

Value index_of_from(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::string, Kind::integer})) return mismatch(context);
    const std::string_view text = arguments[0].view(), wanted = arguments[1].view();
    if (!pay_for_search(context, text, wanted)) return context.error(Fault::cost_exceeded);
    const auto from = offset_of_code_point(text, arguments[2].integer);
    if (!from) return context.error(Fault::index_out_of_bounds);
    return position(text, Searcher(wanted, context.scratch).find(text, *from));
}

Value last_index_of(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::string})) return mismatch(context);
    const std::string_view text = arguments[0].view(), wanted = arguments[1].view();
    if (!pay_for_search(context, text, wanted)) return context.error(Fault::cost_exceeded);
    return position(text, find_last(text, wanted, kNowhere, context.scratch));
}

Value last_index_of_from(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::string, Kind::integer})) return mismatch(context);
    const std::string_view text = arguments[0].view(), wanted = arguments[1].view();
    if (!pay_for_search(context, text, wanted)) return context.error(Fault::cost_exceeded);
    const auto from = offset_of_code_point(text, arguments[2].integer);
    if (!from) return context.error(Fault::index_out_of_bounds);
    return position(text, find_last(text, wanted, *from, context.scratch));
}

template <class Change>
Value changed(Context& context, const Value* arguments, Change change) {
    if (!arguments[0].is(Kind::string)) return mismatch(context);
    if (!context.pay(price::changed(arguments[0].extent))) return context.error(Fault::cost_exceeded);
    std::string out(arguments[0].view());
    std::ranges::transform(out, out.begin(), change);
    return context.arena.copy_string(out);
}

Value lower_ascii(Context& context, const Value* arguments) {
    return changed(context, arguments,
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}
Value upper_ascii(Context& context, const Value* arguments) {
    return changed(context, arguments,
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

/// Where the next occurrence begins, at or behind `from`; an empty text stands before each code point and at
/// the end.
std::size_t find_next(const Searcher& searcher, std::string_view text, bool empty, std::size_t from,
                      bool first) {
    if (!empty) return searcher.find(text, from);
    if (first) return 0;
    return from < text.size() ? from + code_point_bytes(text.substr(from)) : kNowhere;
}

Value replace(Context& context, const Value* arguments, std::int64_t limit) {
    if (!are(arguments, {Kind::string, Kind::string, Kind::string})) return mismatch(context);
    const std::string_view text = arguments[0].view(), from = arguments[1].view(), to = arguments[2].view();
    if (!context.pay(price::searched(text.size() + from.size()) + price::copied(text.size())))
        return context.error(Fault::cost_exceeded);
    const Searcher searcher(from, context.scratch);
    std::string out;
    std::size_t copied = 0, at = 0;
    for (std::int64_t count = 0; limit < 0 || count < limit; ++count) {
        at = find_next(searcher, text, from.empty(), from.empty() ? at : copied, count == 0);
        if (at == kNowhere) break;
        if (!context.pay(price::kReplaced + price::copied(to.size())))
            return context.error(Fault::cost_exceeded);
        out += text.substr(copied, at - copied);
        out += to;
        copied = at + from.size();
    }
    out += text.substr(copied);
    return context.arena.copy_string(out);
}

Value replace_all(Context& context, const Value* arguments) {
    return replace(context, arguments, -1);
}
Value replace_some(Context& context, const Value* arguments) {
    return arguments[3].is(Kind::integer) ? replace(context, arguments, arguments[3].integer)
                                          : mismatch(context);
}

Value split(Context& context, const Value* arguments, std::int64_t limit) {
    if (!are(arguments, {Kind::string, Kind::string})) return mismatch(context);
    std::string_view rest = arguments[0].view();
    const std::string_view separator = arguments[1].view();
    std::vector<Value> parts;
    if (limit == 0) return context.arena.make_list(parts);
    if (!context.pay(price::searched(rest.size() + separator.size())))
        return context.error(Fault::cost_exceeded);
    const Searcher searcher(separator, context.scratch);
    while (limit < 0 || std::ssize(parts) < limit - 1) {
        if (!context.pay(price::kPartCut)) return context.error(Fault::cost_exceeded);
        // An empty separator cuts between code points.
        if (separator.empty() && rest.empty()) break;
        std::size_t at = separator.empty() ? code_point_bytes(rest) : searcher.find(rest);
        if (at == kNowhere || (separator.empty() && at == rest.size())) break;
        parts.push_back(Value::string(rest.substr(0, at)));
        rest.remove_prefix(at + separator.size());
    }
    if (!separator.empty() || !rest.empty()) parts.push_back(Value::string(rest));
    return context.arena.make_list(parts);
}

Value split_all(Context& context, const Value* arguments) {
    return split(context, arguments, -1);
}
Value split_some(Context& context, const Value* arguments) {
    return arguments[2].is(Kind::integer) ? split(context, arguments, arguments[2].integer)
                                          : mismatch(context);
}

Value substring_from(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::integer})) return mismatch(context);
    const std::string_view text = arguments[0].view();
    context.pay(price::counted(text.size()));
    const auto from = offset_of_code_point(text, arguments[1].integer);
    return from ? Value::string(text.substr(*from)) : context.error(Fault::index_out_of_bounds);
}

Value substring(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::string, Kind::integer, Kind::integer})) return mismatch(context);
    const std::string_view text = arguments[0].view();
    context.pay(price::counted(text.size()) * 2);
    const auto from = offset_of_code_point(text, arguments[1].integer);
    const auto to = offset_of_code_point(text, arguments[2].integer);
    if (!from || !to) return context.error(Fault::index_out_of_bounds);
    if (*from > *to) return context.error(Fault::invalid_argument);
    return Value::string(text.substr(*from, *to - *from));
}

/// Unicode's White_Space property.
bool is_space(std::uint32_t c) {
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

Value trim(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::string)) return mismatch(context);
    std::string_view text = arguments[0].view();
    context.pay(price::read(2 * text.size()));
    while (!text.empty() && is_space(first_code_point(text)))
        text.remove_prefix(code_point_bytes(text));
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while ((static_cast<unsigned char>(text[last]) & 0xc0) == 0x80)
            --last;
        if (!is_space(first_code_point(text.substr(last)))) break;
        text = text.substr(0, last);
    }
    return Value::string(text);
}

Value join(Context& context, const Value& list, std::string_view separator) {
    std::string out;
    bool first = true;
    for (const Value& item : list.list->view()) {
        if (!item.is(Kind::string)) return mismatch(context);
        if (!context.pay(price::kPartCut + price::copied(separator.size() + item.extent)))
            return context.error(Fault::cost_exceeded);
        if (!first) out += separator;
        out += item.view();
        first = false;
    }
    return context.arena.copy_string(out);
}

Value join_all(Context& context, const Value* arguments) {
    return arguments[0].is(Kind::list) ? join(context, arguments[0], {}) : mismatch(context);
}
Value join_with(Context& context, const Value* arguments) {
    if (!are(arguments, {Kind::list, Kind::string})) return mismatch(context);
    return join(context, arguments[0], arguments[1].view());
}

Value reverse(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::string)) return mismatch(context);
    std::string_view text = arguments[0].view();
    if (!context.pay(price::read(text.size()))) return context.error(Fault::cost_exceeded);
    std::string out(text.size(), '\0');
    std::size_t at = out.size();
    while (!text.empty()) {
        const std::size_t bytes = code_point_bytes(text);
        at -= bytes;
        std::ranges::copy(text.substr(0, bytes), out.begin() + static_cast<std::ptrdiff_t>(at));
        text.remove_prefix(bytes);
    }
    return context.arena.copy_string(out);
}

Value quote(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::string)) return mismatch(context);
    if (!context.pay(price::read(2 * std::uint64_t{arguments[0].extent})))
        return context.error(Fault::cost_exceeded);
    constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view kTo = "abfnrtv\\\"";
    std::string out = "\"";
    for (const char c : arguments[0].view()) {
        const std::size_t escape = kFrom.find(c);
        if (escape != kNowhere) out += '\\';
        out += escape == kNowhere ? c : kTo[escape];
    }
    return context.arena.copy_string(out + '"');
}

constexpr Builtin kBuiltins[] = {
    {"charAt", 2, char_at},
    {"indexOf", 2, index_of},
    {"indexOf", 3, index_of_from},
    {"lastIndexOf", 2, last_index_of},
    {"lastIndexOf", 3, last_index_of_from},
    {"lowerAscii", 1, lower_ascii},
    {"upperAscii", 1, upper_ascii},
    {"replace", 3, replace_all},
    {"replace", 4, replace_some},
    {"split", 2, split_all},
    {"split", 3, split_some},
    {"substring", 2, substring_from},
    {"substring", 3, substring},
    {"trim", 1, trim},
    {"join", 1, join_all},
    {"join", 2, join_with},
    {"reverse", 1, reverse},
    {"strings.quote", 1, quote},
    {"format", 2, format_text},
};

}  // namespace

std::span<const Builtin> text_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
