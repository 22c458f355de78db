// json/parse and json/canonical, on an evaluate body of about 300 bytes.
#include "base/invariant.hpp"
#include "bench.hpp"
#include "json/json.hpp"

namespace parmana::bench {
namespace {

constexpr std::string_view kBody =
    R"({"policyId":"insurance-claims","policyVersion":"2.4.0","executionId":"agent-7/claim~0000184467",)"
    R"("signals":{"insurance_active":true,"risk_score":37,"claim_amount":1200,"vip_customer":false,)"
    R"("note":"caf\u00e9, 12 \u20ac"},"action":{"type":"payout","target":"acct-0042",)"
    R"("parameters":{"amount":1200,"currency":"EUR"}}})";

}  // namespace

Status bench_json(const BenchOptions& options) {
    const double parsed = median_rate(
        options,
        [](std::uint64_t) {
            const auto document = json::parse(kBody);
            INVARIANT(document.has_value());
            keep(*document);
        },
        own_seconds);
    const double bytes = static_cast<double>(kBody.size());
    print_line("json/parse", {{"per_second", parsed}, {"us", 1e6 / parsed}, {"bytes", bytes}});

    std::string out;
    const double written = median_rate(
        options,
        [&](std::uint64_t) {
            const auto document = json::parse(kBody);
            INVARIANT(document.has_value());
            out.clear();
            json::append_canonical(out, document->root());
            keep(out);
        },
        own_seconds);
    print_line("json/canonical", {{"per_second", written}, {"us", 1e6 / written}, {"bytes", bytes}});
    return {};
}

}  // namespace parmana::bench
