#include <gtest/gtest.h>

#include <vector>

#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

// The public key of RFC 8410 §10.1.
constexpr char kPem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";

TEST(Pem, ReadsTheKeyOfTheStandardAndSpellsItTheSame) {
    const auto key = public_key_from_pem(kPem);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(to_hex(view_of(key->value())),
              "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    EXPECT_EQ(to_pem(*key), kPem);
}

TEST(Pem, HasOneSpelling) {
    const std::string good = kPem;
    std::string wrapped = good, private_key = good, other_label = good;
    wrapped.insert(60, "\n");
    private_key.replace(private_key.find("MCow"), 4, "MC4C");
    other_label.replace(other_label.find("BEGIN PUBLIC"), 12, "BEGIN  PUBLI");
    const std::vector<std::string> texts = {"",
                                            good + "\n",
                                            "\n" + good,
                                            good + good,
                                            good.substr(0, good.size() - 1),
                                            wrapped,
                                            private_key,
                                            other_label,
                                            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
                                            "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n"};
    for (const std::string& text : texts) {
        const auto key = public_key_from_pem(text);
        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code, Code::key_invalid);
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(public_key_from_pem(good.substr(0, size))) << size;
}

TEST(Pem, AKeyOutsideTheSubgroupIsRefused) {
    // The point of order two.
    std::array<std::uint8_t, 32> point;
    point.fill(0xff);
    point[0] = 0xec;
    point[31] = 0x7f;
    const auto key = public_key_from_pem(to_pem(PublicKey(point)));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::key_invalid);
}

}  // namespace
}  // namespace parmana::crypto
