// The functions that programs call. Internal to the module.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "cel/ast.hpp"
#include "cel/price.hpp"
#include "cel/value.hpp"

namespace parmana::cel {

/// What a function may use: memory, and the budget. A function that walks a value pays for it before it does.
struct Context {
    Arena arena;
    std::uint64_t cost = 0;
    std::uint32_t expression = 0;            // whose failure an error is
    std::vector<std::int32_t> scratch = {};  // memory for Searcher

    Value error(Fault fault) const { return Value::error(fault, expression); }
    /// False when the budget is spent; the evaluation then ends with Fault::cost_exceeded whatever the
    /// function gives.
    bool pay(std::uint64_t units) {
        cost += units;
        return cost <= limits::kCelCostMax;
    }
    bool is_spent() const { return cost > limits::kCelCostMax; }
};

/// Arguments are never errors or absent; the receiver is the first.
using Function = Value (*)(Context& context, const Value* arguments);

struct Builtin {
    std::string_view name;
    std::uint8_t arity;
    Function function;
};

/// The function of this name that takes this many arguments, the receiver included; null when there is none.
const Builtin* find_builtin(std::string_view name, std::size_t arity);

// The tables, by subject.
std::span<const Builtin> arithmetic_builtins();
std::span<const Builtin> comparison_builtins();
std::span<const Builtin> container_builtins();
std::span<const Builtin> conversion_builtins();
std::span<const Builtin> time_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> text_builtins();  // of the strings extension
std::span<const Builtin> math_builtins();
std::span<const Builtin> encoder_builtins();
std::span<const Builtin> optional_builtins();

/// What it costs to find out whether they are equal.
std::uint64_t price_of_equality(const Value& a, const Value& b);

/// The value of a field: a map's entry under the name; within an optional, an optional.
Value select_field(Context& context, const Value& operand, const Value& name);
/// has(): whether the field is there.
Value has_field(Context& context, const Value& operand, const Value& name);
/// `.?`: the field as an optional.
Value select_optional(Context& context, const Value& operand, const Value& name);

/// string.format of the strings extension.
Value format_text(Context& context, const Value* arguments);

}  // namespace parmana::cel
