// Functions of strings, by code point.
#include <algorithm>
#include <array>

#include "base/invariant.hpp"
#include "reference_functions.hpp"
#include "reference_text.hpp"

namespace parmana::reference {
namespace {

using Text = std::u32string;

/// An argument that is a string, as code points.
std::optional<Text> text_at(const Values& arguments, std::size_t at) {
    const auto* text = arguments[at].as<std::string>();
    if (text == nullptr) return std::nullopt;
    return code_points(*text);
}

Outcome text_outcome(const Text& text) {
    return value_of(encode(text));
}

Outcome position(std::size_t at) {
    return value_of(at == Text::npos ? std::int64_t{-1} : static_cast<std::int64_t>(at));
}

Outcome contains(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto part = text_at(arguments, 1);
    if (!text || !part) return no_overload();
    return value_of(text->find(*part) != Text::npos);
}

Outcome starts_with(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto part = text_at(arguments, 1);
    if (!text || !part) return no_overload();
    return value_of(text->starts_with(*part));
}

Outcome ends_with(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto part = text_at(arguments, 1);
    if (!text || !part) return no_overload();
    return value_of(text->ends_with(*part));
}

bool is_ascii_digit(char32_t c) {
    return c >= U'0' && c <= U'9';
}

/// The patterns that the generator writes, each with what it means.
struct Pattern {
    std::string_view text;
    bool (*matches)(const Text& text);  // null when the pattern is not valid
};
constexpr std::array<Pattern, 14> kPatterns = {{
    {"", [](const Text&) { return true; }},
    {"a", [](const Text& text) { return text.find(U'a') != Text::npos; }},
    {"^a", [](const Text& text) { return text.starts_with(U'a'); }},
    {"c$", [](const Text& text) { return text.ends_with(U'c'); }},
    {"^[0-9]+$", [](const Text& text) { return !text.empty() && std::ranges::all_of(text, is_ascii_digit); }},
    {"[0-9]", [](const Text& text) { return std::ranges::any_of(text, is_ascii_digit); }},
    {"^.$", [](const Text& text) { return text.size() == 1 && text[0] != U'\n'; }},
    {"^$", [](const Text& text) { return text.empty(); }},
    {"b|l+o",
     [](const Text& text) { return text.find(U'b') != Text::npos || text.find(U"lo") != Text::npos; }},
    {"\xc3\xa9", [](const Text& text) { return text.find(U'\u00e9') != Text::npos; }},
    {"(", nullptr},
    {"[", nullptr},
    {"a**", nullptr},
    {"(?=a)", nullptr},
}};

Outcome matches(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto* pattern = arguments[1].as<std::string>();
    if (!text || pattern == nullptr) return no_overload();
    const auto* found = std::ranges::find(kPatterns, std::string_view(*pattern), &Pattern::text);
    INVARIANT(found != kPatterns.end());
    if (found->matches == nullptr) return failed(Fault::invalid_pattern);
    return value_of(found->matches(*text));
}

Outcome char_at(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto* index = arguments[1].as<std::int64_t>();
    if (!text || index == nullptr) return no_overload();
    const auto size = static_cast<std::int64_t>(text->size());
    if (*index < 0 || *index > size) return failed(Fault::index_out_of_bounds);
    return text_outcome(*index == size ? Text() : text->substr(static_cast<std::size_t>(*index), 1));
}

Outcome index_of(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto part = text_at(arguments, 1);
    if (!text || !part) return no_overload();
    if (arguments.size() == 2) return position(text->find(*part));
    const auto* from = arguments[2].as<std::int64_t>();
    if (from == nullptr) return no_overload();
    if (*from < 0 || *from > static_cast<std::int64_t>(text->size()))
        return failed(Fault::index_out_of_bounds);
    return position(text->find(*part, static_cast<std::size_t>(*from)));
}

Outcome last_index_of(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto part = text_at(arguments, 1);
    if (!text || !part) return no_overload();
    if (arguments.size() == 2) return position(text->rfind(*part));
    const auto* from = arguments[2].as<std::int64_t>();
    if (from == nullptr) return no_overload();
    if (*from < 0 || *from > static_cast<std::int64_t>(text->size()))
        return failed(Fault::index_out_of_bounds);
    return position(text->rfind(*part, static_cast<std::size_t>(*from)));
}

Outcome mapped(const Values& arguments, char32_t (*function)(char32_t)) {
    auto text = text_at(arguments, 0);
    if (!text) return no_overload();
    for (char32_t& c : *text)
        c = function(c);
    return text_outcome(*text);
}

Outcome lower_ascii(const Values& arguments) {
    return mapped(arguments, [](char32_t c) -> char32_t { return c >= U'A' && c <= U'Z' ? c + 32 : c; });
}
Outcome upper_ascii(const Values& arguments) {
    return mapped(arguments, [](char32_t c) -> char32_t { return c >= U'a' && c <= U'z' ? c - 32 : c; });
}

/// The parts between separators, at most `limit` of them when it is not negative. An empty separator stands
/// between all characters; in an empty text there are none.
std::vector<Text> cut(Text text, const Text& separator, std::int64_t limit) {
    std::vector<Text> parts;
    if (limit == 0 || (separator.empty() && text.empty())) return parts;
    while (limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit) {
        const std::size_t at = separator.empty() ? 1 : text.find(separator);
        if (at == Text::npos || (separator.empty() && text.size() <= 1)) break;
        parts.push_back(text.substr(0, at));
        text = text.substr(at + separator.size());
    }
    parts.push_back(text);
    return parts;
}

Outcome split(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto separator = text_at(arguments, 1);
    if (!text || !separator) return no_overload();
    std::int64_t limit = -1;
    if (arguments.size() == 3) {
        const auto* given = arguments[2].as<std::int64_t>();
        if (given == nullptr) return no_overload();
        limit = *given;
    }
    Values parts;
    for (const Text& part : cut(*text, *separator, limit))
        parts.push_back(value_of(encode(part)));
    return list_of(std::move(parts));
}

/// An empty `from` stands before each character and at the end.
Text replaced(const Text& text, const Text& from, const Text& to, std::int64_t limit) {
    Text out;
    std::size_t at = 0;
    std::int64_t count = 0;
    while (at <= text.size()) {
        const bool here = (limit < 0 || count < limit) && text.compare(at, from.size(), from) == 0;
        if (here) {
            out += to;
            ++count;
            at += from.size();
        }
        if (!here || from.empty()) {
            if (at < text.size()) out += text[at];
            ++at;
        }
    }
    return out;
}

Outcome replace(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto from = text_at(arguments, 1);
    const auto to = text_at(arguments, 2);
    if (!text || !from || !to) return no_overload();
    std::int64_t limit = -1;
    if (arguments.size() == 4) {
        const auto* given = arguments[3].as<std::int64_t>();
        if (given == nullptr) return no_overload();
        limit = *given;
    }
    return text_outcome(replaced(*text, *from, *to, limit));
}

Outcome substring(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    const auto* from = arguments[1].as<std::int64_t>();
    if (!text || from == nullptr) return no_overload();
    const auto size = static_cast<std::int64_t>(text->size());
    std::int64_t to = size;
    if (arguments.size() == 3) {
        const auto* given = arguments[2].as<std::int64_t>();
        if (given == nullptr) return no_overload();
        to = *given;
    }
    if (*from < 0 || *from > size || to < 0 || to > size) return failed(Fault::index_out_of_bounds);
    if (*from > to) return failed(Fault::invalid_argument);
    return text_outcome(text->substr(static_cast<std::size_t>(*from), static_cast<std::size_t>(to - *from)));
}

/// White_Space of the Unicode character database.
bool is_white(char32_t c) {
    if ((c >= 0x09 && c <= 0x0d) || (c >= 0x2000 && c <= 0x200a)) return true;
    for (const char32_t one : {0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000}) {
        if (c == one) return true;
    }
    return false;
}

Outcome trim(const Values& arguments) {
    auto text = text_at(arguments, 0);
    if (!text) return no_overload();
    while (!text->empty() && is_white(text->back()))
        text->pop_back();
    while (!text->empty() && is_white(text->front()))
        text->erase(0, 1);
    return text_outcome(*text);
}

Outcome reverse(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    if (!text) return no_overload();
    return text_outcome(Text(text->rbegin(), text->rend()));
}

Outcome join(const Values& arguments) {
    const auto* list = arguments[0].as<List>();
    if (list == nullptr) return no_overload();
    std::string separator;
    if (arguments.size() == 2) {
        const auto* given = arguments[1].as<std::string>();
        if (given == nullptr) return no_overload();
        separator = *given;
    }
    std::string out;
    for (std::size_t i = 0; i < list->items->size(); ++i) {
        const auto* part = (*list->items)[i].as<std::string>();
        if (part == nullptr) return no_overload();
        out += (i > 0 ? separator : "") + *part;
    }
    return value_of(out);
}

Outcome quote(const Values& arguments) {
    const auto text = text_at(arguments, 0);
    if (!text) return no_overload();
    constexpr std::u32string_view kFrom = U"\a\b\f\n\r\t\v\\\"";
    constexpr std::u32string_view kTo = U"abfnrtv\\\"";
    Text out = U"\"";
    for (const char32_t c : *text) {
        const std::size_t escape = kFrom.find(c);
        if (escape != std::u32string_view::npos) {
            out += {U'\\', kTo[escape]};
        } else {
            out += c;
        }
    }
    return text_outcome(out + U"\"");
}

Outcome format_string(const Values& arguments) {
    const auto* text = arguments[0].as<std::string>();
    const auto* list = arguments[1].as<List>();
    if (text == nullptr || list == nullptr) return no_overload();
    return format(*text, *list->items);
}

}  // namespace

void add_strings(Functions& functions) {
    functions[".contains/2"] = contains;
    functions[".startsWith/2"] = starts_with;
    functions[".endsWith/2"] = ends_with;
    functions[".matches/2"] = matches;
    functions["matches/2"] = matches;
    functions[".charAt/2"] = char_at;
    functions[".indexOf/2"] = index_of;
    functions[".indexOf/3"] = index_of;
    functions[".lastIndexOf/2"] = last_index_of;
    functions[".lastIndexOf/3"] = last_index_of;
    functions[".lowerAscii/1"] = lower_ascii;
    functions[".upperAscii/1"] = upper_ascii;
    functions[".replace/3"] = replace;
    functions[".replace/4"] = replace;
    functions[".split/2"] = split;
    functions[".split/3"] = split;
    functions[".substring/2"] = substring;
    functions[".substring/3"] = substring;
    functions[".trim/1"] = trim;
    functions[".reverse/1"] = reverse;
    functions[".join/1"] = join;
    functions[".join/2"] = join;
    functions[".format/2"] = format_string;
    functions["strings.quote/1"] = quote;
}

}  // namespace parmana::reference
