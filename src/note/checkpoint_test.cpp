#include <gtest/gtest.h>

#include <vector>

#include "note/note.hpp"

namespace parmana::note {
namespace {

constexpr const char* kOrigin = "governance.example/log/1";
const std::string kEmptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

Secret<32> secret(std::uint64_t number) {
    SimulatedEntropy entropy(number);
    return crypto::generate_secret(entropy);
}

class CheckpointNote : public testing::Test {
  protected:
    CheckpointNote() {
        merkle::Tree tree;
        for (int i = 0; i < 13; ++i)
            tree.append(merkle::hash_leaf("entry-" + std::to_string(i)));
        checkpoint_ = {kOrigin, tree.size(), tree.root()};
    }
    std::string signed_note() const { return sign_checkpoint(checkpoint_, *signer_).value(); }
    void expect_refused(const std::string& note) const {
        const auto opened = open_checkpoint(note, signer_->public_key());
        ASSERT_FALSE(opened) << note;
        EXPECT_EQ(opened.error().code, Code::member_invalid);
    }

    const std::unique_ptr<crypto::Signer> signer_ = crypto::make_ed25519_signer(secret(1));
    const std::unique_ptr<crypto::Signer> other_ = crypto::make_ed25519_signer(secret(2));
    Checkpoint checkpoint_;
};

std::string signature_line(const std::string& name, const std::string& body, const crypto::Signer& signer) {
    std::string payload(view_of(key_id(name, signer.public_key())).substr(0, 4));
    payload += view_of(signer.sign(body).value().value());
    return "\xe2\x80\x94 " + name + " " + to_base64(payload) + "\n";
}

TEST(KeyId, AndVerifierKeyAreThoseOfSignedNote) {
    const auto bytes = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const crypto::PublicKey key(array_from<32>(*bytes).value());
    EXPECT_EQ(to_hex(view_of(key_id(kOrigin, key))).substr(0, 8), "547391aa");
    EXPECT_EQ(verifier_key(kOrigin, key),
              "governance.example/log/1+547391aa+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
}

TEST_F(CheckpointNote, HasThreeLinesABlankLineAndASignature) {
    const std::string body = "governance.example/log/1\n13\nlqWoftesYODBs9vY1oIn7jfilxqSadt+k6KgLO0/cWA=\n";
    EXPECT_EQ(checkpoint_body(checkpoint_), body);
    EXPECT_EQ(signed_note(), body + "\n" + signature_line(kOrigin, body, *signer_));
}

TEST_F(CheckpointNote, OpensWithItsKey) {
    const auto opened = open_checkpoint(signed_note(), signer_->public_key());
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(*opened, checkpoint_);
}

TEST_F(CheckpointNote, DoesNotOpenWithAnotherKey) {
    EXPECT_FALSE(open_checkpoint(signed_note(), other_->public_key()));
}

TEST_F(CheckpointNote, EveryAlteredByteIsRefused) {
    const std::string note = signed_note();
    for (std::size_t i = 0; i < note.size(); ++i) {
        for (const char mask : {'\x01', '\x20', '\x40'}) {
            std::string altered = note;
            altered[i] = static_cast<char>(altered[i] ^ mask);
            expect_refused(altered);
        }
    }
    for (std::size_t size = 0; size < note.size(); ++size)
        expect_refused(note.substr(0, size));
}

TEST_F(CheckpointNote, UnknownSignaturesAreIgnored) {
    const std::string body = checkpoint_body(checkpoint_);
    const std::string known = signature_line(kOrigin, body, *signer_);
    const std::string foreign = signature_line("witness.example/w1", body, *other_);
    const std::string same_name = signature_line(kOrigin, body, *other_);
    const std::string other_name = signature_line("other.example", body, *signer_);
    for (const std::string& lines : {foreign + known, known + foreign, same_name + other_name + known}) {
        const auto opened = open_checkpoint(body + "\n" + lines, signer_->public_key());
        ASSERT_TRUE(opened) << opened.error().detail;
        EXPECT_EQ(*opened, checkpoint_);
    }
    for (const std::string& lines : {foreign, same_name, other_name})
        expect_refused(body + "\n" + lines);
}

TEST_F(CheckpointNote, ABadSignatureByTheKeyIsRefusedBesideAGoodOne) {
    const std::string body = checkpoint_body(checkpoint_);
    const std::string good = signature_line(kOrigin, body, *signer_);
    const std::string bad = signature_line(kOrigin, "another text\n", *signer_);
    expect_refused(body + "\n" + good + bad);
    expect_refused(body + "\n" + bad + good);
    EXPECT_TRUE(open_checkpoint(body + "\n" + good + good, signer_->public_key()));
}

TEST_F(CheckpointNote, ASignatureOfAnotherLengthIsRefused) {
    const std::string body = checkpoint_body(checkpoint_);
    std::string payload(view_of(key_id(kOrigin, signer_->public_key())).substr(0, 4));
    payload += view_of(signer_->sign(body).value().value());
    const std::string start = body + "\n\xe2\x80\x94 " + kOrigin + " ";
    ASSERT_TRUE(open_checkpoint(start + to_base64(payload) + "\n", signer_->public_key()));
    expect_refused(start + to_base64(payload.substr(0, 67)) + "\n");
    expect_refused(start + to_base64(payload + "x") + "\n");
}

TEST_F(CheckpointNote, OnlyWhatCanBeReadIsSigned) {
    for (const char* origin : {"", "two words", "a+b", "line\nbreak", "\xff"}) {
        checkpoint_.origin = origin;
        const auto note = sign_checkpoint(checkpoint_, *signer_);
        ASSERT_FALSE(note) << origin;
        EXPECT_EQ(note.error().code, Code::member_invalid);
    }
    checkpoint_.origin = kOrigin;
    checkpoint_.size = merkle::TreeSize(std::uint64_t{1} << 53);
    EXPECT_FALSE(sign_checkpoint(checkpoint_, *signer_));
}

TEST_F(CheckpointNote, AFailureOfTheSignerIsPassedOn) {
    const auto failing = crypto::make_failing_signer(secret(1), 1);
    EXPECT_TRUE(sign_checkpoint(checkpoint_, *failing));
    const auto note = sign_checkpoint(checkpoint_, *failing);
    ASSERT_FALSE(note);
    EXPECT_EQ(note.error().code, Code::store_unavailable);
}

TEST(ParseCheckpoint, TakesEverySizeUpToTheExactIntegers) {
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}, (std::uint64_t{1} << 53) - 1}) {
        const Checkpoint checkpoint{"origin", merkle::TreeSize(size), merkle::empty_root()};
        const auto parsed = parse_checkpoint(checkpoint_body(checkpoint));
        ASSERT_TRUE(parsed) << size;
        EXPECT_EQ(*parsed, checkpoint);
    }
}

TEST(ParseCheckpoint, RefusesEveryOtherSpelling) {
    const std::string root = kEmptyRoot + "\n";
    ASSERT_TRUE(parse_checkpoint("origin\n0\n" + root));
    const std::vector<std::string> bodies = {
        "",
        "\n",
        "\n\n\n",
        "origin\n",
        "origin\n0\n",
        "origin\n0\n" + kEmptyRoot,
        "origin\n0\n" + root + "\n",
        "origin\n0\n" + root + "extension\n",
        "\n0\n" + root,
        "ori gin\n0\n" + root,
        "origin\n\n" + root,
        "origin\n00\n" + root,
        "origin\n01\n" + root,
        "origin\n+1\n" + root,
        "origin\n-1\n" + root,
        "origin\n 1\n" + root,
        "origin\n1 \n" + root,
        "origin\n1.0\n" + root,
        "origin\n1e3\n" + root,
        "origin\n0x1\n" + root,
        "origin\n9007199254740992\n" + root,
        "origin\n18446744073709551616\n" + root,
        "origin\n0\n\n",
        "origin\n0\n" + to_base64(std::string(31, 'r')) + "\n",
        "origin\n0\n" + to_base64(std::string(33, 'r')) + "\n",
        "origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "origin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
        "origin\n0\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\r\n0\r\n" + kEmptyRoot + "\r\n",
    };
    for (const std::string& body : bodies) {
        const auto parsed = parse_checkpoint(body);
        ASSERT_FALSE(parsed) << body;
        EXPECT_EQ(parsed.error().code, Code::member_invalid);
    }
}

}  // namespace
}  // namespace parmana::note
