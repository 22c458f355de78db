#include "trust/trust.hpp"

#include <gtest/gtest.h>

namespace parmana::trust {
namespace {

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

RootContent content() {
    return {Tenant("default"),
            Origin("localhost/0123456789abcdef"),
            "2036-01-01T00:00:00Z",
            {{Role::root, {signer(1)->public_key()}},
             {Role::attestation, {signer(2)->public_key()}},
             {Role::log, {signer(3)->public_key()}},
             {Role::policy, {signer(4)->public_key(), signer(5)->public_key()}}}};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(TrustRoot, SaysWhichKeyPlaysWhichRole) {
    const std::string text = make_root(content(), *signer(1)).value();
    const Root root = Root::parse(text + "\n").value();
    EXPECT_EQ(root.tenant().value(), "default");
    EXPECT_EQ(root.origin().value(), "localhost/0123456789abcdef");
    EXPECT_EQ(root.version(), 1);
    EXPECT_EQ(root.keys(Role::policy).size(), 2u);
    const auto attestation_key = signer(2)->public_key();
    EXPECT_EQ(root.find(Role::attestation, dsse::key_id(attestation_key)), attestation_key);
    EXPECT_EQ(root.find(Role::log, dsse::key_id(attestation_key)), std::nullopt) << "a key has one role";
}

TEST(TrustRoot, RefusesASignatureByAKeyThatIsNotARootKey) {
    const auto result = Root::parse(make_root(content(), *signer(2)).value());
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Code::trust_invalid);
}

TEST(TrustRoot, RefusesOneKeyInTwoRoles) {
    RootContent doubled = content();
    doubled.roles[Role::log] = doubled.roles[Role::attestation];
    const auto result = Root::parse(make_root(doubled, *signer(1)).value());
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().detail, "a key plays more than one role");
}

/// The document of make_root with one change in its signed part, signed anew by the root key.
std::string resigned(std::string_view from, std::string_view to) {
    const std::string good = make_root(content(), *signer(1)).value();
    const auto start = good.find("\"signed\":") + 9;
    const std::string body = replaced(good.substr(start, good.size() - start - 1), from, to);
    return R"({"signatures":[{"keyid":")" + dsse::key_id(signer(1)->public_key()) + R"(","sig":")" +
           to_hex(view_of(signer(1)->sign(body).value().value())) + R"("}],"signed":)" + body + "}";
}

TEST(TrustRoot, RefusesAThresholdThatOneSignatureCannotMeet) {
    ASSERT_TRUE(Root::parse(resigned("2036", "2037"))) << "what the root key signs is accepted";
    const std::string text = make_root(content(), *signer(1)).value();
    const auto policy = text.find("\"policy\":{");
    const auto threshold = text.find("\"threshold\":1", policy);
    const std::string from = text.substr(policy, threshold + 13 - policy);
    const auto result = Root::parse(resigned(from, from.substr(0, from.size() - 1) + "2"));
    ASSERT_FALSE(result.has_value()) << "a bundle has one signature, whatever the root demands";
    EXPECT_EQ(result.error().pointer, "/signed/roles/policy/threshold");
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
    const std::string good = make_root(content(), *signer(1)).value();
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
