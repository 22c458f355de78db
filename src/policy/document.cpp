// Reading a policy document: its top level, its rules and their outcomes.
#include "policy/document.hpp"

#include <charconv>
#include <map>

#include "base/limits.hpp"
#include "policy/names.hpp"

namespace parmana::policy {
namespace {

bool is_catch_all(json::Value condition) {
    if (!condition.is(json::Type::object) || condition.size() != 1) return false;
    const auto all = condition.find("all");
    return all && all->is(json::Type::array) && all->size() == 0;
}

/// Reads rules one after the other and remembers what later ones are judged by.
class RuleReader {
  public:
    RuleReader(Draft& draft, Findings& findings)
        : draft_(draft), findings_(findings), conditions_(draft, findings), ids_(findings) {}

    void read(json::Value value, const std::string& pointer) {
        ends_in_catch_all_ = false;
        if (catch_all_) {
            findings_.at_value(value, "the rule is unreachable: " + *catch_all_ + " catches all", pointer);
        }
        if (!findings_.expect(value, json::Type::object, "a rule", pointer)) return;
        findings_.check_keys(value, pointer, {{"id", true}, {"condition", true}, {"outcome", true}});
        std::optional<std::string> id = ids_.read(value, pointer);
        std::optional<Condition> condition;
        if (const auto given = value.find("condition")) {
            condition = conditions_.read(*given, pointer + "/condition");
            if (is_catch_all(*given)) {
                ends_in_catch_all_ = true;
                if (!catch_all_) catch_all_ = id ? "rule " + in_backticks(*id) : "a rule before it";
            }
        }
        std::optional<Outcome> outcome;
        if (const auto given = value.find("outcome")) {
            outcome = read_outcome(*given, pointer + "/outcome", findings_);
        }
        if (!id || !condition || !outcome) return;
        draft_.rules.push_back({*std::move(id), *std::move(outcome)});
        draft_.conditions.push_back(*std::move(condition));
    }

    /// A catch-all further up already makes every later rule a finding.
    bool complete() const { return ends_in_catch_all_ || catch_all_; }

  private:
    Draft& draft_;
    Findings& findings_;
    ConditionReader conditions_;
    RuleIds ids_;
    std::optional<std::string> catch_all_;         // the first one, in words
    bool ends_in_catch_all_ = false;
};

/// The parser says where it stopped at the end of its detail; a finding has that in fields of its
/// own.
Diagnostic malformed(std::string_view source, const Error& error) {
    constexpr std::string_view kAt = " at offset ";
    const std::size_t at = error.detail.rfind(kAt);
    std::size_t offset = 0;
    std::string message = error.detail;
    if (at != std::string::npos) {
        const char* digits = error.detail.data() + at + kAt.size();
        std::from_chars(digits, error.detail.data() + error.detail.size(), offset);
        message.resize(at);
    }
    const json::Position position = json::position_of(source, std::min(offset, source.size()));
    return {position.line, position.column, std::move(message), error.pointer};
}

}  // namespace

std::optional<Outcome> read_outcome(json::Value value, const std::string& pointer, Findings& findings) {
    if (!findings.expect(value, json::Type::object, "`outcome`", pointer)) return std::nullopt;
    findings.check_keys(value, pointer, {{"action", true}, {"requires_override", true}, {"reason", true}});
    const auto action = findings.member(value, pointer, "action", json::Type::string);
    const auto override = findings.member(value, pointer, "requires_override", json::Type::boolean);
    const auto reason = findings.member(value, pointer, "reason", json::Type::string);
    bool whole = action && override && reason;
    if (action && !is_action(action->string())) {
        findings.at_value(*action,
                          "action " + in_backticks(action->string()) +
                              " is not a lower-case letter and at most 63 of a-z, 0-9 or `_`",
                          pointer + "/action");
        whole = false;
    } else if (action && override && !override->boolean() && action->string() != "approve" &&
               action->string() != "reject") {
        findings.at_value(*action,
                          "action " + in_backticks(action->string()) +
                              " needs an override: without one it must be `approve` or `reject`",
                          pointer + "/action");
        whole = false;
    }
    if (reason && (reason->string().empty() || reason->string().size() > kReasonBytesMax)) {
        findings.at_value(*reason, "`reason` is not 1 to 512 bytes long", pointer + "/reason");
        whole = false;
    }
    if (!whole) return std::nullopt;
    const Verdict verdict = override->boolean()             ? Verdict::override_required
                            : action->string() == "approve" ? Verdict::approved
                                                            : Verdict::rejected;
    return Outcome{std::string(action->string()), override->boolean(), std::string(reason->string()),
                   verdict};
}

std::optional<std::string> RuleIds::read(json::Value rule, const std::string& pointer) {
    const auto id = findings_.member(rule, pointer, "id", json::Type::string);
    if (!id) return std::nullopt;
    if (!is_rule_id(id->string())) {
        findings_.at_value(
            *id,
            "rule id " + in_backticks(id->string()) + " is not 1 to 128 letters, digits, `_`, `.` or `-`",
            pointer + "/id");
        return std::nullopt;
    }
    const auto [first, added] = taken_.try_emplace(id->string(), pointer);
    if (added) return std::string(id->string());
    findings_.at_value(*id, "rule id " + in_backticks(id->string()) + " is taken by " + first->second,
                       pointer + "/id");
    return std::nullopt;
}

void read_rules(json::Value rules, Draft& draft, Findings& findings) {
    if (rules.size() > limits::kRulesMax) {
        findings.at_value(rules, "more than " + std::to_string(limits::kRulesMax) + " rules", "/rules");
        return;
    }
    RuleReader reader(draft, findings);
    std::size_t index = 0;
    std::optional<json::Value> last;
    for (const json::Value rule : rules.elements()) {
        reader.read(rule, "/rules/" + std::to_string(index++));
        last = rule;
    }
    if (reader.complete()) return;
    const std::string demand = "the last rule must catch all: its condition must be {\"all\":[]}";
    if (!last) {
        findings.at_value(rules, demand, "/rules");
        return;
    }
    std::string pointer = "/rules/" + std::to_string(index - 1);
    const auto condition = last->is(json::Type::object) ? last->find("condition") : std::nullopt;
    if (condition) pointer += "/condition";
    findings.at_value(condition.value_or(*last), demand, std::move(pointer));
}

namespace {

constexpr Key kRulesKeys[] = {{"policyId", true},      {"policyVersion", true}, {"schemaVersion", true},
                              {"signalsSchema", true}, {"rules", true},         {"description", false}};
constexpr Key kCelKeys[] = {{"policyId", true},      {"policyVersion", true}, {"schemaVersion", true},
                            {"signalsSchema", true}, {"rules", true},         {"description", false},
                            {"languageProfile", true}, {"hitPolicy", true},   {"priorities", false},
                            {"boundSignals", false}, {"variables", false}};

/// A member that `make` turns into a value, or explains why it does not.
template <class T, class Make>
void read_made(json::Value root, std::string_view name, std::optional<T>& out, Make make, Findings& findings) {
    const auto text = findings.member(root, "", name, json::Type::string);
    if (!text) return;
    auto made = make(text->string());
    if (made.has_value()) {
        out = *std::move(made);
    } else {
        findings.at_value(*text, std::move(made).error().detail, pointer_token(name));
    }
}

}  // namespace

Draft read_document(json::Value root, Findings& findings) {
    Draft draft;
    if (!findings.expect(root, json::Type::object, "a policy", "")) return draft;
    const auto profile = root.find("languageProfile");
    const bool is_cel = profile.has_value();
    if (is_cel && (!profile->is(json::Type::string) || profile->string() != kCelProfile)) {
        findings.at_value(*profile, "`languageProfile` must be " + in_backticks(kCelProfile), "/languageProfile");
        return draft;
    }
    draft.profile = is_cel ? kCelProfile : kRulesProfile;
    findings.check_keys(root, "", is_cel ? std::span<const Key>(kCelKeys) : kRulesKeys);
    read_made(root, "policyId", draft.id, make_policy_id, findings);
    read_made(root, "policyVersion", draft.version, make_policy_version, findings);
    const std::string_view expected = is_cel ? kCelSchemaVersion : kRulesSchemaVersion;
    const auto schema_version = findings.member(root, "", "schemaVersion", json::Type::string);
    if (schema_version && schema_version->string() != expected) {
        findings.at_value(*schema_version, "`schemaVersion` must be " + in_backticks(expected), "/schemaVersion");
    }
    findings.member(root, "", "description", json::Type::string);
    draft.schema = findings.member(root, "", "signalsSchema", json::Type::object);
    if (draft.schema) draft.signals = read_signals(*draft.schema, is_cel, findings);
    if (is_cel) {
        read_cel_parts(root, draft, findings);
    } else if (const auto rules = findings.member(root, "", "rules", json::Type::array)) {
        read_rules(*rules, draft, findings);
    }
    return draft;
}

Reading read_policy(std::string_view source) {
    Reading reading;
    if (source.size() > limits::kPolicyBytesMax) {
        reading.findings.push_back(
            {1, 1, "the policy is over " + std::to_string(limits::kPolicyBytesMax) + " bytes", ""});
        return reading;
    }
    auto document = json::parse(source);
    if (!document.has_value()) {
        reading.findings.push_back(malformed(source, document.error()));
        return reading;
    }
    Findings findings(source);
    reading.draft = read_document(document->root(), findings);
    reading.findings = findings.sorted();
    reading.document = *std::move(document);
    return reading;
}

}  // namespace parmana::policy
