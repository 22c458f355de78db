// Formatting loses nothing: over documents written in every way that YAML has, with comments in odd places,
// the result builds to the same bytes, has each comment once, and is not changed by formatting it again.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "authoring/format.hpp"
#include "authoring/governance.hpp"
#include "yaml/yaml.hpp"

namespace parmana::authoring {
namespace {

using Random = std::mt19937;

constexpr int kRounds = 16;  // of each document

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

/// A document whose texts need every kind of scalar.
constexpr std::string_view kTexts = R"yaml(
policyId: texts
policyVersion: 1.0.0
description: "several\n\n  lines: # all of them\nof text\n"
signals:
  n: {type: integer, minimum: 0x10, maximum: +20, description: "yes"}
  real: {type: number, minimum: -.5, maximum: 1e3, required: false, description: ""}
  word: {type: enum, values: ["no", "~", "a: b", "- c", " d ", "e\tf", "it's", "\"g\"", "\u00a0", "1", "日本語"]}
  list: {type: list, max_size: 3, elements: {type: string, max_length: 5}, description: "ends in a space "}
  empty: {type: boolean}
boundSignals: {n: action.parameters.n, word: action.target}
rule:
  variables:
    - {name: one, description: "one  of\ttwo", expression: "signals.n  ==  17"}
    - {name: long, expression: "variables.one ? signals.list.exists(x, x == 'a long text of one element') :
         signals.list.exists(x, x == 'another text')"}
  match:
    - id: a
      description: a rather long description that does not fit on one line of the width that we have here,
        which is not much
      condition: signals.word in ["no", "~"] && (signals.n > 17 || signals.real.orValue(0.5) > 0.75) && !variables.long
      outcome: {decision: override_required, action: look, reason: "a reason, and one that is long enough to need
        more than the line has left for it: so"}
    - condition: |
        signals.list.size() == 0 // nothing
          || false
      rule:
        description: nested
        match:
          - {id: b, condition: "true != !signals.empty", outcome: {reason: "'quoted'", decision: rejected}}
          - {id: c, outcome: {reason: "#", decision: approved}}
    - {id: d, description: , outcome: {decision: approved, reason: "d\n"}}
)yaml";

std::vector<std::string> policies() {
    std::vector<std::string> out = {std::string(kTexts)};
    for (const char* folder :
         {PARMANA_SOURCE_DIR "/policies", PARMANA_SOURCE_DIR "/fuzz/corpus/governance"}) {
        for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
            const bool policy = file.path().extension() == ".yaml" && file.path().filename() != "tests.yaml";
            if (policy) out.push_back(read_file(file.path()));
        }
    }
    return out;
}

std::vector<std::string> suites() {
    std::vector<std::string> out;
    for (const char* folder : {PARMANA_SOURCE_DIR "/policies", PARMANA_SOURCE_DIR "/fuzz/corpus/suite"}) {
        for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
            const bool suite = file.path().extension() == ".yaml" && file.path().filename() != "policy.yaml";
            if (suite) out.push_back(read_file(file.path()));
        }
    }
    return out;
}

/// Writes a tree in ways of its own.
class Scribbler {
  public:
    /// Members stay in order when they are not to be shuffled.
    Scribbler(Random& random, bool shuffles) : random_(random), shuffles_(shuffles) {}

    std::string write(const yaml::Node& root) {
        block(root, 0);
        return std::move(out_);
    }

  private:
    std::size_t below(std::size_t count) { return random_() % count; }
    bool one_in(std::size_t count) { return below(count) == 0; }

    std::vector<yaml::Member> members_of(const yaml::Node& node) {
        std::vector<yaml::Member> out(node.members().begin(), node.members().end());
        if (shuffles_ && one_in(2)) std::ranges::shuffle(out, random_);
        return out;
    }

    std::string scalar(const yaml::Node& node, bool flow) {
        const std::string_view text = node.text();
        if (!node.is(yaml::Type::string)) return std::string(text);
        const std::string spelt =
            flow || one_in(2) ? yaml::spell(text) : yaml::spell_in(yaml::Style::block, text);
        if (spelt.starts_with('"') || one_in(2)) return spelt;
        return '"' + yaml::spell(" " + std::string(text)).substr(2);  // text with a space in front is quoted
    }

    void line_end() {
        if (one_in(12)) comment(" ");
        out_ += one_in(15) ? " \n\n" : "\n";
        if (one_in(12)) {
            out_.append(below(9), ' ');
            comment("");
            out_ += '\n';
        }
    }
    void comment(std::string_view before) { out_.append(before).append("#" + std::to_string(comments_++)); }

    void flow(const yaml::Node& node, std::size_t indent) {
        if (node.kind() == yaml::Kind::scalar) {
            const std::string text = scalar(node, true);
            out_ += text.empty() ? "null" : text;
            return;
        }
        const bool sequence = node.is(yaml::Type::sequence);
        const auto gap = [&] {
            if (!one_in(6)) return;
            if (one_in(3)) comment(" ");
            out_ += '\n';
            if (one_in(6)) comment(" "), out_ += '\n';
            out_.append(indent + 1 + below(4), ' ');
        };
        out_ += sequence ? '[' : '{';
        bool first = true;
        const auto separate = [&] {
            if (!first) out_ += ", ";
            first = false;
            gap();
        };
        if (sequence) {
            for (const yaml::Node& element : node.elements()) {
                separate();
                flow(element, indent);
            }
        } else {
            for (const auto& [key, value] : members_of(node)) {
                separate();
                out_ += yaml::spell(key.text()) + ": ";
                gap();
                flow(value, indent);
            }
        }
        gap();
        out_ += sequence ? ']' : '}';
    }

    static bool has_empty(const yaml::Node& node) {
        if (node.is(yaml::Type::sequence)) return std::ranges::any_of(node.elements(), has_empty);
        if (node.is(yaml::Type::mapping))
            return std::ranges::any_of(node.members(),
                                       [](const auto& member) { return has_empty(member.value); });
        return node.text().empty() && !node.is(yaml::Type::string);
    }

    /// What stands behind a key or dash at this indentation, with the end of its line.
    void value(const yaml::Node& node, std::size_t indent) {
        if (node.kind() == yaml::Kind::scalar) {
            const auto literal = node.is(yaml::Type::string) && one_in(3)
                                     ? yaml::spell_literal(node.text(), indent + 1 + below(3))
                                     : std::nullopt;
            if (literal) {
                const std::size_t header = literal->find('\n');
                out_ += " " + literal->substr(0, header);
                if (one_in(6)) comment(" ");
                out_ += literal->substr(header) + "\n";
                if (one_in(8)) out_ += '\n';
                return;
            }
            if (one_in(15)) {
                if (one_in(2)) comment("  ");
                out_ += '\n';
                if (one_in(3)) comment("     "), out_ += '\n';
                out_.append(indent + 1, ' ');
            }
            out_ += ' ' + scalar(node, false);
            return line_end();
        }
        const bool empty = node.is(yaml::Type::sequence) ? node.elements().empty() : node.members().empty();
        if (empty || (!has_empty(node) && one_in(3))) {
            out_ += ' ';
            flow(node, indent);
            return line_end();
        }
        line_end();
        block(node, indent + 1 + below(3));
    }

    void block(const yaml::Node& node, std::size_t indent) {
        if (node.is(yaml::Type::sequence)) {
            for (const yaml::Node& element : node.elements()) {
                const std::size_t begin = out_.size();
                if (element.is(yaml::Type::mapping) && !element.members().empty() && one_in(2)) {
                    block(element, indent + 2);
                    out_[begin + indent] = '-';
                    continue;
                }
                out_.append(indent, ' ') += '-';
                if (one_in(4) || element.kind() == yaml::Kind::scalar) {
                    value(element, indent);
                    continue;
                }
                out_ += ' ';
                flow(element, indent);
                line_end();
            }
            return;
        }
        for (const auto& [key, inner] : members_of(node)) {
            out_.append(indent, ' ');
            if (one_in(20))
                out_ += "? ", out_.append(yaml::spell(key.text())) += '\n', out_.append(indent, ' ');
            else
                out_ += yaml::spell(key.text());
            out_ += ':';
            value(inner, indent);
        }
    }

    Random& random_;
    bool shuffles_;
    std::string out_;
    int comments_ = 0;
};

std::vector<std::string> comments_of(const yaml::Document& document) {
    std::vector<std::string> out;
    for (const yaml::Comment& comment : document.comments())
        out.emplace_back(comment.text.substr(0, comment.text.find_last_not_of(" \t") + 1));
    return out;
}

template <class Format>
void expect_nothing_is_lost(const std::string& source, bool ordered, Format format) {
    SCOPED_TRACE(source);
    const auto once = format(source);
    ASSERT_TRUE(once) << once.error()[0].line << ": " << once.error()[0].message;
    EXPECT_EQ(format(*once), once);
    auto before = comments_of(*yaml::parse(source)), after = comments_of(*yaml::parse(*once));
    if (!ordered) {
        std::ranges::sort(before);
        std::ranges::sort(after);
    }
    EXPECT_EQ(before, after) << *once;
    for (std::size_t at = 0; at < once->size();) {
        const std::size_t end = once->find('\n', at);
        ASSERT_NE(end, std::string::npos) << "the last line does not end";
        EXPECT_FALSE(end > at && (*once)[end - 1] == ' ') << *once;
        at = end + 1;
    }
}

TEST(FormatProperty, NothingIsLostOfPolicies) {
    Random random(1);
    for (const std::string& source : policies()) {
        const auto built = build(source);
        ASSERT_TRUE(built) << built.error()[0].message << "\n" << source;
        expect_nothing_is_lost(source, false, format_policy);
        for (int round = 0; round < kRounds; ++round) {
            // In order once it is formatted: then comments keep their order, too.
            const bool shuffles = round % 2 == 0;
            const std::string base = shuffles ? source : *format_policy(source);
            const std::string text = Scribbler(random, shuffles).write(yaml::parse(base)->root());
            ASSERT_EQ(build(text), built) << text;
            expect_nothing_is_lost(text, !shuffles, format_policy);
            EXPECT_EQ(build(*format_policy(text)), built);
            if (HasFailure()) return;
        }
    }
}

TEST(FormatProperty, NothingIsLostOfTests) {
    Random random(2);
    for (const std::string& source : suites()) {
        expect_nothing_is_lost(source, false, format_suite);
        for (int round = 0; round < kRounds; ++round) {
            const bool shuffles = round % 2 == 0;
            const std::string base = shuffles ? source : *format_suite(source);
            const std::string text = Scribbler(random, shuffles).write(yaml::parse(base)->root());
            expect_nothing_is_lost(text, !shuffles, format_suite);
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace parmana::authoring
