// Answers: the end of the road. What says consumed or carries an attestation is made from a Committed value
// only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attest/attest.hpp"
#include "base/result.hpp"
#include "store/ledger.hpp"
#include "tlog/tlog.hpp"

namespace parmana::runtime {

struct Group;

/// A decision alone has the envelope of its group with it; in a batch the envelopes stand once for all.
enum class AnswerForm : std::uint8_t { whole, item };

class Answer {
  public:
    int status() const { return status_; }
    /// A literal.
    std::string_view media_type() const { return media_type_; }
    const std::string& body() const { return body_; }

    using Entry = store::Committed<store::Entry>;

    /// What goes with a decision: the group that vouches for it when it has no signature of its own, and
    /// where it stands under a head, for whoever waited for that.
    struct Proofs {
        std::shared_ptr<const Group> group;
        std::optional<tlog::Inclusion> inclusion;
    };
    /// 200 of /evaluate: the decision, told with its attestation. Made from the entry and what the ledger
    /// proves of it, so that the stored answer is given again byte for byte.
    static Answer decision(const Entry& entry, std::string_view origin, const Proofs& proofs,
                           AnswerForm form);
    /// 200 of /evaluate/batch: `{"groups":[envelope…],"results":[{"body":…,"status":…}…]}`.
    static Answer batch(const std::vector<Answer>& answers);
    /// 422: the request's own fault, with the signed refusal of its identity and code.
    static Answer refusal(const Error& why, const Entry& entry);
    /// 409: consumed or conflicting; without attestation.
    static Answer used(Code code, const Entry& entry);
    /// 200 of /executions/{id}: the record.
    static Answer execution(const Entry& entry, std::string_view origin, const Group* group);

    /// A failure that claims nothing about consumption. `execution_id` may be empty.
    static Answer problem(const Error& error, std::string_view execution_id = {});
    /// A document that claims nothing about consumption.
    static Answer document(std::string json) { return {200, kJson, std::move(json)}; }
    static Answer not_ready(std::string json) { return {503, kJson, std::move(json)}; }
    /// A file of the log, which vouches for itself.
    static Answer log_file(std::string_view media_type, std::string bytes) {
        return {200, media_type, std::move(bytes)};
    }

  private:
    static constexpr std::string_view kJson = "application/json", kProblem = "application/problem+json";
    Answer(int status, std::string_view media_type, std::string body)
        : status_(status), media_type_(media_type), body_(std::move(body)) {}
    int status_;
    std::string_view media_type_;
    std::string body_;
    std::shared_ptr<const Group> group_;  // of an item: its envelope is still to be told
};

}  // namespace parmana::runtime
