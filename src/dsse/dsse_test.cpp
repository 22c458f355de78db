#include "dsse/dsse.hpp"

#include <gtest/gtest.h>

namespace parmana::dsse {
namespace {

SigningKey test_key(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return SigningKey(crypto::make_ed25519_signer(crypto::generate_secret(entropy)));
}

Result<Envelope> reparse(const std::string& text) {
    const auto document = TRY(json::parse(text));
    return parse(document.root(), "");
}

TEST(Dsse, EncodesTheExampleOfTheSpecification) {
    EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
              "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
}

TEST(Dsse, RoundTripsThroughItsCanonicalSpelling) {
    const SigningKey key = test_key(1);
    const Envelope envelope = sign("text/plain", std::string("a\0b", 3), key).value();
    std::string text;
    append_json(text, envelope);
    EXPECT_TRUE(json::is_canonical(json::parse(text).value()));
    EXPECT_EQ(reparse(text).value(), envelope);
    EXPECT_TRUE(verify(envelope, key.public_key()));
}

TEST(Dsse, TheSignatureCoversTypeAndPayload) {
    const SigningKey key = test_key(1);
    const Envelope envelope = sign("text/plain", "payload", key).value();
    Envelope other_type = envelope;
    other_type.payload_type = "text/plaim";
    EXPECT_FALSE(verify(other_type, key.public_key()));
    Envelope other_payload = envelope;
    other_payload.payload = "Payload";
    EXPECT_FALSE(verify(other_payload, key.public_key()));
    Envelope other_hint = envelope;
    other_hint.key_id = test_key(2).id();
    EXPECT_FALSE(verify(other_hint, key.public_key())) << "a wrong hint is a second spelling";
    EXPECT_FALSE(verify(envelope, test_key(2).public_key()));
}

TEST(Dsse, RefusesEveryOtherShape) {
    const struct {
        const char* text;
        Code code;
        const char* pointer;
    } cases[] = {
        {R"([])", Code::member_invalid, ""},
        {R"({"payload":"","payloadType":""})", Code::member_missing, "/signatures"},
        {R"({"payload":"","payloadType":"","signatures":[]})", Code::member_invalid, "/signatures"},
        {R"({"payload":"","payloadType":"","signatures":[{},{}]})", Code::member_invalid, "/signatures"},
        {R"({"payload":"","payloadType":"","signatures":[{"keyid":"","sig":""}]})", Code::member_invalid,
         "/signatures/0/sig"},
        {R"({"payload":"A","payloadType":"","signatures":[{"keyid":"","sig":""}]})", Code::member_invalid,
         "/signatures/0/sig"},
        {R"({"payload":"","payloadType":"","signatures":[{"keyid":"","sig":"","x":1}]})",
         Code::member_unknown, "/signatures/0/x"},
        {R"({"payload":"","payloadType":"","extra":0,"signatures":[]})", Code::member_unknown, "/extra"},
    };
    for (const auto& row : cases) {
        const auto result = reparse(row.text);
        ASSERT_FALSE(result.has_value()) << row.text;
        EXPECT_EQ(result.error().code, row.code) << row.text;
        EXPECT_EQ(result.error().pointer, row.pointer) << row.text;
    }
}

TEST(DsseOfSeveral, CountsKeysAndRefusesWhateverIsNotGood) {
    Signed document{"text/plain", "payload", {}};
    Keys keys;
    for (const std::uint64_t seed : {1, 2, 3}) {
        const SigningKey key = test_key(seed);
        keys.emplace(key.id(), key.public_key());
        ASSERT_TRUE(add_signature(document, key));
        ASSERT_TRUE(add_signature(document, key)) << "once more changes nothing";
    }
    ASSERT_EQ(document.signatures.size(), 3u);
    const auto check = [&keys](const Signed& one, std::int64_t threshold) {
        return check_signatures(one, keys, threshold, Code::policy_unsigned);
    };
    EXPECT_TRUE(check(document, 3));
    EXPECT_EQ(check(document, 4).error().code, Code::policy_unsigned);
    Signed doubled = document;
    doubled.signatures[1] = doubled.signatures[0];
    EXPECT_TRUE(check(doubled, 2));
    EXPECT_FALSE(check(doubled, 3)) << "a key counts once";
    Signed swapped = document;
    std::swap(swapped.signatures[0].signature, swapped.signatures[1].signature);
    EXPECT_FALSE(check(swapped, 1)) << "one bad signature is not outweighed";
    Signed stranger = document;
    ASSERT_TRUE(add_signature(stranger, test_key(9)));
    EXPECT_FALSE(check(stranger, 1));

    std::string text;
    append_json(text, document);
    EXPECT_EQ(parse_signed(json::parse(text)->root(), "").value(), document);
    std::swap(document.signatures[0], document.signatures[1]);
    text.clear();
    append_json(text, document);
    EXPECT_FALSE(parse_signed(json::parse(text)->root(), "")) << "there is one order";
}

}  // namespace
}  // namespace parmana::dsse
