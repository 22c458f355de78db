// A small front end for policies of Kubernetes: a document with `kind: ValidatingAdmissionPolicy`.
//
//   name: …                    or metadata.name
//   spec:
//     variables:    [{name, expression}]                as those of a rule
//     validations:  [{expression, messageExpression}]   each is a choice of one `match`: where `expression`
//     does not
//                                                       hold, the output is the value of `messageExpression`
//
// `apiVersion`, the rest of `metadata`, `spec.failurePolicy` and `spec.matchConstraints` say where a cluster
// applies the policy; they are taken as they are. All else is an unknown key: what would change a decision is
// not passed over.
#include "authoring/cel_policy_reader.hpp"
#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {
namespace {

constexpr std::string_view kKind = "ValidatingAdmissionPolicy";
constexpr Purpose kValidation{"`expression`", cel::TypeKind::boolean};
constexpr Purpose kMessage{"`messageExpression`", cel::TypeKind::string};

}  // namespace

void Reader::read_admission(yaml::Node root) {
    findings_.check_keys(root, {{"kind", true}, {"apiVersion"}, {"name"}, {"metadata"}, {"spec", true}});
    const auto kind = findings_.member(root, "kind", yaml::Type::string);
    if (kind && kind->text() != kKind)
        findings_.at(*kind, "unknown kind " + policy::in_backticks(kind->text()) + ", there is `" +
                                std::string(kKind) + "`");
    findings_.text(root, "apiVersion");
    const auto metadata = findings_.member(root, "metadata", yaml::Type::mapping);
    draft_.name = findings_.text(root, "name");
    if (draft_.name.empty() && metadata) draft_.name = findings_.text(*metadata, "name");
    if (draft_.name.empty()) findings_.at(root, "missing key `name`, here or in `metadata`");

    const auto spec = findings_.member(root, "spec", yaml::Type::mapping);
    if (!spec) return;
    findings_.check_keys(*spec,
                         {{"failurePolicy"}, {"matchConstraints"}, {"variables"}, {"validations", true}});
    if (const auto variables = findings_.member(*spec, "variables", yaml::Type::sequence))
        read_variables(*variables);
    draft_.rule = std::make_unique<Rule>(Rule{.node = *spec});
    if (const auto validations = findings_.member(*spec, "validations", yaml::Type::sequence)) {
        if (validations->elements().empty())
            findings_.at(*validations, "a policy has at least one validation");
        for (const yaml::Node validation : validations->elements()) {
            if (findings_.expect(validation, yaml::Type::mapping, "a validation"))
                read_validation(validation, *draft_.rule);
        }
    }
    settle(*draft_.rule, findings_);
}

void Reader::read_validation(yaml::Node validation, Rule& rule) {
    findings_.check_keys(validation, {{"expression", true}, {"messageExpression", true}});
    Choice choice{.node = validation, .is_negated = true};
    if (const auto expression = validation.find("expression")) {
        choice.condition = scope_.read(*expression, kValidation);
        const auto literal = choice.condition ? literal_of(*choice.condition) : std::nullopt;
        if (literal) choice.constant = !*literal;
    }
    if (const auto message = validation.find("messageExpression"))
        choice.output = scope_.read(*message, kMessage);
    rule.choices.push_back(std::move(choice));
}

}  // namespace parmana::authoring::cel_policy
