// evaluate/claims-bench: decisions a second of one core on the policy `claims-bench`, from signals that were
// parsed before; -bound from signals that were bound before, -text from their JSON text; each with the policy
// in parmana-rules/1 and (/cel) in parmana-cel/1. `allocations` is how many a decision makes. Then the same
// policy and inputs in other implementations of CEL, by how much (`ratio`) they are slower than
// evaluate/claims-bench/cel.
#include <array>

#include "allocations.hpp"
#include "base/invariant.hpp"
#include "bench.hpp"
#include "claims.hpp"
#include "decisions.hpp"
#include "peers.hpp"

namespace parmana::bench {
namespace {

enum Start : std::size_t { parsed, bound, text, starts };
constexpr std::array<std::string_view, starts> kNames = {
    "evaluate/claims-bench", "evaluate/claims-bench-bound", "evaluate/claims-bench-text"};

/// One of the two documents, with all that a decision begins with.
class Claims {
  public:
    static Result<Claims> make(std::string_view suffix, std::string_view document) {
        Claims out(suffix, TRY(policy::compile(document)));
        for (std::uint64_t i = 0; i < kClaims; ++i) {
            out.texts_.push_back(claim(i));
            out.documents_.push_back(TRY(json::parse(out.texts_.back())));
            TRY(out.policy_.bind(out.documents_.back().root(), out.bound_[i]));
        }
        return out;
    }

    void decide(Start start, std::uint64_t i) {
        if (start == bound) return evaluate(bound_[i % kClaims]);
        if (start == parsed) return decide(documents_[i % kClaims].root());
        const auto document = json::parse(texts_[i % kClaims]);
        INVARIANT(document.has_value());
        decide(document->root());
    }

    void run_round(double seconds) {
        for (const Start start : {parsed, bound, text})
            rates_[start].push_back(
                rate(seconds, [=, this](std::uint64_t i) { decide(start, i); }, own_seconds));
    }

    void print(Start start) {
        const std::size_t before = allocations();
        for (std::uint64_t i = 0; i < kClaims; ++i)
            decide(start, i);
        const double each = static_cast<double>(allocations() - before) / static_cast<double>(kClaims);
        const double per_second = median(rates_[start]);
        print_line(std::string(kNames[start]) + suffix_,
                   {{"per_second", per_second}, {"us", 1e6 / per_second}, {"allocations", each}});
    }

    double per_second() const { return median(rates_[parsed]); }
    std::string digest() const { return decisions_digest(policy_, documents_); }

  private:
    Claims(std::string_view suffix, policy::Policy policy)
        : suffix_(suffix), policy_(std::move(policy)), bound_(kClaims) {}

    void decide(json::Value signals) {
        INVARIANT(policy_.bind(signals, slots_).has_value());
        evaluate(slots_);
    }
    void evaluate(policy::Slots& slots) {
        const auto rule = policy_.evaluate(slots);
        INVARIANT(rule.has_value());
        keep(*rule);
    }

    std::string suffix_;
    policy::Policy policy_;
    std::vector<std::string> texts_;
    std::vector<json::Document> documents_;
    std::vector<policy::Slots> bound_;
    policy::Slots slots_;
    std::array<std::vector<double>, starts> rates_;
};

}  // namespace

Status bench_claims(const BenchOptions& options) {
    auto rules = TRY(Claims::make("", kClaimsRules));
    auto cel = TRY(Claims::make("/cel", kClaimsCel));
    if (rules.digest() != cel.digest()) return fail(Code::io_failed, "the two profiles decide differently");
    auto peers = TRY(Peers::make(options));
    // Rounds of what is compared follow each other, so that a slow minute of the machine hits each.
    const double seconds = options.seconds / 5 / options.rounds;
    for (int round = 0; round < options.rounds; ++round) {
        rules.run_round(seconds);
        cel.run_round(seconds);
        TRY(peers.run_round(seconds));
    }
    for (const Start start : {parsed, bound, text}) {
        rules.print(start);
        cel.print(start);
    }
    return peers.print("evaluate/claims-bench", cel.per_second(), cel.digest());
}

}  // namespace parmana::bench
