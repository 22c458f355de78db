// Policies that a generator writes, against a reading of the language that shares nothing with the program:
// rules are walked, and values are texts.
#include <algorithm>
#include <array>
#include <random>

#include "authoring/cel_policy_samples_test.hpp"

namespace parmana::authoring {
namespace {

struct Choice;

struct Rule {
    bool is_aggregate = false;
    std::vector<Choice> choices;
};

struct Choice {
    int condition = -1;  // the input that must be true, or none
    bool is_literal = false;
    std::string output;  // empty for a nested rule
    std::vector<Rule> nested;
};

/// The three inputs: `a`, `b` and `c`.
using Bits = std::array<bool, 3>;

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    /// A `match` whose outputs are numbers, or lists; or an `aggregate`.
    Rule policy() {
        if (one_in(3)) return rule(true, false, 3);
        return rule(false, one_in(2), 3);
    }

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    bool one_in(std::size_t times) { return below(times) == 0; }

    Rule rule(bool is_aggregate, bool of_lists, int depth) {
        Rule out{is_aggregate, {}};
        const std::size_t count = 1 + below(4);
        for (std::size_t i = 0; i < count; ++i) {
            Choice choice;
            if (!one_in(3)) {
                choice.condition = static_cast<int>(below(3));
            } else {
                choice.is_literal = one_in(2);
            }
            if (depth > 0 && one_in(2)) {
                choice.nested.push_back(
                    rule(of_lists && !is_aggregate && one_in(2), of_lists && !is_aggregate, depth - 1));
            } else {
                ++number_;
                choice.output =
                    of_lists && !is_aggregate ? "[" + std::to_string(number_) + "]" : std::to_string(number_);
            }
            out.choices.push_back(std::move(choice));
        }
        return out;
    }

    std::mt19937_64 random_;
    int number_ = 0;
};

void write(const Rule& rule, std::string& out) {
    out += rule.is_aggregate ? "{aggregate: [" : "{match: [";
    for (const Choice& choice : rule.choices) {
        out += "{";
        if (choice.condition >= 0) out += std::string("condition: ") + "abc"[choice.condition] + ", ";
        if (choice.is_literal) out += "condition: 'true', ";
        if (choice.nested.empty()) {
            out += "output: '" + choice.output + "'";
        } else {
            out += "rule: ";
            write(choice.nested.front(), out);
        }
        out += "}, ";
    }
    out += "]}";
}

/// Nothing without a match.
std::optional<std::string> value_of(const Rule& rule, const Bits& bits) {
    std::string list;
    for (const Choice& choice : rule.choices) {
        const bool holds = choice.condition < 0 || bits[static_cast<std::size_t>(choice.condition)];
        if (!holds) continue;
        const auto value =
            choice.nested.empty() ? std::optional(choice.output) : value_of(choice.nested.front(), bits);
        if (rule.is_aggregate) {
            if (value) list += (list.empty() ? "" : ", ") + *value;
        } else if (value || choice.condition >= 0) {
            return value;
        }
    }
    return rule.is_aggregate ? std::optional("[" + list + "]") : std::nullopt;
}

bool always_has_value(const Rule& rule);

bool always_has_value(const Choice& choice) {
    return choice.condition < 0 && (choice.nested.empty() || always_has_value(choice.nested.front()));
}

/// As far as the text says, without asking which inputs go together.
bool always_has_value(const Rule& rule) {
    if (rule.is_aggregate) return true;
    for (const Choice& choice : rule.choices) {
        if (always_has_value(choice)) return true;
        if (choice.condition >= 0 && !choice.nested.empty() && !always_has_value(choice.nested.front()))
            return false;
    }
    return false;
}

/// Choices that leave others out of reach.
std::size_t covers(const Rule& rule) {
    std::size_t out = 0;
    for (const Choice& choice : rule.choices) {
        if (!rule.is_aggregate && &choice != &rule.choices.back() && always_has_value(choice)) ++out;
        if (!choice.nested.empty()) out += covers(choice.nested.front());
    }
    return out;
}

std::string expected(const Rule& rule, const Bits& bits) {
    const auto value = value_of(rule, bits);
    if (always_has_value(rule)) return value.value_or("a value");
    return value ? "optional.of(" + *value + ")" : "optional.none()";
}

TEST(CelPolicy, OfAGeneratorMeansWhatAWalkOverItsRulesMeans) {
    std::size_t compiled = 0, refused = 0, optional = 0;
    for (std::uint64_t seed = 0; seed < 1'500; ++seed) {
        const Rule rule = Generator(seed).policy();
        std::string text = "name: generated\nrule: ";
        write(rule, text);
        SCOPED_TRACE(text);
        if (const std::size_t faults = covers(rule); faults > 0) {
            const std::string findings = test::findings_of(text);
            ASSERT_EQ(static_cast<std::size_t>(std::ranges::count(findings, '\n')), faults) << findings;
            ++refused;
            continue;
        }
        test::Judge judge(text);
        ASSERT_EQ(judge.policy.output_type().is(cel::TypeKind::optional), !always_has_value(rule));
        for (int input = 0; input < 8; ++input) {
            const Bits bits{(input & 1) != 0, (input & 2) != 0, (input & 4) != 0};
            judge.with("a", bits[0]).with("b", bits[1]).with("c", bits[2]);
            ASSERT_EQ(judge.value(), expected(rule, bits)) << input;
        }
        ++compiled;
        if (!always_has_value(rule)) ++optional;
    }
    EXPECT_GT(compiled, 400U);
    EXPECT_GT(refused, 400U);
    EXPECT_GT(optional, 100U);
}

}  // namespace
}  // namespace parmana::authoring
