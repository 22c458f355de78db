// The automaton against RE2, which says what a regular expression means.
#include "cel/automaton.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>

namespace parmana::cel {
namespace {

/// Empty when RE2 does not take the pattern or there is no small automaton.
std::optional<Automaton> make(const std::string& pattern, const re2::RE2& reference) {
    return reference.ok() ? Automaton::make(pattern) : std::nullopt;
}

void expect_same(const std::string& pattern, const std::vector<std::string>& texts) {
    const re2::RE2 reference(pattern, re2::RE2::Quiet);
    ASSERT_TRUE(reference.ok()) << pattern;
    const auto automaton = make(pattern, reference);
    ASSERT_TRUE(automaton.has_value()) << pattern;
    for (const std::string& text : texts)
        EXPECT_EQ(automaton->is_found_in(text), re2::RE2::PartialMatch(text, reference))
            << pattern << " in " << text;
}

TEST(Automaton, FindsWhatRe2Finds) {
    const std::vector<std::string> texts = {"",
                                            "a",
                                            "b",
                                            "ab",
                                            "ba",
                                            "aab",
                                            "abc",
                                            "xabcx",
                                            "AB1234",
                                            "AB12345",
                                            "a\nb",
                                            "\n",
                                            "a.b",
                                            "a{2}",
                                            "a-b",
                                            "]",
                                            "^",
                                            "peter@example.com",
                                            "DE89370400440532013000",
                                            "é",
                                            "Straße",
                                            "日本",
                                            "\U0001f600",
                                            " \t\v\f\r",
                                            "_9Z",
                                            "aaaa",
                                            "abab",
                                            "foobarqux",
                                            "1.5",
                                            "-",
                                            "\\"};
    for (const char* pattern : {"",
                                "a",
                                "^a",
                                "a$",
                                "^a$",
                                "^$",
                                "$",
                                "^",
                                "a|b",
                                "|a",
                                "a|",
                                "(a|b)*c",
                                "(?:ab)+",
                                "a?b",
                                "a??b",
                                "a*?b+?",
                                "a{2}",
                                "a{2,}",
                                "a{1,3}b",
                                "a{0}b",
                                "a{,2}",
                                "a{",
                                "{a}",
                                "[ab]",
                                "[^ab]",
                                "[]a]",
                                "[^]a]",
                                "[a-]",
                                "[-a]",
                                "[a-c-]",
                                "[+--]",
                                "[\\]\\\\]",
                                "[\\d-x]",
                                "\\d",
                                "\\D",
                                "\\s",
                                "\\S",
                                "\\w+",
                                "\\W",
                                "\\.",
                                "\\{2\\}",
                                "\\A",
                                "\\z",
                                "\\Aab\\z",
                                ".",
                                "^.$",
                                "^..$",
                                "a.b",
                                "a[^x]b",
                                "(^a|b$)",
                                "(^)*a",
                                "(a*)*b",
                                "(a|)+$",
                                "$^",
                                "a$b",
                                "^[A-Z]{2}[0-9]{4}$",
                                "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$",
                                "^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$",
                                "(foo|bar|baz).*qux",
                                "é",
                                "[à-ü]",
                                "^[^a-z]+$",
                                "ß$",
                                "[日-本]",
                                "\\\\"})
        expect_same(pattern, texts);
}

TEST(Automaton, LeavesToRe2WhatItDoesNotKnowAndWhatIsLarge) {
    for (const char* pattern : {"(?i)a", "\\bfoo", "\\pL", "[[:alpha:]]", "(?P<n>a)", "\\x41", "\\Qa.b\\E",
                                "\\C", "[ab]*a[ab]{20}c", "^(?:a?){300}$", "(?s).", "a**"})
        EXPECT_FALSE(Automaton::make(pattern).has_value()) << pattern;
}

/// Patterns of the syntax that automata know, and some beyond it.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::string pattern(int depth) {
        std::string out;
        const std::uint64_t parts = 1 + below(3);
        for (std::uint64_t i = 0; i < parts; ++i)
            out +=
                item(depth) + pick({"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "*?", "{"});
        return out;
    }
    std::string text() {
        std::string out;
        for (std::uint64_t i = below(12); i > 0; --i)
            out += pick({"a", "b", "c", "A", "1", "_", "-", " ", "\n", ".", "{", "é", "日", "\U0001f600"});
        return out;
    }

  private:
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    std::string pick(const std::vector<std::string>& choices) { return choices[below(choices.size())]; }

    std::string item(int depth) {
        if (depth > 0 && below(3) == 0)
            return pick({"(", "(?:"}) + pattern(depth - 1) + pick({"", "|", "|" + pattern(depth - 1)}) + ")";
        if (below(4) == 0)
            return pick({"[", "[^"}) + pick({"a", "a-c", "]", "-", "b-", "\\d"}) +
                   pick({"", "é", "b", "0-9", "-", "\\-"}) + "]";
        return pick({"a", "b", "c", "1", "é", "日", ".", "^", "$", "\\d", "\\W", "\\s", "\\.", "-", "]", "}",
                     "\\A", "\\z"});
    }

    std::mt19937_64 random_;
};

TEST(Automaton, FindsWhatRe2FindsInGeneratedTexts) {
    Generator generator(7);
    std::size_t compared = 0;
    for (int i = 0; i < 2'000; ++i) {
        const std::string pattern = generator.pattern(3);
        const re2::RE2 reference(pattern, re2::RE2::Quiet);
        const auto automaton = make(pattern, reference);
        if (!automaton) continue;
        for (int k = 0; k < 10; ++k) {
            const std::string text = generator.text();
            ASSERT_EQ(automaton->is_found_in(text), re2::RE2::PartialMatch(text, reference))
                << pattern << " in `" << text << "`";
        }
        ++compared;
    }
    EXPECT_GT(compared, 1'000U);
}

}  // namespace
}  // namespace parmana::cel
