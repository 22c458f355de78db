// The server's side without a token. With one: tests/system/pkcs11.py.
#include "crypto/pkcs11_signer.hpp"

#include <sys/socket.h>

#include <array>
#include <thread>

#include "crypto/pkcs11_frames.hpp"
#include "crypto/scratch_test.hpp"

namespace parmana::crypto {
namespace {

constexpr char kUri[] = "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/pin";

class Pkcs11Frames : public testing::Test {
  protected:
    Pkcs11Frames() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()), 0); }
    ~Pkcs11Frames() override {
        for (const int end : ends_)
            ::close(end);
    }
    void send(std::string_view bytes) {
        ASSERT_EQ(::send(ends_[0], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }
    Code refusal() {
        const auto frame = read_frame(ends_[1], 50);
        EXPECT_FALSE(frame.has_value());
        return frame ? Code::usage : frame.error().code;
    }

    std::array<int, 2> ends_{};
};

TEST_F(Pkcs11Frames, CarryAnyBodyUpToTheLimit) {
    const std::string large(kPkcs11FrameBytesMax - 1, 'm');
    for (const std::string& body : {std::string(), std::string("\0\xff", 2), large}) {
        std::thread writer([&] { EXPECT_TRUE(write_frame(ends_[0], Pkcs11Word::sign, body, 5000)); });
        const auto frame = read_frame(ends_[1], 5000);
        writer.join();
        ASSERT_TRUE(frame) << frame.error().detail;
        EXPECT_EQ(frame->word, Pkcs11Word::sign);
        EXPECT_EQ(frame->body, body);
    }
    EXPECT_FALSE(write_frame(ends_[0], Pkcs11Word::sign, large + "m", 5000));
}

TEST_F(Pkcs11Frames, SilenceAndHalfAFrameEndInTime) {
    EXPECT_EQ(refusal(), Code::signer_unavailable);
    send(std::string("\0\0\0\x05s12", 7));
    EXPECT_EQ(refusal(), Code::signer_unavailable);
}

TEST_F(Pkcs11Frames, WhatIsNoneIsRefusedBeforeItIsTaken) {
    for (const std::string& head : {std::string("\0\0\0\0s", 5), std::string("\xff\xff\xff\xffs", 5),
                                    std::string("\0\x20\0\x01s", 5), std::string("\0\0\0\x01x", 5)}) {
        send(head);
        EXPECT_EQ(refusal(), Code::signer_unavailable);
    }
}

TEST_F(Pkcs11Frames, AReaderThatNeverReadsDoesNotHoldUpTheWriter) {
    const std::string large(kPkcs11FrameBytesMax - 1, 'm');
    EXPECT_FALSE(write_frame(ends_[0], Pkcs11Word::sign, large, 50));
}

class Pkcs11KeyFile : public Scratch {
  protected:
    static PublicKey some_key() {
        SimulatedEntropy entropy(1);
        return make_ed25519_signer(generate_secret(entropy))->public_key();
    }
};

TEST_F(Pkcs11KeyFile, NamesAKeyThatCannotBeRead) {
    ASSERT_TRUE(write_pkcs11_key_file(path(), "log", some_key(), kUri));
    EXPECT_EQ(content(),
              "PARMANA-PKCS11-KEY-1 log " + to_base64(view_of(some_key().value())) + " " + kUri + "\n");
    const auto facts = examine_key_file(path());
    ASSERT_TRUE(facts);
    EXPECT_EQ(word_of(facts->kind), "pkcs11");
    EXPECT_EQ(facts->public_key, some_key());
    const auto read = read_key_file(path(), "log", PassphraseSource());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::key_invalid);
    // parmana-pkcs11 does not stand beside this test.
    const auto signer = open_signer(path(), "log", PassphraseSource());
    ASSERT_FALSE(signer);
    EXPECT_EQ(signer.error().code, Code::signer_unavailable);
}

TEST_F(Pkcs11KeyFile, TheBlindKeyIsInNoToken) {
    EXPECT_FALSE(write_pkcs11_key_file(path(), kBlindPurpose, some_key(), kUri));
    put(std::string("PARMANA-PKCS11-KEY-1 blind - ") + kUri + "\n");
    EXPECT_FALSE(examine_key_file(path()));
}

TEST(Pkcs11Signer, AProgramThatIsMissingOrEndsIsAnError) {
    for (const char* program : {"/nonexistent/parmana-pkcs11", "/bin/false"}) {
        const auto signer = start_pkcs11_signer(program, kUri);
        ASSERT_FALSE(signer) << program;
        EXPECT_EQ(signer.error().code, Code::signer_unavailable);
    }
}

}  // namespace
}  // namespace parmana::crypto
