// Expressions in tests.
#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "cel/cel.hpp"
#include "cel/program.hpp"

namespace parmana::cel {

inline std::string shown(const Issues& issues) {
    std::string out;
    for (const Issue& issue : issues)
        out += std::to_string(issue.offset) + ": " + issue.message + "\n";
    return out;
}

inline Ast must_parse(std::string_view source, Macros macros = Macros::extended) {
    auto ast = parse(source, macros);
    EXPECT_TRUE(ast.has_value()) << source << ": " << shown(ast.error());
    if (!ast) return must_parse("null", Macros::none);
    return *std::move(ast);
}

inline Checked must_check(std::string_view source, const Environment& environment = {}) {
    auto checked = check(must_parse(source), environment);
    EXPECT_TRUE(checked.has_value()) << source << ": " << shown(checked.error());
    if (!checked) return must_check("null");
    return *std::move(checked);
}

/// The value of the expression, as source.
inline std::string value_of(std::string_view source, const Environment& environment = {},
                            const std::vector<Value>& slots = {}) {
    const Program program = compile(must_check(source, environment), environment);
    Machine machine;
    return to_source(machine.run(program, 0, slots));
}

/// The value of an expression that the checker has not seen.
inline std::string unchecked_value_of(std::string_view source, const Environment& environment = {},
                                      const std::vector<Value>& slots = {}) {
    const Program program = compile(resolve(must_parse(source), environment), environment);
    Machine machine;
    return to_source(machine.run(program, 0, slots));
}

inline Environment with_variables(std::vector<VariableDeclaration> variables) {
    return {.variables = std::move(variables)};
}

inline const Type kBoolType{TypeKind::boolean, {}, {}};
inline const Type kIntType{TypeKind::integer, {}, {}};
inline const Type kDoubleType{TypeKind::real, {}, {}};
inline const Type kStringType{TypeKind::string, {}, {}};

/// `text` so many times.
inline std::string repeated(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

}  // namespace parmana::cel
