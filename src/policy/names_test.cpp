#include "policy/names.hpp"

#include <gtest/gtest.h>

#include "policy/policy.hpp"

namespace parmana::policy {
namespace {

TEST(PolicyId, IsOneTo128WordCharacters) {
    for (const char* text : {"a", "claims-approval", "A_9", "-", "0"}) {
        EXPECT_TRUE(make_policy_id(text).has_value()) << text;
    }
    EXPECT_TRUE(make_policy_id(std::string(128, 'x')).has_value());
    for (const char* text : {"", "a b", "a/b", "..", "a.b", "ä", "a\n"}) {
        const auto made = make_policy_id(text);
        ASSERT_FALSE(made.has_value()) << text;
        EXPECT_EQ(made.error().code, Code::member_invalid);
    }
    EXPECT_FALSE(make_policy_id(std::string(129, 'x')).has_value());
}

TEST(PolicyVersion, IsASemanticVersionOfAtMost32Bytes) {
    for (const char* text : {"0.0.0", "1.0.0", "10.20.30", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7",
                             "1.0.0-x-y-z.-", "1.0.0+20130313", "1.0.0-beta+exp.sha.5114f85", "1.0.0+001",
                             "1.0.0-0a", "1.0.0--", "123456789012345678901234567.1.99"}) {
        EXPECT_TRUE(make_policy_version(text).has_value()) << text;
    }
    for (const char* text : {"",          "1",          "1.0",
                             "1.0.0.0",   "v1.0.0",     "01.0.0",
                             "1.00.0",    "1.0.0-",     "1.0.0+",
                             "1.0.0-01",  "1.0.0-a..b", "1.0.0+a..b",
                             "1.0.0-a_b", "1.0.0+a+b",  "-1.0.0",
                             " 1.0.0",    "1.0.0 ",     "1..0",
                             "latest",    "1.0.0/../x", "1.0.0-123456789012345678901234567"}) {
        const auto made = make_policy_version(text);
        ASSERT_FALSE(made.has_value()) << text;
        EXPECT_EQ(made.error().code, Code::member_invalid);
    }
}

TEST(Verdict, HasOneSpellingEach) {
    for (const char* wire : {"approved", "rejected", "override_required"}) {
        const auto verdict = verdict_from_wire(wire);
        ASSERT_TRUE(verdict.has_value()) << wire;
        EXPECT_EQ(wire_name(*verdict), wire);
    }
    for (const char* wire : {"", "Approved", "approve", "refused"}) {
        EXPECT_EQ(verdict_from_wire(wire), std::nullopt) << wire;
    }
}

TEST(InBackticks, IsOneShortLine) {
    EXPECT_EQ(in_backticks("claim_amount"), "`claim_amount`");
    EXPECT_EQ(in_backticks("a\nb`c\x7f"), "`a?b'c?`");
    EXPECT_EQ(in_backticks(std::string(64, 'x')), "`" + std::string(64, 'x') + "`");
    EXPECT_EQ(in_backticks(std::string(65, 'x')), "`" + std::string(64, 'x') + "…`");
    EXPECT_EQ(in_backticks(std::string(63, 'x') + "ä"), "`" + std::string(63, 'x') + "…`");
}

TEST(SignalName, IsAnAsciiIdentifier) {
    for (const char* text : {"a", "_", "_9", "claimAmount"})
        EXPECT_TRUE(is_signal_name(text)) << text;
    for (const char* text : {"", "9a", "a-b", "a.b", "ä"})
        EXPECT_FALSE(is_signal_name(text)) << text;
    EXPECT_TRUE(is_signal_name(std::string(64, 'x')));
    EXPECT_FALSE(is_signal_name(std::string(65, 'x')));
}

TEST(Action, IsALowerCaseWord) {
    for (const char* text : {"a", "approve", "manual_review2"})
        EXPECT_TRUE(is_action(text)) << text;
    for (const char* text : {"", "Approve", "_a", "2a", "a-b"})
        EXPECT_FALSE(is_action(text)) << text;
    EXPECT_FALSE(is_action(std::string(65, 'x')));
}

}  // namespace
}  // namespace parmana::policy
