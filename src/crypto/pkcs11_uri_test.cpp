#include "crypto/pkcs11_uri.hpp"

#include <gtest/gtest.h>

namespace parmana::crypto {
namespace {

constexpr char kGood[] = "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/pin";

TEST(Pkcs11Uri, ReadsWhatItTakes) {
    const auto uri = parse_pkcs11_uri(
        "pkcs11:serial=01%2F2;id=%00%ff;token=The%20token;object=key?pin-source=file:/run/pin&module-path=/"
        "lib/m.so");
    ASSERT_TRUE(uri) << uri.error().detail;
    EXPECT_EQ(uri->serial, "01/2");
    EXPECT_EQ(uri->id, std::string("\x00\xff", 2));
    EXPECT_EQ(uri->token, "The token");
    EXPECT_EQ(uri->object, "key");
    EXPECT_EQ(uri->pin_source, "/run/pin");
    EXPECT_EQ(uri->module_path, "/lib/m.so");
    EXPECT_TRUE(parse_pkcs11_uri(kGood));
}

TEST(Pkcs11Uri, RefusesWhatItDoesNotTake) {
    for (const char* text : {"",
                             "pkcs11:",
                             "pkcs11:?",
                             "token=T",
                             "PKCS11:token=T;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T;object=O",
                             "pkcs11:token=T;object=O?",
                             "pkcs11:token=T;object=O?module-path=/m.so",
                             "pkcs11:token=T;object=O?pin-source=/pin",
                             "pkcs11:token=T?module-path=/m.so&pin-source=/pin",
                             "pkcs11:object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T;object=O?module-path=m.so&pin-source=/pin",
                             "pkcs11:token=T;object=O?module-path=/m.so&pin-source=pin",
                             "pkcs11:token=T;object=O?module-path=/m.so&pin-source=|/bin/pin",
                             "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/pin&pin-source=/pin",
                             "pkcs11:token=T;token=U;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T;;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T;object=O;type=private?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T%2;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T%2g;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T%00;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=a b;object=O?module-path=/m.so&pin-source=/pin",
                             "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/pin&module-name=m"}) {
        const auto uri = parse_pkcs11_uri(text);
        ASSERT_FALSE(uri) << text;
        EXPECT_EQ(uri.error().code, Code::key_invalid);
    }
}

TEST(Pkcs11Uri, ThePinIsNotInIt) {
    const auto uri = parse_pkcs11_uri(std::string(kGood) + "&pin-value=1234");
    ASSERT_FALSE(uri);
    EXPECT_NE(uri.error().detail.find("pin-source"), std::string::npos);
    EXPECT_EQ(uri.error().detail.find("1234"), std::string::npos);
}

}  // namespace
}  // namespace parmana::crypto
