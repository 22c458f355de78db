// The decision: one pure function from a request and a set of policies to a ruling.
//
// No clock, no I/O, no globals: the same request and policies give the same ruling on any build and machine.
// Every doubt is a Refusal with a code and a JSON pointer; only a rule that a person signed makes a Decision.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bundle/bundle.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"

namespace parmana::decide {

/// [A-Za-z0-9][A-Za-z0-9._~-]{0,127}, compared as bytes.
using ExecutionId = Strong<struct ExecutionIdTag, std::string>;
/// Chosen by a caller: the prefix `d_` is reserved for derived identities. Errors: execution_id_invalid.
Result<ExecutionId> make_execution_id(std::string_view text);
/// The same form, derived identities included: for looking up. Errors: execution_id_invalid.
Result<ExecutionId> parse_execution_id(std::string_view text);

/// SHA-256 of the canonical JSON of `{policyId, policyVersion, signals}`: the caller's own fingerprint.
using Fingerprint = Strong<struct FingerprintTag, Digest>;
/// The same with `action` when there is one: what tells a repeated request from a conflicting one.
using RequestDigest = Strong<struct RequestDigestTag, Digest>;

/// A request that parsed. It says nothing yet about whether it can be governed.
struct EvaluateRequest {
    policy::PolicyId policy_id;
    policy::PolicyVersion policy_version;
    std::optional<ExecutionId> execution_id;
    std::shared_ptr<const json::Document> document;  // shared with other requests of the same body
    json::Value signals;                             // views `document`
    std::optional<json::Value> action;               // the same
    std::string signals_json;                        // canonical
    std::string action_json;                         // canonical; empty when there is none
    Fingerprint fingerprint;
    RequestDigest digest;
};

/// The closed request of /evaluate, /simulate and /execute. Errors: json_*, number_not_exact, member_*,
/// execution_id_invalid, each with a pointer.
Result<EvaluateRequest> parse_request(std::string_view body);
/// The same of one value in a document. Pointers begin at that value.
Result<EvaluateRequest> parse_request(std::shared_ptr<const json::Document> document, json::Value request);

/// A policy that may decide.
struct GovernedPolicy {
    policy::Policy policy;
    bundle::Bundle bundle;
    bundle::PolicyHash hash;
};

/// The policies of one snapshot: each either governs or names the reason why it does not. Immutable once
/// shared.
class PolicySet {
  public:
    /// Two different policies of one identity and version: neither governs (policy_altered).
    void add(GovernedPolicy policy) { add(std::make_shared<const GovernedPolicy>(std::move(policy))); }
    /// The same, shared with other sets.
    void add(std::shared_ptr<const GovernedPolicy> policy);
    /// A policy that is there but must not decide (policy_unsigned, policy_altered, policy_invalid,
    /// profile_unknown).
    void add_fault(std::string_view id, std::string_view version, Error why);
    /// Errors: policy_unknown, or the fault that was added.
    Result<const GovernedPolicy*> find(const policy::PolicyId& id,
                                       const policy::PolicyVersion& version) const;
    /// Those that govern, by id and version.
    std::vector<std::shared_ptr<const GovernedPolicy>> all() const;
    /// Those that do not, by id and version, with the reason.
    using Key = std::pair<std::string, std::string>;
    const std::map<Key, Error>& faults() const { return faults_; }

  private:
    std::map<Key, std::shared_ptr<const GovernedPolicy>> policies_;
    std::map<Key, Error> faults_;
};

/// Both view the PolicySet they were made from.
struct Decision {
    const GovernedPolicy* policy;
    const policy::Rule* rule;
};
struct Refusal {
    const GovernedPolicy* policy;  // null when no policy could be consulted
    Error why;
};
using Ruling = std::variant<Decision, Refusal>;

Ruling decide(const EvaluateRequest& request, const PolicySet& policies);

/// The same ruling with the reason for each rule looked at: for /simulate and the command line.
Ruling decide_traced(const EvaluateRequest& request, const PolicySet& policies,
                     std::vector<policy::RuleTrace>& trace);

/// One policy on already parsed signals and action: what a verifier re-derives a verdict with.
Result<const policy::Rule*> judge(const policy::Policy& policy, json::Value signals,
                                  const std::optional<json::Value>& action);

}  // namespace parmana::decide
