#include "conformance/policy_case.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "authoring/cel_policy.hpp"
#include "authoring/cel_policy_value.hpp"
#include "yaml/yaml.hpp"

namespace parmana::conformance {
namespace {

using authoring::CelPolicy;
using authoring::Findings;

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::string place_of(const authoring::Finding& finding) {
    return std::to_string(finding.line) + ":" + std::to_string(finding.column);
}

std::string shown(const Findings& findings) {
    std::string out;
    for (const authoring::Finding& finding : findings)
        out += (out.empty() ? "" : "; ") + place_of(finding) + " " + finding.message;
    return out;
}

/// Values that texts of tests mean; they live as long as this.
class Values {
  public:
    Answer<cel::Value> of_text(std::string_view text) {
        const cel::Environment environment;
        auto ast = cel::parse(text, cel::Macros::extended);
        if (!ast) return std::unexpected(ast.error().front().message);
        const auto checked = cel::check(*std::move(ast), environment);
        if (!checked) return std::unexpected(checked.error().front().message);
        programs_.push_back(std::make_unique<cel::Program>(cel::compile(*checked, environment)));
        machines_.push_back(std::make_unique<cel::Machine>());
        const cel::Value value = machines_.back()->run(*programs_.back(), 0, {});
        if (value.is(cel::Kind::error))
            return std::unexpected("`" + std::string(text) +
                                   "`: " + std::string(cel::describe(value.failure.fault)));
        return value;
    }

    /// Of a mapping with `value` or `expr`.
    Answer<cel::Value> of(yaml::Node node, const cel::Type& type) {
        if (!node.is(yaml::Type::mapping) || node.members().size() != 1)
            return std::unexpected("neither a value nor an expression");
        const yaml::Member& member = node.members().front();
        if (member.key.text() == "value") return authoring::value_of(member.value, type, arena_);
        if (member.key.text() == "expr" && member.value.is(yaml::Type::string))
            return of_text(member.value.text());
        return std::unexpected("unknown key `" + std::string(member.key.text()) + "`");
    }

  private:
    cel::Arena arena_;
    std::vector<std::unique_ptr<cel::Program>> programs_;
    std::vector<std::unique_ptr<cel::Machine>> machines_;
};

/// Equal, and of the same types throughout.
bool same(const cel::Value& a, const cel::Value& b) {
    return cel::equal(a, b) && cel::to_source(a) == cel::to_source(b);
}

class CaseRunner {
  public:
    CaseRunner(const std::string& directory, const std::vector<std::string>& positions)
        : directory_(directory), positions_(positions) {}

    std::vector<PolicyVerdict> run() {
        const auto policy = read_file(directory_ + "/policy.yaml");
        if (!policy) return {{"policy.yaml", "cannot be read"}};
        if (const auto text = read_file(directory_ + "/config.yaml")) {
            auto config = authoring::read_config(*text);
            if (!config) return {{"config.yaml", shown(config.error())}};
            config_ = *std::move(config);
        }
        compile(*policy);
        const auto tests = read_file(directory_ + "/tests.yaml");
        if (!tests) return {{"compile", must_fail()}};
        const auto document = yaml::parse(*tests);
        if (!document) return {{"tests.yaml", error_of(document.error()).detail}};
        run(document->root());
        if (verdicts_.empty()) return {{"tests.yaml", "has no tests"}};
        return std::move(verdicts_);
    }

  private:
    void compile(const std::string& text) {
        auto policy = authoring::compile_cel_policy(text, config_);
        if (policy) {
            policy_.emplace(*std::move(policy));
        } else {
            findings_ = policy.error();
        }
    }

    void run(yaml::Node root) {
        const auto sections = root.find("section") ? root.find("section") : root.find("sections");
        if (!sections) return;
        for (const yaml::Node section : sections->elements()) {
            for (const yaml::Node test : section.find("tests")->elements()) {
                const std::string name =
                    std::string(section.find("name")->text()) + "/" + std::string(test.find("name")->text());
                verdicts_.push_back({name, run_test(test)});
            }
        }
    }

    /// Empty, or why the test does not pass.
    std::string run_test(yaml::Node test) {
        const auto output = test.find("output");
        if (!output || !output->is(yaml::Type::mapping)) return "asks for nothing";
        if (const auto fragments = output->find("error_set")) return must_fail(*fragments);
        if (!policy_) return "does not compile: " + shown(findings_);
        if (test.find("context_expr")) return "there are no contexts";
        Values values;
        CelPolicy::Input input;
        if (const auto given = test.find("input")) {
            for (const yaml::Member& member : given->members()) {
                const auto value = values.of(member.value, type_of(member.key.text()));
                if (!value) return std::string(member.key.text()) + ": " + value.error();
                input.emplace(member.key.text(), *value);
            }
        }
        const auto outcome = policy_->evaluate(input, memory_);
        if (!outcome) return outcome.error().detail;
        return compare(outcome->value, *output, values);
    }

    std::string compare(const cel::Value& value, yaml::Node output, Values& values) {
        const cel::Type& type = policy_->output_type();
        if (!authoring::fits(value, type))
            return cel::to_source(value) + " is not of type " + cel::to_string(type);
        const bool is_optional = type.is(cel::TypeKind::optional);
        const auto expected = values.of(output, is_optional ? type.parameters[0] : type);
        if (!expected) return expected.error();
        const bool is_inside = is_optional && value.optional != nullptr && same(*value.optional, *expected);
        if (is_inside || same(value, *expected)) return "";
        return "expected " + cel::to_source(*expected) + ", got " + cel::to_source(value);
    }

    cel::Type type_of(std::string_view name) const {
        const auto found = std::ranges::find(config_.variables, name, &cel::VariableDeclaration::name);
        return found == config_.variables.end() ? cel::Type{} : found->type;
    }

    std::string must_fail() const {
        if (policy_) return "compiles";
        std::vector<std::string> places;
        for (const authoring::Finding& finding : findings_)
            places.push_back(place_of(finding));
        if (places != positions_) return "findings at other places: " + shown(findings_);
        return "";
    }
    std::string must_fail(yaml::Node fragments) const {
        std::string out = must_fail();
        for (const yaml::Node fragment : fragments.elements()) {
            const std::string_view words = our_words(fragment.text());
            const auto has = [&](const authoring::Finding& finding) {
                return finding.message.contains(words);
            };
            if (std::ranges::none_of(findings_, has)) out += "no finding `" + std::string(words) + "`; ";
        }
        return out;
    }

    const std::string& directory_;
    const std::vector<std::string>& positions_;
    authoring::Config config_;
    std::optional<CelPolicy> policy_;
    Findings findings_;
    CelPolicy::Memory memory_;
    std::vector<PolicyVerdict> verdicts_;
};

}  // namespace

std::vector<PolicyVerdict> run_case(const std::string& directory, const std::vector<std::string>& positions) {
    return CaseRunner(directory, positions).run();
}

}  // namespace parmana::conformance
