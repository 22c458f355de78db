// What a policy is compiled to. Internal to the module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authoring/cel_policy_draft.hpp"

namespace parmana::authoring::cel_policy {

/// Where an expression id of the program stands: a byte of the text of a scalar.
struct Place {
    std::uint32_t scalar = 0;
    std::uint32_t offset = 0;
};

struct Content {
    yaml::Document document;  // which the scalars view
    std::string name;
    std::string description;
    cel::Type type;
    std::vector<cel::VariableDeclaration> inputs;  // by slot; behind them is the slot of the result

    /// A choice with an output, by its mark.
    struct Output {
        yaml::Node text;
        std::optional<cel::Label> explanation;
    };
    struct Claim {
        yaml::Node text;
        cel::Label entry;
    };
    struct CompiledInvariant {
        std::string id;
        std::vector<Claim> assumptions;
        std::vector<Claim> assertions;
    };
    std::optional<cel::Program> program = {};  // always there in a finished policy
    cel::Label main = 0;
    std::vector<Output> outputs = {};
    std::vector<CompiledInvariant> invariants = {};
    std::vector<yaml::Node> scalars = {};
    std::vector<std::optional<Place>> places = {};  // by expression id
};

/// Makes a policy of a draft without findings, whose document it takes.
struct Emission {
    static CelPolicy make(yaml::Document document, Draft draft, std::vector<cel::VariableDeclaration> inputs);
};

}  // namespace parmana::authoring::cel_policy
