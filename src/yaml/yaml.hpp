// YAML in, for the tools that authors of policies use; nothing that a server does reads YAML.
//
// What is read is YAML 1.2 without the parts that make two readers disagree or a short text long. Refused:
// anchors, aliases and tags, directives, a second document, the merge key `<<`, a key twice in one mapping
// (compared after unescaping), a sequence or mapping as key, numbers that 64 bits do not hold; a byte order
// mark, text that is not UTF-8, characters that must be escaped (controls but tab and line feed, U+007F to
// U+009F, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF), a carriage return without a line feed, a comment that no
// space separates from what stands before it, tabs as indentation. Limits: kPolicyBytesMax, kYamlDepthMax,
// kYamlNodesMax.
//
// Plain scalars are typed by a core schema that is smaller than that of YAML 1.2 §10.3.2: null is ``, `~` or
// `null`, a boolean `true` or `false`, in these spellings only; integers are decimal, `0x…` or `0o…`; reals
// are as there, with `.inf` and `.nan`. All else is a string, also `yes`, `no`, `on`, `off` and `True`, and
// so is every quoted and every block scalar. `010` is ten.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace parmana::yaml {

/// A place in the source, one-based. Columns count Unicode code points, a tab is one.
struct Position {
    std::size_t line;
    std::size_t column;

    auto operator<=>(const Position&) const = default;
};

/// Where and why a text was refused. `message` has the form of an Error's detail.
struct Fault {
    Position position;
    std::string message;

    bool operator==(const Fault&) const = default;
};

/// The fault as the one failure value: yaml_malformed, "MESSAGE at line L, column C".
Error error_of(const Fault& fault);

enum class Kind : std::uint8_t { scalar, sequence, mapping };

/// How a node is written. The first five are those of scalars, the last two those of collections.
enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded, block, flow };

enum class Type : std::uint8_t { null, boolean, integer, real, string, sequence, mapping };

struct Member;
struct Record;
struct Tree;

/// One node: a cheap view, valid while its Document lives. Accessors that name a kind or type require it; a
/// wrong one is a broken invariant.
class Node {
  public:
    explicit Node(const Record& record) : record_(&record) {}

    Kind kind() const;
    Type type() const;
    bool is(Type type) const { return this->type() == type; }
    Style style() const;

    /// Where the node begins: a plain scalar at its first character, a quoted one at its opening quote, a
    /// block scalar at its `|` or `>`, a flow collection at its bracket, a block sequence at its first `-`, a
    /// block mapping at its first key, as does the mapping of one pair in `[a: b]`. An empty scalar stands
    /// where it could have begun.
    Position position() const;
    /// The same as a byte offset in the text.
    std::size_t offset() const;
    /// The node as it is written, from offset() on. Of a block scalar with the empty lines that end it.
    std::string_view source() const;

    /// A scalar of any type, decoded: UTF-8, which can hold every character, U+0000 too.
    std::string_view text() const;
    bool boolean() const;
    std::int64_t integer() const;
    double real() const;  // may be infinite or not a number

    /// Where in the source the character of text() at this byte comes from: the character itself, the
    /// backslash of its escape, the first of two quotes, or, for what a line break became, that line break.
    /// The size of text() stands for its end: the closing quote; else the place behind the last character or,
    /// when a line break ends a block scalar, that line break. Takes time linear in the scalar.
    Position position_of(std::size_t byte_offset_in_text) const;

    /// In text order. Elements of a sequence, members of a mapping; either requires its kind.
    std::span<const Node> elements() const;
    std::span<const Member> members() const;
    /// The value of a key, compared by text; requires a mapping. Linear.
    std::optional<Node> find(std::string_view name) const;

  private:
    const Record* record_;
};

/// The key is a scalar.
struct Member {
    Node key;
    Node value;
};

/// One comment, from its `#` to the end of the line; `text` is a view of the document's.
struct Comment {
    Position position;
    std::size_t offset;
    std::string_view text;
    bool alone;  // nothing but spaces before it on its line
};

/// An owned text with its nodes. Movable; Nodes stay valid across a move.
class Document {
  public:
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();
    /// An empty text has a null here, at line 1, column 1.
    Node root() const;
    std::string_view text() const;
    /// All comments in text order.
    std::span<const Comment> comments() const;

  private:
    friend std::expected<Document, Fault> parse(std::string_view text);
    explicit Document(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> tree_;
};

/// Reads one text. The fault is the first in reading order among those of the characters, else of the
/// structure, else of the comments.
[[nodiscard]] std::expected<Document, Fault> parse(std::string_view text);

/// The best-looking scalar of one line that reads as the string `text`, for YAML 1.1 and 1.2 alike and in
/// block and flow collections: plain where that is safe, else in double quotes. Requires UTF-8. (Readers take
/// a key of up to 1024 characters.)
std::string spell(std::string_view text);

/// The same where it is known what the scalar stands in: in single quotes when double ones would need a
/// backslash for more than what cannot be seen, and, in Style::block, plain with `,[]{}?` in it too.
std::string spell_in(Style collection, std::string_view text);

/// `text` as a literal block scalar, `|` or `|-`, with its lines at this indentation, which is more than that
/// of what it stands in; no line break at the end. Nothing when there is no such scalar that shows all that
/// it holds: a space or an empty line at its beginning, spaces at the end of a line, more than one line break
/// at its end, tabs and what else cannot be seen. Requires UTF-8.
std::optional<std::string> spell_literal(std::string_view text, std::size_t indent);
/// The same for a folded one, `>` or `>-`, that reads as the lines joined by single spaces (and a line
/// break).
std::optional<std::string> spell_folded(std::span<const std::string_view> lines, bool ends_in_break,
                                        std::size_t indent);

}  // namespace parmana::yaml
