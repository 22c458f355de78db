#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace parmana {
namespace {

using namespace std::string_view_literals;

TEST(Base64, EveryLengthRoundTrips) {
    std::string bytes;
    for (int length = 0; length < 70; ++length) {
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
        bytes.push_back(static_cast<char>(length * 37));
    }
}

TEST(Base64, OnlyTheCanonicalSpellingIsAccepted) {
    EXPECT_EQ(from_base64("AA=="), std::string(1, '\0'));
    for (const char* spelling :
         {"AB==", "AAB=", "A", "AA", "AA=", "A===", "====", "AA==\n", " AA==", "A-_=", "AA==AAAA"}) {
        EXPECT_EQ(from_base64(spelling), std::nullopt) << spelling;
    }
}

TEST(Hex, AcceptsLowerCaseOnly) {
    EXPECT_EQ(from_hex("00ff"), std::string("\0\xff", 2));
    EXPECT_EQ(from_hex("00FF"), std::nullopt);
    EXPECT_EQ(from_hex("0"), std::nullopt);
}

TEST(Base32, MatchesRfc4648) {
    EXPECT_EQ(to_base32("foobar"), "mzxw6ytboi");
    EXPECT_EQ(to_base32("f"), "my");
}

TEST(WireHash, HasOneSpelling) {
    const Digest digest{1, 2, 3};
    EXPECT_EQ(digest_from_wire(to_wire(digest)), digest);
    EXPECT_EQ(digest_from_wire("sha256:00"), std::nullopt);
    EXPECT_EQ(digest_from_wire(to_hex(view_of(digest))), std::nullopt);
}

TEST(JsonString, EscapesAsRfc8785) {
    std::string out;
    append_json_string(out, "\0\x01\b\t\n\v\f\r\x1f\" \\ / \x7f"sv);
    EXPECT_EQ(out, "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\\" \\\\ / \x7f\"");
}

TEST(JsonString, EscapesWhereverTheByteStands) {
    for (int c = 0; c < 256; ++c) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = static_cast<char>(c);
            std::string out, alone;
            append_json_string(out, text);
            append_json_string(alone, text.substr(at, 1));
            EXPECT_EQ(out, "\"" + text.substr(0, at) + alone.substr(1, alone.size() - 2) +
                               text.substr(at + 1) + "\"");
        }
    }
}

TEST(BigEndian, RoundTrips) {
    std::string out;
    append_u64(out, 0x0102030405060708);
    append_u32(out, 0x090a0b0c);
    append_u16(out, 0x0d0e);
    EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c0d0e");
    EXPECT_EQ(read_u64(out), 0x0102030405060708u);
    EXPECT_EQ(read_u32(std::string_view(out).substr(8)), 0x090a0b0cu);
    EXPECT_EQ(read_u16(std::string_view(out).substr(12)), 0x0d0eu);
}

TEST(Pointer, EscapesTildeAndSlash) {
    EXPECT_EQ(pointer_token("a~/b"), "/a~0~1b");
}

}  // namespace
}  // namespace parmana
