// What the checks come to: nine named answers.
#include <algorithm>
#include <span>

#include "verify/verify.hpp"

namespace parmana::verify {
namespace {

struct Question {
    std::string_view name;
    std::vector<std::string_view> checks;
};

/// Every check of every kind of file answers exactly one question.
const std::vector<Question>& questions() {
    static const std::vector<Question> kQuestions = {
        {"signature", {"format", "attestation_signature", "group", "statement", "record_digest", "binding"}},
        {"runtime", {"runtime_hash"}},
        {"schema", {"signals_schema"}},
        {"policy_bundle", {"policy_hash", "policy_signature", "policy_bundle", "approvals"}},
        {"release", {"release"}},
        {"trust_root", {"trust_root", "trust_chain", "key_events", "trust_expiry"}},
        {"log",
         {"checkpoint_signature", "inclusion", "order", "range", "identities", "checkpoint_time",
          "previous_checkpoint", "held_head"}},
        {"witness", {"witnesses"}},
        {"verdict", {"verdict"}},
    };
    return kQuestions;
}

Finding answer(const Question& question, std::span<const Check> checks) {
    Finding out{question.name, false, "there is nothing in the file to judge it by"};
    bool all = true;
    for (const Check& check : checks) {
        if (std::find(question.checks.begin(), question.checks.end(), check.name) == question.checks.end())
            continue;
        const bool passed = check.outcome == Outcome::passed;
        if (all) out = {question.name, passed, check.name + ": " + check.detail};
        all = all && passed;
    }
    return out;
}

}  // namespace

std::vector<Finding> results_of(const Report& report) {
    std::vector<Finding> out;
    for (const Question& question : questions())
        out.push_back(answer(question, report.checks));
    return out;
}

}  // namespace parmana::verify
