#include <gtest/gtest.h>

#include "note/note.hpp"

namespace parmana::note {
namespace {

std::unique_ptr<crypto::Signer> signer(std::uint64_t seed) {
    SimulatedEntropy entropy(seed);
    return crypto::make_ed25519_signer(crypto::generate_secret(entropy));
}

const Checkpoint kCheckpoint{"localhost/0123456789abcdef", merkle::TreeSize(0), merkle::empty_root()};
constexpr UnixSeconds kTime(1'790'000'000);

class HeadTest : public testing::Test {
  protected:
    const std::unique_ptr<crypto::Signer> log_ = signer(1), anna_ = signer(2), boris_ = signer(3);
    const std::string head_ = sign_head(kCheckpoint, *log_, kTime).value();
    const std::string text_ = checkpoint_body(kCheckpoint);
    std::string line_of(std::string_view name, const crypto::Signer& who, std::int64_t later = 0) const {
        return cosign(text_, name, who, UnixSeconds(kTime.value() + later)).value();
    }
};

TEST_F(HeadTest, SaysWhenTheLogSignedIt) {
    const auto head = parse_head(head_);
    ASSERT_TRUE(head) << head.error().detail;
    EXPECT_EQ(head->checkpoint, kCheckpoint);
    EXPECT_EQ(verify_cosignature(head->text, head->time, kCheckpoint.origin, log_->public_key()), kTime);
    EXPECT_TRUE(open_checkpoint(head_, log_->public_key()));
}

TEST_F(HeadTest, ACosignatureIsOfOneTextOneTimeOneNameAndOneKey) {
    const Head head = parse_head(head_).value();
    const auto when = [](const Head& of, const std::string& text, std::string_view name,
                         const crypto::PublicKey& key) {
        return verify_cosignature(text, of.time, name, key).has_value();
    };
    EXPECT_TRUE(when(head, head.text, kCheckpoint.origin, log_->public_key()));
    EXPECT_FALSE(when(head, head.text + "x", kCheckpoint.origin, log_->public_key()));
    EXPECT_FALSE(when(head, head.text, "another", log_->public_key()));
    EXPECT_FALSE(when(head, head.text, kCheckpoint.origin, anna_->public_key()));
    Head later = head;
    later.time.signature[7] = static_cast<char>(later.time.signature[7] ^ 1);
    EXPECT_FALSE(when(later, head.text, kCheckpoint.origin, log_->public_key()));
}

TEST_F(HeadTest, CosignaturesOfWitnessesStandInOneOrder) {
    const std::string a = line_of("anna.example", *anna_), b = line_of("boris.example", *boris_);
    const std::string both = add_cosignatures(head_, std::vector{b, a, b}).value();
    EXPECT_EQ(both,
              add_cosignatures(add_cosignatures(head_, std::vector{b}).value(), std::vector{a}).value());
    EXPECT_EQ(parse_head(both)->witnesses.size(), 2u);
    EXPECT_TRUE(parse_head(head_ + a + b));
    EXPECT_FALSE(parse_head(head_ + b + a));
    EXPECT_FALSE(parse_head(head_ + a + a));
    EXPECT_FALSE(parse_head(sign_checkpoint(kCheckpoint, *log_).value()));
    EXPECT_FALSE(parse_head(sign_checkpoint(kCheckpoint, *log_).value() + a));
    EXPECT_FALSE(add_cosignatures(head_, std::vector<std::string>{"\u2014 x AAAA\n"}));
    std::vector<std::string> many, again;
    for (int i = 0; i < 15; ++i) {
        many.push_back(line_of("anna.example/" + std::to_string(i), *anna_));
        again.push_back(line_of("anna.example", *anna_, i));
    }
    EXPECT_FALSE(add_cosignatures(head_, many));
    const std::string once = add_cosignatures(head_, again).value();
    EXPECT_EQ(once, head_ + again[0]);
    EXPECT_EQ(add_cosignatures(once, again).value(), once);
    EXPECT_EQ(add_cosignatures(once, std::vector<std::string>()).value(), once);
}

TEST_F(HeadTest, VerifierKeysAreReadBack) {
    for (const KeyType type : {KeyType::log, KeyType::cosignature}) {
        const std::string text = verifier_key("anna.example/1", anna_->public_key(), type);
        const auto key = parse_verifier_key(text);
        ASSERT_TRUE(key) << key.error().detail;
        EXPECT_EQ(*key, (VerifierKey{"anna.example/1", type, anna_->public_key()}));
        std::string altered = text;
        altered[15] = altered[15] == '0' ? '1' : '0';
        for (const std::string& wrong :
             {altered, text.substr(1), text + "A", text.substr(0, text.size() - 4)})
            EXPECT_FALSE(parse_verifier_key(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_verifier_key("a"));
    EXPECT_FALSE(parse_verifier_key("a+00000000+"));
}

}  // namespace
}  // namespace parmana::note
