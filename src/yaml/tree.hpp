// What a Document holds. Private to the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/yaml.hpp"

namespace parmana::yaml {

/// What a scalar stands for.
struct Value {
    Type type = Type::string;
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
};

/// One node. A record never moves once it is made, Nodes point to it.
struct Record {
    const Tree* tree;
    Style style;
    Value value;
    Position position;
    std::size_t begin;  // offsets in the source
    std::size_t end;
    /// Column of the innermost block collection around the node, zero-based, or -1: what the indentation of a
    /// block scalar counts from.
    int outer_indent;
    std::string text;
    std::vector<Node> elements;
    std::vector<Member> members;
};

struct Tree {
    std::string text;
    std::deque<Record> records;  // in text order, the root first
    std::vector<Comment> comments;
};

/// True for the styles of scalars.
inline bool is_scalar(Style style) {
    return style <= Style::folded;
}

inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// A line break is `\n` or `\r\n`: others do not pass `find_bad_character`.
inline bool is_break(char c) {
    return c == '\n' || c == '\r';
}

/// Line and column of an offset. Linear in the offset.
Position position_in(std::string_view text, std::size_t offset);

/// Bytes of the UTF-8 character that begins with this byte.
std::size_t character_size(char lead);

/// The first thing in the text that is not UTF-8 or that a text may hold only as an escape.
std::optional<Fault> find_bad_character(std::string_view text);

/// True when a text may hold this character as it is; for line breaks too.
bool is_printable(char32_t character);

/// One character from the front of `text`; with size 0 when that is not UTF-8 (RFC 3629) or nothing.
struct Character {
    char32_t value;
    std::size_t size;
};
Character first_character(std::string_view text);

/// The type and value of a plain scalar, or why it has none.
std::expected<Value, std::string> value_of_plain(std::string_view text);

/// Finds the comments between the scalars and puts them into the tree, or refuses one.
std::optional<Fault> collect_comments(Tree& tree);

/// The offset in the source of each byte of the scalar's text, as Node::position_of explains it, and of its
/// end.
std::vector<std::size_t> sources_of(const Record& scalar);

/// Text for a message: in backticks, on one line, and not longer than a person reads.
std::string shown(std::string_view text);

}  // namespace parmana::yaml
