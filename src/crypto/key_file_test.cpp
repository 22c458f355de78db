#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "crypto/scratch_test.hpp"

namespace parmana::crypto {
namespace {

class KeyFile : public Scratch {
  protected:
    KeyFile() {
        SimulatedEntropy entropy(1);
        key_ = generate_secret(entropy);
    }
    Code refusal(std::string_view purpose = "attestation", const char* name = "key") const {
        const auto key = read_key_file(path(name), purpose, PassphraseSource());
        EXPECT_FALSE(key.has_value());
        return key ? Code::usage : key.error().code;
    }

    Secret<32> key_;
};

TEST_F(KeyFile, ReadsBackWhatWasWritten) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    const auto read = read_key_file(path(), "attestation", PassphraseSource());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->expose(), key_.expose());
    EXPECT_EQ(content(), "PARMANA-KEY-1 attestation " + to_base64(key_.expose()) + "\n");
}

TEST_F(KeyFile, HasMode0600UnderAnyUmask) {
    for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
        const mode_t before = ::umask(mask);
        const Status written = write_key_file(path(), "log", key_);
        ::umask(before);
        ASSERT_TRUE(written) << written.error().detail;
        struct stat facts;
        ASSERT_EQ(::stat(path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 07777, 0600u);
        ASSERT_EQ(::unlink(path().c_str()), 0);
    }
}

TEST_F(KeyFile, AnExistingFileIsNeverOverwritten) {
    put("something else");
    const Status status = write_key_file(path(), "log", key_);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::io_failed);
    EXPECT_EQ(content(), "something else");
}

TEST_F(KeyFile, ADanglingLinkIsNotWrittenThrough) {
    ASSERT_EQ(::symlink(path("target").c_str(), path().c_str()), 0);
    EXPECT_FALSE(write_key_file(path(), "log", key_));
    EXPECT_FALSE(std::filesystem::exists(path("target")));
}

TEST_F(KeyFile, AMissingFileIsNamedSo) {
    EXPECT_EQ(refusal(), Code::data_missing);
}

TEST_F(KeyFile, AnyBitForGroupOrOthersIsRefused) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    for (const mode_t bit :
         {mode_t{0040}, mode_t{0020}, mode_t{0010}, mode_t{0004}, mode_t{0002}, mode_t{0001}}) {
        ASSERT_EQ(::chmod(path().c_str(), 0600 | bit), 0);
        EXPECT_EQ(refusal(), Code::key_file_exposed) << bit;
    }
    ASSERT_EQ(::chmod(path().c_str(), 0400), 0);
    EXPECT_TRUE(read_key_file(path(), "attestation", PassphraseSource()));
}

TEST_F(KeyFile, AFileOfAnotherUserIsRefused) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    if (::chown(path().c_str(), 65534, static_cast<gid_t>(-1)) != 0) GTEST_SKIP() << "needs root";
    EXPECT_EQ(refusal(), Code::key_file_exposed);
}

TEST_F(KeyFile, ASymbolicLinkIsRefused) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    ASSERT_EQ(::symlink(path().c_str(), path("link").c_str()), 0);
    EXPECT_EQ(refusal("attestation", "link"), Code::key_file_exposed);
}

TEST_F(KeyFile, APipeOrADirectoryIsRefusedWithoutWaiting) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(refusal("attestation", "pipe"), Code::key_invalid);
    ASSERT_EQ(::mkdir(path("folder").c_str(), 0700), 0);
    EXPECT_EQ(refusal("attestation", "folder"), Code::key_invalid);
}

TEST_F(KeyFile, AnotherPurposeIsRefused) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    for (const char* purpose : {"log", "attestation-key", "attestatio", "a"}) {
        EXPECT_EQ(refusal(purpose), Code::key_invalid) << purpose;
    }
}

TEST_F(KeyFile, APurposeOfOtherCharactersIsRefused) {
    for (const char* purpose : {"", "Log", "log key", "log\n", "log1", "l/g"}) {
        const Status status = write_key_file(path(), purpose, key_);
        ASSERT_FALSE(status) << purpose;
        EXPECT_EQ(status.error().code, Code::key_invalid);
        EXPECT_EQ(refusal(purpose), Code::key_invalid);
    }
    EXPECT_FALSE(write_key_file(path(), std::string(65, 'a'), key_));
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(KeyFile, EveryTruncationIsRefused) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    const std::string whole = content();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        put(whole.substr(0, size));
        EXPECT_EQ(refusal(), Code::key_invalid) << size;
    }
    put(whole);
    EXPECT_TRUE(read_key_file(path(), "attestation", PassphraseSource()));
}

TEST_F(KeyFile, AnyOtherContentIsRefused) {
    const std::string key = to_base64(key_.expose());
    const std::string good = "PARMANA-KEY-1 attestation " + key + "\n";
    const std::vector<std::string> texts = {
        good + "\n",
        good + good,
        good + std::string(5000, 'x'),
        " " + good,
        "\xef\xbb\xbf" + good,
        "PARMANA-KEY-2 attestation " + key + "\n",
        "PARMANA-KEY-1  attestation " + key + "\n",
        "PARMANA-KEY-1 attestation  " + key + "\n",
        "PARMANA-KEY-1 attestation " + key + " \n",
        "PARMANA-KEY-1 attestation " + key + "\r\n",
        "PARMANA-KEY-1 " + key + "\n",
        "PARMANA-KEY-1 attestation " + to_base64(std::string(31, 'k')) + "\n",
        "PARMANA-KEY-1 attestation " + to_base64(std::string(33, 'k')) + "\n",
        "PARMANA-KEY-1 attestation \n",
        good + std::string(1, '\0')};
    for (const std::string& text : texts) {
        put(text);
        EXPECT_EQ(refusal(), Code::key_invalid) << text;
    }
}

TEST_F(KeyFile, AFileOfTheLargestSizeIsRefusedAsAnyOther) {
    for (const std::size_t size : {4095u, 4096u, 4097u, 9000u}) {
        put(std::string(size, 'x'));
        EXPECT_EQ(refusal(), Code::key_invalid) << size;
    }
}

TEST_F(KeyFile, OpensAsASignerAndIsExaminedWithoutOpening) {
    ASSERT_TRUE(write_key_file(path(), "attestation", key_));
    const auto signer = open_signer(path(), "attestation", PassphraseSource());
    ASSERT_TRUE(signer);
    EXPECT_EQ((*signer)->public_key(), make_ed25519_signer(key_)->public_key());
    const auto facts = examine_key_file(path());
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->purpose, "attestation");
    EXPECT_EQ(word_of(facts->kind), "plain");
    EXPECT_EQ(facts->public_key, (*signer)->public_key());
}

TEST_F(KeyFile, TheBlindKeyIsNoSignerAndHasNoPublicHalf) {
    ASSERT_TRUE(write_key_file(path(), kBlindPurpose, key_));
    EXPECT_FALSE(open_signer(path(), kBlindPurpose, PassphraseSource()));
    const auto facts = examine_key_file(path());
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->public_key);
}

TEST_F(KeyFile, NothingIsWrittenIntoAMissingDirectory) {
    const Status status = write_key_file(path("none/key"), "log", key_);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::io_failed);
}

TEST_F(KeyFile, NoErrorContainsTheKey) {
    const std::string key = to_base64(key_.expose());
    put("PARMANA-KEY-1 attestation " + key + "x\n");
    const auto refused = read_key_file(path(), "attestation", PassphraseSource());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail.find(key), std::string::npos);
}

}  // namespace
}  // namespace parmana::crypto
