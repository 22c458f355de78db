// The syntax tree of one expression, as cel-spec's syntax.proto lays it out: operators are calls of functions
// with reserved names, macros are either left as calls or expanded to comprehensions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parmana::cel {

enum class ExprKind : std::uint8_t {
    constant,
    identifier,
    select,
    call,
    list,
    map,
    message,
    comprehension,
};

struct Bytes {
    std::string value;
    bool operator==(const Bytes&) const = default;
};

/// std::monostate is `null`.
using Constant = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Bytes>;

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

/// An element of a list (key empty), an entry of a map, or a field of a message (`name`).
struct Entry {
    std::uint32_t id = 0;
    std::uint32_t offset = 0;
    std::string name = {};
    ExprPtr key = {};
    ExprPtr value = {};
    bool optional = false;  // written with `?`: left out when its value is optional.none()
};

/// `for (variable[, second_variable] in range) if (condition) accumulator = step;` and then `result`.
struct Comprehension {
    std::string variable;
    std::string second_variable;  // empty in the one-variable form
    std::string accumulator;
    ExprPtr range, initial, condition, step, result;
};

/// One node. Which members are used depends on `kind`. `offset` is the byte offset, in the source, of the
/// token that stands for the node: the operator, the dot, the opening bracket, or its first byte.
struct Expr {
    ExprKind kind = ExprKind::constant;
    std::uint32_t id = 0;  // dense, from 1
    std::uint32_t offset = 0;
    std::uint32_t height = 1;  // 1 for a leaf; bounded, so that a tree can be walked by recursion
    Constant constant = {};
    std::string name = {};  // identifier, field of a select, function of a call, type of a message
    ExprPtr target = {};    // operand of a select; receiver of a call, or null
    std::vector<ExprPtr> arguments = {};
    std::vector<Entry> entries = {};  // elements, entries or fields
    bool test_only = false;           // a select that is `has(…)`
    std::unique_ptr<Comprehension> comprehension = {};
};

/// A parsed expression. Ids run from 1 to `id_count`.
struct Ast {
    ExprPtr root;
    std::uint32_t id_count = 0;
};

/// Names of the operators in the tree.
namespace op {
inline constexpr std::string_view kConditional = "_?_:_";
inline constexpr std::string_view kAnd = "_&&_";
inline constexpr std::string_view kOr = "_||_";
inline constexpr std::string_view kNot = "!_";
inline constexpr std::string_view kNegate = "-_";
inline constexpr std::string_view kEqual = "_==_";
inline constexpr std::string_view kNotEqual = "_!=_";
inline constexpr std::string_view kLess = "_<_";
inline constexpr std::string_view kLessOrEqual = "_<=_";
inline constexpr std::string_view kGreater = "_>_";
inline constexpr std::string_view kGreaterOrEqual = "_>=_";
inline constexpr std::string_view kIn = "@in";
inline constexpr std::string_view kAdd = "_+_";
inline constexpr std::string_view kSubtract = "_-_";
inline constexpr std::string_view kMultiply = "_*_";
inline constexpr std::string_view kDivide = "_/_";
inline constexpr std::string_view kModulo = "_%_";
inline constexpr std::string_view kIndex = "_[_]";
inline constexpr std::string_view kOptionalIndex = "_[?_]";
inline constexpr std::string_view kOptionalSelect = "_?._";
inline constexpr std::string_view kNotStrictlyFalse = "@not_strictly_false";
inline constexpr std::string_view kMapInsert = "cel.@mapInsert";
}  // namespace op

ExprPtr clone(const Expr& expr);

}  // namespace parmana::cel
