#include <cstdlib>
#include <vector>

#include "crypto/scratch_test.hpp"

namespace parmana::crypto {
namespace {

constexpr std::size_t kWords = 8;

SecretText secret_text(std::string_view text) {
    SecretText out;
    std::copy(text.begin(), text.end(), out.data());
    out.set_size(text.size());
    return out;
}

std::vector<std::string> words_of(std::string line) {
    std::vector<std::string> words;
    line.pop_back();
    for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find(' ', begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

std::string line_of(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words)
        line += (line.empty() ? "" : " ") + word;
    return line + "\n";
}

class EncryptedKeyFile : public Scratch {
  protected:
    EncryptedKeyFile() {
        SimulatedEntropy entropy(1);
        key_ = generate_secret(entropy);
        public_ = make_ed25519_signer(key_)->public_key();
        put("correct horse\n", "passphrase");
    }
    void write(const char* name = "key", std::string_view purpose = "log") {
        const Status written =
            write_encrypted_key_file(path(name), purpose, key_, secret_text("correct horse"), entropy_);
        ASSERT_TRUE(written) << written.error().detail;
    }
    PassphraseSource right() const { return PassphraseSource(path("passphrase")); }
    Code refusal(std::string_view purpose = "log") const { return refusal_by(right(), purpose); }
    Code refusal_by(const PassphraseSource& source, std::string_view purpose = "log") const {
        const auto signer = open_signer(path(), purpose, source);
        EXPECT_FALSE(signer.has_value());
        return signer ? Code::usage : signer.error().code;
    }

    SystemEntropy entropy_;
    Secret<32> key_;
    PublicKey public_;
};

TEST_F(EncryptedKeyFile, OpensWithItsPassphraseAndSaysWhoseItIsWithoutOne) {
    write();
    const auto signer = open_signer(path(), "log", right());
    ASSERT_TRUE(signer) << signer.error().detail;
    EXPECT_EQ((*signer)->public_key(), public_);
    const auto facts = examine_key_file(path());
    ASSERT_TRUE(facts);
    EXPECT_EQ(word_of(facts->kind), "encrypted");
    EXPECT_EQ(facts->public_key, public_);
    EXPECT_EQ(content().find(to_base64(key_.expose())), std::string::npos);
}

TEST_F(EncryptedKeyFile, WithoutAPassphraseItIsLocked) {
    write();
    EXPECT_EQ(refusal_by(PassphraseSource()), Code::key_locked);
    EXPECT_EQ(refusal_by(PassphraseSource(path("nothing"))), Code::data_missing);
}

TEST_F(EncryptedKeyFile, AnotherPassphraseDoesNotOpenIt) {
    write();
    for (const char* text :
         {"correct horsf\n", "correct hors\n", "correct horse \n", " correct horse\n", "x"}) {
        put(text, "passphrase");
        EXPECT_EQ(refusal(), Code::key_passphrase_wrong) << text;
    }
    put("correct horse", "passphrase");  // the newline at the end is none of the passphrase
    EXPECT_TRUE(open_signer(path(), "log", right()));
}

TEST_F(EncryptedKeyFile, APassphraseFileIsOneLineThatNobodyElseCanRead) {
    write();
    for (const char* text : {"", "\n", "correct horse\n\n", "correct horse\nmore\n"}) {
        put(text, "passphrase");
        EXPECT_EQ(refusal(), Code::key_invalid) << text;
    }
    put("correct horse\n", "passphrase", 0640);
    EXPECT_EQ(refusal(), Code::key_file_exposed);
}

TEST_F(EncryptedKeyFile, ThePurposeIsBoundNotOnlyWritten) {
    write();
    auto words = words_of(content());
    ASSERT_EQ(words.size(), kWords);
    words[1] = "root";
    put(line_of(words));
    EXPECT_EQ(refusal("root"), Code::key_passphrase_wrong);
    EXPECT_EQ(refusal("log"), Code::key_invalid);
}

TEST_F(EncryptedKeyFile, EachWordIsBound) {
    write();
    const auto good = words_of(content());
    ASSERT_EQ(good.size(), kWords);
    SimulatedEntropy entropy(2);
    const auto other = make_ed25519_signer(generate_secret(entropy))->public_key();
    const std::vector<std::pair<std::size_t, std::string>> changes = {{2, to_base64(view_of(other.value()))},
                                                                      {3, "2"},
                                                                      {4, "65528"},
                                                                      {5, to_base64(std::string(16, 's'))},
                                                                      {6, to_base64(std::string(24, 'n'))},
                                                                      {7, to_base64(std::string(48, 'c'))}};
    for (const auto& [at, word] : changes) {
        auto words = good;
        words[at] = word;
        put(line_of(words));
        EXPECT_EQ(refusal(), Code::key_passphrase_wrong) << at;
    }
}

TEST_F(EncryptedKeyFile, AWordOfAnotherFormIsNotAKeyFile) {
    write();
    const auto good = words_of(content());
    const std::vector<std::pair<std::size_t, std::string>> changes = {{0, "PARMANA-ENCRYPTED-KEY-2"},
                                                                      {1, "Log"},
                                                                      {2, "-"},
                                                                      {2, ""},
                                                                      {3, "0"},
                                                                      {3, "17"},
                                                                      {3, "03"},
                                                                      {3, "+3"},
                                                                      {3, "3.0"},
                                                                      {4, "8191"},
                                                                      {4, "1048577"},
                                                                      {4, "99999999999"},
                                                                      {4, "-1"},
                                                                      {5, to_base64(std::string(15, 's'))},
                                                                      {6, to_base64(std::string(25, 'n'))},
                                                                      {7, to_base64(std::string(47, 'c'))},
                                                                      {7, good[7] + " "},
                                                                      {7, good[7].substr(0, 63)}};
    for (const auto& [at, word] : changes) {
        auto words = good;
        words[at] = word;
        put(line_of(words));
        EXPECT_EQ(refusal(), Code::key_invalid) << at << word;
    }
    const std::string whole = line_of(good);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        put(whole.substr(0, size));
        EXPECT_EQ(refusal(), Code::key_invalid) << size;
    }
}

TEST_F(EncryptedKeyFile, TwoFilesOfOneKeyAreNotAlike) {
    write("key");
    write("other");
    const auto one = words_of(content()), two = words_of(content("other"));
    for (const std::size_t at : {5u, 6u, 7u})
        EXPECT_NE(one[at], two[at]);
}

TEST_F(EncryptedKeyFile, TheBlindKeyHasNoPublicHalf) {
    write("key", kBlindPurpose);
    EXPECT_EQ(words_of(content())[2], "-");
    const auto read = read_key_file(path(), kBlindPurpose, right());
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->expose(), key_.expose());
    EXPECT_FALSE(examine_key_file(path())->public_key);
}

TEST_F(EncryptedKeyFile, TheCredentialOfSystemdIsTheSecondSource) {
    write();
    ASSERT_EQ(::mkdir(path("credentials").c_str(), 0700), 0);
    ::setenv("CREDENTIALS_DIRECTORY", path("credentials").c_str(), 1);
    EXPECT_EQ(refusal_by(PassphraseSource()), Code::key_locked);
    put("correct horse", "credentials/parmana-passphrase",
        0440);  // as systemd leaves it, with an access list
    EXPECT_TRUE(open_signer(path(), "log", PassphraseSource()));
    put("wrong\n", "passphrase");
    EXPECT_EQ(refusal(), Code::key_passphrase_wrong) << "the file that is named goes first";
    put("correct horse", "credentials/parmana-passphrase", 0444);
    EXPECT_EQ(refusal_by(PassphraseSource()), Code::key_file_exposed);
    ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(EncryptedKeyFile, AnExistingFileIsNeverOverwritten) {
    put("something else");
    const Status status = write_encrypted_key_file(path(), "log", key_, secret_text("p"), entropy_);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::io_failed);
    EXPECT_EQ(content(), "something else");
}

}  // namespace
}  // namespace parmana::crypto
