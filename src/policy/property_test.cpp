// Random policies and signals: the compiled program agrees with a naive evaluator that walks the
// documents.
#include <random>

#include "policy/test_policies.hpp"

namespace parmana::policy {
namespace {

constexpr int kPolicies = 1000;
constexpr int kSignalsEach = 30;

/// The answer of the naive evaluator: a rule or a missing signal, and the rules looked at.
struct Answer {
    std::string rule;
    std::string missing;
    std::vector<std::string> trace;
};

/// Walks the policy document itself; shares nothing with the compiler.
class Naive {
  public:
    Naive(json::Value policy, json::Value signals) : policy_(policy), signals_(signals) {}

    Answer answer() {
        std::size_t index = 0;
        for (const json::Value rule : policy_.find("rules")->elements()) {
            const std::string pointer = "/rules/" + std::to_string(index++) + "/condition";
            const bool result = holds(*rule.find("condition"), pointer);
            if (!answer_.missing.empty()) return answer_;
            const std::string id(rule.find("id")->string());
            answer_.trace.push_back((result ? "+" : "-") + id + " " + settled_by_);
            if (!result) continue;
            answer_.rule = id;
            return answer_;
        }
        return answer_;
    }

  private:
    bool holds(json::Value condition, const std::string& pointer) {
        if (!answer_.missing.empty()) return false;
        if (const auto part = condition.find("not")) return !holds(*part, pointer + "/not");
        for (const char* key : {"all", "any"}) {
            const auto parts = condition.find(key);
            if (!parts) continue;
            const bool settling = key == std::string_view("any");
            if (parts->size() == 0) settled_by_ = pointer;
            std::size_t index = 0;
            for (const json::Value part : parts->elements()) {
                const std::string inner = pointer + "/" + key + "/" + std::to_string(index++);
                if (holds(part, inner) == settling) return settling;
                if (!answer_.missing.empty()) return false;
            }
            return !settling;
        }
        return compare(condition, pointer);
    }

    bool compare(json::Value leaf, const std::string& pointer) {
        const std::string_view name = leaf.find("signal")->string();
        const auto signal = signals_.find(name);
        if (!signal) {
            answer_.missing = name;
            return false;
        }
        settled_by_ = pointer;
        for (const json::Value operand : leaf.members()) {
            if (operand.name() == "equals") return same(*signal, operand);
            if (operand.name() == "less_than") return signal->number() < operand.number();
            if (operand.name() == "greater_than") return signal->number() > operand.number();
            if (operand.name() == "less_than_or_equal") return signal->number() <= operand.number();
            if (operand.name() == "greater_than_or_equal") return signal->number() >= operand.number();
            if (operand.name() != "in") continue;
            for (const json::Value element : operand.elements()) {
                if (same(*signal, element)) return true;
            }
        }
        return false;
    }

    static bool same(json::Value a, json::Value b) {
        if (a.is(json::Type::boolean)) return a.boolean() == b.boolean();
        if (a.is(json::Type::string)) return a.string() == b.string();
        return a.number() == b.number();
    }

    json::Value policy_;
    json::Value signals_;
    std::string settled_by_;
    Answer answer_;
};

/// Makes documents that compile and signals that bind; small domains, so that conditions hold
/// often.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::string policy() {
        types_.clear();
        optional_.clear();
        std::string schema = "{";
        const int count = 1 + below(6);
        for (int i = 0; i < count; ++i) {
            types_.push_back(below(5));
            optional_.push_back(below(4) == 0);
            schema += (i == 0 ? "\"s" : ",\"s") + std::to_string(i) + "\":{" + kTypes[types_.back()] +
                      (optional_.back() ? R"(,"required":false})" : "}");
        }
        std::string rules = "[";
        const int rule_count = below(8);
        for (int i = 0; i < rule_count; ++i)
            rules += rule("r" + std::to_string(i), no_catch_all()) + ",";
        return document(schema + "}", rules + rule("rest", R"({"all":[]})") + "]");
    }

    std::string signals() {
        std::string out = "{";
        for (std::size_t i = 0; i < types_.size(); ++i) {
            if (optional_[i] && below(3) == 0) continue;
            if (out.size() > 1) out += ",";
            out += "\"s" + std::to_string(i) + "\":" + value(types_[i]);
        }
        return out + "}";
    }

  private:
    static constexpr const char* kTypes[] = {R"("type":"integer","minimum":-3,"maximum":3)",
                                             R"("type":"number")", R"("type":"boolean")",
                                             R"("type":"string")", R"("type":"enum","values":["a","b","c"])"};

    int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

    std::string value(int type) {
        static constexpr const char* kNumbers[] = {"0",   "-0", "1",    "1.0",
                                                   "1.5", "-2", "1e-3", "9007199254740991"};
        static constexpr const char* kStrings[] = {R"("")", R"("a")", R"("b")", R"("äa")", R"("\u00e4a")"};
        static constexpr const char* kValues[] = {R"("a")", R"("b")", R"("c")"};
        switch (type) {
            case 0:
                return std::to_string(below(7) - 3);
            case 1:
                return kNumbers[below(8)];
            case 2:
                return below(2) == 0 ? "true" : "false";
            case 3:
                return kStrings[below(5)];
            default:
                return kValues[below(3)];
        }
    }

    std::string condition(int depth) {
        const int kind = depth >= 5 ? 0 : below(6);
        if (kind == 3) return R"({"not":)" + condition(depth + 1) + "}";
        if (kind < 3) return comparison();
        const bool all = kind == 4;
        const int count = all ? below(4) : 1 + below(3);
        std::string parts;
        for (int i = 0; i < count; ++i)
            parts += (i == 0 ? "" : ",") + condition(depth + 1);
        return std::string(all ? R"({"all":[)" : R"({"any":[)") + parts + "]}";
    }

    std::string no_catch_all() {
        std::string out = condition(1);
        return out == R"({"all":[]})" ? comparison() : out;
    }

    std::string comparison() {
        static constexpr const char* kOperators[] = {
            "in", "equals", "less_than", "greater_than", "less_than_or_equal", "greater_than_or_equal"};
        const int signal = below(static_cast<int>(types_.size()));
        const int type = types_[static_cast<std::size_t>(signal)];
        const int relation = below(type <= 1 ? 6 : 2);
        std::string operand = value(type);
        if (relation == 0) {
            for (int i = below(4); i > 0; --i)
                operand += "," + value(type);
            operand = "[" + operand + "]";
        }
        return R"({"signal":"s)" + std::to_string(signal) + "\",\"" + kOperators[relation] + "\":" + operand +
               "}";
    }

    std::mt19937_64 random_;
    std::vector<int> types_;
    std::vector<bool> optional_;
};

void expect_agreement(const Policy& policy, json::Value document, std::string_view signals, int& refusals) {
    const Result<json::Document> given = json::parse(signals);
    ASSERT_TRUE(given.has_value()) << signals;
    Slots slots;
    const Status bound = policy.bind(given->root(), slots);
    ASSERT_TRUE(bound.has_value()) << bound.error().detail << " " << signals;
    const Answer answer = Naive(document, given->root()).answer();

    const Result<const Rule*> rule = policy.evaluate(slots);
    std::vector<RuleTrace> trace;
    const Result<const Rule*> again = policy.evaluate_traced(slots, trace);
    if (!answer.missing.empty()) {
        ++refusals;
        const Error expected{Code::signal_missing, "signal `" + answer.missing + "` is missing",
                             "/signals/" + answer.missing};
        ASSERT_FALSE(rule.has_value());
        ASSERT_FALSE(again.has_value());
        ASSERT_EQ(rule.error(), expected);
        ASSERT_EQ(again.error(), expected);
    } else {
        ASSERT_TRUE(rule.has_value()) << rule.error().detail;
        ASSERT_TRUE(again.has_value());
        ASSERT_EQ((*rule)->id, answer.rule);
        ASSERT_EQ(*rule, *again);
    }
    std::vector<std::string> steps;
    for (const RuleTrace& step : trace) {
        steps.push_back((step.holds ? "+" : "-") + step.rule + " " + step.deciding);
    }
    ASSERT_EQ(steps, answer.trace);
}

TEST(Property, TheProgramAgreesWithANaiveEvaluator) {
    const std::uint64_t seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    Generator generator(seed);
    int refusals = 0;
    for (int i = 0; i < kPolicies; ++i) {
        const std::string source = generator.policy();
        const Policy policy = must_compile(source);
        const Result<json::Document> document = json::parse(source);
        for (int j = 0; j < kSignalsEach; ++j) {
            const std::string signals = generator.signals();
            SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + source + "\n" + signals);
            expect_agreement(policy, document->root(), signals, refusals);
            if (HasFatalFailure()) return;
        }
    }
    EXPECT_GT(refusals, kPolicies * kSignalsEach / 100) << "refusals are worth testing too";
}

}  // namespace
}  // namespace parmana::policy
