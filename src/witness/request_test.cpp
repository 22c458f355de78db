#include "witness/request.hpp"

#include <gtest/gtest.h>

namespace parmana::witness {
namespace {

std::string hash_line(char c) {
    return to_base64(std::string(32, c)) + "\n";
}

TEST(AddCheckpointRequest, IsReadAsItWasWritten) {
    Digest first{}, second{};
    first.fill('a');
    second.fill('b');
    for (const merkle::Proof& proof : {merkle::Proof{}, merkle::Proof{first}, merkle::Proof{first, second}}) {
        const Request request{merkle::TreeSize(7), proof, "a\n\nb\n"};
        const std::string body = render(request);
        const auto read = parse_request(body);
        ASSERT_TRUE(read) << read.error().detail;
        EXPECT_EQ(read->old_size, request.old_size);
        EXPECT_EQ(read->proof, proof);
        EXPECT_EQ(read->checkpoint, request.checkpoint);
    }
    EXPECT_EQ(render({merkle::TreeSize(0), {first}, "x"}), "old 0\n" + hash_line('a') + "\nx");
}

TEST(AddCheckpointRequest, HasOneSpelling) {
    const std::string h = hash_line('a');
    std::string many;
    for (std::size_t i = 0; i < kProofLinesMax; ++i)
        many += h;
    EXPECT_EQ(parse_request("old 1\n" + many + "\nnote")->proof.size(), kProofLinesMax);
    const std::string rows[] = {
        "",
        "old 1",
        "old 1\n",
        "old 1\nnote",
        "old \n\nnote",
        "old  1\n\nnote",
        "old 01\n\nnote",
        "old -1\n\nnote",
        "old +1\n\nnote",
        "old 1 \n\nnote",
        "old 1\r\n\r\nnote",
        "old 0x1\n\nnote",
        "old 9007199254740992\n\nnote",
        "old 99999999999999999999\n\nnote",
        "Old 1\n\nnote",
        "size 1\n\nnote",
        "\nold 1\n\nnote",
        "old 1\nAAAA\n\nnote",
        "old 1\n" + h.substr(1) + "\nnote",
        "old 1\n " + h + "\nnote",
        "old 1\n" + h,
        "old 1\n" + many + h + "\nnote",
    };
    for (const std::string& body : rows) {
        const auto read = parse_request(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().code, Code::member_invalid) << body;
    }
}

TEST(AddCheckpointRequest, TheNewestCheckpointIsUnderTheHashOfItsOrigin) {
    // SHA-256 of `abc`, FIPS 180-2 appendix B.1.
    EXPECT_EQ(checkpoint_path("abc"),
              "/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad/checkpoint");
}

}  // namespace
}  // namespace parmana::witness
