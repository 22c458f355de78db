#include "decide/decide.hpp"

namespace parmana::decide {

void PolicySet::add(std::shared_ptr<const GovernedPolicy> policy) {
    Key key{policy->policy.id().value(), policy->policy.version().value()};
    const auto [found, added] = policies_.try_emplace(key, policy);
    if (added || found->second->hash == policy->hash) return;
    // Which of the two was meant is a doubt, and the order of loading must not settle it.
    add_fault(key.first, key.second,
              {Code::policy_altered,
               "two different policies claim to be `" + key.first + "` `" + key.second + "`", "/policyId"});
}

void PolicySet::add_fault(std::string_view id, std::string_view version, Error why) {
    faults_.emplace(Key{id, version}, std::move(why));
}

Result<const GovernedPolicy*> PolicySet::find(const policy::PolicyId& id,
                                              const policy::PolicyVersion& version) const {
    const Key key{id.value(), version.value()};
    if (const auto fault = faults_.find(key); fault != faults_.end()) {
        return std::unexpected<Error>(fault->second);
    }
    if (const auto found = policies_.find(key); found != policies_.end()) return found->second.get();
    return fail(Code::policy_unknown, "`" + key.first + "` has no version `" + key.second + "`", "/policyId");
}

std::vector<std::shared_ptr<const GovernedPolicy>> PolicySet::all() const {
    std::vector<std::shared_ptr<const GovernedPolicy>> out;
    for (const auto& [key, policy] : policies_) {
        if (!faults_.contains(key)) out.push_back(policy);
    }
    return out;
}

namespace {

template <class Judge>
Ruling rule_on(const EvaluateRequest& request, const PolicySet& policies, Judge judge) {
    const auto governed = policies.find(request.policy_id, request.policy_version);
    if (!governed) return Refusal{nullptr, governed.error()};
    auto rule = judge((*governed)->policy);
    if (!rule) return Refusal{*governed, std::move(rule).error()};
    return Decision{*governed, *rule};
}

}  // namespace

Result<const policy::Rule*> judge(const policy::Policy& policy, json::Value signals,
                                  const std::optional<json::Value>& action) {
    policy::Slots slots;
    return policy::judge(policy, signals, action, slots);
}

Ruling decide(const EvaluateRequest& request, const PolicySet& policies) {
    return rule_on(request, policies, [&request](const policy::Policy& policy) {
        return judge(policy, request.signals, request.action);
    });
}

Ruling decide_traced(const EvaluateRequest& request, const PolicySet& policies,
                     std::vector<policy::RuleTrace>& trace) {
    return rule_on(request, policies, [&](const policy::Policy& policy) {
        policy::Slots slots;
        return policy::judge_traced(policy, request.signals, request.action, slots, trace);
    });
}

}  // namespace parmana::decide
