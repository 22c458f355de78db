// Which installed policies govern, and why the others do not.
#include "runtime/governance.hpp"

namespace parmana::runtime {
namespace {

using State = PolicyBook::State;

Error fault(Code code, std::string detail) {
    return {code, std::move(detail), "/policyId"};
}

std::string quoted(const PolicyBook::Key& key) {
    return "`" + key.first + "` `" + key.second + "`";
}

/// Why a version that is installed and good does not govern; nothing when it does.
std::optional<Error> why_not(const PolicyBook::Key& key, const decide::GovernedPolicy& policy,
                             const PolicyBook& book, const trust::History& trust) {
    const auto standing = book.find(key.first, key.second);
    if (!standing) return fault(Code::policy_inactive, quoted(key) + " was never activated");
    if (standing->state == State::superseded)
        return fault(Code::policy_superseded, quoted(key) + " was superseded");
    if (standing->state != State::active)
        return fault(Code::policy_inactive, quoted(key) + " was " + std::string(wire_name(standing->state)));
    if (standing->digest != to_hex(view_of(policy.hash.value())))
        return fault(Code::policy_altered,
                     "what is installed of " + quoted(key) + " is not what was activated");
    const std::uint64_t now = std::numeric_limits<std::uint64_t>::max();
    if (const Status judged = bundle::check_history(policy.bundle, trust, now); !judged)
        return fault(judged.error().code, judged.error().detail);
    return std::nullopt;
}

}  // namespace

decide::PolicySet compose(const Installed& installed, const PolicyBook& book, const trust::History& trust) {
    decide::PolicySet out;
    for (const auto& [key, policy] : installed.policies) {
        if (auto why = why_not(key, *policy, book, trust)) {
            out.add_fault(key.first, key.second, *std::move(why));
        } else {
            out.add(policy);
        }
    }
    for (const auto& [key, why] : installed.faults)
        out.add_fault(key.first, key.second, why);
    for (const auto& [key, standing] : book.all()) {
        if (installed.policies.contains(key) || installed.faults.contains(key)) continue;
        out.add_fault(
            key.first, key.second,
            standing.state == State::superseded
                ? fault(Code::policy_superseded, quoted(key) + " was superseded")
                : fault(standing.state == State::active ? Code::policy_altered : Code::policy_inactive,
                        quoted(key) + " is not installed any more"));
    }
    return out;
}

std::string policy_report(const Installed& installed, const PolicyBook& book, const trust::History& trust) {
    struct Row {
        const decide::GovernedPolicy* policy = nullptr;
        const Error* fault = nullptr;
    };
    std::map<PolicyBook::Key, Row> rows;
    for (const auto& [key, policy] : installed.policies)
        rows[key].policy = policy.get();
    for (const auto& [key, why] : installed.faults)
        rows[key].fault = &why;
    for (const auto& [key, standing] : book.all())
        rows.try_emplace(key);
    std::string out;
    json::Writer writer(out);
    writer.object().name("policies").array();
    for (const auto& [key, row] : rows) {
        const auto standing = book.find(key.first, key.second);
        std::optional<Error> why = row.fault != nullptr ? std::optional(*row.fault) : std::nullopt;
        if (row.policy != nullptr) why = why_not(key, *row.policy, book, trust);
        const bool stands = standing && standing->state == State::active;
        writer.object();
        if (standing) writer.name("counter").integer(standing->counter);
        if (standing && !standing->expires.empty()) writer.name("expires").string(standing->expires);
        if (why && (stands || row.fault != nullptr)) {
            writer.name("fault").object().name("code").string(wire_name(why->code));
            writer.name("detail").string(why->detail).end();
        }
        if (row.policy != nullptr) writer.name("policyHash").string(to_wire(row.policy->hash.value()));
        writer.name("policyId").string(key.first).name("policyVersion").string(key.second);
        writer.name("state").string(standing ? wire_name(standing->state) : "installed").end();
    }
    writer.end().end();
    return out;
}

}  // namespace parmana::runtime
