// position_of against positions that were written down while the source was written: no part of the reader is
// used to say what is expected.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "yaml/yaml.hpp"

namespace parmana::yaml {
namespace {

/// A source that grows, the text that its scalar means, and where each byte of that comes from.
class Draft {
  public:
    std::string source;
    std::string text;
    std::vector<Position> places;
    std::string line_break = "\n";

    Position here() const { return here_; }

    /// Writes something that is no part of the text.
    void write(std::string_view spelling) {
        for (const char c : spelling) {
            if (c == '\n') {
                source += line_break;
                here_ = {here_.line + 1, 1};
            } else {
                source += c;
                here_.column += (c & 0xc0) == 0x80 ? 0 : 1;
            }
        }
    }
    /// Writes `spelling`, which means `decoded`, one character.
    void write(std::string_view spelling, std::string_view decoded) {
        text += decoded;
        places.insert(places.end(), decoded.size(), here_);
        write(spelling);
    }

  private:
    Position here_{1, 1};
};

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool one_in(std::size_t times) { return below(times) == 0; }

    void plain(Draft& draft, std::size_t indent);
    void single_quoted(Draft& draft, std::size_t indent);
    void double_quoted(Draft& draft, std::size_t indent);
    /// The content is indented by `outer` and more; the scalar ends the source.
    void block(Draft& draft, std::size_t outer, bool folded);

  private:
    std::string letter();
    std::string spaces(std::size_t least, std::size_t most);
    void word(Draft& draft);
    void gap(Draft& draft);
    void fold(Draft& draft, std::size_t indent, bool escaped);
    void escape(Draft& draft);

    std::mt19937_64 random_;
};

std::string Generator::letter() {
    static const std::vector<std::string> kLetters = {"a", "b", "0",  "(",  "=", "<",
                                                      "_", "é", "日", "😂", ".", "|"};
    return kLetters[below(kLetters.size())];
}

std::string Generator::spaces(std::size_t least, std::size_t most) {
    return std::string(least + below(most - least + 1), ' ');
}

void Generator::word(Draft& draft) {
    for (std::size_t i = 1 + below(4); i > 0; --i) {
        const std::string character = i == 1 ? "w" : letter();
        draft.write(character, character);
    }
}

void Generator::gap(Draft& draft) {
    for (std::size_t i = 1 + below(3); i > 0; --i) {
        const char* const blank = one_in(4) ? "\t" : " ";
        draft.write(blank, blank);
    }
}

// One or more line breaks in a flow scalar. An escaped one means nothing, and those behind it all mean `\n`.
void Generator::fold(Draft& draft, std::size_t indent, bool escaped) {
    const std::size_t breaks = 1 + (one_in(3) ? below(4) : 0);
    if (escaped) {
        if (one_in(2)) gap(draft);
        draft.write("\\\n");
    } else {
        draft.write(spaces(0, 2));
        if (breaks == 1) {
            draft.write("\n", " ");
        } else {
            draft.write("\n");
        }
    }
    for (std::size_t i = 1; i < breaks; ++i) {
        draft.write(spaces(0, 9));
        draft.write("\n", "\n");
    }
    draft.write(spaces(indent, indent + 3));
}

void Generator::plain(Draft& draft, std::size_t indent) {
    draft.write("p", "p");
    for (std::size_t i = below(8); i > 0; --i) {
        one_in(3) ? fold(draft, indent, false) : gap(draft);
        word(draft);
    }
    draft.places.push_back(draft.here());
}

void Generator::single_quoted(Draft& draft, std::size_t indent) {
    draft.write("'");
    for (std::size_t i = below(8); i > 0; --i) {
        if (one_in(3)) {
            fold(draft, indent, false);
            word(draft);
        } else if (one_in(3)) {
            draft.write("''", "'");
        } else {
            one_in(2) ? gap(draft) : word(draft);
            word(draft);
        }
    }
    if (one_in(4)) gap(draft);
    draft.places.push_back(draft.here());
    draft.write("'");
}

void Generator::escape(Draft& draft) {
    static const std::vector<std::pair<std::string, std::string>> kEscapes = {
        {"\\\"", "\""},    {"\\\\", "\\"},    {"\\n", "\n"},         {"\\0", std::string(1, '\0')},
        {"\\ ", " "},      {"\\/", "/"},      {"\\x41", "A"},        {"\\xE9", "\u00e9"},
        {"\\t", "\t"},     {"\\N", "\u0085"}, {"\\u20aC", "\u20ac"}, {"\\U0001f602", "\U0001f602"},
        {"\\L", "\u2028"}, {"\\\t", "\t"},    {"\\_", "\u00a0"},     {"\\U00000041", "A"},
    };
    const auto& [spelling, decoded] = kEscapes[below(kEscapes.size())];
    draft.write(spelling, decoded);
}

void Generator::double_quoted(Draft& draft, std::size_t indent) {
    draft.write("\"");
    for (std::size_t i = below(8); i > 0; --i) {
        if (one_in(2)) {
            fold(draft, indent, one_in(2));
            one_in(2) ? word(draft) : escape(draft);
        } else if (one_in(2)) {
            escape(draft);
        } else {
            one_in(2) ? gap(draft) : word(draft);
            word(draft);
        }
    }
    if (one_in(4)) gap(draft);
    draft.places.push_back(draft.here());
    draft.write("\"");
}

void Generator::block(Draft& draft, std::size_t outer, bool folded) {
    const Position begin = draft.here();
    const bool digit = one_in(2);
    const std::size_t more = 1 + below(4);
    const std::size_t indent = outer + more;
    const std::string chomping = std::vector<std::string>{"", "-", "+"}[below(3)];
    draft.write(folded ? ">" : "|");
    const bool digit_first = one_in(2);
    if (digit && digit_first) draft.write(std::to_string(more));
    draft.write(chomping);
    if (digit && !digit_first) draft.write(std::to_string(more));
    if (one_in(3)) draft.write("  # c");
    draft.write("\n");

    // A line is its content; an empty one may still have spaces, as many as the indentation at most.
    const std::size_t lines = below(7);
    bool after_content = false, after_blank = false;
    Position waiting{};  // the break of the content line before, when what it means is not known yet
    std::vector<Position> empty;
    const auto mean_break = [&](Position place) {
        draft.text += '\n';
        draft.places.push_back(place);
    };
    const auto flush = [&](bool blank) {
        const bool folds = folded && after_content && !after_blank && !blank;
        if (after_content && !folds) mean_break(waiting);
        if (folds && empty.empty()) {
            draft.text += ' ';
            draft.places.push_back(waiting);
        }
        for (const Position place : empty)
            mean_break(place);
        empty.clear();
    };
    bool open_end = false;
    for (std::size_t line = 0; line < lines && !open_end; ++line) {
        if (one_in(3)) {
            draft.write(spaces(0, indent));
            empty.push_back(draft.here());
            draft.write("\n");
            continue;
        }
        const bool blank = (digit || after_content) && one_in(3);
        flush(blank);
        draft.write(std::string(indent, ' '));
        if (blank) gap(draft);
        if (!blank || one_in(2)) word(draft);
        for (std::size_t i = below(3); i > 0; --i) {
            gap(draft);
            word(draft);
        }
        after_content = true;
        after_blank = blank;
        waiting = draft.here();
        open_end = line + 1 == lines && one_in(3);
        if (!open_end) draft.write("\n");
    }
    if (after_content && !open_end && chomping != "-") mean_break(waiting);
    if (chomping == "+") {
        for (const Position place : empty)
            mean_break(place);
    }
    if (draft.text.empty()) {
        draft.places.push_back(begin);
    } else if (draft.text.back() == '\n') {
        draft.places.push_back(draft.places.back());
    } else {
        draft.places.push_back(waiting);
    }
}

void expect_places(const Draft& draft, Node node) {
    SCOPED_TRACE(draft.source);
    ASSERT_EQ(node.text(), draft.text);
    ASSERT_EQ(draft.places.size(), draft.text.size() + 1);
    for (std::size_t at = 0; at < draft.places.size(); ++at) {
        const Position found = node.position_of(at);
        ASSERT_EQ(found.line, draft.places[at].line) << "byte " << at;
        ASSERT_EQ(found.column, draft.places[at].column) << "byte " << at;
    }
}

// What stands around the scalar `s` in a source.
struct Place {
    const char* before;
    const char* after;  // a flow scalar may be followed
    std::size_t outer;  // the column that a block scalar's indentation counts from
    std::size_t least;  // indentation of continuation lines
    std::vector<int> path;
};

const std::vector<Place>& places() {
    static const std::vector<Place> kPlaces = {
        {"", "\n", 0, 0, {}},
        {"--- ", "", 0, 0, {}},
        {"# é\n\n", "  # x\n", 0, 0, {}},
        {"é: ", "\nb: c\n", 0, 1, {0}},
        {"a: b\né:   ", "\n# x\n", 0, 1, {1}},
        {"- ", "\n- c\n", 0, 1, {0}},
        {"- - ", "\n  - c\n", 2, 3, {0, 0}},
        {"a:\n  - b: x\n    é:\n     ", "\n", 4, 5, {0, 0, 1}},
        {"a:\n- ", "\n", 0, 1, {0, 0}},
        {"? x\n: ", "\n", 0, 1, {0}},
    };
    return kPlaces;
}

const std::vector<Place>& flow_places() {
    static const std::vector<Place> kPlaces = {
        {"[ ", " ]", 0, 0, {0}},
        {"a: [é, {b: ", ", c: d}]\n", 0, 1, {0, 1, 0}},
        {"{ \"b\":", "}\n", 0, 0, {0}},
    };
    return kPlaces;
}

Node at_path(const Document& document, const std::vector<int>& path) {
    Node node = document.root();
    for (const int step : path) {
        const auto index = static_cast<std::size_t>(step);
        node = node.is(Type::sequence) ? node.elements()[index] : node.members()[index].value;
    }
    return node;
}

template <class Write>
void check(Draft draft, const Place& place, const Write& write) {
    draft.write(place.before);
    if (draft.source.ends_with(':')) draft.write("");
    const Position begin = draft.here();
    write(draft);
    const auto document = parse(draft.source);
    ASSERT_TRUE(document.has_value()) << draft.source << "\n" << error_of(document.error()).detail;
    const Node node = at_path(*document, place.path);
    EXPECT_EQ(node.position(), begin) << draft.source;
    expect_places(draft, node);
}

Draft new_draft(Generator& generator) {
    Draft draft;
    if (generator.one_in(3)) draft.line_break = "\r\n";
    return draft;
}

constexpr std::uint64_t kRounds = 1'500;

TEST(Position, of_every_byte_of_a_flow_scalar_is_where_it_was_written) {
    for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
        Generator generator(seed);
        for (const auto* list : {&places(), &flow_places()}) {
            const Place& place = (*list)[generator.below(list->size())];
            const bool json_like = std::string_view(place.before).ends_with("\":");
            check(new_draft(generator), place, [&](Draft& draft) {
                if (json_like || generator.one_in(2)) {
                    generator.double_quoted(draft, place.least);
                } else if (generator.one_in(2)) {
                    generator.single_quoted(draft, place.least);
                } else {
                    generator.plain(draft, place.least);
                }
                draft.write(place.after);
            });
            if (HasFatalFailure()) return;
        }
    }
}

TEST(Position, of_every_byte_of_a_block_scalar_is_where_it_was_written) {
    for (std::uint64_t seed = 0; seed < 2 * kRounds; ++seed) {
        Generator generator(seed);
        const Place& place = places()[generator.below(places().size())];
        check(new_draft(generator), place,
              [&](Draft& draft) { generator.block(draft, place.outer, generator.one_in(2)); });
        if (HasFatalFailure()) return;
    }
}

struct Row {
    std::string source;
    std::string text;
    std::vector<Position> places;  // one for each byte and one for the end
};

TEST(Position, is_that_of_the_character_the_escape_or_the_line_break) {
    const std::vector<Row> rows = {
        {"ab", "ab", {{1, 1}, {1, 2}, {1, 3}}},
        {"a  # c", "a", {{1, 1}, {1, 2}}},
        {"é😂", "é😂", {{1, 1}, {1, 1}, {1, 2}, {1, 2}, {1, 2}, {1, 2}, {1, 3}}},
        {"a \n  b", "a b", {{1, 1}, {1, 3}, {2, 3}, {2, 4}}},
        {"a\n \n\n b", "a\n\nb", {{1, 1}, {2, 2}, {3, 1}, {4, 2}, {4, 3}}},
        {"'a''b'", "a'b", {{1, 2}, {1, 3}, {1, 5}, {1, 6}}},
        {"''", "", {{1, 2}}},
        {R"("\"\u00e9x")", "\"éx", {{1, 2}, {1, 4}, {1, 4}, {1, 10}, {1, 11}}},
        {"\"a \\\n   b\"", "a b", {{1, 2}, {1, 3}, {2, 4}, {2, 5}}},
        {"\"a\\\n\n  b\"", "a\nb", {{1, 2}, {2, 1}, {3, 3}, {3, 4}}},
        {"|\n  a\n\n   b\n", "a\n\n b\n", {{2, 3}, {2, 4}, {3, 1}, {4, 3}, {4, 4}, {4, 5}, {4, 5}}},
        {"|-\n  a\n", "a", {{2, 3}, {2, 4}}},
        {"|\n  a", "a", {{2, 3}, {2, 4}}},
        {"|+\n a\n\n\n", "a\n\n\n", {{2, 2}, {2, 3}, {3, 1}, {4, 1}, {4, 1}}},
        {"|1 # c\n  a\n", " a\n", {{2, 2}, {2, 3}, {2, 4}, {2, 4}}},
        {">\n  a\n  b\n\n  c\n", "a b\nc\n", {{2, 3}, {2, 4}, {3, 3}, {4, 1}, {5, 3}, {5, 4}, {5, 4}}},
        {">\n  a\n   b\n  c", "a\n b\nc", {{2, 3}, {2, 4}, {3, 3}, {3, 4}, {3, 5}, {4, 3}, {4, 4}}},
        {"|\n", "", {{1, 1}}},
        {"", "", {{1, 1}}},
    };
    for (const Row& row : rows) {
        Draft draft;
        draft.source = row.source;
        draft.text = row.text;
        draft.places = row.places;
        const auto document = parse(row.source);
        ASSERT_TRUE(document.has_value()) << row.source;
        expect_places(draft, document->root());
    }
}

TEST(Position, points_into_a_condition_as_an_author_writes_it) {
    const auto document = parse(
        "rules:\n"
        "  - id: high-value\n"
        "    when: |\n"
        "      claim.amount > 10000 &&\n"
        "        claim.risk ==\n");
    ASSERT_TRUE(document.has_value());
    const Node when = *document->root().find("rules")->elements()[0].find("when");
    EXPECT_EQ(when.position_of(when.text().find("risk")), (Position{5, 15}));
    EXPECT_EQ(when.position_of(when.text().size()), (Position{5, 22}));
}

}  // namespace
}  // namespace parmana::yaml
