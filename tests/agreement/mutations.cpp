#include "agreement/mutations.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "json/json.hpp"

namespace parmana::agreement {
namespace {

using differential::Random;
using Tree = nlohmann::json;
using Text = std::optional<std::string>;

// --- The bytes of the file.

std::vector<std::size_t> places_of(const std::string& text, std::string_view what) {
    std::vector<std::size_t> out;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        out.push_back(at);
    return out;
}

/// Puts `with` over one of the places of `what`.
Text replace_one(const std::string& text, std::string_view what, std::string_view with, Random& random) {
    const auto places = places_of(text, what);
    if (places.empty()) return std::nullopt;
    std::string out = text;
    out.replace(places[random.below(places.size())], what.size(), with);
    return out;
}

Text flip_a_bit(const std::string& text, const std::string&, Random& random) {
    std::string out = text;
    char& byte = out[random.below(out.size())];
    byte = static_cast<char>(byte ^ 1 << random.below(8));
    return out;
}

Text drop_a_byte(const std::string& text, const std::string&, Random& random) {
    std::string out = text;
    out.erase(random.below(out.size()), 1);
    return out;
}

Text double_a_byte(const std::string& text, const std::string&, Random& random) {
    std::string out = text;
    const std::size_t at = random.below(out.size());
    out.insert(at, 1, out[at]);
    return out;
}

Text white_space(const std::string& text, const std::string&, Random& random) {
    constexpr std::string_view kWhere[] = {"{", "}", "[", "]", ",", ":"};
    constexpr std::string_view kSpaces[] = {" ", "\n", "\t", "\r\n", "\xc2\xa0", "\v"};
    const std::string_view where = random.pick(kWhere);
    return replace_one(text, where, std::string(where) + std::string(random.pick(kSpaces)), random);
}

Text around_the_file(const std::string& text, const std::string&, Random& random) {
    constexpr std::string_view kBefore[] = {"\xef\xbb\xbf", " ", "\n", "[", ""};
    constexpr std::string_view kBehind[] = {"\n", " ", "]", "{}", std::string_view("\0", 1)};
    return std::string(random.pick(kBefore)) + text + std::string(random.pick(kBehind));
}

Text cut_off(const std::string& text, const std::string&, Random& random) {
    return text.substr(0, random.below(text.size()));
}

Text duplicate_member(const std::string& text, const std::string&, Random& random) {
    constexpr std::string_view kNames[] = {"format", "record",     "envelope", "group",    "payload",
                                           "hashes", "logIndex",   "signals",  "decision", "keyid",
                                           "sig",    "checkpoint", "files",    "note"};
    const std::string name = "\"" + std::string(random.pick(kNames)) + "\":";
    constexpr std::string_view kValues[] = {"null", "\"\"", "0", "{}", "[]"};
    return replace_one(text, name, name + std::string(random.pick(kValues)) + "," + name, random);
}

Text another_spelling(const std::string& text, const std::string&, Random& random) {
    constexpr std::array<std::string_view, 2> kSpellings[] = {
        {"/", "\\/"},         {"o", "\\u006f"},   {"\"a", "\"\\u0061"},
        {"=", "\\u003D"},     {":1,", ":1.0,"},   {":1,", ":1e0,"},
        {":0,", ":-0,"},      {"\\n", "\\u000a"}, {"\xe2\x80\x94", "\\u2014"},
        {"e\"", "\\u0065\""},
    };
    const auto& [from, to] = random.pick(kSpellings);
    return replace_one(text, from, to, random);
}

Text not_i_json(const std::string& text, const std::string&, Random& random) {
    constexpr std::string_view kInserted[] = {"\\ud800",          "\\udc00\\ud800", "\xff",
                                              "\xed\xa0\x80",     "\xc0\xaf",       "\x01",
                                              "\xf4\x90\x80\x80", "\xe2\x80"};
    return replace_one(text, "\":\"", "\":\"" + std::string(random.pick(kInserted)), random);
}

Text numbers_too_large(const std::string& text, const std::string&, Random& random) {
    constexpr std::string_view kNumbers[] = {
        "9007199254740993", "1e999", "-9007199254740992", "1e20", "00", "1e-999"};
    const auto places = places_of(text, "Index\":");
    if (places.empty()) return std::nullopt;
    std::string out = text;
    const std::size_t from = places[0] + 7, to = out.find(',', from);
    return out.replace(from, to - from, random.pick(kNumbers));
}

// --- The values of the file, written canonically again.

std::string written(const Tree& tree) {
    // Lone surrogates do not come out of our own reader, so dump does not throw.
    return json::canonical(json::parse(tree.dump()).value().root());
}

using Pointer = Tree::json_pointer;

/// The places of all values for which `wanted` holds.
template <class Predicate>
std::vector<Pointer> find(const Tree& tree, Predicate wanted) {
    std::vector<Pointer> out;
    const Tree flat = tree.flatten();
    for (const auto& [path, value] : flat.items()) {
        Pointer at(path);
        if (wanted(tree[at])) out.push_back(at);
        // Containers are not in the flat form: each is met above its first leaf.
        for (; !at.empty(); at.pop_back()) {
            const Pointer above = at.parent_pointer();
            const Tree& container = tree[above];
            const std::string first = container.is_array() ? "0" : container.begin().key();
            if (at.back() != first) break;
            if (wanted(container)) out.push_back(above);
        }
    }
    return out;
}

template <class Predicate>
std::optional<Pointer> pick(const Tree& tree, Predicate wanted, Random& random) {
    const auto all = find(tree, wanted);
    if (all.empty()) return std::nullopt;
    return all[random.below(all.size())];
}

/// Cosignatures of witnesses may be missing and others' may be added: a file with other ones is a good file.
bool is_of_witnesses(const Pointer& at) {
    const std::string path = at.to_string();
    return path == "/checkpoint" || path == "/previousCheckpoint/note" || path == "/previousCheckpoint" ||
           path.empty();
}

Text alter_text(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(
        tree, [](const Tree& v) { return v.is_string() && !v.get_ref<const std::string&>().empty(); },
        random);
    if (!at) return std::nullopt;
    auto& value = tree[*at].get_ref<std::string&>();
    constexpr std::string_view kAlphabet = "0123456789abcdefABCDEFwxyzWXYZ+/=. ";
    const std::size_t where = random.below(value.size());
    if (static_cast<unsigned char>(value[where]) >= 0x80) return std::nullopt;
    value[where] = kAlphabet[random.below(kAlphabet.size())];
    return written(tree);
}

Text alter_number(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(tree, [](const Tree& v) { return v.is_number_integer(); }, random);
    if (!at) return std::nullopt;
    constexpr std::int64_t kNumbers[] = {-1, 0, 1, 2, 3, 9007199254740991, -9007199254740991};
    const auto old = tree[*at].get<std::int64_t>();
    tree[*at] = random.percent(50) ? std::clamp(old + random.pick({-1, 1}), kNumbers[6], kNumbers[5])
                                   : random.pick(kNumbers);
    return written(tree);
}

Text another_type(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(tree, [](const Tree&) { return true; }, random);
    const Tree kValues[] = {nullptr, true, false, 0, 1, "", "0", Tree::array(), Tree::object()};
    tree[*at] = random.pick(kValues);
    return written(tree);
}

Text drop_a_member(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(tree, [](const Tree& v) { return v.is_structured() && !v.empty(); }, random);
    Tree& container = tree[*at];
    const auto victim =
        std::next(container.begin(), static_cast<std::ptrdiff_t>(random.below(container.size())));
    container.erase(victim);
    return written(tree);
}

Text add_a_member(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(tree, [](const Tree& v) { return v.is_structured(); }, random);
    Tree& container = tree[*at];
    constexpr const char* kNames[] = {"",       "more",      "envelope",   "group",
                                      "action", "__proto__", "signatures", "constructor"};
    const std::string name = random.pick(kNames);
    if (container.is_array()) {
        container.insert(container.begin(), container.empty() ? Tree(name) : Tree(container.back()));
    } else {
        if (container.contains(name)) return std::nullopt;
        container[name] = random.percent(50) ? Tree(nullptr) : Tree(name);
    }
    return written(tree);
}

Text reverse_an_array(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto at = pick(tree, [](const Tree& v) { return v.is_array() && v.size() > 1; }, random);
    if (!at) return std::nullopt;
    std::reverse(tree[*at].begin(), tree[*at].end());
    return written(tree);
}

Text swap_two_values(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    const auto type = random.percent(80) ? Tree::value_t::string : Tree::value_t::number_unsigned;
    const auto of_type = [type](const Tree& v) { return v.type() == type; };
    const auto one = pick(tree, of_type, random), two = pick(tree, of_type, random);
    if (!one || !two) return std::nullopt;
    std::swap(tree[*one], tree[*two]);
    return written(tree);
}

Text value_of_another_file(const std::string& text, const std::string& other, Random& random) {
    Tree tree = Tree::parse(text);
    const Tree source = Tree::parse(other);
    const auto at = pick(tree, [](const Tree&) { return true; }, random);
    if (is_of_witnesses(*at) || !source.contains(*at)) return std::nullopt;
    tree[*at] = source[*at];
    return written(tree);
}

Text part_of_another_file(const std::string& text, const std::string& other, Random& random) {
    constexpr const char* kParts[] = {"/record",
                                      "/policy",
                                      "/envelope",
                                      "/group",
                                      "/group/envelope",
                                      "/group/payload",
                                      "/inclusionProof",
                                      "/inclusionProof/hashes",
                                      "/checkpoint",
                                      "/record/signals",
                                      "/previousCheckpoint/consistency",
                                      "/policy/envelope",
                                      "/policy/files"};
    Tree tree = Tree::parse(text);
    const Tree source = Tree::parse(other);
    const Pointer at(random.pick(kParts));
    if (!tree.contains(at) || !source.contains(at)) return std::nullopt;
    tree[at] = source[at];
    return written(tree);
}

Text another_format(const std::string& text, const std::string&, Random& random) {
    constexpr const char* kFormats[] = {"parmana-evidence/1",  "parmana-evidence/2", "parmana-evidence/3",
                                        "parmana-evidence/01", "parmana-bundle/2",   ""};
    Tree tree = Tree::parse(text);
    if (!tree.contains("format")) return std::nullopt;
    tree["format"] = random.pick(kFormats);
    return written(tree);
}

Text another_kind(const std::string& text, const std::string&, Random&) {
    Tree tree = Tree::parse(text);
    if (tree.contains("group")) {
        tree["envelope"] = tree["group"]["envelope"];
        tree["envelope"]["payload"] = tree["group"]["payload"];
        tree.erase("group");
    } else {
        if (!tree.contains("previousCheckpoint")) return std::nullopt;
        tree["group"] = {{"envelope", tree["envelope"]},
                         {"hashes", Tree::array()},
                         {"payload", tree["envelope"]["payload"]}};
        tree.erase("envelope");
    }
    return written(tree);
}

/// The lines of the log in a head: dropped, doubled, in another order, or in the other head.
Text lines_of_the_log(const std::string& text, const std::string&, Random& random) {
    Tree tree = Tree::parse(text);
    if (!tree.contains("previousCheckpoint")) return std::nullopt;
    const Pointer places[] = {Pointer("/checkpoint"), Pointer("/previousCheckpoint/note")};
    const std::size_t which = random.below(2);
    const auto split = [&tree](const Pointer& at) {
        const auto note = tree[at].get<std::string>();
        const std::size_t below = note.find("\n\n") + 2;
        std::vector<std::string> lines = {note.substr(0, below)};
        for (std::size_t from = below; from < note.size();) {
            const std::size_t end = note.find('\n', from) + 1;
            lines.push_back(note.substr(from, end - from));
            from = end;
        }
        return lines;
    };
    auto lines = split(places[which]);
    const auto others = split(places[1 - which]);
    const std::size_t one = 1 + random.below(2);
    switch (random.below(5)) {
        case 0:
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(one));
            break;
        case 1:
            lines.insert(lines.begin() + 1, lines[one]);
            break;
        case 2:
            std::swap(lines[1], lines[2]);
            break;
        case 3:
            lines[one] = others[one];
            break;
        default:
            lines.push_back(lines[one]);
    }
    std::string note;
    for (const std::string& line : lines)
        note += line;
    tree[places[which]] = note;
    return written(tree);
}

Text heads_swapped(const std::string& text, const std::string&, Random&) {
    Tree tree = Tree::parse(text);
    if (!tree.contains("previousCheckpoint")) return std::nullopt;
    std::swap(tree["checkpoint"], tree["previousCheckpoint"]["note"]);
    return written(tree);
}

Text base64_not_canonical(const std::string& text, const std::string&, Random& random) {
    constexpr std::array<std::string_view, 2> kSpellings[] = {
        {"=\"", "\""}, {"==\"", "=\""}, {"=\"", "==\""},   {"A=\"", "B=\""},
        {"+", "-"},    {"/", "_"},      {"=\"", "=\\n\""},
    };
    const auto& [from, to] = random.pick(kSpellings);
    return replace_one(text, from, to, random);
}

const std::array kMutations = {
    Mutation{"bit flipped", flip_a_bit},
    Mutation{"byte dropped", drop_a_byte},
    Mutation{"byte doubled", double_a_byte},
    Mutation{"white space", white_space},
    Mutation{"around the file", around_the_file},
    Mutation{"cut off", cut_off},
    Mutation{"duplicate member", duplicate_member},
    Mutation{"another spelling", another_spelling},
    Mutation{"not I-JSON", not_i_json},
    Mutation{"number too large", numbers_too_large},
    Mutation{"text altered", alter_text},
    Mutation{"number altered", alter_number},
    Mutation{"another type", another_type},
    Mutation{"member dropped", drop_a_member},
    Mutation{"member added", add_a_member},
    Mutation{"array reversed", reverse_an_array},
    Mutation{"two values swapped", swap_two_values},
    Mutation{"value of another file", value_of_another_file},
    Mutation{"part of another file", part_of_another_file},
    Mutation{"another format", another_format},
    Mutation{"another kind", another_kind},
    Mutation{"lines of the log", lines_of_the_log},
    Mutation{"heads swapped", heads_swapped},
    Mutation{"base64 not canonical", base64_not_canonical},
};

}  // namespace

std::span<const Mutation> mutations() {
    return kMutations;
}

}  // namespace parmana::agreement
