// The order of keys, and what is written how: the canonical look of governance documents and of tests.
#include "authoring/layout.hpp"

namespace parmana::authoring {
namespace {

constexpr Shape kAny{};
constexpr Shape kCel{.cel = true};
constexpr Shape kVersion{.version = true};
constexpr Shape kCells{.others = &kCel};

extern const Shape kDeclaration;
constexpr KeyShape kDeclarationKeys[] = {
    {"type", &kAny},     {"required", &kAny}, {"values", &kAny},      {"elements", &kDeclaration},
    {"minimum", &kAny},  {"maximum", &kAny},  {"min_length", &kAny},  {"max_length", &kAny},
    {"min_size", &kAny}, {"max_size", &kAny}, {"description", &kAny},
};
constexpr Shape kDeclaration{.keys = kDeclarationKeys};
constexpr Shape kSignals{.others = &kDeclaration, .block = true};

constexpr KeyShape kOutcomeKeys[] = {{"decision", &kAny}, {"action", &kAny}, {"reason", &kAny}};
constexpr Shape kOutcome{.keys = kOutcomeKeys};

constexpr KeyShape kVariableKeys[] = {{"name", &kAny}, {"description", &kAny}, {"expression", &kCel}};
constexpr Shape kVariable{.keys = kVariableKeys, .block = true};
constexpr Shape kVariables{.others = &kVariable, .block = true};

extern const Shape kRule;
constexpr KeyShape kChoiceKeys[] = {
    {"id", &kAny}, {"description", &kAny}, {"condition", &kCel}, {"rule", &kRule}, {"outcome", &kOutcome},
};
constexpr Shape kChoice{.keys = kChoiceKeys, .block = true};
constexpr Shape kMatch{.others = &kChoice, .block = true};
constexpr KeyShape kRuleKeys[] = {{"description", &kAny}, {"variables", &kVariables}, {"match", &kMatch}};
constexpr Shape kRule{.keys = kRuleKeys, .block = true};

constexpr KeyShape kRowKeys[] = {
    {"id", &kAny}, {"description", &kAny}, {"when", &kAny}, {"outcome", &kOutcome}};
constexpr Shape kRow{.keys = kRowKeys};
constexpr Shape kRows{.others = &kRow, .block = true, .uniform = true};
constexpr Shape kDefault{.keys = kRowKeys, .block = true};
constexpr KeyShape kTableKeys[] = {
    {"description", &kAny}, {"hitPolicy", &kAny}, {"priorities", &kAny},
    {"inputs", &kCells},    {"rows", &kRows},     {"default", &kDefault},
};
constexpr Shape kTable{.keys = kTableKeys, .block = true};

constexpr KeyShape kPolicyKeys[] = {
    {"policyId", &kAny},    {"policyVersion", &kVersion}, {"description", &kAny},
    {"signals", &kSignals}, {"boundSignals", &kAny},      {"rule", &kRule},
    {"table", &kTable},
};
constexpr Shape kPolicy{.keys = kPolicyKeys, .block = true};

constexpr KeyShape kActionKeys[] = {{"type", &kAny}, {"target", &kAny}, {"parameters", &kAny}};
constexpr Shape kAction{.keys = kActionKeys};
constexpr KeyShape kExpectKeys[] = {{"decision", &kAny}, {"rule", &kAny}, {"refused", &kAny}};
constexpr Shape kExpect{.keys = kExpectKeys};
constexpr KeyShape kTestKeys[] = {
    {"name", &kAny}, {"description", &kAny}, {"signals", &kAny}, {"action", &kAction}, {"expect", &kExpect},
};
constexpr Shape kTest{.keys = kTestKeys, .block = true};
constexpr Shape kTests{.others = &kTest, .block = true};
constexpr Shape kLine{.line = true};
constexpr Shape kTestRows{.others = &kLine, .block = true};
constexpr KeyShape kTestTableKeys[] = {{"description", &kAny}, {"columns", &kLine}, {"rows", &kTestRows}};
constexpr Shape kTestTable{.keys = kTestTableKeys, .block = true};
constexpr KeyShape kSuiteKeys[] = {{"description", &kAny}, {"tests", &kTests}, {"table", &kTestTable}};
constexpr Shape kSuite{.keys = kSuiteKeys, .block = true};

}  // namespace

const Shape& shape_of_policy() {
    return kPolicy;
}

const Shape& shape_of_suite() {
    return kSuite;
}

}  // namespace parmana::authoring
