// Answers: the end of the road. What says consumed or carries an attestation is made from a Committed value
// only.
#pragma once

#include <string>
#include <string_view>

#include "attest/attest.hpp"
#include "base/result.hpp"
#include "store/ledger.hpp"

namespace parmana::runtime {

class Answer {
  public:
    int status() const { return status_; }
    /// application/problem+json when true, else application/json.
    bool is_problem() const { return is_problem_; }
    const std::string& body() const { return body_; }

    using Entry = store::Committed<store::Entry>;

    /// 200 of /evaluate: the decision, told with its attestation. Made from the entry alone, so that the
    /// stored answer is given again byte for byte.
    static Answer decision(const Entry& entry, std::string_view origin);
    /// 422: the request's own fault, with the signed refusal of its identity and code.
    static Answer refusal(const Error& why, const Entry& entry);
    /// 409: consumed or conflicting; without attestation.
    static Answer used(Code code, const Entry& entry);
    /// 200 of /executions/{id}: the record.
    static Answer execution(const Entry& entry, std::string_view origin);

    /// A failure that claims nothing about consumption. `execution_id` may be empty.
    static Answer problem(const Error& error, std::string_view execution_id = {});
    /// A document that claims nothing about consumption.
    static Answer document(std::string json) { return {200, false, std::move(json)}; }
    static Answer not_ready(std::string json) { return {503, false, std::move(json)}; }

  private:
    Answer(int status, bool is_problem, std::string body)
        : status_(status), is_problem_(is_problem), body_(std::move(body)) {}
    int status_;
    bool is_problem_;
    std::string body_;
};

}  // namespace parmana::runtime
