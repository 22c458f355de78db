#include "note/witness_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace parmana::note {
namespace {

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

std::string vkey(std::uint64_t seed, KeyType type = KeyType::cosignature) {
    return verifier_key("k" + std::to_string(seed) + ".example", signer(seed)->public_key(), type);
}

std::string log_line(std::uint64_t seed) {
    return "log " + vkey(seed, KeyType::log) + "\n";
}

std::string witness_line(const std::string& name, std::uint64_t seed) {
    return "witness " + name + " " + vkey(seed) + "\n";
}

/// Three witnesses of one operator and two of another.
std::string five() {
    return witness_line("X1", 11) + witness_line("X2", 12) + witness_line("X3", 13) + witness_line("Y1", 14) +
           witness_line("Y2", 15);
}

std::string refusal(const std::string& text) {
    const auto policy = WitnessPolicy::parse(text);
    if (policy) return "accepted";
    EXPECT_EQ(policy.error().code, Code::configuration_invalid);
    return policy.error().detail;
}

TEST(WitnessPolicy, AQuorumOfGroupsOfGroups) {
    const auto policy =
        WitnessPolicy::parse("# two operators\n \t\n" + log_line(1) + five() +
                             "group\tX  2 X1 X2 X3 \ngroup Y any Y1 Y2\n  group both all X Y\nquorum both\n");
    ASSERT_TRUE(policy) << policy.error().detail;
    EXPECT_EQ(policy->logs().size(), 1u);
    EXPECT_EQ(policy->witnesses().size(), 5u);
    const std::pair<std::set<std::string>, bool> rows[] = {
        {{}, false},
        {{"X1", "X2"}, false},
        {{"X1", "Y1"}, false},
        {{"X1", "X3", "Y2"}, true},
        {{"X1", "X2", "X3", "Y1", "Y2"}, true},
        {{"X", "Y"}, false},  // groups do not sign
        {{"both"}, false},
        {{"X1", "X2", "Z"}, false},
    };
    for (const auto& [cosigned, expected] : rows)
        EXPECT_EQ(policy->quorum(cosigned), expected) << testing::PrintToString(cosigned);
}

TEST(WitnessPolicy, AQuorumOfOneOrOfNone) {
    const auto one = WitnessPolicy::parse(five() + "quorum Y1\n").value();
    EXPECT_FALSE(one.quorum({"X1", "Y2"}));
    EXPECT_TRUE(one.quorum({"Y1"}));
    EXPECT_TRUE(WitnessPolicy::parse("quorum none\n").value().quorum({}));
    EXPECT_TRUE(WitnessPolicy::parse(five() + "quorum none\n").value().quorum({}));
}

TEST(WitnessPolicy, AddressesAreOptional) {
    const auto policy =
        WitnessPolicy::parse("log " + vkey(1, KeyType::log) + " https://log.example/\nwitness w\xc3\xa9 " +
                             vkey(2) + " http://127.0.0.1:3100\n" + witness_line("v", 3) +
                             "quorum w\xc3\xa9\n")
            .value();
    EXPECT_EQ(policy.logs()[0].url, "https://log.example/");
    EXPECT_EQ(policy.logs()[0].key.name, "k1.example");
    EXPECT_EQ(policy.witnesses()[0].url, "http://127.0.0.1:3100");
    EXPECT_EQ(policy.witnesses()[1].url, "");
}

TEST(WitnessPolicy, WhatIsWrongIsToldWithItsLine) {
    const std::string w = witness_line("w", 2);
    const std::pair<std::string, std::string> rows[] = {
        {"", "the witness policy has no `quorum` line"},
        {w, "the witness policy has no `quorum` line"},
        {"quorum none", "does not end with a newline"},
        {"quorum none\n\nquorum none\n", "line 3 of the witness policy: there is a second `quorum` line"},
        {"quorum none\r\n", "control character"},
        {"# \x7f\nquorum none\n", "control character"},
        {"Quorum none\n", "`Quorum` is not"},
        {"quorum\n", "expected `quorum NAME`"},
        {"quorum none none\n", "expected `quorum NAME`"},
        {"quorum w\n" + w, "line 1 of the witness policy: `w` is not defined before"},
        {w + "quorum v\n", "line 2 of the witness policy: `v` is not defined before"},
        {"log\n", "expected `log VKEY"},
        {"log a b c\n", "expected `log VKEY"},
        {"log k+00000000+AAAA\n", "the verifier key is not valid"},
        {"log " + vkey(1) + "\n", "not one of a log"},
        {"witness w\n", "expected `witness NAME"},
        {"witness w " + vkey(1, KeyType::log) + "\n", "not one of a cosigner"},
        {witness_line("none", 1), "`none` is not a name to be defined"},
        {w + witness_line("w", 3), "line 2 of the witness policy: `w` is defined already"},
        {w + witness_line("v", 2), "line 2 of the witness policy: the key stands on a line before"},
        {log_line(2) + w, "the key stands on a line before"},
        {log_line(2) + log_line(2), "the key stands on a line before"},
        {w + "witness v " + verifier_key("other.example", signer(2)->public_key(), KeyType::cosignature) +
             "\n",
         "the key stands on a line before"},
        {w + "group g all\n", "expected `group NAME"},
        {w + "group g all v\n", "`v` is not defined before"},
        {w + "group g all g\n", "`g` is not defined before"},
        {w + "group w all w\n", "`w` is defined already"},
        {w + "group g all w w\n", "`w` is a member already"},
        {w + "group g all w\ngroup h all w\n", "line 3 of the witness policy: `w` is a member already"},
        {w + "group g all none\n", "`none` is not defined before"},
        {w + "group none all w\n", "`none` is not a name to be defined"},
        {w + "group g 0 w\n", "`0` is not"},
        {w + "group g 2 w\n", "`2` is not"},
        {w + "group g 01 w\n", "`01` is not"},
        {w + "group g +1 w\n", "`+1` is not"},
        {w + "group g -1 w\n", "`-1` is not"},
        {w + "group g 1.0 w\n", "`1.0` is not"},
        {w + "group g ALL w\n", "`ALL` is not"},
        {std::string(64 * 1024, ' ') + "\n", "longer than 64 KiB"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_NE(refusal(text).find(expected), std::string::npos) << text << "\n" << refusal(text);
}

TEST(WitnessPolicy, ThereAreLimits) {
    std::string witnesses, logs, groups, members;
    for (std::uint64_t i = 0; i < 32; ++i) {
        const std::string name = "w" + std::to_string(i);
        witnesses += witness_line(name, 100 + i);
        logs += log_line(200 + i);
        groups += "group g" + std::to_string(i) + " any " + name + "\n";
        members += " " + name;
    }
    EXPECT_EQ(refusal(logs + witnesses + groups + "quorum none\n"), "accepted");
    EXPECT_NE(refusal(witnesses + witness_line("x", 300)).find("more than 32 witnesses"), std::string::npos);
    EXPECT_NE(refusal(logs + log_line(300)).find("more than 32 logs"), std::string::npos);
    EXPECT_NE(refusal(witnesses + groups + "group x all g1\n").find("more than 32 groups"),
              std::string::npos);
    EXPECT_EQ(refusal(witnesses + "group g 14" + members + "\nquorum g\n"), "accepted");
    EXPECT_NE(refusal(witnesses + "group g 15" + members + "\nquorum g\n").find("has room for"),
              std::string::npos);
}

class Judged : public testing::Test {
  protected:
    const Checkpoint checkpoint_{"k1.example", merkle::TreeSize(0), merkle::empty_root()};
    const std::string text_ = checkpoint_body(checkpoint_);
    const std::string head_ = sign_head(checkpoint_, *signer(1), UnixSeconds(1'000)).value();
    const WitnessPolicy policy_ =
        WitnessPolicy::parse(log_line(1) + witness_line("a", 2) + witness_line("b", 3) +
                             witness_line("c", 4) + "group two 2 a b c\nquorum two\n")
            .value();
    std::string line(std::uint64_t seed, std::int64_t time, std::string_view text) const {
        return cosign(text, "k" + std::to_string(seed) + ".example", *signer(seed), UnixSeconds(time))
            .value();
    }
    WitnessJudgement judged(const std::vector<std::string>& lines) const {
        return judge(parse_head(add_cosignatures(head_, lines).value()).value(), policy_);
    }
};

TEST_F(Judged, ByTheCosignaturesThatVerify) {
    EXPECT_FALSE(judged({}).quorum);
    EXPECT_TRUE(judged({}).all_known());
    const WitnessJudgement one = judged({line(2, 1'001, text_)});
    EXPECT_FALSE(one.quorum);
    EXPECT_EQ(one.cosigned, (std::map<std::string, UnixSeconds>{{"a", UnixSeconds(1'001)}}));
    const WitnessJudgement two = judged({line(2, 1'001, text_), line(4, 1'002, text_)});
    EXPECT_TRUE(two.quorum);
    EXPECT_TRUE(two.all_known());
    EXPECT_EQ(two.log->key, signer(1)->public_key());
}

TEST_F(Judged, OneWitnessCountsOnceHoweverOftenItSigned) {
    std::vector<std::string> lines{line(2, 1'003, text_), line(2, 1'001, text_), line(2, 1'002, text_)};
    std::sort(lines.begin(), lines.end());
    const WitnessJudgement judgement = judge(parse_head(head_ + lines[0] + lines[1] + lines[2]).value(), policy_);
    EXPECT_FALSE(judgement.quorum);
    EXPECT_EQ(judgement.cosigned.at("a"), UnixSeconds(1'001));
}

TEST_F(Judged, ForeignAndWrongLinesCountForNothing) {
    const std::string other = checkpoint_body({"k1.example", merkle::TreeSize(1), merkle::empty_root()});
    const WitnessJudgement judgement =
        judged({line(2, 1'001, text_), line(3, 1'001, other), line(9, 1'001, text_)});
    EXPECT_FALSE(judgement.quorum);
    EXPECT_FALSE(judgement.all_known());
    EXPECT_EQ(judgement.foreign_lines, 2u);
    EXPECT_EQ(judgement.cosigned.size(), 1u);
}

TEST_F(Judged, TheLogIsOneOfThePolicysOrNone) {
    const std::string foreign =
        sign_head({"k1.example", merkle::TreeSize(0), merkle::empty_root()}, *signer(9), UnixSeconds(1))
            .value();
    EXPECT_FALSE(judge(parse_head(foreign).value(), policy_).log);
    const std::string renamed =
        sign_head({"other.example", merkle::TreeSize(0), merkle::empty_root()}, *signer(1), UnixSeconds(1))
            .value();
    EXPECT_FALSE(judge(parse_head(renamed).value(), policy_).log);
    const auto without = WitnessPolicy::parse(witness_line("a", 2) + "quorum a\n").value();
    EXPECT_FALSE(judge(parse_head(head_).value(), without).log);
}

}  // namespace
}  // namespace parmana::note
