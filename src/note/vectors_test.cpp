// The shared notes and checkpoints, which other implementations have checked.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/shared_vectors.hpp"
#include "note/note.hpp"

namespace parmana::note {
namespace {

using nlohmann::json;

class NoteVectors : public testing::Test {
  protected:
    void SetUp() override {
        const auto text = test::shared_vectors("notes.json");
        if (!text) GTEST_SKIP() << "no shared vectors";
        vectors_ = json::parse(*text);
    }
    static crypto::PublicKey key_from(std::string_view bytes) {
        return crypto::PublicKey(array_from<32>(bytes).value());
    }
    crypto::PublicKey log_key() const {
        return key_from(from_hex(vectors_["log"]["public"].get<std::string>()).value());
    }

    json vectors_;
};

TEST_F(NoteVectors, KeyIdAndVerifierKeyAreReproduced) {
    const json& log = vectors_["log"];
    const std::string name = log["name"];
    EXPECT_EQ(to_hex(view_of(key_id(name, log_key())).substr(0, 4)), log["keyid_hex"].get<std::string>());
    EXPECT_EQ(verifier_key(name, log_key()), log["vkey"].get<std::string>());
}

TEST_F(NoteVectors, TheExampleOfTheSpecificationVerifies) {
    const std::string vkey = vectors_["spec_example"]["vkey"];
    const std::string name = vkey.substr(0, vkey.find('+'));
    const std::string typed_key = from_base64(vkey.substr(name.size() + 10)).value();
    const crypto::PublicKey key = key_from(std::string_view(typed_key).substr(1));
    EXPECT_EQ(verifier_key(name, key), vkey);

    const auto note = parse_note(vectors_["spec_example"]["note"].get<std::string>());
    ASSERT_TRUE(note);
    EXPECT_EQ(note->text, "This is an example message.\n");
    ASSERT_EQ(note->signatures.size(), 1u);
    EXPECT_EQ(note->signatures[0].name, name);
    EXPECT_EQ(note->signatures[0].key_hint, read_u32(view_of(key_id(name, key))));
    const crypto::Signature signature(array_from<64>(note->signatures[0].signature).value());
    EXPECT_TRUE(crypto::verify(key, note->text, signature));
}

TEST_F(NoteVectors, CheckpointsAreReadAndReproduced) {
    const std::string seed_bytes = from_hex(vectors_["log"]["seed"].get<std::string>()).value();
    ASSERT_EQ(seed_bytes.size(), 32u);
    Secret<32> seed;
    std::copy(seed_bytes.begin(), seed_bytes.end(), seed.data());
    const auto signer = crypto::make_ed25519_signer(seed);

    ASSERT_FALSE(vectors_["checkpoints"].empty());
    for (const json& row : vectors_["checkpoints"]) {
        const std::string note = row["note"];
        const auto checkpoint = open_checkpoint(note, log_key());
        ASSERT_TRUE(checkpoint) << checkpoint.error().detail;
        EXPECT_EQ(checkpoint->size.value(), row["size"].get<std::uint64_t>());
        EXPECT_EQ(checkpoint_body(*checkpoint), row["body"].get<std::string>());
        // The witness adds its line behind ours.
        const auto ours = sign_checkpoint(*checkpoint, *signer);
        ASSERT_TRUE(ours);
        EXPECT_TRUE(note.starts_with(*ours)) << note;
    }
}

}  // namespace
}  // namespace parmana::note
