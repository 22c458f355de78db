#include <gtest/gtest.h>

#include "trust/samples_test.hpp"

namespace parmana::trust {
namespace {

using samples::content;
using samples::key;
using samples::signed_root;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(TrustRoot, SaysWhichKeyPlaysWhichRole) {
    const std::string text = signed_root(content(), {1});
    const Root root = Root::parse(text + "\n").value();
    EXPECT_EQ(root.tenant().value(), "default");
    EXPECT_EQ(root.origin().value(), "localhost/0123456789abcdef");
    EXPECT_EQ(root.version(), 1);
    EXPECT_EQ(root.keys(Role::policy).size(), 2u);
    const auto attestation_key = key(2).public_key();
    EXPECT_EQ(root.find(Role::attestation, dsse::key_id(attestation_key)), attestation_key);
    EXPECT_EQ(root.find(Role::log, dsse::key_id(attestation_key)), std::nullopt) << "a key has one role";
}

TEST(TrustRoot, RefusesASignatureByAKeyThatIsNotARootKey) {
    const auto result = Root::parse(signed_root(content(), {2}));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::trust_invalid);
}

TEST(TrustRoot, RefusesOneKeyInTwoRoles) {
    RootContent doubled = content();
    doubled.roles[Role::log] = doubled.roles[Role::attestation];
    const auto result = Root::parse(signed_root(doubled, {1}));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().detail, "a key plays more than one role");
}

/// The document of the samples with one change in its signed part, signed anew by the root key.
std::string resigned(std::string_view from, std::string_view to) {
    const std::string good = signed_root(content(), {1});
    const auto start = good.find("\"signed\":") + 9;
    const std::string body = replaced(good.substr(start, good.size() - start - 1), from, to);
    return R"({"signatures":[{"keyid":")" + key(1).id() + R"(","sig":")" +
           to_hex(view_of(key(1).signer().sign(body).value().value())) + R"("}],"signed":)" + body + "}";
}

TEST(TrustRoot, RefusesAThresholdThatCannotBeMet) {
    ASSERT_TRUE(Root::parse(resigned("2036", "2037"))) << "what the root key signs is accepted";
    RootContent two = content();
    two.roles[Role::policy].threshold = 2;
    EXPECT_EQ(Root::parse(signed_root(two, {1}))->threshold(Role::policy), 2);
    two.roles[Role::policy].threshold = 3;
    EXPECT_EQ(Root::parse(signed_root(two, {1})).error().pointer, "/signed/roles/policy/threshold");
    RootContent attestation = content();
    attestation.roles[Role::attestation] = samples::members({2, 8}, 2);
    EXPECT_EQ(Root::parse(signed_root(attestation, {1})).error().pointer,
              "/signed/roles/attestation/threshold")
        << "an attestation has one signature, whatever the root demands";
}

TEST(TrustRoot, NamesAreVisibleAsciiSoThatNoTwoReadAlike) {
    for (const char* name :
         {R"("")", R"("a b")", R"("a\u0000b")", R"("a+b")", R"("\n")", "\"\x7f\"", "\"\xc3\xa9\""}) {
        const auto tenant = Root::parse(resigned(R"("default")", name));
        ASSERT_FALSE(tenant.has_value()) << name;
        EXPECT_EQ(tenant.error().pointer, "/signed/tenant") << name;
        const auto origin = Root::parse(resigned(R"("localhost/0123456789abcdef")", name));
        ASSERT_FALSE(origin.has_value()) << name;
        EXPECT_EQ(origin.error().pointer, "/signed/origin") << name;
    }
    EXPECT_TRUE(Root::parse(resigned(R"("default")", R"("payments.eu-1")")));
}

TEST(TrustRoot, RefusesEveryAlteration) {
    const std::string good = signed_root(content(), {1});
    ASSERT_TRUE(Root::parse(good).has_value());
    EXPECT_FALSE(Root::parse(replaced(good, "\"threshold\":1", "\"threshold\":2")).has_value());
    EXPECT_FALSE(Root::parse(replaced(good, "2036", "2037")).has_value());
    EXPECT_FALSE(Root::parse(replaced(good, "{\"signatures\"", "{ \"signatures\"")).has_value());
    for (std::size_t i = 0; i < good.size(); i += 3) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        EXPECT_FALSE(Root::parse(flipped).has_value()) << "byte " << i;
    }
}

}  // namespace
}  // namespace parmana::trust
