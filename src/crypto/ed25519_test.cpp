#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

// The honest key of the crafted cases: RFC 8032 §7.1, test 1.
constexpr const char* kHonestKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

std::string bytes(const char* hex) {
    return from_hex(hex).value();
}
PublicKey key_of(const char* hex) {
    return PublicKey(array_from<32>(bytes(hex)).value());
}
Signature signature_of(const char* hex) {
    return Signature(array_from<64>(bytes(hex)).value());
}

Secret<32> seed_of(const char* hex) {
    const std::string text = bytes(hex);
    Secret<32> seed;
    std::copy_n(text.begin(), 32, seed.data());
    return seed;
}

std::unique_ptr<Signer> some_signer() {
    SimulatedEntropy entropy(7);
    return make_ed25519_signer(generate_secret(entropy));
}

template <class Value>
Value with_flipped_bit(const Value& value, std::size_t bit) {
    auto flipped = value.value();
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1u << bit % 8);
    return Value(flipped);
}

struct Rfc8032Row {
    const char* seed;
    const char* key;
    std::string message;
    const char* signature;
};

TEST(Ed25519, MatchesRfc8032) {
    const std::vector<Rfc8032Row> rows = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", kHonestKey, "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "cf9b46b"
         "d25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", bytes("72"),
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0f11d8c"
         "387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", bytes("af82"),
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "84dc659"
         "4a7c15e9716ed28dc027beceea1ec40a"},
        {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
         "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
         bytes("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836b"
               "a3c23a3feebbd"
               "454d4423643ce80e2a9ac94fa54ca49f"),
         "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66"
         "431e030"
         "3dca179c138ac17ad9bef1177331a704"},
    };
    for (const Rfc8032Row& row : rows) {
        const auto signer = make_ed25519_signer(seed_of(row.seed));
        EXPECT_EQ(signer->public_key(), key_of(row.key));
        const auto signature = signer->sign(row.message);
        ASSERT_TRUE(signature);
        EXPECT_EQ(*signature, signature_of(row.signature));
        EXPECT_TRUE(verify(key_of(row.key), row.message, *signature));
        EXPECT_TRUE(check_public_key(key_of(row.key)));
    }
}

TEST(Ed25519, EqualMessagesGetEqualSignatures) {
    const auto signer = some_signer();
    EXPECT_EQ(*signer->sign("message"), *signer->sign("message"));
    EXPECT_NE(*signer->sign("message"), *signer->sign("Message"));
}

TEST(Ed25519, EveryFlippedBitOfASignatureIsRefused) {
    const auto signer = some_signer();
    const Signature signature = *signer->sign("approve");
    ASSERT_TRUE(verify(signer->public_key(), "approve", signature));
    for (std::size_t bit = 0; bit < 512; ++bit) {
        EXPECT_FALSE(verify(signer->public_key(), "approve", with_flipped_bit(signature, bit))) << bit;
    }
}

TEST(Ed25519, EveryFlippedBitOfAKeyIsRefused) {
    const auto signer = some_signer();
    const Signature signature = *signer->sign("approve");
    for (std::size_t bit = 0; bit < 256; ++bit) {
        EXPECT_FALSE(verify(with_flipped_bit(signer->public_key(), bit), "approve", signature)) << bit;
    }
}

TEST(Ed25519, EveryFlippedBitOfAMessageIsRefused) {
    const auto signer = some_signer();
    const std::string message = "approve the refund of 120 to account 7";
    const Signature signature = *signer->sign(message);
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
        std::string altered = message;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(verify(signer->public_key(), altered, signature)) << bit;
    }
    EXPECT_FALSE(verify(signer->public_key(), message + '\0', signature));
    EXPECT_FALSE(verify(signer->public_key(), "", signature));
}

// Signatures with R = identity and S = k·a, made with the private key: the cofactorless equation
// holds for the first, and for the other two after R is reduced, so only the rules about R refuse
// them.
TEST(Ed25519, RefusesASmallOrderOrNonCanonicalR) {
    for (const char* signature : {"0100000000000000000000000000000000000000000000000000000000000000"
                                  "c6a6544bbb62b2b1c71b4f2600850c1b"
                                  "1ed8b4f2ae2101632a8cd452c26a8e0b",
                                  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
                                  "cacf79482907d99789d77db7ea5dbc00"
                                  "39f4da533e824ecb77ee7d38f652100f",
                                  "0100000000000000000000000000000000000000000000000000000000000080"
                                  "4a0c0b0d4ddec2dfaec538a4475b0e73"
                                  "fa3c5bcd436bd57051da32145695050c"}) {
        EXPECT_FALSE(verify(key_of(kHonestKey), "approve", signature_of(signature))) << signature;
    }
}

TEST(Ed25519, RefusesTheIdentityKey) {
    // With S = 0 and R the identity, a lax verifier accepts these keys for every message.
    for (const char* key : {"0100000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000080",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
        EXPECT_FALSE(check_public_key(key_of(key))) << key;
        const std::string signature = "01" + std::string(126, '0');
        EXPECT_FALSE(verify(key_of(key), "approve", signature_of(signature.c_str()))) << key;
    }
}

TEST(PublicKeyCheck, RefusesSmallOrders) {
    for (const char* key : {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                            "0000000000000000000000000000000000000000000000000000000000000000",
                            "0000000000000000000000000000000000000000000000000000000000000080",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"}) {
        const Status status = check_public_key(key_of(key));
        ASSERT_FALSE(status) << key;
        EXPECT_EQ(status.error().code, Code::key_invalid);
    }
}

struct MixedRow {
    const char* key;
    const char* signature;
};

// The honest key plus a point of order 2, 4 or 8. The signatures satisfy the cofactorless equation:
// nothing but the check at registration can refuse them.
TEST(PublicKeyCheck, RefusesKeysOutsideThePrimeSubgroup) {
    for (const MixedRow& row :
         {MixedRow{"16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5",
                   "c9bf315c6355d37a610c0fbe35893ebbd7018103d0b2b7c6baaa8c8032b1c99d57b5606e53a4919"
                   "14a187b998f6fc47a"
                   "0fdac4b2368eda98a5821645e2493c0c"},
          MixedRow{"ad38a8f0b22ab7ca46ecee7bbef12b5f336c182652fac34392f859dbd9666a7d",
                   "78021b25eb446235a4af5246fa0f72589a72c7d78f77da0bb35c8cefd541819a66c3b4aedc2b342"
                   "b774153b3cfe7edc5"
                   "010738ddf1ffd8a0d66a5811059ab70c"},
          MixedRow{"9158312a9a8d6e3b34c891d6d61444f8b8211c5117ebad15bdb0bd68b07e0245",
                   "78021b25eb446235a4af5246fa0f72589a72c7d78f77da0bb35c8cefd541819a3873a0a53fb5d1d"
                   "1699f2bc19ab05f69"
                   "819e4ebc10c0b9afa8abff5dff6f2b0f"}}) {
        EXPECT_FALSE(check_public_key(key_of(row.key))) << row.key;
        EXPECT_TRUE(verify(key_of(row.key), "approve", signature_of(row.signature))) << row.key;
    }
}

TEST(PublicKeyCheck, RefusesNonCanonicalEncodings) {
    // y + p for the y below 19 that are on the curve.
    for (const int low : {0xf0, 0xf1, 0xf2, 0xf3, 0xf6, 0xf7, 0xfb, 0xfc, 0xfd, 0xff}) {
        for (const int high : {0x7f, 0xff}) {
            std::array<std::uint8_t, 32> encoding;
            encoding.fill(0xff);
            encoding.front() = static_cast<std::uint8_t>(low);
            encoding.back() = static_cast<std::uint8_t>(high);
            EXPECT_FALSE(check_public_key(PublicKey(encoding))) << low;
        }
    }
}

TEST(PublicKeyCheck, RefusesAPointThatIsNotOnTheCurve) {
    for (const int y : {2, 7, 8, 11, 12}) {
        std::array<std::uint8_t, 32> encoding{};
        encoding[0] = static_cast<std::uint8_t>(y);
        EXPECT_FALSE(check_public_key(PublicKey(encoding))) << y;
    }
}

TEST(PublicKeyCheck, AcceptsEveryKeyOfASigner) {
    SimulatedEntropy entropy(11);
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(check_public_key(make_ed25519_signer(generate_secret(entropy))->public_key()));
    }
}

TEST(FailingSigner, StopsAfterItsSuccesses) {
    SimulatedEntropy entropy(3);
    const auto signer = make_failing_signer(generate_secret(entropy), 2);
    EXPECT_TRUE(signer->sign("a"));
    EXPECT_TRUE(signer->sign("b"));
    for (int i = 0; i < 3; ++i) {
        const auto refused = signer->sign("c");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::store_unavailable);
    }
}

TEST(SpkiDer, IsTheEncodingOfRfc8410) {
    EXPECT_EQ(to_hex(spki_der(key_of(kHonestKey))), std::string("302a300506032b6570032100") + kHonestKey);
}

TEST(GenerateSecret, TakesAllItsBytesFromTheEntropy) {
    SimulatedEntropy entropy(5);
    SimulatedEntropy same(5);
    std::array<std::uint8_t, 32> expected;
    same.fill(expected.data(), expected.size());
    EXPECT_EQ(generate_secret(entropy).expose(), view_of(expected));
}

}  // namespace
}  // namespace parmana::crypto
