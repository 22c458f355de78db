#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "crypto/crypto.hpp"

namespace parmana::crypto {
namespace {

std::string hex(const Digest& digest) {
    return to_hex(view_of(digest));
}

TEST(Sha256, MatchesFips180) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsAreTheirConcatenation) {
    EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
    EXPECT_EQ(sha256({}), sha256(""));
    EXPECT_EQ(sha256(std::string_view()), sha256(""));
}

TEST(Sha256, EveryCutOfTheInputGivesTheSameHash) {
    const std::string text(200, 'x');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 hash;
        hash.update(std::string_view(text).substr(0, cut));
        hash.update(std::string_view(text).substr(cut));
        ASSERT_EQ(hash.finish(), sha256(text)) << cut;
    }
}

TEST(Sha256, StartsAnewAfterFinish) {
    Sha256 hash;
    hash.update("one");
    EXPECT_EQ(hash.finish(), sha256("one"));
    EXPECT_EQ(hash.finish(), sha256(""));
    hash.update("two");
    EXPECT_EQ(hash.finish(), sha256("two"));
}

TEST(Sha256, IncrementalHashesDoNotDisturbEachOther) {
    Sha256 first;
    Sha256 second;
    first.update("fir");
    second.update("sec");
    const Digest between = sha256("between");
    first.update("st");
    second.update("ond");
    EXPECT_EQ(first.finish(), sha256("first"));
    EXPECT_EQ(second.finish(), sha256("second"));
    EXPECT_EQ(between, sha256("between"));
}

TEST(Sha256, ManyThreadsHashAtOnce) {
    const Digest expected = sha256("shared");
    std::vector<int> wrong(8, 0);
    {
        std::vector<std::jthread> threads;
        for (int& count : wrong) {
            threads.emplace_back([&count, &expected] {
                for (int i = 0; i < 2000; ++i)
                    count += sha256({"sha", "red"}) == expected ? 0 : 1;
            });
        }
    }
    EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

struct MacRow {
    std::string key;
    std::string message;
    std::string mac_hex;
};

TEST(Hmac, MatchesRfc4231) {
    const std::vector<MacRow> rows = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const MacRow& row : rows) {
        EXPECT_EQ(hex(hmac_sha256(row.key, {row.message})), row.mac_hex);
        EXPECT_EQ(hex(hmac_sha256(row.key, {row.message.substr(0, 3), row.message.substr(3)})), row.mac_hex);
    }
}

TEST(Hmac, AKeyOfOneBlockIsNotHashed) {
    const std::string block(64, 'k');
    EXPECT_NE(hmac_sha256(block, {"m"}), hmac_sha256(view_of(sha256(block)), {"m"}));
    const std::string longer(65, 'k');
    EXPECT_EQ(hmac_sha256(longer, {"m"}), hmac_sha256(view_of(sha256(longer)), {"m"}));
}

TEST(EqualConstantTime, ComparesContentAndSize) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("secret", "secret"));
    EXPECT_FALSE(equal_constant_time("secret", "secreT"));
    EXPECT_FALSE(equal_constant_time("secret", "secre"));
}

}  // namespace
}  // namespace parmana::crypto
