// The shared vectors: strict Ed25519 edge cases, and signatures over DSSE envelopes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/crypto.hpp"
#include "crypto/shared_vectors.hpp"

namespace parmana::crypto {
namespace {

using nlohmann::json;

PublicKey key_from(const json& hex) {
    return PublicKey(array_from<32>(from_hex(hex.get<std::string>()).value()).value());
}

TEST(SharedVectors, StrictEd25519CasesGetTheirVerdict) {
    const auto text = test::shared_vectors("ed25519_strict.json");
    if (!text) GTEST_SKIP() << "no shared vectors";
    const json vectors = json::parse(*text);
    int accepted = 0;
    for (const json& row : vectors["cases"]) {
        const PublicKey key = key_from(row["public"]);
        const std::string message = from_hex(row["message_hex"].get<std::string>()).value();
        const auto signature = array_from<64>(from_hex(row["sig"].get<std::string>()).value());
        const bool accepts =
            signature && check_public_key(key) && verify(key, message, Signature(*signature));
        EXPECT_EQ(accepts, row["expect"] == "accept") << row["name"];
        accepted += accepts ? 1 : 0;
    }
    EXPECT_GT(accepted, 0);
}

TEST(SharedVectors, EnvelopeSignaturesAreReproduced) {
    const auto text = test::shared_vectors("dsse_pae.json");
    if (!text) GTEST_SKIP() << "no shared vectors";
    const json vectors = json::parse(*text);
    const std::string seed_bytes = from_hex(vectors["ed25519_seed"].get<std::string>()).value();
    ASSERT_EQ(seed_bytes.size(), 32u);
    Secret<32> seed;
    std::copy(seed_bytes.begin(), seed_bytes.end(), seed.data());
    const auto signer = make_ed25519_signer(seed);
    EXPECT_EQ(signer->public_key(), key_from(vectors["ed25519_public"]));
    ASSERT_FALSE(vectors["cases"].empty());
    for (const json& row : vectors["cases"]) {
        const std::string message = from_hex(row["pae_hex"].get<std::string>()).value();
        const auto signature = signer->sign(message);
        ASSERT_TRUE(signature);
        EXPECT_EQ(to_base64(view_of(signature->value())), row["ed25519_sig_b64"].get<std::string>());
        EXPECT_EQ(to_hex(view_of(sha256(message))), row["pae_sha256"].get<std::string>());
    }
}

}  // namespace
}  // namespace parmana::crypto
