// The Common Expression Language (cel-spec v0.25), complete but for protocol buffers, as a library of its
// own.
//
//   text ──parse──▶ Ast ──check──▶ Checked ──compile──▶ Program ──evaluate──▶ Value
//
// Every step is pure: no clock, no I/O, no locale, no randomness. The same program on the same input gives
// the same value on any build and machine: maps iterate in the order of their keys, the first error from left
// to right is the one reported, time-zone data is part of the program, regular expressions are RE2. `&&` and
// `||` absorb errors as the specification says; any other error is the value of the whole.
//
// Limits stand in base/limits.hpp: text, nesting, nodes; the cost of a program is bounded before it runs
// (`cost_bound`) and counted while it runs.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cel/ast.hpp"
#include "cel/type.hpp"
#include "cel/value.hpp"

namespace parmana::cel {

/// One thing that is wrong with an expression: at a byte offset of its source.
struct Issue {
    std::uint32_t offset;
    std::string message;
    bool operator==(const Issue&) const = default;
};
using Issues = std::vector<Issue>;

/// A value, or what is wrong (never empty).
template <class T>
using Checkable = std::expected<T, Issues>;

enum class Macros : std::uint8_t {
    none,      // calls stay calls: the tree prints back as it was written
    standard,  // has, all, exists, exists_one, map, filter
    extended,  // and those of the extensions: cel.bind, math, optionals, two-variable comprehensions
};

/// Parses one expression. Issues: syntax, nesting or size over the limits.
Checkable<Ast> parse(std::string_view source, Macros macros);

/// True for a text with a comment, which its tree does not hold. Requires text that parses.
bool has_comment(std::string_view source);

/// One way to call a function.
struct Overload {
    std::string id;
    bool receiver = false;  // called as a method of its first parameter
    std::vector<Type> parameters;
    Type result;
};

struct FunctionDeclaration {
    std::string name;
    std::vector<Overload> overloads;
};

/// A variable; its place in the declarations is its slot.
struct VariableDeclaration {
    std::string name;  // may be qualified: `resource.labels`
    Type type;
};

/// What names mean. `container` is the namespace that names are looked up in first (langdef.md, "Name
/// Resolution"). The standard library and the extensions are always there; `functions` adds declarations
/// without an implementation, for checking only. `opaque_types` are names of types beside the standard ones.
struct Environment {
    std::string container = {};
    std::vector<VariableDeclaration> variables = {};
    std::vector<FunctionDeclaration> functions = {};
    std::vector<std::string> opaque_types = {};
    /// Short names for qualified ones, by the last part (`imports` of CEL Policy).
    std::vector<std::string> aliases = {};
};

/// What the checker found out about one expression.
struct Reference {
    std::string name = {};                    // resolved identifier or function
    std::vector<std::string> overloads = {};  // ids, for a call
};

/// A tree in which qualified names are single identifiers and namespaced functions have no receiver, with a
/// type and a reference for each id.
struct Checked {
    Ast ast;
    std::vector<Type> types;            // by id
    std::vector<Reference> references;  // by id
    const Type& type() const { return types[ast.root->id]; }
};

/// Infers and checks types. Issues: undeclared references, no matching overload, wrong types.
Checkable<Checked> check(Ast ast, const Environment& environment);
/// Resolves names only, as an implementation without a checker must: every type is dyn and what does not
/// resolve fails when it is evaluated.
Checked resolve(Ast ast, const Environment& environment);

/// True when the environment or the standard library has a variable, type or function of this qualified name,
/// or the environment has variables below it.
bool is_declared(std::string_view qualified_name, const Environment& environment);

/// The expression as text in one canonical spelling; requires a tree without comprehensions (Macros::none).
/// `parse` of it gives the same tree, but for the grouping within chains of `&&` and of `||`, which has no
/// meaning.
std::string print(const Expr& expr);

}  // namespace parmana::cel
