// The checks over one evidence file. Private to the module.
#pragma once

#include <memory>

#include "note/note.hpp"
#include "trust/history.hpp"
#include "verify/verify.hpp"

namespace parmana::verify {

/// Runs the checks in their fixed order and remembers what later ones build on.
class Judge {
  public:
    Judge(Report& report, const Evidence& evidence, const Held& held)
        : report_(report), evidence_(evidence), root_(held.root), held_(held) {}

    void run();
    /// What keys were judged by; null without a trust root.
    const trust::History* trust() const { return trust_.get(); }

  private:
    void pass(std::string name, std::string detail) {
        add(std::move(name), Outcome::passed, std::move(detail));
    }
    void fail_check(std::string name, std::string detail) {
        add(std::move(name), Outcome::failed, std::move(detail));
    }
    void skip(std::string name, std::string detail) {
        add(std::move(name), Outcome::not_judged, std::move(detail));
    }
    void add(std::string name, Outcome outcome, std::string detail) {
        report_.checks.push_back({std::move(name), outcome, std::move(detail)});
    }
    void judge(std::string name, bool good, std::string passed, std::string failed) {
        good ? pass(std::move(name), std::move(passed)) : fail_check(std::move(name), std::move(failed));
    }

    // Their layout was checked when the file was read.
    note::Head head() const { return note::parse_head(evidence_.checkpoint).value(); }
    note::Head previous_head() const { return note::parse_head(evidence_.previous->note).value(); }

    /// The keys inside prove nothing: what is enclosed must be a chain with what the verifier pinned.
    void trust_chain();
    void key_events();
    void trust_expiry();
    void attestation_signature();
    /// The group statement vouches for this decision.
    void group();
    merkle::LeafHash leaf_of_statement() const;
    void statement();
    void record_digest();
    /// Statement and record speak of the same execution, and every derived value is what it must be.
    void binding();
    void policy_hash();
    void policy_signature();
    /// The policy bytes are those of the manifest, and of the identity that the statement names.
    void policy_bundle();
    void runtime_hash();
    /// A release that was in force admits the runtime, or there was none to ask.
    void release();
    void signals_schema();
    void verdict();
    void checkpoint_signature();
    void inclusion();
    void checkpoint_time();
    void previous_checkpoint();
    void witnesses();

    Report& report_;
    const Evidence& evidence_;
    const trust::Root* root_;
    const Held& held_;
    std::unique_ptr<trust::History> trust_;  // nothing without a trust root
    std::optional<crypto::PublicKey> attestation_key_;
    std::optional<attest::DecisionStatement> statement_;
    std::optional<attest::DecisionRecord> record_;
    std::optional<policy::Policy> policy_;
    std::optional<Result<json::Document>> signals_;
    std::optional<note::Checkpoint> checkpoint_;
    bool record_is_attested_ = false;
    bool bundle_is_attested_ = false;
    bool signals_are_good_ = false;
};

}  // namespace parmana::verify
