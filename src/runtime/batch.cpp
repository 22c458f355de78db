// Many requests in one body. Each goes its own way over the road; the answer comes when the last one is
// durable.
#include <atomic>

#include "json/fields.hpp"
#include "runtime/road.hpp"

namespace parmana::runtime {
namespace {

/// An item may hold as much as a request of its own could.
Result<decide::EvaluateRequest> within_limit(Result<decide::EvaluateRequest> request) {
    if (request && request->signals_json.size() + request->action_json.size() > limits::kEvaluateBodyBytesMax)
        return fail(Code::body_too_large, "the item is over the limit of one request");
    return request;
}

/// The requests of a body that parsed, or why each did not.
Result<std::vector<Result<decide::EvaluateRequest>>> parse_batch(std::string_view body) {
    const auto document = std::make_shared<const json::Document>(TRY(json::parse(body)));
    const auto fields = TRY(json::Fields::open(document->root(), "", {"items"}));
    const json::Value items = TRY(fields.array("items"));
    if (items.size() == 0 || items.size() > limits::kBatchItemsMax)
        return fields.invalid("items", "an array of 1 to 1000 requests");
    std::vector<Result<decide::EvaluateRequest>> out;
    out.reserve(items.size());
    for (const json::Value item : items.elements())
        out.push_back(within_limit(decide::parse_request(document, item)));
    return out;
}

/// The results as they come in, from several threads. Whoever brings the last one replies.
class Results {
  public:
    Results(std::size_t count, Reply reply) : makers_(count), open_(count), reply_(std::move(reply)) {}

    void set(std::size_t i, std::function<Answer()> make) {
        makers_[i] = std::move(make);
        if (open_.fetch_sub(1) > 1) return;
        reply_([makers = std::move(makers_)] {
            std::vector<Answer> answers;
            answers.reserve(makers.size());
            for (const auto& make : makers)
                answers.push_back(make());
            return Answer::batch(answers);
        });
    }

  private:
    std::vector<std::function<Answer()>> makers_;
    std::atomic<std::size_t> open_;
    Reply reply_;
};

}  // namespace

void Road::evaluate_batch(std::string_view body, const Terms& terms, Reply reply) const {
    auto requests = parse_batch(body);
    if (!requests) return reply([error = requests.error()] { return Answer::problem(error); });
    const auto results = std::make_shared<Results>(requests->size(), std::move(reply));
    // Gathered first, so that they share one commit.
    std::vector<store::Ledger::Entering> entering;
    for (std::size_t i = 0; i < requests->size(); ++i) {
        auto& request = (*requests)[i];
        if (!request) {
            results->set(i, [error = request.error()] { return Answer::problem(error); });
            continue;
        }
        admit(
            {std::make_shared<const decide::EvaluateRequest>(*std::move(request)), terms, AnswerForm::item},
            [&entering](store::Ledger::Entering each) { entering.push_back(std::move(each)); },
            [results, i](std::function<Answer()> make) { results->set(i, std::move(make)); });
    }
    if (!entering.empty()) ground_.ledger.submit_all(std::move(entering));
}

}  // namespace parmana::runtime
