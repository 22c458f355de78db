// evaluate/worst-admissible: policies that cost as much as a policy may, of many shapes, on the worst signals
// that their schemas allow. For each how long one evaluation takes (`min_us` of many, which is its price
// without the noise of the machine, and `median_us`), the bound that was computed when it was compiled (at
// most limits::kPolicyCostMax), and `ns_per_unit`: a unit is meant to be about ten. The last line is the
// longest of all.
#include <algorithm>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "bench.hpp"
#include "json/json.hpp"
#include "policy/policy.hpp"
#include "worst_shapes.hpp"

namespace parmana::bench {
namespace {

std::string document_of(const Shape& shape, std::size_t rules) {
    std::string out =
        R"({"languageProfile":"parmana-cel/1","policyId":"worst","policyVersion":"1.0.0","schemaVersion":"1.1.0",)"
        R"("hitPolicy":"first","signalsSchema":)" +
        shape.signals + R"(,"rules":[)";
    constexpr std::string_view kOutcome =
        R"("outcome":{"action":"reject","requires_override":false,"reason":"because"}},)";
    for (std::size_t i = 0; i < rules; ++i) {
        out += R"({"id":"rule-)" + std::to_string(i) + R"(","condition":)";
        append_json_string(out, shape.condition(i));
        out.append(",").append(kOutcome);
    }
    out.append(R"({"id":"last",)").append(kOutcome).pop_back();
    return out + "]}";
}

struct Policy {
    std::size_t rules;
    policy::Policy policy;
};

/// With as many rules as are admissible; the error of the smallest when none is.
Result<Policy> largest(const Shape& shape) {
    const auto compile = [&](std::size_t rules) { return policy::compile(document_of(shape, rules)); };
    auto smallest = TRY(compile(1));
    Policy best{1, std::move(smallest)};
    std::size_t too_many = limits::kRulesMax;
    while (best.rules + 1 < too_many) {
        const std::size_t middle = (best.rules + too_many) / 2;
        auto policy = compile(middle);
        if (policy) {
            best = {middle, *std::move(policy)};
        } else {
            too_many = middle;
        }
    }
    return best;
}

struct Times {
    double least_us = 0;  // of the input that takes longest
    double median_us = 0;
};

/// Inputs of a shape come by turns: what one leaves behind is of no use to the next.
Result<Times> times_of(const Shape& shape, const policy::Policy& policy, double seconds) {
    std::vector<json::Document> documents;
    std::vector<policy::Slots> slots(shape.inputs.size());
    for (std::size_t i = 0; i < shape.inputs.size(); ++i) {
        documents.push_back(TRY(json::parse(shape.inputs[i])));
        TRY(policy.bind(documents[i].root(), slots[i]));
    }
    std::vector<std::vector<double>> taken(slots.size());
    const double begin = now_seconds();
    for (int round = 0; round < 5 || now_seconds() - begin < seconds; ++round) {
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const double start = own_seconds();
            const auto rule = policy.evaluate(slots[i]);
            taken[i].push_back((own_seconds() - start) * 1e6);
            if (!rule) return std::unexpected(rule.error());
            if (*rule != &policy.rules().back()) return fail(Code::io_failed, "a rule holds: " + (*rule)->id);
        }
    }
    Times out;
    for (std::vector<double>& values : taken) {
        const double least = std::ranges::min(values);
        if (least < out.least_us) continue;
        out = {least, median(std::move(values))};
    }
    return out;
}

}  // namespace

Status bench_worst(const BenchOptions& options) {
    double longest_us = 0;
    std::string longest;
    for (const Shape& shape : worst_shapes()) {
        const std::string name = "evaluate/worst-admissible/" + std::string(shape.name);
        if (options.name.size() > name.size() || !name.starts_with(options.name)) continue;
        const auto found = largest(shape);
        if (!found) {
            print_line(name, {{"refused", found.error().detail}});
            continue;
        }
        const auto bound = static_cast<double>(found->policy.cost_bound());
        const auto timed = times_of(shape, found->policy, options.seconds / 50);
        if (!timed) return fail(Code::io_failed, name + ": " + timed.error().detail);
        const Times& times = *timed;
        print_line(name, {{"min_us", times.least_us},
                          {"median_us", times.median_us},
                          {"rules", static_cast<double>(found->rules)},
                          {"bound", bound},
                          {"ns_per_unit", times.least_us * 1e3 / bound}});
        if (times.least_us < longest_us) continue;
        longest_us = times.least_us;
        longest = shape.name;
    }
    print_line("evaluate/worst-admissible", {{"min_us", longest_us}, {"shape", longest}});
    return {};
}

}  // namespace parmana::bench
