// Strict I-JSON in, RFC 8785 (JCS) out.
//
// The reader accepts RFC 8259 text that is also I-JSON (RFC 7493): UTF-8 without a byte order mark,
// no lone surrogates, no member name twice in one object (compared after unescaping), integers
// within ±(2^53−1), no number that overflows or underflows binary64. A number with a fraction or an
// exponent that JCS spells as an integer outside ±(2^53−1) (`1e20`) is refused too: what is
// accepted stays readable as JCS. Noncharacters (U+FFFE and the like) are let through.
//
// What it refuses, it refuses with the code and the offset of the first failing byte in reading
// order, whatever stands behind it. That byte is, for json_malformed, the first one that no
// acceptable text can have there; for json_duplicate_member, the opening quote of the second name;
// for number_not_exact, the number's first byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"

namespace parmana::json {

enum class Type : std::uint8_t { null, boolean, integer, real, string, array, object };

struct Node;
class ElementRange;
class MemberRange;

/// One value of a parsed document: a cheap view, valid while its Document lives.
/// `integer` is a literal of digits with an optional minus (not `-0`); every other number is
/// `real`, so that `1200`, `1200.0` and `1e3` stay distinguishable although JCS writes the last two
/// without a fraction.
class Value {
  public:
    Type type() const;
    bool is(Type type) const { return this->type() == type; }
    /// The accessors below require the type; a wrong one is a broken invariant.
    bool boolean() const;
    std::int64_t integer() const;
    double real() const;
    std::string_view string() const;  // unescaped UTF-8
    /// integer or real, as binary64 (exact for every integer the reader accepts).
    double number() const;

    /// Elements of an array, or members of an object.
    std::size_t size() const;
    /// Elements in text order; requires an array.
    ElementRange elements() const;
    /// Members in JCS order (UTF-16 code units of the name); requires an object.
    MemberRange members() const;
    /// Member by name; requires an object. Logarithmic.
    std::optional<Value> find(std::string_view name) const;

    /// Offset of the value's first byte in the text, and of its member name's opening quote
    /// (objects only).
    std::size_t offset() const;
    std::size_t name_offset() const;  // zero unless this is a member of an object
    std::string_view name() const;    // empty unless this is a member of an object

  private:
    friend class Document;
    friend class ElementRange;
    friend class MemberRange;
    friend void append_canonical(std::string& out, Value value);
    explicit Value(const Node* node) : node_(node) {}
    const Node* node_;
};

/// An owned text with its values. Movable; Values stay valid across a move.
class Document {
  public:
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();
    Value root() const;
    std::string_view text() const;

  private:
    friend class Reader;
    struct Parts;
    explicit Document(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// Reads one text. Errors: json_malformed, json_duplicate_member, number_not_exact, each with
/// "… at offset N (line L, column C)" in the detail. Limits: depth and members of `limits.hpp`;
/// the size of the text is the caller's to check (at most 4 GiB − 1, an INVARIANT).
Result<Document> parse(std::string_view text);

/// One-based line and column (in bytes) of an offset, for messages about files.
struct Position {
    std::size_t line;
    std::size_t column;
};
Position position_of(std::string_view text, std::size_t offset);

/// RFC 8785 bytes of a value.
std::string canonical(Value value);
void append_canonical(std::string& out, Value value);
/// RFC 8785 §3.2.2.3: the shortest ECMAScript spelling. Requires a finite number.
void append_number(std::string& out, double number);

/// True when `text` is exactly the canonical form of the document parsed from it.
bool is_canonical(const Document& document);

/// Writes canonical JSON directly. Members must be given in JCS order: a wrong order, a value
/// without a name in an object, an unbalanced end, a second value behind the first or text that is
/// not UTF-8 is a broken invariant, so what it writes is canonical by construction. (A number that
/// the reader refuses, as 1e20, is written as JCS spells it.)
class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}
    ~Writer();  // INVARIANT: everything that was begun is ended
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Writer& object();
    Writer& array();
    Writer& end();
    Writer& name(std::string_view name);
    Writer& string(std::string_view text);
    Writer& integer(std::int64_t value);  // within ±(2^53−1)
    Writer& number(double value);
    Writer& boolean(bool value);
    Writer& null();
    /// A value that is canonical already.
    Writer& raw(std::string_view canonical);
    Writer& value(Value value);

  private:
    struct Level {
        bool is_object;
        bool empty = true;
        bool named = false;
        std::string last_name = {};
    };
    void before_value();
    std::string& out_;
    std::vector<Level> levels_;
    bool complete_ = false;  // the one value at the outermost level was begun
};

/// Compares two names in JCS order.
bool jcs_less(std::string_view a, std::string_view b);

/// Well-formed UTF-8 (RFC 3629): what the Writer takes. For text that did not come through the
/// reader.
bool is_utf8(std::string_view text);

class ElementRange {
  public:
    class Iterator {
      public:
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(const Node* node) : node_(node) {}
        Value operator*() const { return Value(node_); }
        Iterator& operator++();
        bool operator==(const Iterator&) const = default;

      private:
        const Node* node_;
    };
    Iterator begin() const { return Iterator(begin_); }
    Iterator end() const { return Iterator(end_); }

  private:
    friend class Value;
    friend class MemberRange;
    ElementRange(const Node* begin, const Node* end) : begin_(begin), end_(end) {}
    const Node* begin_;
    const Node* end_;
};

/// Iterates Values; `.name()` gives each one's member name.
class MemberRange : public ElementRange {
  private:
    friend class Value;
    MemberRange(const Node* begin, const Node* end) : ElementRange(begin, end) {}
};

}  // namespace parmana::json

#include "json/view.hpp"
