// For tests only: policies of our own hand over a few inputs, and their values as CEL source.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "authoring/cel_policy.hpp"

namespace parmana::authoring::test {

/// `a`, `b` and `c` are bools, `x` and `y` ints, `text` a string, `fact` dyn, `request.user` and
/// `request.labels` qualified.
inline constexpr std::string_view kConfig = R"(
name: inputs
extensions: [{name: strings, version: 2}, {name: sets}]
stdlib: {include_macros: [all, map]}
variables:
  - {name: a, type_name: bool}
  - {name: b, type_name: bool}
  - {name: c, type_name: bool}
  - {name: x, type_name: int}
  - {name: y, type: {type_name: int}}
  - {name: text, type_name: string}
  - {name: fact, type_name: dyn}
  - {name: numbers, type_name: list, params: [{type_name: int}]}
  - {name: request.user, type_name: string}
  - name: request.labels
    type:
      type_name: map
      params: [{type_name: string}, {type_name: string}]
)";

inline std::string shown(const Findings& findings) {
    std::string out;
    for (const Finding& finding : findings) {
        out += std::to_string(finding.line) + ":" + std::to_string(finding.column) + " " + finding.message +
               "\n";
    }
    return out;
}

inline Config must_read_config(std::string_view text) {
    auto config = read_config(text);
    if (config) return *std::move(config);
    ADD_FAILURE() << shown(config.error());
    return {};
}

inline CelPolicy must_compile(std::string_view text) {
    auto policy = compile_cel_policy(text, must_read_config(kConfig));
    if (!policy) ADD_FAILURE() << text << "\n" << shown(policy.error());
    return *std::move(policy);
}

/// The findings of a text that must have some.
inline std::string findings_of(std::string_view text) {
    const auto policy = compile_cel_policy(text, must_read_config(kConfig));
    return policy ? "none" : shown(policy.error());
}

/// A policy and what is evaluated with it.
class Judge {
  public:
    explicit Judge(std::string_view text) : policy(must_compile(text)) {}

    Judge& with(std::string_view name, cel::Value value) {
        input.insert_or_assign(std::string(name), value);
        return *this;
    }
    Judge& with(std::string_view name, bool value) { return with(name, cel::Value::from(value)); }
    Judge& with(std::string_view name, int value) {
        return with(name, cel::Value::from(std::int64_t{value}));
    }

    /// The value as CEL source, or the error as `code: detail`.
    std::string value() {
        const auto outcome = policy.evaluate(input, memory);
        if (outcome) return cel::to_source(outcome->value);
        return std::string(wire_name(outcome.error().code)) + ": " + outcome.error().detail;
    }
    std::string type() const { return cel::to_string(policy.output_type()); }

    CelPolicy policy;
    CelPolicy::Input input = {};
    CelPolicy::Memory memory = {};
};

}  // namespace parmana::authoring::test
