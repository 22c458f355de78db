// The config of policies: which variables there are, of which types.
#include <algorithm>

#include "authoring/cel_policy_findings.hpp"
#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {
namespace {

using cel::TypeKind;
using policy::in_backticks;

struct TypeName {
    std::string_view name;
    TypeKind kind;
    std::size_t parameters;  // left out they are dyn
};
constexpr TypeName kTypes[] = {{"dyn", TypeKind::dyn, 0},
                               {"null_type", TypeKind::null, 0},
                               {"bool", TypeKind::boolean, 0},
                               {"int", TypeKind::integer, 0},
                               {"uint", TypeKind::unsigned_integer, 0},
                               {"double", TypeKind::real, 0},
                               {"string", TypeKind::string, 0},
                               {"bytes", TypeKind::bytes, 0},
                               {"timestamp", TypeKind::timestamp, 0},
                               {"google.protobuf.Timestamp", TypeKind::timestamp, 0},
                               {"duration", TypeKind::duration, 0},
                               {"google.protobuf.Duration", TypeKind::duration, 0},
                               {"list", TypeKind::list, 1},
                               {"map", TypeKind::map, 2},
                               {"optional_type", TypeKind::optional, 1}};

constexpr std::string_view kExtensions[] = {
    "strings", "math", "encoders", "bindings", "optional", "optionals", "two-var-comprehensions", "sets"};

constexpr std::string_view kMacros[] = {
    "has",      "all",    "exists",        "exists_one",    "existsOne",
    "map",      "filter", "transformList", "transformMap",  "transformMapEntry",
    "cel.bind", "optMap", "optFlatMap",    "math.greatest", "math.least"};

/// Names that policies have a meaning for.
bool is_taken(std::string_view name) {
    const std::string_view first = name.substr(0, name.find('.'));
    return first == "variables" || first == "rule";
}

class ConfigReader {
  public:
    explicit ConfigReader(FindingList& findings) : findings_(findings) {}

    Config read(yaml::Node root) {
        Config out;
        if (!findings_.expect(root, yaml::Type::mapping, "a config")) return out;
        findings_.check_keys(
            root, {{"name"}, {"description"}, {"container"}, {"variables"}, {"extensions"}, {"stdlib"}});
        out.name = findings_.text(root, "name");
        findings_.text(root, "description");
        out.container = findings_.text(root, "container");
        if (!out.container.empty() && !is_qualified_name(out.container))
            findings_.at(*root.find("container"), "invalid qualified name " + in_backticks(out.container));
        if (const auto list = findings_.member(root, "variables", yaml::Type::sequence)) {
            for (const yaml::Node variable : list->elements())
                read_variable(variable, out.variables);
        }
        if (const auto list = findings_.member(root, "extensions", yaml::Type::sequence)) {
            for (const yaml::Node extension : list->elements())
                read_extension(extension);
        }
        if (const auto library = findings_.member(root, "stdlib", yaml::Type::mapping))
            read_library(*library);
        return out;
    }

  private:
    void read_variable(yaml::Node variable, std::vector<cel::VariableDeclaration>& out) {
        if (!findings_.expect(variable, yaml::Type::mapping, "a variable")) return;
        findings_.check_keys(variable,
                             {{"name", true}, {"description"}, {"type"}, {"type_name"}, {"params"}});
        findings_.text(variable, "description");
        const auto inner = variable.find("type");
        if (inner.has_value() == variable.find("type_name").has_value())
            findings_.at(variable, "a variable has one of `type` and `type_name`");
        if (inner && variable.find("params"))
            findings_.at(*variable.find("params"), "`params` belongs to `type`");
        cel::Type type{TypeKind::error, {}, {}};
        if (!inner) {
            type = read_type(variable);
        } else if (findings_.expect(*inner, yaml::Type::mapping, "`type`")) {
            findings_.check_keys(*inner, {{"type_name", true}, {"params"}});
            type = read_type(*inner);
        }
        const auto name = findings_.member(variable, "name", yaml::Type::string);
        if (!name) return;
        if (!is_qualified_name(name->text())) {
            findings_.at(*name, "invalid qualified name " + in_backticks(name->text()));
        } else if (is_taken(name->text())) {
            findings_.at(*name, "the name " + in_backticks(name->text()) + " has a meaning in policies");
        } else if (std::ranges::find(out, name->text(), &cel::VariableDeclaration::name) != out.end()) {
            findings_.at(*name, "variable " + in_backticks(name->text()) + " stands twice");
        } else {
            out.push_back({std::string(name->text()), std::move(type)});
        }
    }

    /// Of a mapping with `type_name` and perhaps `params`.
    cel::Type read_type(yaml::Node at) {
        cel::Type unknown{TypeKind::error, {}, {}};
        const auto name = findings_.member(at, "type_name", yaml::Type::string);
        const auto given = findings_.member(at, "params", yaml::Type::sequence);
        if (!name) return unknown;
        const auto* row = std::ranges::find(kTypes, name->text(), &TypeName::name);
        if (row == std::end(kTypes)) {
            findings_.at(*name, "unknown type " + in_backticks(name->text()));
            return unknown;
        }
        cel::Type out{row->kind, {}, {}};
        const std::size_t count = given ? given->elements().size() : 0;
        if (count != 0 && count != row->parameters) {
            findings_.at(*given, "type " + in_backticks(row->name) + " has " +
                                     std::to_string(row->parameters) + " parameters");
            return unknown;
        }
        out.parameters.resize(row->parameters);
        for (std::size_t i = 0; i < count; ++i) {
            const yaml::Node parameter = given->elements()[i];
            if (!findings_.expect(parameter, yaml::Type::mapping, "a parameter")) continue;
            findings_.check_keys(parameter, {{"type_name", true}, {"params"}});
            out.parameters[i] = read_type(parameter);
        }
        return out;
    }

    void read_extension(yaml::Node extension) {
        if (!findings_.expect(extension, yaml::Type::mapping, "an extension")) return;
        findings_.check_keys(extension, {{"name", true}, {"version"}});
        const auto name = findings_.member(extension, "name", yaml::Type::string);
        if (name && std::ranges::find(kExtensions, name->text()) == std::end(kExtensions))
            findings_.at(*name, "unknown extension " + in_backticks(name->text()));
        const auto version = extension.find("version");
        if (!version) return;
        const bool known = version->is(yaml::Type::integer)
                               ? version->integer() >= 0
                               : version->is(yaml::Type::string) && version->text() == "latest";
        if (!known) findings_.at(*version, "`version` is a number or `latest`");
    }

    /// What a config leaves out is there all the same: it could only make texts fail that work elsewhere.
    void read_library(yaml::Node library) {
        findings_.check_keys(library, {{"include_macros"}});
        const auto macros = findings_.member(library, "include_macros", yaml::Type::sequence);
        if (!macros) return;
        for (const yaml::Node macro : macros->elements()) {
            if (!findings_.expect(macro, yaml::Type::string, "a macro")) continue;
            if (std::ranges::find(kMacros, macro.text()) == std::end(kMacros))
                findings_.at(macro, "unknown macro " + in_backticks(macro.text()));
        }
    }

    FindingList& findings_;
};

}  // namespace

}  // namespace parmana::authoring::cel_policy

namespace parmana::authoring {

using namespace cel_policy;

Written<Config> read_config(std::string_view text) {
    const auto document = yaml::parse(text);
    FindingList findings;
    if (!document) {
        findings.at(document.error().position, document.error().message);
        return std::unexpected(std::move(findings).sorted());
    }
    Config out = ConfigReader(findings).read(document->root());
    if (!findings.empty()) return std::unexpected(std::move(findings).sorted());
    return out;
}

}  // namespace parmana::authoring
